"""Answers of a provider that were forged, replayed or meant for somebody else sign nobody in (ASVS 5.0, V10.5)."""

import pytest
from joserfc.jwk import RSAKey

from data import clock
from data.staff import audit
from tests import openid
from tests.app import PASSPHRASE, QUICK_HASH
from tests.pages.conftest import client, database_file

__all__ = ["client", "database_file"]

BEGIN = "/sign-in/with/account"
HOUR = 3600
NOW = int(clock.now().timestamp())


@pytest.fixture
def set_clock():
    """Leave the clock alone: the provider and the library that reads its answers have the true time."""


@pytest.fixture
def provider(configure, client):
    """Let accounts be the way to sign in, and Ana and Eva be on the list."""
    with openid.serving() as served:
        configure(**served.settings, staff="ana@clinic.org, eva@clinic.org=reception", passphrase_hash=QUICK_HASH)
        yield served


def sign_in(client, provider, query=""):
    return client.get(provider.approve(client.get(BEGIN + query).headers["location"]))


def is_signed_in(client):
    return client.get("/infusions").status_code == 200


def test_who_is_on_the_list_signs_in_and_is_led_to_what_was_asked_for(client, provider):
    answer = sign_in(client, provider, "?next=/clinic?dashboard_view=Compare")

    assert (answer.status_code, answer.headers["location"]) == (303, "/clinic?dashboard_view=Compare")
    assert is_signed_in(client)
    assert provider.asked["code_challenge_method"] == "S256"
    assert len(provider.verifiers[0]) >= 43
    assert {"nonce", "state"} <= set(provider.asked)
    assert (provider.asked["max_age"], provider.asked["scope"]) == ("28800", "openid email")
    assert provider.asked["redirect_uri"] == "http://clinic.example/sign-in/with/account/back"


def test_reception_is_led_to_the_infusions_and_to_no_figures(client, provider):
    provider.claims["email"] = "eva@clinic.org"

    assert sign_in(client, provider).headers["location"] == "/infusions"
    assert client.get("/clinic").status_code == 403


def test_an_address_that_only_the_userinfo_endpoint_tells_is_as_good(client, provider):
    provider.claims = {"email": None}
    provider.about_person = {"sub": "1", "email": "ana@clinic.org", "email_verified": True}

    assert sign_in(client, provider).status_code == 303


FORGED = {
    "not on the list": ({"email": "mallory@clinic.org"}, "its address is not on the clinic’s list"),
    "not verified": ({"email_verified": False}, "the provider has not verified its address"),
    "verified in a word": ({"email_verified": "true"}, "the provider has not verified its address"),
    "no address": ({"email": None}, "the provider has not verified its address"),
    "a list of addresses": ({"email": ["ana@clinic.org"]}, "the provider has not verified its address"),
    "another issuer": ({"iss": "http://localhost:1"}, "not completed"),
    "another audience": ({"aud": "another site"}, "not completed"),
    "one audience of several, and given to another": ({"aud": ["check-in", "other"], "azp": "other"}, "not completed"),
    "another nonce": ({"nonce": "another"}, "not completed"),
    "no nonce": ({"nonce": None}, "not completed"),
    "expired": ({"exp": NOW - HOUR}, "not completed"),
    "signed in nine hours ago": (
        {"auth_time": NOW - 9 * HOUR},
        "used at the provider too long ago",
    ),
    "signed in tomorrow": (
        {"auth_time": NOW + 24 * HOUR},
        "used at the provider too long ago",
    ),
    "signed in at no time": ({"auth_time": "now"}, "not completed"),
}


@pytest.mark.parametrize("way", FORGED)
def test_a_forged_or_foreign_token_signs_nobody_in(client, provider, way):
    claims, told = FORGED[way]
    provider.claims |= claims

    answer = sign_in(client, provider)

    assert answer.status_code == 403
    assert told in answer.text.replace("&#39;", "’").replace("'", "’")
    assert not is_signed_in(client)
    assert sum(audit._refused.values()) == 1


def test_a_token_of_another_key_signs_nobody_in(client, provider):
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "1"})

    assert sign_in(client, provider).status_code == 403
    assert not is_signed_in(client)


def test_an_address_of_somebody_else_at_the_userinfo_endpoint_signs_nobody_in(client, provider):
    provider.claims = {"email": None}
    provider.about_person = {"sub": "2", "email": "ana@clinic.org", "email_verified": True}

    assert sign_in(client, provider).status_code == 403


def test_an_empty_list_lets_nobody_in(client, provider, configure):
    configure(staff="")

    assert sign_in(client, provider).status_code == 403


def test_an_answer_is_good_once_and_only_in_the_browser_that_asked(client, provider):
    back = provider.approve(client.get(BEGIN).headers["location"])
    kept = client.cookies["account"]
    client.cookies.clear()
    assert client.get(back).status_code == 403  # another browser

    client.cookies.set("account", kept)
    assert client.get(back).status_code == 303
    client.cookies.clear()
    assert client.get(back).status_code == 403  # a replay, from the history of the browser

    client.cookies.set("account", kept)
    assert client.get(back).status_code == 403  # with what the browser kept
    assert not is_signed_in(client)


@pytest.mark.parametrize("change", [lambda kept: kept[:-1], lambda kept: "x" + kept, lambda _: "x.y", lambda _: ""])
def test_what_the_browser_keeps_cannot_be_made_up(client, provider, change):
    back = provider.approve(client.get(BEGIN).headers["location"])
    kept = client.cookies["account"]
    client.cookies.clear()
    client.cookies.set("account", change(kept))

    assert client.get(back).status_code == 403


def test_a_sign_in_takes_at_most_ten_minutes(client, provider, monkeypatch):
    back = provider.approve(client.get(BEGIN).headers["location"])
    later = clock.now() + (11 * 60) * (clock.now().resolution * 1_000_000)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert client.get(back).status_code == 403


def test_a_session_that_is_planted_before_the_sign_in_is_not_the_one_after_it(client, provider):
    sign_in(client, provider)
    planted = client.cookies["clinic_session"]

    sign_in(client, provider)

    assert client.cookies["clinic_session"] != planted
    client.cookies.clear()
    client.cookies.set("clinic_session", planted)
    assert not is_signed_in(client)


def test_the_cookie_is_of_no_use_after_signing_out(client, provider):
    sign_in(client, provider)
    kept = client.cookies["clinic_session"]
    client.post("/sign-out", headers={"origin": "http://clinic.example"})

    client.cookies.clear()
    client.cookies.set("clinic_session", kept)
    assert not is_signed_in(client)


def test_whoever_is_taken_off_the_list_is_out_once_it_is_read_again(client, provider, configure):
    sign_in(client, provider)
    assert is_signed_in(client)

    configure(staff="eva@clinic.org")
    assert not is_signed_in(client)


def test_beside_accounts_the_passphrase_signs_nobody_in(client, provider):
    assert "Passphrase" not in client.get("/sign-in").text

    answer = client.post("/sign-in", data={"passphrase": PASSPHRASE})
    assert answer.status_code == 401
    assert not is_signed_in(client)


def test_whoever_declines_at_the_provider_is_back_at_the_sign_in(client, provider):
    provider.approve(client.get(BEGIN).headers["location"])

    answer = client.get(f"{BEGIN}/back?error=access_denied&state={provider.asked['state']}")

    assert (answer.status_code, "Try again" in answer.text) == (403, True)


def test_a_provider_that_is_out_of_order_is_said_in_words(client, provider, monkeypatch, caplog):
    monkeypatch.setattr(openid.Provider, "answer", lambda *_: (500, {}))
    answer = client.get(BEGIN)

    assert (answer.status_code, "cannot be reached now" in answer.text) == (503, True)
    assert "Traceback" not in caplog.text


def test_without_accounts_their_addresses_lead_to_the_sign_in(client):
    for address in (BEGIN, f"{BEGIN}/back?code=x&state=y"):
        assert client.get(address).headers["location"] == "/sign-in"


def test_the_sign_in_on_its_way_leaves_nothing_in_streamlits_own_cookie(client, provider):
    given = client.get(BEGIN).headers.get_list("set-cookie")

    assert [cookie.partition("=")[0] for cookie in given] == ["account"]
    assert "HttpOnly" in given[0]
    assert "Max-Age=600" in given[0]
