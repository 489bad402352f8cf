import pytest

from data import settings
from tests.conftest import PRODUCTION


def test_without_any_setting_the_embedded_database_is_used(configure):
    configure()

    assert settings.current().database_url.endswith("data/local/checkins.db")
    assert settings.current().min_group == 10


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("min_group", "ten", "CHECKIN_MIN_GROUP Input should be a valid integer"),
        ("min_group", "0", "CHECKIN_MIN_GROUP Input should be greater than or equal to 1"),
        ("timezone", "Mars/Base", "CHECKIN_TIMEZONE must be a time zone"),
        ("database_url", "mysql://x/y", "CHECKIN_DATABASE_URL must name a SQLite file or a PostgreSQL database"),
        ("database_url", "sqlite://", "CHECKIN_DATABASE_URL must name a SQLite file"),
        ("database_url", "no url", "CHECKIN_DATABASE_URL is not a database URL"),
        ("passphrase_hash", "$2b$12$abc", "CHECKIN_PASSPHRASE_HASH must be an argon2id hash"),
        ("secret_key", "short", "CHECKIN_SECRET_KEY String should have at least 32 characters"),
        ("public_url", "ftp://x", "CHECKIN_PUBLIC_URL must be https://HOST"),
        ("public_url", "https://x/path", "CHECKIN_PUBLIC_URL must be https://HOST"),
        ("clinic_phone", "call us", "CHECKIN_CLINIC_PHONE String should match pattern"),
        ("clinic_name", "a\x1bb", "CHECKIN_CLINIC_NAME String should match pattern"),
    ],
)
def test_a_wrong_setting_is_named_with_its_rule_in_one_line(configure, name, value, says):
    configure(**{name: value})

    with pytest.raises(settings.InvalidSettings, match="^" + says) as refused:
        settings.current()

    assert "\n" not in str(refused.value)


def test_a_secret_is_in_no_message(configure):
    configure(secret_key="abc-secret", passphrase_hash="my-secret-hash")

    with pytest.raises(settings.InvalidSettings) as refused:
        settings.current()

    assert "secret-hash" not in str(refused.value)
    assert "abc" not in str(refused.value)


@pytest.mark.parametrize("left_out", ["timezone", "clinic_name", "clinic_phone", "clinic_hours", "emergency_number"])
def test_production_refuses_to_start_without_what_patients_rely_on(configure, monkeypatch, left_out):
    configure(**PRODUCTION)
    monkeypatch.delenv(f"CHECKIN_{left_out.upper()}")

    with pytest.raises(settings.InvalidSettings, match=f"CHECKIN_{left_out.upper()}"):
        settings.current()


def test_production_refuses_the_placeholder_phone(configure):
    configure(**PRODUCTION | {"clinic_phone": settings.PLACEHOLDER_PHONE})

    with pytest.raises(settings.InvalidSettings, match="CHECKIN_CLINIC_PHONE is still the placeholder"):
        settings.current()


def test_production_with_everything_set_starts(configure):
    configure(**PRODUCTION)

    assert settings.current().zone.key == "Europe/Madrid"


@pytest.mark.parametrize("given", [{}, {"secret_key": "k" * 32}])
def test_postgresql_needs_a_secret_key_and_a_passphrase_hash(configure, given):
    configure(database_url="postgresql://u@localhost/x", **given)

    with pytest.raises(settings.InvalidSettings, match="CHECKIN_SECRET_KEY and CHECKIN_PASSPHRASE_HASH are required"):
        settings.current()


def test_a_misspelt_setting_is_noticed(configure, monkeypatch):
    configure(min_group=5)
    monkeypatch.setenv("CHECKIN_MINGROUP", "20")

    assert settings.unknown() == ["CHECKIN_MINGROUP"]


def test_the_secrets_file_is_read_and_the_environment_wins(configure, monkeypatch, tmp_path):
    file = tmp_path / "secrets.toml"
    file.write_text('CHECKIN_CLINIC_NAME = "From the file"\nCHECKIN_MIN_GROUP = 12\n[auth]\nother = 1\n')
    monkeypatch.setitem(settings.Settings.model_config, "toml_file", file)
    configure(min_group=7)

    assert settings.current().clinic_name == "From the file"
    assert settings.current().min_group == 7
