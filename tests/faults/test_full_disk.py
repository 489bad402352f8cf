"""The disk is full at each write of a check-in in turn: nothing is stored halfway, and nothing confirmed is lost."""

import shutil
import sqlite3
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context

from data import demonstration
from data.reports import check_ins
from data.storage import database, preparation
from tests.disk import files_of_at_most

BEFORE = 300  # check-ins, so that the database is larger than what another one writes ahead
PAGE = 4096  # bytes; one that is written ahead has 24 more, so that steps of a page pass over none
FULL, STORED = "SQLITE_IOERR_WRITE", "stored"  # a full disk itself is SQLITE_FULL, and goes the same way


def test_a_disk_that_is_full_at_any_write_keeps_what_is_confirmed_and_stores_the_rest_later(embedded):
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
    """Record the same check-in in the same database with more and more room, until there is enough for everything.

    Returns of each try what was told, what became of the checkpoint into the database file, and what is wrong with the
    database: with a copy, which is what a server finds that starts after a power cut.
    """
    preparation.prepare()
    demonstration.fill(BEFORE, 1, lambda _: None)
    with database.reading() as connection:  # the pool gives this connection to every later call of this thread
        connection.exec_driver_sql("PRAGMA wal_autocheckpoint = 1")
    tried, key = [], check_ins.new_key()
    with closing(sqlite3.connect(file)) as live, closing(sqlite3.connect(":memory:")) as kept:
        live.backup(kept)
        while not tried or tried[-1][:2] != (STORED, STORED):
            kept.backup(live)
            checkpoint(live, "TRUNCATE")
            with files_of_at_most(len(tried) * PAGE):
                told, checkpointed = record(key), checkpoint(live)
            found = faults(file, BEFORE + (told == STORED))
            found += [again for again in (record(key), record(key)) if again != STORED]
            found += faults(file, BEFORE + 1)
            tried.append((told, checkpointed, found))
    return tried


def record(key):
    try:
        check_ins.record(key=key, window="0-4 h", ticked=["nausea"], visit=check_ins.Visit(address="192.0.2.1"))
    except database.Unavailable as fault:
        return str(fault)
    return STORED


def checkpoint(connection, kind="PASSIVE"):
    try:
        connection.execute(f"PRAGMA wal_checkpoint({kind})")
    except sqlite3.OperationalError as fault:
        return fault.sqlite_errorname
    return STORED


def faults(file, stored):
    """Return what is wrong with a copy of the database of which so many check-ins must be there."""
    for ending in ("", "-wal"):
        shutil.copy(f"{file}{ending}", file.parent / f"copy.db{ending}")
    with closing(sqlite3.connect(file.parent / "copy.db")) as copy:
        found = [fault for (fault,) in copy.execute("PRAGMA integrity_check") if fault != "ok"]
        counts = copy.execute("SELECT (SELECT count(*) FROM check_ins), (SELECT sum(n) FROM tallies)").fetchone()
        return found + [f"{counted}, not {stored}" for counted in counts if counted != stored]
