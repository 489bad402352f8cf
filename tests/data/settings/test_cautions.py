import secrets

import pytest

from data import settings
from data.settings import cautions
from tests.app import QUICK_HASH
from tests.conftest import PRODUCTION

ACCOUNTS = {"oidc_issuer": "https://provider.example", "oidc_client_id": "x", "oidc_client_secret": "y"}


@pytest.fixture
def cautious(configure, monkeypatch):
    """Configure a clinic; gives what is said of it."""
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)

    def sentences(*, proxies=None, **values):
        if proxies is not None:
            monkeypatch.setenv("FORWARDED_ALLOW_IPS", proxies)
        configure(**values)
        return cautions.sentences()

    return sentences


def test_settings_as_they_are_meant_raise_no_doubt(cautious):
    assert cautious() == []
    assert cautious(**PRODUCTION, proxies="127.0.0.1,::ffff:127.0.0.1", secret_key=secrets.token_hex(16)) == []


def test_a_misspelt_setting_is_noticed(cautious, monkeypatch):
    monkeypatch.setenv("CHECKIN_MINGROUP", "20")
    monkeypatch.setenv("checkin_min_group", "20")

    assert cautious(min_group=5) == [
        "CHECKIN_MINGROUP is not a setting; .readme/operating.md lists them",
        "checkin_min_group is not a setting; .readme/operating.md lists them",
    ]


def test_a_misspelt_or_misplaced_setting_in_the_secrets_file_is_noticed(cautious, monkeypatch, tmp_path):
    file = tmp_path / "secrets.toml"
    file.write_text(
        'CHECKIN_MIN_GROUP = "12"\nCHECKIN_OPENLINK = "off"\nother = 1\n'
        '[auth]\nCHECKIN_CLINIC_NAME = "x"\nCHECKIN_X = 1\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(settings, "SECRETS_FILE", file)

    assert cautious() == [
        "CHECKIN_OPENLINK is not a setting; .readme/operating.md lists them",
        "auth.CHECKIN_CLINIC_NAME is ignored: in secrets.toml, settings go above the first [section]",
        "auth.CHECKIN_X is not a setting; .readme/operating.md lists them",
    ]


@pytest.mark.parametrize(
    ("url", "doubtful"),
    [
        ("http://checkin.example.org", True),
        ("http://192.168.1.20:8501", True),
        ("https://checkin.example.org", False),
        ("http://localhost:8501", False),
        ("http://127.0.0.2", False),
        ("http://[::1]:8501", False),
    ],
)
def test_an_http_address_that_is_not_this_computers_own_is_doubted(cautious, url, doubtful):
    told = cautious(**PRODUCTION | {"public_url": url}, proxies="127.0.0.1")

    assert [sentence.startswith("CHECKIN_PUBLIC_URL begins with http:") for sentence in told] == [True] * doubtful


@pytest.mark.parametrize("proxies", ["*", "127.0.0.1, *", "0.0.0.0/0", "::/0"])
def test_a_proxy_that_anybody_may_be_is_doubted(cautious, proxies):
    [told] = cautious(proxies=proxies)

    assert told.startswith("FORWARDED_ALLOW_IPS lets anyone claim any address")


def test_a_proxy_that_is_not_named_is_doubted(cautious):
    [told] = cautious(**PRODUCTION)

    assert told.startswith("FORWARDED_ALLOW_IPS is not set")


@pytest.mark.parametrize(
    "key",
    [
        "a" * 32,
        "changeme" * 4,
        "0123456789abcdef" * 2,
        "abcdefghijklmnopqrstuvwxyz123456",
        "deadbeef" * 8,
        "0" * 64,
        "this-is-my-secret-key-for-the-clinic",
        "please-CHANGE-this-before-production",
        "é" * 32,
    ],
)
def test_a_key_that_can_be_guessed_is_doubted_and_not_quoted(cautious, key):
    [told] = cautious(secret_key=key)

    assert told.startswith("CHECKIN_SECRET_KEY can be guessed")
    assert key not in told


def test_a_key_made_by_chance_is_not_doubted(cautious):
    for make in (lambda: secrets.token_hex(16), lambda: secrets.token_urlsafe(24), lambda: secrets.token_hex(32)):
        assert cautious(secret_key=make()) == []


@pytest.mark.parametrize(
    ("values", "begins"),
    [
        (ACCOUNTS | {"staff": "ana@clinic.org"}, []),
        (ACCOUNTS, ["CHECKIN_STAFF is empty"]),
        (ACCOUNTS | {"staff": " , "}, ["CHECKIN_STAFF is empty"]),
        ({"staff": "ana@clinic.org"}, ["CHECKIN_STAFF is ignored"]),
        (ACCOUNTS | {"staff": "ana@clinic.org", "passphrase_hash": QUICK_HASH}, ["CHECKIN_PASSPHRASE_HASH is ignored"]),
    ],
)
def test_accounts_that_let_nobody_in_or_override_something_are_doubted(cautious, values, begins):
    told = cautious(**values)

    assert [sentence[: len(begin)] for sentence, begin in zip(told, begins, strict=True)] == begins
    assert "ana@clinic.org" not in "".join(told)
