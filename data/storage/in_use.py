"""Who uses an embedded database: servers and commands together, or a restore alone.

The lock is SQLite's own on an empty file beside the database: it ends with its process, on every system.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_A_MOMENT = 1000  # milliseconds

_held: dict[Path, sqlite3.Connection] = {}


class InUse(RuntimeError):
    """Others use the database, or it is being restored; the message says what to do."""


def hold(file: Path) -> bool:
    """Let no restore begin for as long as this process runs; return whether nobody used the database until now.

    Safe to repeat. Raises `InUse` during a restore.
    """
    if file in _held:
        return False
    connection = _lock_file(file)
    try:
        is_first = _is_free(connection)
        connection.execute(f"PRAGMA busy_timeout = {_A_MOMENT}")  # others that begin now look whether they are first
        connection.execute("BEGIN")
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()  # takes the lock that many may have
    except sqlite3.OperationalError as error:
        connection.close()
        raise InUse(f"{file} is being restored ({error}): wait until that is done, then start again") from None
    _held[file] = connection
    return is_first


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Let nobody else use the database for the length of a block. Raises `InUse` where somebody does."""
    with closing(_lock_file(file)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise InUse(f"a server or a command uses {file}: stop it first; nothing was changed") from None
        yield


def _is_free(connection: sqlite3.Connection) -> bool:
    try:
        connection.executescript("BEGIN EXCLUSIVE; ROLLBACK;")
    except sqlite3.OperationalError:
        return False
    return True


def let_go() -> None:
    """Give up every lock of this process."""
    while _held:
        _held.popitem()[1].close()


def _lock_file(file: Path) -> sqlite3.Connection:
    lock = file.with_name(f"{file.name}.lock")
    return sqlite3.connect(lock, timeout=0, isolation_level=None, check_same_thread=False)
