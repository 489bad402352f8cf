import sqlite3

import pytest

from data import settings
from data.settings import rules
from data.storage import preparation
from tests.conftest import PRODUCTION


def test_without_any_setting_the_embedded_database_is_used(configure):
    configure()

    assert settings.current().database_url.endswith("data/local/checkins.db")
    assert settings.current().min_group == 10


LINE = "must be one line of 1 to 80 characters"
PHONE = "is not one telephone number: write it in digits, such as (555) 123-4567 or +34 912 345 678 ext. 12"
DATABASE = "expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
FILE = "must name a SQLite file: sqlite:///FILE in the folder the server is started from, or sqlite:////FOLDER/FILE"
PATH_ALONE = "must name a SQLite file by its path alone: forms such as file: and :memory: are not supported"
ISSUER = "must be the provider's address, such as https://accounts.example.org"
STAFF = "must be addresses separated by commas, such as ana@clinic.org, eva@clinic.org=reception"
URL = "must be https://HOST (or http://HOST:PORT) without a path"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("min_group", "ten", "must be a whole number from 1 to 1000"),
        ("min_group", "0", "must be a whole number from 1 to 1000"),
        ("min_group", "1001", "must be a whole number from 1 to 1000"),
        ("min_group", "2.5", "must be a whole number from 1 to 1000"),
        ("min_group", "", "must be a whole number from 1 to 1000"),
        ("retention_days", "89", "must be a whole number from 90 to 36500"),
        ("retention_days", "off", "must be a whole number from 90 to 36500"),
        ("open_limit", "9" * 5000, "must be a whole number from 1 to 100000"),
        ("open_link", "maybe", "must be on or off"),
        ("timezone", "Mars/Base", "must be the name of an IANA time zone, such as Europe/Madrid"),
        ("database_url", "mysql://x/y", f"must name a SQLite file or a PostgreSQL database: {DATABASE}"),
        ("database_url", "no url", f"is not a database URL: {DATABASE}"),
        ("database_url", "postgresql://u:p@h:port/x", f"is not a database URL: {DATABASE}"),
        ("database_url", "sqlite://", FILE),
        ("database_url", "sqlite:///", FILE),
        ("database_url", "sqlite://checkins.db", FILE),
        ("database_url", "sqlite:////srv/", FILE),
        ("database_url", "sqlite:///a\nb", FILE),
        ("database_url", "sqlite+pysqlite:///x.db", FILE),
        ("database_url", "sqlite:///:memory:", PATH_ALONE),
        ("database_url", "sqlite:///file:x.db?mode=ro", PATH_ALONE),
        ("passphrase_hash", "$2b$12$abc", "must be an argon2id hash; `python -m data passphrase` makes one"),
        ("secret_key", "short", f"must have at least 32 characters; make one with {rules.MAKES_A_KEY}"),
        ("public_url", "ftp://x", URL),
        ("public_url", "https://x/path", URL),
        ("public_url", "https://user@x", URL),
        ("public_url", "https://[x", URL),
        ("public_url", "https://x:port", URL),
        (
            "public_url",
            "https://clínica.example",
            "must be ASCII: write a host name with other letters in its xn-- form",
        ),
        ("oidc_issuer", "accounts.example.org", ISSUER),
        ("oidc_issuer", "http://accounts.example.org", ISSUER),
        ("oidc_issuer", "http://localhost.example.org", ISSUER),
        ("staff", "ana", STAFF),
        ("staff", "ana@clinic.org eva@clinic.org", STAFF),
        ("staff", "ana@clinic.org=nurse", STAFF),
        ("staff", "ana@clinic.org=reception=clinician", STAFF),
        ("staff", "ana@clinic.org, ANA@clinic.org=reception", STAFF),
        ("clinic_phone", "call us", PHONE),
        ("emergency_number", "", PHONE),
        ("clinic_name", "a\x1bb", LINE),
        ("clinic_name", "", LINE),
        ("clinic_name", " ", LINE),
        ("clinic_hours", "x" * 81, LINE),
        ("clinic_hours", "a\u2028b", LINE),
        ("clinic_name", "\udcff", "is not valid UTF-8"),
    ],
)
def test_a_wrong_setting_is_named_with_its_rule_in_one_sentence(configure, name, value, says):
    configure(**{name: value})

    with pytest.raises(settings.InvalidSettings) as refused:
        settings.current()

    assert str(refused.value) == f"CHECKIN_{name.upper()} {says}"


def test_several_wrong_settings_are_named_at_once(configure):
    configure(min_group="ten", open_link="maybe")

    with pytest.raises(settings.InvalidSettings) as refused:
        settings.current()

    assert str(refused.value) == (
        "CHECKIN_OPEN_LINK must be on or off; CHECKIN_MIN_GROUP must be a whole number from 1 to 1000"
    )


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


def test_postgresql_needs_a_secret_key(configure):
    configure(database_url="postgresql://u@localhost/x")

    with pytest.raises(settings.InvalidSettings, match="with PostgreSQL, CHECKIN_SECRET_KEY is required"):
        settings.current()


def test_the_secrets_file_is_read_and_the_environment_wins(configure, monkeypatch, tmp_path):
    file = tmp_path / "secrets.toml"
    file.write_text(
        'CHECKIN_CLINIC_NAME = "From the file"\nCHECKIN_MIN_GROUP = 12\n[auth]\nother = 1\n', encoding="utf-8"
    )
    monkeypatch.setattr(settings, "SECRETS_FILE", file)
    configure(min_group=7)

    assert settings.current().clinic_name == "From the file"
    assert settings.current().min_group == 7


def test_the_secrets_file_may_hold_numbers_without_quotes_and_nothing_else(configure, monkeypatch, tmp_path):
    file = tmp_path / "secrets.toml"
    file.write_text("CHECKIN_EMERGENCY_NUMBER = 112\nCHECKIN_OPEN_LINK = false\n", encoding="utf-8")
    monkeypatch.setattr(settings, "SECRETS_FILE", file)
    configure()

    with pytest.raises(settings.InvalidSettings, match=r"^CHECKIN_OPEN_LINK must be text in quotes$"):
        settings.current()

    configure(open_link="OFF")
    assert (settings.current().emergency_number, settings.current().open_link) == ("112", "off")


def test_a_broken_secrets_file_is_told_in_one_line(configure, monkeypatch, tmp_path):
    file = tmp_path / "secrets.toml"
    file.write_text('CHECKIN_CLINIC_NAME = "x\n', encoding="utf-8")
    monkeypatch.setattr(settings, "SECRETS_FILE", file)
    configure()

    with pytest.raises(settings.InvalidSettings, match=r"secrets.toml, line 1: write NAME"):
        settings.current()


@pytest.mark.parametrize("name", ["a%20b?c#d.db", "Clínica 診療所.db", "a&b=c;d.db", "100%.db", "@:.db", "'\".db"])
def test_whatever_follows_sqlite_is_the_path_of_the_file(configure, tmp_path, name):
    configure(database_url=f"sqlite:///{tmp_path / name}")
    preparation.prepare()

    assert settings.current().database_file == tmp_path / name
    assert {file.name for file in tmp_path.iterdir()} >= {name, f"{name}.key"}
    assert sqlite3.connect(tmp_path / name).execute("SELECT count(*) FROM check_ins").fetchone() == (0,)


def test_a_relative_path_begins_at_the_folder_the_server_is_started_in(configure, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    configure(database_url="sqlite:///some/x.db")

    assert settings.current().database_file == tmp_path / "some" / "x.db"


def test_what_the_c_locale_gives_is_read_as_utf_8(configure):
    configure(clinic_name="Cl\udcc3\udcadnica")

    assert settings.current().clinic_name == "Clínica"


@pytest.mark.parametrize("left_out", ["oidc_issuer", "oidc_client_id", "oidc_client_secret"])
def test_accounts_need_all_that_the_provider_gave(configure, left_out):
    given = {"oidc_issuer": "https://provider.example", "oidc_client_id": "x", "oidc_client_secret": "y"}
    configure(**{name: value for name, value in given.items() if name != left_out})

    with pytest.raises(settings.InvalidSettings, match="set CHECKIN_OIDC_ISSUER, CHECKIN_OIDC_CLIENT_ID and"):
        settings.current()


def test_the_list_of_staff_gives_each_address_one_role(configure):
    configure(staff="Ana@Clinic.org, eva@clinic.org=reception,\n luz@clinic.org=Clinician,")

    assert settings.current().staff_roles == {
        "ana@clinic.org": "clinician",
        "eva@clinic.org": "reception",
        "luz@clinic.org": "clinician",
    }


@pytest.mark.parametrize("issuer", ["https://provider.example/", "http://localhost:9400", "http://127.0.0.1:9400/"])
def test_an_issuer_is_kept_without_the_slash_at_its_end(configure, issuer):
    configure(oidc_issuer=issuer, oidc_client_id="x", oidc_client_secret="y")

    assert settings.current().oidc_issuer == issuer.rstrip("/")
