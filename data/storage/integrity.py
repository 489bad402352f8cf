"""Whether the file of an embedded database is whole, and its write-ahead log its own. Nothing here changes a file."""

import sqlite3
from contextlib import closing
from pathlib import Path

CHECKED_BYTES = 200_000_000  # at a start; a larger file would keep patients waiting
_ROLLBACK_MODE = (
    b"\1"  # in the head of a file that no server of ours has opened: https://www.sqlite.org/fileformat2.html
)


def fault(file: Path, check: str = "quick_check") -> str | None:
    """Return the first thing that SQLite finds wrong with a file and its log; None where nothing is.

    `integrity_check` also compares indexes with their tables, and takes several times as long. Neither finds another
    value that fits where it stands.
    """
    return _first_fault(f"{file.absolute().as_uri()}?mode=ro", check)


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
    alone = f"{file.absolute().as_uri()}?mode=ro&immutable=1"  # as if there were no log
    if mode == _ROLLBACK_MODE or _is_copy(alone):
        return True
    whole = "integrity_check"
    return is_small(file) and fault(file, whole) is not None and _first_fault(alone, whole) is None


def is_small(file: Path) -> bool:
    """Return whether a start checks all of the file."""
    return file.stat().st_size <= CHECKED_BYTES


def _first_fault(uri: str, check: str) -> str | None:
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            found = str(connection.execute(f"PRAGMA {check}(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return getattr(error, "sqlite_errorname", "") or type(error).__name__
    return None if found == "ok" else found.splitlines()[-1]


def _is_copy(uri: str) -> bool:
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            return connection.execute("SELECT 1 FROM about WHERE name = 'copy'").fetchone() is not None
    except sqlite3.DatabaseError:
        return False
