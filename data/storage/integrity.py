"""Whether the file of an embedded database is whole, and its write-ahead log its own. Nothing here changes a file."""

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

from data.storage import failures
from data.storage.schema import COPY

CHECKED_BYTES = 200_000_000  # at a start; a larger file would keep patients waiting
_PATIENCE = 5  # seconds that another program may hold the file
_ROLLBACK_MODE = b"\1"  # in the head of a file that no server has used: https://www.sqlite.org/fileformat2.html


class Unreadable(OSError):
    """SQLite cannot read a file, which may well be whole; the message says what to look at."""


def fault(file: Path, check: str = "quick_check", *, alone: bool = False) -> str | None:
    """Return the first thing that SQLite finds wrong with a file and its log, or the file alone; None where nothing is.

    `integrity_check` also compares indexes with their tables, and takes several times as long. Neither finds another
    value that fits where it stands. Raises `Unreadable`.
    """
    try:
        with closing(connect(file, alone=alone)) as connection:
            found = str(connection.execute(f"PRAGMA {check}(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        kind = getattr(error, "sqlite_errorname", type(error).__name__)
        if not kind.startswith(failures.DAMAGED):
            told = f"SQLite cannot read it or its -wal ({kind}). Look at their owner, the disk and other programs"
            raise Unreadable(errno.EIO, told, str(file)) from None
        return kind
    return None if found == "ok" else found.splitlines()[-1]


def has_foreign_log(file: Path) -> bool:
    """Return whether the -wal file beside a database is that of another one, which SQLite would mix into it.

    That happens where a backup is put in place by hand and the old -wal is left there. A backup of ours is marked; one
    that `VACUUM INTO` made is in another mode than a database in use; others show where the two together are damaged.
    """
    log = file.with_name(f"{file.name}-wal")
    if not (log.exists() and log.stat().st_size and file.stat().st_size):
        return False
    with file.open("rb") as opened:
        mode = opened.read(19)[18:]
    if mode == _ROLLBACK_MODE or is_copy(file):
        return True
    whole = "integrity_check"
    return is_small(file) and fault(file, whole) is not None and fault(file, whole, alone=True) is None


def is_small(file: Path) -> bool:
    """Return whether a start checks all of the file."""
    return file.stat().st_size <= CHECKED_BYTES


def is_copy(file: Path) -> bool:
    """Return whether a file, without its log, is marked as a copy that no server has used."""
    try:
        with closing(connect(file, alone=True)) as connection:
            return connection.execute("SELECT 1 FROM about WHERE name = ?", (COPY,)).fetchone() is not None
    except sqlite3.DatabaseError:
        return False


def connect(file: Path, *, alone: bool) -> sqlite3.Connection:
    """Open a database for reading, with its log or as if there were none. Raises SQLite's errors."""
    uri = f"{file.absolute().as_uri()}?mode=ro{'&immutable=1' if alone else ''}"
    return sqlite3.connect(uri, uri=True, timeout=_PATIENCE)
