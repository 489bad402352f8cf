"""What the chain of the audit log costs: `python -m tests.benchmarks.audit`.

Staff who are signed in act: one on SQLite, whose writers take turns anyway, or eight at once on PostgreSQL. An act
checks and renews the session, is noted, and reads a little. The floor adds the same row of the log without digest and
turn. `last` is the product; `first` adds the chained row as soon as it is noted, so that others wait for the rest of
the transaction too. The three are measured in turn.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

import click
from sqlalchemy import Column, Connection, MetaData, Table, Text, func, insert, select

from data import clock
from data.staff import audit, sessions, ways
from data.staff.roles import RECEPTION
from data.storage import chain, database, schema
from data.storage.columns import Instant, Whole
from tests.benchmarks import bulk

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


def a_second(pool: ThreadPoolExecutor, tokens: list[str], seconds: float) -> float:
    """Return how often all writers together act in a second."""
    began = time.monotonic()
    made = sum(pool.map(act, tokens, [began + seconds] * len(tokens)))
    return made / (time.monotonic() - began)


@click.command(help=__doc__.partition("\n\n")[0])
@click.option("--database", "kind", default="postgresql", show_default=True, type=click.Choice(list(WRITERS)))
@click.option("--turns", default=5, show_default=True, help="Turns, in each of which every way is measured once.")
@click.option("--seconds", default=3.0, show_default=True, help="Of each measurement.")
def main(kind: str, turns: int, seconds: float) -> None:
    """Take turns, print medians and ratios; the log holds in the end."""
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
                    rates.append(a_second(pool, tokens, seconds))
        with database.reading() as connection:
            assert chain.fault(connection) is None
        database.engine().dispose()
    for way, rates in found.items():
        median = statistics.median(rates)
        ratio = median / statistics.median(found["floor"])
        click.echo(f"{kind}, {WRITERS[kind]} writing, {way:5} {median:6.0f} a second   {ratio:.2f} of the floor")


if __name__ == "__main__":
    main()
