import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event

import pytest
from sqlalchemy import create_engine, inspect, text, update

from data import check_ins, database, demonstration, digests, schema
from tests.app import QUICK_HASH
from tests.conftest import PRODUCTION, forget


@pytest.fixture
def embedded(configure, tmp_path):
    """Configure an embedded database that does not exist yet; gives its file."""
    file = tmp_path / "local" / "checkins.db"
    configure(database_url=f"sqlite:///{file}")
    return file


def test_a_new_database_is_made_with_its_key_and_only_its_owner_reads_the_key(embedded):
    database.prepare()

    assert embedded.stat().st_size > 0
    assert embedded.with_suffix(".key").stat().st_mode & 0o777 == 0o600
    assert embedded.parent.stat().st_mode & 0o777 == 0o700


def test_preparing_again_changes_nothing(prepared):
    check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["nausea"])

    database.prepare()

    assert check_ins.count() == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_servers_may_prepare_a_new_database_at_once(configure, database_url):
    configure(database_url=database_url, secret_key="s" * 32, passphrase_hash=QUICK_HASH)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: database.prepare(), range(4)))

    assert check_ins.count() == 0


def test_sqlite_keeps_what_is_confirmed_even_when_the_power_fails(embedded):
    database.prepare()

    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    with database.reading() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_every_table_is_strict(embedded):
    database.prepare()

    with sqlite3.connect(embedded) as connection:
        tables = "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'"
        strict = dict(connection.execute(tables).fetchall())

    assert strict == dict.fromkeys(schema.metadata.tables, 1)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"SQLite format 3\0" + b"\x10\x00" + b"\0" * 10, "is cut short"),
        (b"some other file, longer than the head of a database" * 4, "is not a SQLite database"),
    ],
)
def test_a_file_that_is_no_whole_database_refuses_to_start_and_is_left_alone(embedded, content, says):
    embedded.parent.mkdir()
    embedded.write_bytes(content)

    with pytest.raises(database.Unusable, match=says):
        database.prepare()

    assert embedded.read_bytes() == content


def test_a_place_that_cannot_be_written_is_named(configure, tmp_path):
    (tmp_path / "file").touch()
    configure(database_url=f"sqlite:///{tmp_path / 'file' / 'checkins.db'}")

    with pytest.raises(database.Unusable, match="cannot be read or made: File exists"):
        database.prepare()


def test_a_truncated_database_refuses_to_start(embedded):
    database.prepare()
    forget()
    embedded.write_bytes(embedded.read_bytes()[:-4096])

    with pytest.raises(database.Unusable, match="is cut short"):
        database.prepare()


def test_a_missing_database_beside_its_key_refuses_to_start(embedded):
    database.prepare()
    forget()
    embedded.unlink()

    with pytest.raises(database.Unusable, match="is missing but its key"):
        database.prepare()

    assert not embedded.exists()


def test_a_database_without_its_key_refuses_to_start(embedded):
    database.prepare()
    forget()
    embedded.with_suffix(".key").unlink()

    with pytest.raises(digests.SecretKeyMissing, match="Put it back from the backup"):
        database.prepare()


def test_a_database_of_something_else_refuses_to_start(configure, database_url):
    other = create_engine(database_url)
    with other.begin() as connection:
        connection.execute(text("CREATE TABLE invoices (id INTEGER)"))
    other.dispose()
    configure(database_url=database_url, secret_key="s" * 32, passphrase_hash=QUICK_HASH)

    with pytest.raises(database.Unusable, match="tables of something else"):
        database.prepare()

    with database.reading() as connection:
        assert inspect(connection).get_table_names() == ["invoices"]


def test_a_newer_schema_refuses_to_start(prepared):
    with database.writing() as connection:
        connection.execute(update(schema.about).values(value="2"))

    with pytest.raises(database.Unusable, match="schema version 2, this release knows 1"):
        database.prepare()


def test_made_up_check_ins_refuse_to_start_in_production(prepared, configure):
    demonstration.fill(10, 1, lambda _: None)
    database.prepare()
    configure(**PRODUCTION)

    with pytest.raises(database.Unusable, match="holds made-up check-ins, and CHECKIN_PUBLIC_URL is set"):
        database.prepare()


def test_a_fault_rolls_the_whole_block_back(prepared):
    def write_and_fail():
        with database.writing() as connection:
            connection.execute(schema.about.insert(), {"name": "x", "value": "y"})
            connection.exec_driver_sql("SELECT nonsense")

    with pytest.raises(database.Unavailable):
        write_and_fail()

    with database.reading() as connection:
        assert connection.execute(schema.about.select().where(schema.about.c.name == "x")).first() is None


def test_a_database_that_is_gone_is_told_by_its_kind_only(configure):
    configure(
        database_url="postgresql://someone:password@localhost:1/x",
        secret_key="s" * 32,
        passphrase_hash=QUICK_HASH,
    )

    with pytest.raises(database.Unavailable) as fault:
        database.prepare()

    assert str(fault.value) == "OperationalError"
    assert not database.answers()


def test_a_writer_that_waits_too_long_is_told(embedded, monkeypatch):
    database.prepare()
    monkeypatch.setattr(database, "WAIT_SECONDS", 0.05)
    holding, done = Event(), Event()

    def hold():
        with database.writing():
            holding.set()
            done.wait(5)

    with ThreadPoolExecutor() as pool:
        pool.submit(hold)
        holding.wait(5)
        with pytest.raises(database.Unavailable, match="another write took too long"), database.writing():
            pass
        done.set()


def test_a_naive_time_never_reaches_a_table(prepared):
    with pytest.raises(ValueError, match="an instant needs a time zone"):
        schema.Instant().process_bind_param(datetime(2026, 1, 1), None)  # noqa: DTZ001
