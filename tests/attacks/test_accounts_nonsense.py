"""A provider that is down or answers nonsense is said in words, and signs nobody in (ASVS 5.0, 10.5 and 16.5)."""

import pytest

from tests import openid
from tests.app import free_port
from tests.attacks.test_accounts_forged import BEGIN, is_signed_in, provider, set_clock, sign_in
from tests.pages.conftest import client, database_file

__all__ = ["client", "database_file", "provider", "set_clock"]

SECRETS = ("Ana@clinic.org", "Traceback", "the secret of the check-in")
USUAL = openid.Provider.answer
WELL_KNOWN, KEYS, TOKEN, PERSON = "/.well-known/openid-configuration", "/jwks", "/token", "/userinfo"


def answering(monkeypatch, path, told, status=200):
    def answer(self, asked, form):
        return (status, told) if asked == path else USUAL(self, asked, form)

    monkeypatch.setattr(openid.Provider, "answer", answer)


@pytest.mark.parametrize("told", [None, [], {}, "words", 5, {"authorization_endpoint": 5}])
def test_a_provider_that_says_nonsense_of_itself_is_unavailable(client, provider, monkeypatch, caplog, told):
    answering(monkeypatch, WELL_KNOWN, told)

    answer = client.get(BEGIN)

    assert (answer.status_code, "cannot be reached now" in answer.text) == (503, True)
    assert "Traceback" not in caplog.text


def test_a_provider_that_is_down_is_unavailable(client, provider, configure, caplog):
    gone = provider.settings | {"oidc_issuer": f"http://localhost:{free_port()}"}
    configure(**gone, staff="ana@clinic.org")

    answer = client.get(BEGIN)

    assert (answer.status_code, "cannot be reached now" in answer.text) == (503, True)
    assert "Traceback" not in caplog.text


TOKENS = [
    None,
    [],
    {},
    "words",
    5,
    {"id_token": 5},
    {"id_token": "x", "access_token": "x", "token_type": "Bearer"},
    {"access_token": "x", "token_type": "Bearer"},
    {"error": "server_error"},
    {"error": 5},
    {"error": []},
    {"id_token": "a.b.c", "access_token": 5},
    {"id_token": None, "access_token": "x"},
]


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("told", TOKENS)
def test_tokens_that_are_nonsense_sign_nobody_in(client, provider, monkeypatch, caplog, told, status):
    answering(monkeypatch, TOKEN, told, status)

    answer = sign_in(client, provider)

    assert answer.status_code in (403, 503)
    assert not is_signed_in(client)
    assert not [word for word in SECRETS if word in caplog.text]


@pytest.mark.parametrize(
    "told", [None, [], {}, "words", {"keys": 5}, {"keys": [5]}, {"keys": []}, {"keys": [{"kty": "RSA"}]}]
)
def test_keys_that_are_nonsense_sign_nobody_in(client, provider, monkeypatch, caplog, told):
    answering(monkeypatch, KEYS, told)

    answer = sign_in(client, provider)

    assert answer.status_code in (403, 503)
    assert not is_signed_in(client)
    assert not [word for word in SECRETS if word in caplog.text]


@pytest.mark.parametrize("told", [None, [], "words", 5, {"sub": "1"}])
def test_a_person_that_is_nonsense_is_not_signed_in(client, provider, monkeypatch, caplog, told):
    provider.claims = {"email": None}
    answering(monkeypatch, PERSON, told)

    answer = sign_in(client, provider)

    assert answer.status_code in (403, 503)
    assert not is_signed_in(client)
    assert not [word for word in SECRETS if word in caplog.text]


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": []},
        {"aud": ["another site"], "azp": "check-in"},
        {"aud": "another site", "azp": "check-in"},
        {"aud": 5},
        {"aud": None},
        {"iss": None},
        {"sub": None},
        {"exp": None},
        {"exp": "soon"},
        {"iat": []},
        {"nonce": 5},
        {"at_hash": 5},
        {"nbf": "x"},
        {"email": {}},
        {"auth_time": []},
        {"auth_time": 0},
        {"auth_time": False},
    ],
)
def test_claims_that_are_nonsense_or_of_another_audience_sign_nobody_in(client, provider, caplog, claims):
    provider.claims |= claims

    answer = sign_in(client, provider)

    assert answer.status_code in (403, 503)
    assert not is_signed_in(client)
    assert not [word for word in SECRETS if word in caplog.text]


def test_a_token_for_several_audiences_that_was_given_to_us_is_accepted(client, provider):
    provider.claims |= {"aud": ["another site", "check-in"], "azp": "check-in"}

    assert sign_in(client, provider).status_code == 303


@pytest.mark.parametrize(
    "query",
    ["", "?code=x", "?state=x", "?error=x&state=y", "?code=&state=", "?code=x&state=y&state=z", "?code=%00&state=%FF"],
)
def test_a_way_back_that_nobody_was_sent_on_is_refused(client, provider, query):
    client.get(BEGIN)

    assert client.get(f"{BEGIN}/back{query}").status_code == 403
    assert not is_signed_in(client)
