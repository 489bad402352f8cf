"""Who uses an embedded database: servers and commands together, or a restore alone.

The lock is SQLite's own on an empty file beside the database: it ends with its process, on every system.
"""

import errno
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from data.storage import copies

_PATIENCE = 10  # seconds: others may be checking the file
_TOGETHER, _ALONE = "BEGIN; SELECT 1 FROM sqlite_master", "BEGIN EXCLUSIVE"
_held: dict[Path, sqlite3.Connection] = {}


class InUse(RuntimeError):
    """Others use the database, or it is being restored; the message says what to do."""


def hold(file: Path, check: Callable[[], None]) -> None:
    """Let no restore begin for as long as this process runs; safe to repeat.

    Where nobody else uses the database, it is checked first, and others that begin wait for that. Raises what `check`
    raises, `InUse` during a restore, and `OSError` for a lock that is somebody else's.
    """
    if file in _held:
        return
    connection, until = _lock_file(file), time.monotonic() + _PATIENCE
    try:
        while not _joins(connection, check):
            if time.monotonic() > until:
                raise InUse(f"{file} is being restored: wait until that is done, then start again")
            time.sleep(0.1)
        _held[file] = connection
    finally:
        if file not in _held:
            connection.close()


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Let nobody else use the database for the length of a block. Raises `InUse` where somebody does."""
    with closing(_lock_file(file)) as connection:
        if not _takes(connection, _ALONE):
            raise InUse(f"a server or a command uses {file}: stop it first; nothing was changed")
        yield


def let_go() -> None:
    """Give up every lock of this process."""
    while _held:
        _held.popitem()[1].close()


def _joins(connection: sqlite3.Connection, check: Callable[[], None]) -> bool:
    if _takes(connection, _ALONE):
        check()
        connection.execute("ROLLBACK")
    return _takes(connection, _TOGETHER)


def _takes(connection: sqlite3.Connection, lock: str) -> bool:
    try:
        for statement in lock.split("; "):
            connection.execute(statement).fetchone()
    except sqlite3.OperationalError:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return False
    return True


def _lock_file(file: Path) -> sqlite3.Connection:
    lock = file.with_name(f"{file.name}.lock")
    if not lock.exists():
        os.close(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600))  # never opened again: closing it would end the lock
        copies.hand_over(lock)
    if not os.access(lock, os.W_OK):  # SQLite would take a lock that keeps nobody out
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(lock))
    return sqlite3.connect(lock, timeout=0, isolation_level=None, check_same_thread=False)
