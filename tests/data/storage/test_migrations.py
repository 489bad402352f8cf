import re
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.schema import CreateTable

from data.reports import check_ins, infusions, invitations, receipts, responses, tallies
from data.staff import sessions, throttle
from data.storage import database, migrations, preparation, schema
from tests.app import PASSPHRASE

TO_VERSION_2 = (
    "DROP TABLE infusion_tallies",
    "DROP TABLE infusions",
    "UPDATE about SET value = '2' WHERE name = 'schema_version'",
)
TO_VERSION_1 = (
    *TO_VERSION_2,
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


def lead_back(statements):
    """Give the shape of a new database and leave one with an older release's tables and a check-in."""
    new = shape()
    check_ins.record(key="a" * 32, window="0-4 h", ticked=["nausea"])
    with database.writing() as connection:
        if connection.dialect.name == "sqlite":
            take_the_infusion_away(connection)
        else:
            connection.execute(text("ALTER TABLE check_ins DROP COLUMN infusion"))
        for statement in statements:
            connection.execute(text(statement))
    database.engine().dispose()
    return new


def take_the_infusion_away(connection):
    """Make the table of check-ins anew without its last column, which SQLite does not drop."""
    columns = [column.name for column in schema.check_ins.columns if column.name != "infusion"]
    listed = ", ".join(f'"{name}"' for name in columns)
    connection.execute(text(f"CREATE TEMPORARY TABLE kept AS SELECT {listed} FROM check_ins"))
    connection.execute(text("DROP TABLE check_ins"))
    whole = str(CreateTable(schema.check_ins).compile(dialect=connection.dialect))
    connection.execute(
        text(re.sub(r"\n\tinfusion \w+, |, \n\tFOREIGN KEY\(infusion\) REFERENCES infusions \(id\)", "", whole))
    )
    connection.execute(text("CREATE INDEX check_ins_by_receipt ON check_ins (receipt_digest)"))
    connection.execute(text(f"INSERT INTO check_ins ({listed}) SELECT {listed} FROM kept"))
    connection.execute(text("DROP TABLE kept"))


@pytest.fixture
def version_1(prepared):
    return lead_back(TO_VERSION_1)


@pytest.mark.parametrize("statements", [TO_VERSION_1, TO_VERSION_2])
def test_a_database_of_an_older_release_is_led_to_this_one(prepared, statements):
    new = lead_back(statements)

    preparation.prepare()

    assert shape() == new
    with database.reading() as connection:
        assert database.note(connection, "schema_version") == str(schema.SCHEMA_VERSION)


def test_infusions_can_be_registered_and_answered_once_in_a_window_after_the_step(prepared):
    lead_back(TO_VERSION_2)
    preparation.prepare()

    _, code = infusions.register(sessions.sign_in(PASSPHRASE, "address"), number=2)
    check_ins.record(key="b" * 32, code=code, ticked=["sleep"])

    with pytest.raises(invitations.AnsweredAlready):
        check_ins.record(key="c" * 32, code=code, ticked=["sleep"])
    assert tallies.differences() == responses.differences() == []


def test_what_was_stored_before_is_there_and_can_be_corrected(version_1):
    preparation.prepare()

    stored = check_ins.by_key("a" * 32)
    assert receipts.correct(stored.receipt, "address", ticked=["sleep"]).ticked == ("sleep",)
    assert receipts.withdraw(stored.receipt, "address").withdrawn
    assert tallies.differences() == []


def test_attempts_are_counted_anew_and_limited_as_before(version_1):
    preparation.prepare()

    for _ in range(throttle.SIGN_IN.per_address):
        with pytest.raises(sessions.WrongPassphrase):
            sessions.sign_in("wrong", "address")
    with pytest.raises(throttle.Throttled):
        sessions.sign_in(PASSPHRASE, "address")


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
