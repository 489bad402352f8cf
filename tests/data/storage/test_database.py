import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event

import pytest

from data.reports import check_ins
from data.storage import columns, database, preparation, schema
from tests.app import QUICK_HASH


def test_sqlite_keeps_what_is_confirmed_even_when_the_power_fails(embedded):
    preparation.prepare()

    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    with database.reading() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_every_table_is_strict(embedded):
    preparation.prepare()

    with sqlite3.connect(embedded) as connection:
        tables = "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'"
        strict = dict(connection.execute(tables).fetchall())

    assert strict == dict.fromkeys(schema.metadata.tables, 1)


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
        preparation.prepare()

    assert str(fault.value) == "OperationalError"


def test_a_deleted_database_takes_no_check_in_that_would_be_lost(embedded):
    preparation.prepare()
    check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["nausea"])
    embedded.unlink()

    with pytest.raises(database.Unavailable, match="was deleted or replaced: restart the server"):
        check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["nausea"])


def test_a_file_that_replaces_the_database_is_not_opened_beside_the_log_of_the_one_before(embedded):
    preparation.prepare()
    check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["nausea"])
    another = embedded.with_name("another.db")
    shutil.copy(embedded, another)
    another.replace(embedded)
    before = embedded.read_bytes()

    with ThreadPoolExecutor(4) as pool:  # each has a connection of its own
        for outcome in [pool.submit(check_ins.by_key, "a" * 32) for _ in range(4)]:
            with pytest.raises(database.Unavailable, match="deleted or replaced: restart the server"):
                outcome.result()

    assert embedded.read_bytes() == before


def test_a_writer_that_waits_too_long_is_told(embedded, monkeypatch):
    preparation.prepare()
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
        columns.Instant().process_bind_param(datetime(2026, 1, 1), None)  # noqa: DTZ001
