"""The database: SQLite by default, PostgreSQL by CHECKIN_DATABASE_URL, one code path for both."""

import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cache, lru_cache
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, select, text
from sqlalchemy.dialects import postgresql, sqlite

from data import settings
from data.storage import failures
from data.storage.schema import about

WAIT_SECONDS = 5
Unavailable = failures.Unavailable
log = logging.getLogger("checkin.database")
_write_lock = Lock()  # SQLite's own waiting is unfair: it starves some of many writers


@cache
def engine() -> Engine:
    """Return the one engine of this process; no connection is made yet."""
    file = settings.current().database_file
    shared: dict[str, Any] = {"hide_parameters": True, "pool_timeout": WAIT_SECONDS}
    if file is None:
        options = f"-c statement_timeout={WAIT_SECONDS}s -c lock_timeout={WAIT_SECONDS}s -c timezone=UTC"
        waits = {"connect_timeout": WAIT_SECONDS, "tcp_user_timeout": WAIT_SECONDS * 1000, "options": options}
        # As many connections stay open as a busy server uses: to open one costs PostgreSQL a process.
        pool = {"pool_pre_ping": True, "pool_size": 15, "max_overflow": 5}
        return create_engine(settings.current().database_url, connect_args=waits, **pool, **shared)
    url = URL.create("sqlite", database=str(file))
    new = create_engine(url, connect_args={"timeout": WAIT_SECONDS}, **shared)

    known: list[tuple[int, int] | None] = []  # which file it was at the first connection

    @event.listens_for(new, "do_connect")
    def _before(*_: Any) -> None:
        # Beside the -wal file of the one before, SQLite would mix the two. Into a deleted file it would go on writing,
        # and every confirmation would be untrue.
        if known and known[0] != _identity():
            log.error("the database file was deleted or replaced: nothing is stored until a restart")
            raise Unavailable("the database file was deleted or replaced: restart the server")

    @event.listens_for(new, "connect")
    def _set_up(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        known[:] = known or [_identity()]

    @event.listens_for(new, "begin")
    def _begin(connection: Connection) -> None:
        _before()
        # A transaction that begins deferred fails at once, without waiting, when it turns to writing after a read.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return new


def _identity() -> tuple[int, int] | None:
    """Return what tells the database file from another one of the same name, None where it is gone."""
    try:
        found = os.stat(str(settings.current().database_file))  # noqa: PTH116 - a Path costs four times as much
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def reading() -> Iterator[Connection]:
    """Give a connection for reading one consistent state; raises `Unavailable`."""
    snapshot = {"isolation_level": "REPEATABLE READ"} if settings.current().uses_postgresql else {}
    with _faults_named(), engine().execution_options(**snapshot).connect() as connection:
        yield connection


@contextmanager
def writing() -> Iterator[Connection]:
    """Give a connection whose work is stored whole at the end of the block, or not at all; raises `Unavailable`."""
    failures.refuse_damaged()
    due: list[Callable[[], None]] = []
    options = {"writes": True, "last": due}
    with _written_in_turn(), _faults_named(), engine().execution_options(**options).begin() as connection:
        yield connection
        for work in due:
            work()


@contextmanager
def _written_in_turn() -> Iterator[None]:
    if settings.current().uses_postgresql:
        yield
        return
    if not _write_lock.acquire(timeout=WAIT_SECONDS):
        raise Unavailable("another write took too long")
    try:
        yield
    finally:
        _write_lock.release()


def do_last(connection: Connection, work: Callable[[], None]) -> None:
    """Let `work` be the last that the transaction of `writing` does before it is stored, in the order of calls.

    Any other connection raises `KeyError`: it stores nothing.
    """
    connection.get_execution_options()["last"].append(work)


@contextmanager
def rebuilding() -> Iterator[Connection]:
    """Do the same for a block that replaces tables: SQLite checks foreign keys once, at its end."""
    with _faults_named(), engine().execution_options(writes=True).connect() as connection:
        embedded = connection.dialect.name == "sqlite"
        if embedded:
            connection.detach()  # so that no other transaction runs without them
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")  # of no effect within a transaction
        with connection.begin():
            yield connection
            if embedded and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise Unavailable("a row refers to one that does not exist")


def upsert(connection: Connection, table: Table, row: Mapping[str, Any], added: tuple[str, ...] = ()) -> None:
    """Insert a row; where its primary key is there already, replace its values, but add to those of `added`."""
    connection.execute(_upsert(connection.dialect.name, table, added), row)


@cache  # to build the tallies' takes longer than to run it
def _upsert(dialect: str, table: Table, added: tuple[str, ...]) -> Any:
    statement: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    key, new = table.primary_key.columns.keys(), statement.excluded
    values = {name: old + new[name] if name in added else new[name] for name, old in table.c.items() if name not in key}
    return statement.on_conflict_do_update(index_elements=key, set_=values)


def take_turns(connection: Connection, what: str) -> None:
    """Wait until no other transaction that takes turns at `what` is open; SQLite's writers always take turns."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:what))"), {"what": what})


def take_time(connection: Connection) -> None:
    """Lift the time limit of the transaction's statements: for an operator's recount, never for a page."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))


def _faults_named() -> AbstractContextManager[None]:
    return failures.named(engine().dialect.loaded_dbapi.Error)


def is_demonstration() -> bool:
    """Return whether the check-ins are made up, as it was within the last five seconds; raises `Unavailable`."""
    return _was_demonstration(int(time.monotonic() / 5))


@lru_cache(maxsize=1)
def _was_demonstration(_when: int) -> bool:
    with reading() as connection:
        return note(connection, "demonstration") is not None


def note(connection: Connection, name: str) -> str | None:
    """Return what the database says about itself under `name`, None where it says nothing."""
    return connection.scalar(select(about.c.value).where(about.c.name == name))


def fold_log() -> None:
    """Write what an embedded database has in its -wal file into the database file, as far as nobody reads it."""
    if settings.current().uses_postgresql:
        return
    with _faults_named(), engine().connect() as connection:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def close() -> None:
    """Leave an embedded database as one file, and no connection open."""
    fold_log()
    engine().dispose()
