"""What the chain of the audit log costs.

Staff who are signed in act: one on SQLite, whose writers take turns anyway, or eight at once on PostgreSQL. An act
checks and renews the session, is noted, and reads a little. The floor adds the same row of the log without digest and
turn. `last` is the product; `first` adds the chained row as soon as it is noted, so that others wait for the rest of
the transaction too. The three are measured in turn.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar
from unittest import mock

from sqlalchemy import Column, Connection, MetaData, Table, Text, func, insert, select

from data import clock
from data.staff import audit, sessions, ways
from data.staff.roles import RECEPTION
from data.storage import chain, database, schema
from data.storage.columns import Instant, Whole
from tests.benchmarks import bulk
from tests.benchmarks.table import Row

T = TypeVar("T")
WRITERS = {"sqlite": 1, "postgresql": 8}
READ = (schema.changes, schema.infusion_tallies, schema.tallies)
_plain = Table(
    "plain_log",
    MetaData(),
    Column("id", Whole, primary_key=True),
    Column("at", Instant),
    *(Column(name, Text) for name in ("who", "did", "mac")),
)


def _unchained(connection: Connection, who: str, did: str) -> None:
    connection.execute(insert(_plain), {"at": clock.now(), "who": who, "did": did, "mac": "0" * 64})


WAYS: dict[str, Callable[[Connection, str, str], None]] = {
    "floor": _unchained,
    "last": audit.note,
    "first": chain.append,
}


def act(token: str, until: float) -> int:
    """Act until an instant of the monotonic clock; return how often."""
    number = 0
    while time.monotonic() < until:
        with database.writing() as connection:
            sessions.record_act(connection, token, "saw figures of one window", RECEPTION)
            for table in READ:
                connection.scalar(select(func.count()).select_from(table))
        number += 1
    return number


def a_second(pool: ThreadPoolExecutor, act: Callable[[T, float], int], writers: list[T], seconds: float) -> float:
    """Return how often all writers together act in a second."""
    began = time.monotonic()
    made = sum(pool.map(act, writers, [began + seconds] * len(writers)))
    return made / (time.monotonic() - began)


def measure(*, quick: bool) -> list[Row]:
    """Let each way take turns on each database; the log holds in the end."""
    rows = []
    for kind, writers in WRITERS.items():
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:  # a process has one database
            rates = alone.submit(measured, kind, *((1, 0.5) if quick else (3, 2.0))).result()
        what = f"staff's acts a second, {kind}, {writers} at once, noted"
        floor = ("the same rows without a chain", rates["floor"])
        rows += [Row(f"{what} {way}", rates[way], "", *floor) for way in ("last", "first")]
    return rows


def measured(kind: str, turns: int, seconds: float) -> dict[str, float]:
    """Return the median rate of each way."""
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    with (
        tempfile.TemporaryDirectory() as folder,
        bulk.empty(kind, Path(folder), "audited") as (url,),
        ThreadPoolExecutor(WRITERS[kind]) as pool,
    ):
        bulk.use(url)
        with database.writing() as connection:
            _plain.create(connection)
            who = [f"writer {number}" for number in range(WRITERS[kind])]
            tokens = [sessions.begin(connection, each, RECEPTION, ways.PASSPHRASE) for each in who]
        for _ in range(turns):
            for way, rates in found.items():
                with mock.patch.object(audit, "note", WAYS[way]):
                    rates.append(a_second(pool, act, tokens, seconds))
        with database.reading() as connection:
            assert chain.fault(connection) is None
        database.engine().dispose()
    return {way: statistics.median(rates) for way, rates in found.items()}
