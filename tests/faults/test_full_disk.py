"""The disk is full at each write of a check-in in turn: nothing is stored halfway, and nothing confirmed is lost."""

import shutil
import sqlite3
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context

from data import demonstration
from data.reports import check_ins, tallies
from data.storage import database, preparation
from tests.disk import files_of_at_most

PAGE = 4096  # bytes; one that is written ahead has 24 more, so that steps of a page pass over none
FULL, STORED = "SQLITE_IOERR_WRITE", "stored"  # a full disk itself is SQLITE_FULL, and goes the same way


def test_a_disk_that_is_full_at_any_write_keeps_what_is_confirmed_and_stores_the_rest_later(configure, embedded):
    configure(open_limit=10_000)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        tried = alone.submit(try_each_room, embedded).result()

    told, checkpoints, found = zip(*tried, strict=True)
    enough = told.index(STORED)
    assert enough >= 6  # the row, both its indexes, the tally, the attempt, and what is written ahead of them
    assert told == (f"OperationalError {FULL}",) * enough + (STORED,) * (len(tried) - enough)
    assert checkpoints[enough:] == (FULL,) * (len(tried) - enough - 1) + (STORED,)
    assert len(tried) - enough >= 20
    assert found == ([],) * len(tried)


def try_each_room(file):
    """Record check-ins with more and more room, until there is enough for everything.

    Returns of each try what was told, what became of the checkpoint into the database file, and what is wrong with the
    database: with a copy, which is what a server finds that starts after a power cut.
    """
    preparation.prepare()
    demonstration.fill(50, 1, lambda _: None)  # so that the database is larger than what one check-in writes ahead
    with database.reading() as connection:  # the pool gives this connection to every later call of this thread
        connection.exec_driver_sql("PRAGMA wal_autocheckpoint = 1")
        stored = count(connection.connection.driver_connection)
    tried = []
    while not tried or tried[-1][:2] != (STORED, STORED):
        key = check_ins.new_key()
        assert checkpoint(file, "TRUNCATE") == STORED
        with files_of_at_most(len(tried) * PAGE):
            told, checkpointed = record(key), checkpoint(file)
        stored += told == STORED
        found = faults(file, stored)
        stored += told != STORED
        found += [] if record(key) == record(key) == STORED else ["not stored with room"]
        found += faults(file, stored) + tallies.differences()
        tried.append((told, checkpointed, found))
    return tried


def record(key):
    try:
        check_ins.record(key=key, window="0-4 h", ticked=["nausea"], visit=check_ins.Visit(address="192.0.2.1"))
    except database.Unavailable as fault:
        return str(fault)
    return STORED


def checkpoint(file, kind="PASSIVE"):
    with closing(sqlite3.connect(file)) as connection:
        try:
            connection.execute(f"PRAGMA wal_checkpoint({kind})")
        except sqlite3.OperationalError as fault:
            return fault.sqlite_errorname
    return STORED


def count(connection):
    return connection.execute("SELECT count(*) FROM check_ins").fetchone()[0]


def faults(file, stored):
    """Return what is wrong with a copy of the database of which so many check-ins must be there."""
    for ending in ("", "-wal"):
        shutil.copy(f"{file}{ending}", file.parent / f"copy.db{ending}")
    with closing(sqlite3.connect(file.parent / "copy.db")) as copy:
        found = [fault for (fault,) in copy.execute("PRAGMA integrity_check") if fault != "ok"]
        counted = copy.execute("SELECT sum(n) FROM tallies").fetchone()[0]
        return found + [f"{one}, not {stored}" for one in (count(copy), counted) if one != stored]
