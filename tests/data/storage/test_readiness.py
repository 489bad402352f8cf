import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select

from data.reports import check_ins
from data.storage import database, preparation, readiness, schema
from data.storage.sqlite_file import Unusable
from tests.conftest import USUAL, forget
from tests.disk import files_of_at_most

ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture(autouse=True)
def forgets(monkeypatch):
    """Let no failure be remembered, so that a test need not wait."""
    monkeypatch.setattr(readiness, "FAILED_SECONDS", 0)


def store_until_it_fails():
    with pytest.raises(database.Unavailable) as fault:  # noqa: PT012 - how many are stored is no matter
        for _ in range(500):
            check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["nausea"])
    return str(fault.value)


def execute(words):
    with database.reading() as connection:
        connection.exec_driver_sql(words)
        connection.commit()


def test_a_database_that_stores_is_ready_and_nothing_of_the_trial_stays(prepared):
    with database.reading() as connection:
        before = connection.execute(select(schema.about)).all()

    assert readiness.why_not() is None

    with database.reading() as connection:
        assert connection.execute(select(schema.about)).all() == before


def test_a_database_that_another_release_migrated_meanwhile_is_not_ready(prepared):
    with database.writing() as connection:
        connection.execute(schema.about.insert(), {"name": "list version 99", "value": "nausea"})

    assert readiness.why_not()


def test_too_little_room_beside_the_file_is_told_before_the_disk_is_full(embedded, monkeypatch):
    preparation.prepare()
    assert readiness.told()["database"] == "stores"
    monkeypatch.setattr(readiness, "LEAST_FREE", 2**60)

    assert readiness.told()["status"] == "not ready"
    assert readiness.told()["database"].endswith("MiB are free on its disk")
    assert readiness.why_not() is None


def test_the_age_of_the_last_backup_is_told(prepared, set_clock):
    assert readiness.told()["backup_age_hours"] is None
    with database.writing() as connection:
        made = {"name": schema.BACKUP, "value": USUAL.isoformat()}
        database.upsert(connection, schema.about, made)

    set_clock(USUAL + timedelta(hours=25, minutes=59))
    assert readiness.told() == {"status": "ready", "database": "stores", "schema": 7, "backup_age_hours": 25}


def test_a_page_that_turns_out_damaged_stops_storing_until_the_restart_which_refuses(embedded):
    preparation.prepare()
    check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["nausea"])
    database.fold_log()
    with database.reading() as connection:
        root = connection.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'check_ins'").scalar()
    database.engine().dispose()
    pages = bytearray(embedded.read_bytes())
    pages[(root - 1) * 4096 : root * 4096] = b"\xa5" * 4096
    embedded.write_bytes(pages)

    assert store_until_it_fails() == "DatabaseError SQLITE_CORRUPT"
    assert readiness.told()["database"] == "the database is damaged: `python -m data verify` says what to do"
    with pytest.raises(database.Unavailable, match="damaged: `python -m data verify`"), database.writing():
        pass

    forget()
    with pytest.raises(Unusable, match="is damaged"):
        preparation.prepare()


def test_what_an_interrupted_trial_left_behind_is_no_hindrance_and_goes(prepared):
    with database.writing() as connection:
        connection.execute(schema.about.insert(), {"name": "room", "value": "x"})

    assert readiness.why_not() is None

    with database.reading() as connection:
        assert database.note(connection, "room") is None


def test_while_all_is_well_a_trial_is_made_once_a_minute(prepared, monkeypatch):
    written = []
    usual = database.writing

    def counted():
        written.append(1)
        return usual()

    monkeypatch.setattr(database, "writing", counted)

    assert [readiness.why_not() for _ in range(5)] == [None] * 5
    assert len(written) == 2

    readiness._trial.stored -= readiness.PROVED_SECONDS
    assert [readiness.why_not() for _ in range(5)] == [None] * 5
    assert len(written) == 4


def test_a_disk_without_room_is_noticed_without_any_visitor_and_so_is_room_again(embedded):
    preparation.prepare()
    check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["nausea"])
    write_ahead = embedded.with_name(embedded.name + "-wal")

    with files_of_at_most(write_ahead.stat().st_size + 30_000):
        assert all(readiness.why_not() for _ in range(3))
        with database.writing() as connection:  # a change this small does fit
            connection.execute(schema.about.update().values(value=schema.about.c.value))
        assert store_until_it_fails().startswith("OperationalError SQLITE_")
        assert readiness.why_not()

    assert readiness.why_not() is None


def test_a_full_database_is_told_by_its_kind_and_is_not_ready_until_there_is_room(embedded, caplog):
    preparation.prepare()
    assert readiness.why_not() is None
    with database.reading() as connection:  # the pool gives this connection to every later call of this thread
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    assert store_until_it_fails() == "OperationalError SQLITE_FULL"
    assert "database fault: OperationalError SQLITE_FULL" in caplog.messages
    assert all(readiness.why_not() for _ in range(3))

    execute("PRAGMA max_page_count = 1000000")
    assert readiness.why_not() is None


def test_a_database_that_takes_no_changes_is_not_ready(embedded):
    preparation.prepare()
    execute("PRAGMA query_only = ON")
    assert readiness.why_not()
    assert store_until_it_fails() == "OperationalError SQLITE_READONLY"

    execute("PRAGMA query_only = OFF")
    assert readiness.why_not() is None


def test_a_database_that_another_program_holds_is_not_ready(embedded, monkeypatch):
    monkeypatch.setattr(database, "WAIT_SECONDS", 0.05)
    preparation.prepare()

    with closing(sqlite3.connect(embedded, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert readiness.why_not()
        other.execute("ROLLBACK")

    assert readiness.why_not() is None


@ON_POSTGRESQL
def test_a_full_postgresql_is_told_by_its_kind_and_is_not_ready_until_there_is_room(prepared):
    assert readiness.why_not() is None
    execute(
        "CREATE FUNCTION full() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END$$"
    )
    for table in ("check_ins", "about"):
        execute(f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION full()")
    assert store_until_it_fails() == "DiskFull 53100"
    assert readiness.why_not()

    for table in ("check_ins", "about"):
        execute(f"DROP TRIGGER full_disk ON {table}")
    assert readiness.why_not() is None


@ON_POSTGRESQL
def test_a_postgresql_that_only_reads_is_not_ready(prepared):
    execute("SET default_transaction_read_only = on")
    assert readiness.why_not()
    assert store_until_it_fails() == "ReadOnlySqlTransaction 25006"

    execute("SET default_transaction_read_only = off")
    assert readiness.why_not() is None


def test_a_database_that_is_gone_is_not_ready(embedded):
    preparation.prepare()
    assert readiness.why_not() is None
    embedded.unlink()

    assert readiness.why_not()


def test_of_many_who_ask_at_once_one_tries(prepared, monkeypatch):
    tried = []

    def writing():
        tried.append(readiness.why_not() is None)  # somebody else asks meanwhile
        raise database.Unavailable("OperationalError")

    monkeypatch.setattr(database, "writing", writing)

    assert readiness.why_not()
    assert tried == [True]


def test_a_failure_is_remembered_for_a_moment(prepared, monkeypatch):
    tried = []

    def writing():
        tried.append(1)
        raise database.Unavailable("OperationalError")

    monkeypatch.setattr(readiness, "FAILED_SECONDS", 2)
    monkeypatch.setattr(database, "writing", writing)

    assert all(readiness.why_not() for _ in range(5))
    assert len(tried) == 1
