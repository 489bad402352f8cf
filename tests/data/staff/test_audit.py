from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select, text

from data import settings
from data.reports import check_ins, receipts
from data.staff import audit, passphrase, sessions
from data.storage import chain, database, preparation, protection, schema
from tests.app import PASSPHRASE

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def note(*did, who="Ana"):
    with database.writing() as connection:
        for one in did:
            audit.note(connection, who, one)


def fault(noted=None):
    with database.reading() as connection:
        return chain.fault(connection, noted)


def shown(**wanted):
    with database.reading() as connection:
        return [(row.id, row.who, row.did) for row in audit.shown(connection, **wanted)]


def test_rows_are_numbered_and_chained_in_the_order_of_the_notes(prepared):
    note("one", "two")
    note("three")

    assert shown() == [(1, "Ana", "one"), (2, "Ana", "two"), (3, "Ana", "three")]
    assert fault() is None


def test_a_transaction_that_fails_adds_no_row_and_leaves_none_to_the_next(prepared):
    def fail():
        with database.writing() as connection:
            audit.note(connection, "Ana", "what fails")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    note("one")

    assert shown() == [(1, "Ana", "one")]


def test_a_note_where_nothing_is_stored_is_an_error_and_not_lost(prepared):
    note("one")

    with database.reading() as connection, pytest.raises(KeyError):
        audit.note(connection, "Ana", "two")


def test_what_cannot_be_written_down_does_not_happen(prepared, monkeypatch):
    token = passphrase.sign_in(PASSPHRASE, "address")

    def no_room(*_):
        raise database.Unavailable("no room")

    monkeypatch.setattr(chain, "append", no_room)
    with pytest.raises(database.Unavailable):
        sessions.sign_out(token)

    assert sessions.is_live(token)


def test_the_row_is_written_last_so_that_others_wait_for_nothing_else(prepared):
    statements = []
    event.listen(database.engine(), "before_cursor_execute", lambda *given: statements.append(given[2]))

    with database.writing() as connection:
        audit.note(connection, "Ana", "one")
        connection.execute(text("SELECT 'the work'"))

    told = [place for place, statement in enumerate(statements) if "audit" in statement or "about" in statement]
    assert min(told) > statements.index("SELECT 'the work'")


def test_no_patient_waits_for_the_log(prepared):
    statements = []
    event.listen(database.engine(), "before_cursor_execute", lambda *given: statements.append(given[2]))

    key = check_ins.new_key()
    sent = check_ins.record(key=key, window="0-4 h", ticked=["nausea"])
    receipts.correct(sent.receipt, "address", ticked=["sleep"])
    receipts.withdraw(sent.receipt, "address")

    assert [statement for statement in statements if "audit" in statement] == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET did = 'nothing' WHERE id = 1",
        "DELETE FROM audit WHERE id = 1",
        "DELETE FROM audit",
        "INSERT INTO audit SELECT * FROM audit WHERE id = 1",
    ],
)
def test_the_database_itself_refuses_to_change_a_row(prepared, statement):
    note("one", "two")

    with pytest.raises(database.Unavailable), database.writing() as connection:
        connection.execute(text(statement))

    assert (len(shown()), fault()) == (2, None)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_refuses_to_replace_a_row(prepared):
    note("one")

    with pytest.raises(database.Unavailable), database.writing() as connection:
        connection.execute(text("REPLACE INTO audit SELECT id, at, who, 'nothing', mac FROM audit"))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_refuses_to_empty_the_table(prepared):
    note("one")

    with pytest.raises(database.Unavailable), database.writing() as connection:
        connection.execute(text("TRUNCATE audit"))


def test_another_secret_key_begins_a_new_chain_that_holds_the_earlier_rows_too(prepared, configure):
    note("one", "two")
    configure(secret_key="t" * 32)
    assert "is not noted under this secret key" in fault()
    with pytest.raises(database.Unavailable, match="another CHECKIN_SECRET_KEY"):
        note("before the start")

    audit.started()
    note("three")
    audit.started()

    told = [did for _, _, did in shown()]
    assert told[2].startswith("another secret key: a new chain begins; SHA-256 of the 2 rows")
    assert (len(told), told[4]) == (6, "three")
    assert fault() is None

    unprotected("UPDATE audit SET did = 'nothing' WHERE id = 1")
    assert fault() == "rows up to number 2 are not as they were when the secret key changed"


def unprotected(statement):
    """Execute what a row's protection refuses, as whoever may change the tables can."""
    with database.writing() as connection:
        if connection.dialect.name == "sqlite":
            for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_append_only ON audit")
        connection.execute(text(statement))


def test_refusals_are_one_row_a_kind_and_quarter_of_an_hour_with_their_number(prepared, set_clock):
    set_clock(NOON + timedelta(minutes=3))
    for what in ("a wrong passphrase", "a wrong passphrase", "another thing"):
        audit.refused(what)
    audit.settle()
    audit.refused("a wrong passphrase")
    assert shown() == []

    set_clock(NOON + timedelta(minutes=16))
    audit.settle()
    assert shown() == []  # another server may still have some

    set_clock(NOON + timedelta(minutes=18))
    audit.settle()
    audit.settle()

    assert sorted(did for _, _, did in shown()) == [
        "refused 1 time from 2026-11-25 12:00 to 12:15 UTC: another thing",
        "refused 3 times from 2026-11-25 12:00 to 12:15 UTC: a wrong passphrase",
    ]


def test_refusals_are_not_lost_where_the_database_is_gone_for_a_while(prepared, monkeypatch, set_clock):
    set_clock(NOON)
    audit.refused("a wrong passphrase")
    with monkeypatch.context() as patched:
        patched.setattr(database, "upsert", lambda *_: (_ for _ in ()).throw(database.Unavailable("gone")))
        with pytest.raises(database.Unavailable):
            audit.settle()

    set_clock(NOON + timedelta(minutes=20))
    audit.settle()

    assert [did for _, _, did in shown()] == ["refused 1 time from 2026-11-25 12:00 to 12:15 UTC: a wrong passphrase"]


def test_a_flood_of_kinds_is_counted_together(prepared, set_clock):
    for number in range(audit._MOST_KINDS + 20):
        audit.refused(f"kind {number}")
    audit.settle()

    with database.reading() as connection:
        counted = dict(connection.execute(select(schema.refusals.c.what, schema.refusals.c.number)).all())
    assert (len(counted), counted["something else"]) == (audit._MOST_KINDS + 1, 20)


def test_a_start_is_noted_with_its_settings_and_without_their_secrets(prepared):
    number, mac = audit.started()

    (row,) = shown()
    assert row[:2] == (number, "operator")
    assert "CHECKIN_SECRET_KEY=(set)" in row[2]
    for secret in (settings.current().secret_key, settings.current().passphrase_hash, settings.current().database_url):
        assert secret not in row[2]
    assert len(mac) == 64


def test_rows_are_shown_by_person_time_and_words(prepared, set_clock):
    set_clock(NOON)
    note("saw figures")
    set_clock(NOON + timedelta(hours=1))
    note("took a file 100%", who="Eva")

    assert shown(who="Ana") == [(1, "Ana", "saw figures")]
    assert shown(since=NOON + timedelta(minutes=30)) == [(2, "Eva", "took a file 100%")]
    assert shown(until=NOON + timedelta(minutes=30)) == [(1, "Ana", "saw figures")]
    assert shown(containing="0%") == [(2, "Eva", "took a file 100%")]


def test_what_is_made_again_is_protected_again(prepared):
    preparation.prepare()
    with database.writing() as connection:
        protection.protect(connection)
    note("one")

    with pytest.raises(database.Unavailable), database.writing() as connection:
        connection.execute(text("DELETE FROM audit"))
