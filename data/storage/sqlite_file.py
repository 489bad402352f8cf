"""The file of an embedded database at the start: it is locked, and refused where using it would lose or spoil it."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from data.storage import digests, exchange, in_use, integrity
from data.storage.schema import COPY

HEAD_BYTES = 100  # of every SQLite file: https://www.sqlite.org/fileformat2.html#the_database_header
RESTORE = "stop the server, keep what is here, and restore the newest backup: `python -m data restore FILE`"
_NEW = f"{RESTORE}. Only where no patient has used it yet, delete what is here to begin with an empty one"
_AGAIN = "run `python -m data restore FILE` again, which completes it. The database that it replaces is kept beside it"


class Unusable(RuntimeError):
    """The database must not be used: empty, damaged, foreign, or newer than the code; the message says what to do."""


def open_up(file: Path, *, create: bool) -> None:
    """Take the lock of a file that exists or may be made. Raises `Unusable`, or `in_use.InUse` during a restore."""
    try:
        if exchange.interrupted(file):
            raise Unusable(f"a restore of {file} was interrupted: {_AGAIN}")
        _check_file(file, create=create)
        in_use.hold(file, lambda: _check_content(file))
    except OSError as error:
        raise Unusable(
            f"{error.filename or file} cannot be read or made: {error.strerror}. The server and all commands must run "
            "as one user, who owns its folder"
        ) from None


def _check_file(file: Path, *, create: bool) -> None:
    """Refuse what SQLite would silently take for a new database, and a key whose database is gone."""
    key = digests.key_file()
    if not file.exists():
        if key and key.exists():
            raise Unusable(f"{file} is missing but its key {key.name} is there: {_NEW}")
        if not create:
            raise Unusable(f"there is no database {file}")
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return
    written_ahead = file.with_name(f"{file.name}-wal")
    pending = written_ahead.exists() and written_ahead.stat().st_size > 0
    with file.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
    size = file.stat().st_size
    if size == 0 and not pending:
        raise Unusable(f"{file} is empty (0 bytes): {_NEW}")
    if size and not head.startswith(b"SQLite format 3\0"):
        raise Unusable(f"{file} is not a SQLite database; it is unchanged")
    page_size, pages = int.from_bytes(head[16:18]), int.from_bytes(head[28:32])
    if not pending and (len(head) < HEAD_BYTES or page_size * pages > size):
        raise Unusable(f"{file} is truncated ({size} bytes): {RESTORE}")


def _check_content(file: Path) -> None:
    """Refuse a damaged file, and one beside the log of another: to open it for writing would mix the two."""
    if not file.exists():
        return
    if file.with_name(f"{file.name}-journal").exists():  # of a start that was killed at the end of this
        with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(file)) as connection:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    if integrity.has_foreign_log(file):
        raise Unusable(
            f"{file.name}-wal belongs to another database than {file} and would spoil it, probably because a backup "
            f"was put in place by hand. Nothing was changed. Move {file.name}-wal and {file.name}-shm to another "
            "folder and keep them, as they may hold the newest check-ins; then start again"
        )
    if integrity.is_small(file) and (fault := integrity.fault(file)):
        raise Unusable(f"{file} is damaged ({fault}) and unchanged: {RESTORE}")
    if integrity.is_copy(file):
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("PRAGMA journal_mode = DELETE")  # so that the note is gone from the file itself
            connection.execute("DELETE FROM about WHERE name = ?", (COPY,))
