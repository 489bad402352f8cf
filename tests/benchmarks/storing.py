"""What it costs the database to store a check-in, its counters and its indexes included.

Writers store one check-in after the other: one on SQLite, whose writers take turns anyway, eight at once on PostgreSQL.
The floor inserts the same row and nothing else, as durably. Both take turns. Then made-up check-ins, with digests as
random as true ones, fill an empty database; the floor is what their rows take in a table without an index.
"""

import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from unittest import mock

from sqlalchemy import Connection, Table, insert, select, text

from data import demonstration
from data.catalogue import WINDOWS
from data.reports import check_ins
from data.storage import database, schema
from tests.benchmarks import bulk
from tests.benchmarks.audit import WRITERS, a_second
from tests.benchmarks.table import Row

TICKED = ("headache", "fatigue")
LOAD = demonstration._load


def measure(*, quick: bool) -> list[Row]:
    """Store check-ins in a database of each kind, by writers and in bulk."""
    rows = []
    for kind, writers in WRITERS.items():
        with (
            tempfile.TemporaryDirectory() as folder,
            bulk.empty(kind, Path(folder), "timed", "filled") as urls,
        ):
            rates = in_a_process(stored, urls[0], writers, *((1, 0.5) if quick else (3, 2.0)))
            sizes = in_a_process(kept, urls[1], 2_000 if quick else 100_000)
        what = f"check-ins stored a second, {kind}, {writers} at once"
        rows.append(Row(what, rates[0], "", "the same row alone, as durably", rates[1]))
        rows.append(Row(f"bytes of a check-in, {kind}, all tables", sizes[0], "", "its row, no index", sizes[1]))
    return rows


def in_a_process(work: Callable[..., tuple[float, float]], *given: object) -> tuple[float, float]:
    """Return what work gives in a process of its own: each has one database."""
    with ProcessPoolExecutor(1, get_context("spawn")) as alone:
        return alone.submit(work, *given).result()


def stored(url: str, writers: int, turns: int, seconds: float) -> tuple[float, float]:
    """Return the median rates of whole check-ins and of rows alone."""
    bulk.use(url)
    check_ins.record(key=check_ins.new_key(), ticked=TICKED, window=WINDOWS[0].code)
    with database.reading() as connection:
        row = dict(connection.execute(select(schema.check_ins)).mappings().one())
    del row["id"]
    whole, alone = [], []
    with ThreadPoolExecutor(writers) as pool:
        for _ in range(turns):
            whole.append(a_second(pool, record, [row] * writers, seconds))
            alone.append(a_second(pool, insert_alone, [row] * writers, seconds))
    database.engine().dispose()
    return statistics.median(whole), statistics.median(alone)


def record(_: dict[str, object], until: float) -> int:
    """Store check-ins as the server does; return how many."""
    number = 0
    while time.monotonic() < until:
        check_ins.record(key=check_ins.new_key(), ticked=TICKED, window=WINDOWS[number % len(WINDOWS)].code)
        number += 1
    return number


def insert_alone(row: dict[str, object], until: float) -> int:
    """Store the row that nothing looks up or counts; return how often."""
    number = 0
    while time.monotonic() < until:
        digests = {name: secrets.token_hex(32) for name in ("key_digest", "receipt_digest")}
        with database.writing() as connection:
            connection.execute(insert(schema.check_ins), row | digests)
        number += 1
    return number


def kept(url: str, number: int) -> tuple[float, float]:
    """Return the bytes that each of many check-ins takes in a database, and its row in a table without an index."""
    bulk.use(url)
    before = size()
    with mock.patch.multiple(demonstration, _digests=random_digests, _load=load_as_registered):
        demonstration.fill(number, 1, lambda _: None)
    filled = size()
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE rows_alone AS SELECT * FROM check_ins"))
    copied = size()
    database.engine().dispose()
    return (filled - before) / number, (copied - filled) / number


def random_digests(number: int, *_: object) -> list[str]:
    """Return digests that come in no order, as true ones do."""
    return [secrets.token_hex(32) for _ in range(number)]


def load_as_registered(connection: Connection, table: Table, values: demonstration.Columns) -> None:
    """Insert rows as `demonstration` does, but every infusion as one that reception registered."""
    if table is schema.infusions:
        number = len(values["id"])
        values |= {"form_digest": random_digests(number), "seed": [secrets.token_hex(16) for _ in range(number)]}
    LOAD(connection, table, values)


def size() -> int:
    """Return the bytes of the database."""
    with database.reading() as connection:
        if connection.dialect.name == "postgresql":
            return connection.scalar(text("SELECT pg_database_size(current_database())"))
        return connection.scalar(text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"))
