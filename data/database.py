"""The database: SQLite by default, PostgreSQL by CHECKIN_DATABASE_URL, one code path for both."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from data import digests, settings
from data.schema import SCHEMA_VERSION, about, metadata

log = logging.getLogger("checkin.database")

WAIT_SECONDS = 5
HEAD_BYTES = 100  # of every SQLite file: https://www.sqlite.org/fileformat2.html#the_database_header
_write_lock = Lock()  # SQLite's own waiting is unfair: it starves some of many writers


class Unavailable(RuntimeError):
    """The database did not do what was asked; nothing of the transaction is stored, as far as can be known.

    The message holds no value of any row. Asking again with the same submission key is always safe.
    """


class Unusable(RuntimeError):
    """The database must not be used: empty, cut short, foreign, or newer than the code; the message says what to do."""


@cache
def engine() -> Engine:
    """Return the one engine of this process; no connection is made yet."""
    url = settings.current().database_url
    if settings.current().uses_postgresql:
        limits = f"-c statement_timeout={WAIT_SECONDS}s -c lock_timeout={WAIT_SECONDS}s -c timezone=UTC"
        arguments = {
            "connect_timeout": WAIT_SECONDS,
            "tcp_user_timeout": WAIT_SECONDS * 1000,
            "options": limits,
        }
        return create_engine(
            url, hide_parameters=True, pool_pre_ping=True, pool_timeout=WAIT_SECONDS, connect_args=arguments
        )
    new = create_engine(url, hide_parameters=True, connect_args={"timeout": WAIT_SECONDS})

    @event.listens_for(new, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(new, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that begins deferred fails at once, without waiting, when it turns to writing after a read.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return new


@contextmanager
def reading() -> Iterator[Connection]:
    """Give a connection for reading one consistent state; raises `Unavailable`."""
    snapshot = {"isolation_level": "REPEATABLE READ"} if settings.current().uses_postgresql else {}
    with _faults_named(), engine().execution_options(**snapshot).connect() as connection:
        yield connection


@contextmanager
def writing() -> Iterator[Connection]:
    """Give a connection whose work is stored whole at the end of the block, or not at all; raises `Unavailable`."""
    if settings.current().uses_postgresql:
        with _faults_named(), engine().begin() as connection:
            yield connection
        return
    if not _write_lock.acquire(timeout=WAIT_SECONDS):
        raise Unavailable("another write took too long")
    try:
        with _faults_named(), engine().execution_options(writes=True).begin() as connection:
            yield connection
    finally:
        _write_lock.release()


def take_turns(connection: Connection, what: str) -> None:
    """Wait until no other transaction that takes turns at `what` is open; SQLite's writers always take turns."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:what))"), {"what": what})


def take_time(connection: Connection) -> None:
    """Lift the time limit of the transaction's statements: for an operator's recount, never for a page."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))


@contextmanager
def _faults_named() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        # The driver's own text may quote the row that was refused: only the kind of fault is told.
        kind = type(getattr(error, "orig", None) or error).__name__
        log.error("database fault: %s", kind)  # noqa: TRY400 - a traceback would quote it too
        raise Unavailable(kind) from None


def prepare() -> None:
    """Make a new database or check the existing one; done once at start, safe to do again.

    Raises `Unusable` for a file that is empty, cut short, not ours or newer than the code, and for made-up check-ins
    in production; `digests.SecretKeyMissing` for a database without its key; `Unavailable` when it does not answer.
    Nothing existing is altered or dropped.
    """
    file = _embedded_file()
    if file:
        try:
            _check_file(file)
        except OSError as error:
            raise Unusable(f"{file} cannot be read or made: {error.strerror}") from None
    with writing() as connection:
        take_turns(connection, "schema")
        tables = inspect(connection).get_table_names()
        if about.name not in tables:
            if tables:
                raise Unusable(
                    "the database holds tables of something else: give the check-ins a database of their own"
                )
            digests.make_key_file()
            metadata.create_all(connection)
            connection.execute(insert(about), {"name": "schema_version", "value": str(SCHEMA_VERSION)})
        version = connection.scalar(select(about.c.value).where(about.c.name == "schema_version"))
        if version != str(SCHEMA_VERSION):
            raise Unusable(
                f"the database has schema version {version}, this release knows {SCHEMA_VERSION}: start the release "
                "that wrote it, or restore a backup of this one"
            )
        if settings.current().public_url and _is_demonstration(connection):
            raise Unusable("the database holds made-up check-ins, and CHECKIN_PUBLIC_URL is set: use another database")
    digests.digest("start", "")


def _embedded_file() -> Path | None:
    return None if settings.current().uses_postgresql else Path(str(engine().url.database))


def _check_file(file: Path) -> None:
    """Refuse what SQLite would silently take for a new database, and a key whose database is gone."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = digests.key_file()
    if not file.exists():
        if key and key.exists():
            raise Unusable(
                f"{file} is missing but its key {key.name} is there: restore the database from a backup, "
                f"or delete {key.name} to begin anew"
            )
        return
    written_ahead = file.with_name(file.name + "-wal")
    pending = written_ahead.exists() and written_ahead.stat().st_size > 0
    with file.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
    size = file.stat().st_size
    if size == 0 and not pending:
        raise Unusable(f"{file} is empty (0 bytes): restore it from a backup, or delete it and its key to begin anew")
    if size and not head.startswith(b"SQLite format 3\0"):
        raise Unusable(f"{file} is not a SQLite database: it was left as it is")
    page_size, pages = int.from_bytes(head[16:18]), int.from_bytes(head[28:32])
    if not pending and (len(head) < HEAD_BYTES or page_size * pages > size):
        raise Unusable(f"{file} is cut short ({size} bytes): restore it from a backup")


def is_demonstration() -> bool:
    """Return whether the check-ins are made up, as it was within the last five seconds; raises `Unavailable`."""
    return _was_demonstration(int(time.monotonic() / 5))


@lru_cache(maxsize=1)
def _was_demonstration(_when: int) -> bool:
    with reading() as connection:
        return _is_demonstration(connection)


def _is_demonstration(connection: Connection) -> bool:
    return connection.scalar(select(about.c.value).where(about.c.name == "demonstration")) is not None


def answers() -> bool:
    """Return whether the database answers a query now."""
    try:
        with reading() as connection:
            return connection.scalar(select(1)) == 1
    except Unavailable:
        return False
