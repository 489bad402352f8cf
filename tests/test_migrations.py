import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import create_engine, inspect, text

from data import access, check_ins, database, migrations, preparation, receipts, schema, tallies, throttle
from tests.app import PASSPHRASE

TO_VERSION_1 = (
    "DROP TABLE corrections",
    "ALTER TABLE check_ins DROP COLUMN corrected",
    "DROP TABLE attempts",
    "CREATE TABLE sign_in_attempts (id INTEGER PRIMARY KEY, address_digest TEXT NOT NULL, at BIGINT NOT NULL)",
    "CREATE INDEX sign_in_attempts_at ON sign_in_attempts (at)",
    "UPDATE about SET value = '1' WHERE name = 'schema_version'",
)


def shape():
    """Return tables with their columns, whether these may be empty, and indexes."""
    with database.reading() as connection:
        looked = inspect(connection)
        return {
            table: (
                {(column["name"], str(column["type"]), column["nullable"]) for column in looked.get_columns(table)},
                {(index["name"], *index["column_names"]) for index in looked.get_indexes(table)},
            )
            for table in looked.get_table_names()
        }


@pytest.fixture
def version_1(prepared):
    """Give the shape of a new database and leave one with the first release's tables and a check-in."""
    new = shape()
    check_ins.record(key="a" * 32, window="0-4 h", ticked=["nausea"])
    with database.writing() as connection:
        for statement in TO_VERSION_1:
            connection.execute(text(statement))
    database.engine().dispose()
    return new


def test_a_database_of_the_first_release_is_led_to_this_one(version_1):
    preparation.prepare()

    assert shape() == version_1
    with database.reading() as connection:
        assert database.note(connection, "schema_version") == "2"


def test_what_was_stored_before_is_there_and_can_be_corrected(version_1):
    preparation.prepare()

    stored = check_ins.by_key("a" * 32)
    assert receipts.correct(stored.receipt, "address", ticked=["sleep"]).ticked == ("sleep",)
    assert receipts.withdraw(stored.receipt, "address").withdrawn
    assert tallies.differences() == []


def test_attempts_are_counted_anew_and_limited_as_before(version_1):
    preparation.prepare()

    for _ in range(throttle.SIGN_IN.per_address):
        with pytest.raises(access.WrongPassphrase):
            access.sign_in("wrong", "address")
    with pytest.raises(throttle.Throttled):
        access.sign_in(PASSPHRASE, "address")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_table_in_use_by_another_program_is_named_and_nothing_is_changed(version_1, monkeypatch):
    reader = create_engine(database.engine().url)
    with reader.connect() as connection:
        connection.execute(text("SELECT count(*) FROM check_ins"))
        with pytest.raises(preparation.Unusable, match="stop every other server and backup"):
            preparation.prepare()
    reader.dispose()

    preparation.prepare()
    assert shape() == version_1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_copy_of_the_older_database_stands_beside_the_new_one(version_1, tmp_path):
    preparation.prepare()

    copy = tmp_path / "checkins.db.schema-1"
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as opened:
        assert opened.execute("SELECT value FROM about WHERE name = 'schema_version'").fetchone() == ("1",)
        assert opened.execute("SELECT nausea FROM check_ins").fetchall() == [(1,)]
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_room_for_the_copy_nothing_is_changed(version_1, tmp_path):
    (tmp_path / "checkins.db.schema-1").mkdir()  # what the copy would be renamed to

    with pytest.raises(preparation.Unusable, match="no copy of the database could be made"):
        preparation.prepare()

    assert list(tmp_path.glob("*.unfinished*")) == []

    with database.reading() as connection:
        assert database.note(connection, "schema_version") == "1"


def test_a_step_that_fails_leaves_the_older_database_whole(version_1, monkeypatch):
    step = migrations.STEPS[2]

    def fails_at_its_end(connection):
        step(connection)
        connection.execute(text("SELECT nonsense"))

    monkeypatch.setitem(migrations.STEPS, 2, fails_at_its_end)

    with pytest.raises((database.Unavailable, preparation.Unusable)):
        preparation.prepare()

    with database.reading() as connection:
        assert database.note(connection, "schema_version") == "1"
        assert "corrections" not in inspect(connection).get_table_names()


def test_every_version_has_its_step():
    assert sorted(migrations.STEPS) == list(range(2, schema.SCHEMA_VERSION + 1))
