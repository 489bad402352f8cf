"""Copies of an embedded database: files that are whole and private, or not there at all."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine

from data import clock
from data.storage import integrity
from data.storage.schema import COPY

UNFINISHED = ".unfinished"
BESIDE = ("-wal", "-shm", "-journal")  # what SQLite puts beside a database
Progress = Callable[[int, int, int], None]  # as SQLite calls it: a status, pages that remain, pages in all
STEP = 1000  # pages between two reports of progress
_NOTE = "INSERT INTO about (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING"


@contextmanager
def finished(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """Give a file to fill that only its owner can read; at the end of the block it is on the disk as `target`.

    If the block fails, nothing is left. An existing `target` is replaced only if asked for. Raises `OSError`.
    """
    unfinished = target.with_name(f"{target.name}{UNFINISHED}")
    if replace:
        _remove(unfinished)
    unfinished.touch(mode=0o600, exist_ok=False)
    hand_over(unfinished)
    try:
        if target.exists() and not replace:
            raise FileExistsError(errno.EEXIST, "it is there already", str(target))
        yield unfinished
        sync(unfinished)
        unfinished.replace(target)
        sync(target.parent)
    except sqlite3.Error as error:
        raise OSError(str(error)) from None
    finally:
        _remove(unfinished)


def copy(file: Path, into: Path, progress: Progress | None = None) -> None:
    """Copy one committed state of a database while others write; none of them waits for it.

    SQLite's backup begins again whenever another process writes, unless a transaction keeps the state for it.
    """
    with closing(sqlite3.connect(file, isolation_level=None)) as source, closing(sqlite3.connect(into)) as target:
        source.execute("BEGIN")
        source.execute("SELECT 1 FROM sqlite_master").fetchone()
        source.backup(target, pages=STEP, progress=progress)
    fold(into)
    mark(into)


def take(file: Path, into: Path) -> None:
    """Copy the file of a database that nobody uses, with its own log; SQLite does not even open the file itself."""
    shutil.copyfile(file, into)
    log, copied = (each.with_name(f"{each.name}-wal") for each in (file, into))
    if log.exists():
        shutil.copyfile(log, copied)
        if integrity.has_foreign_log(into):
            copied.unlink()
    fold(into)


@contextmanager
def reading(copy: Path) -> Iterator[Connection]:
    """Give a connection to a copy, which nothing changes. Raises SQLAlchemy's errors, or SQLite's."""
    engine = create_engine("sqlite://", creator=lambda: integrity.connect(copy, alone=True), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def fault(copy: Path) -> str | None:
    """Return the first thing that is wrong with a copy as a file, None where nothing is."""
    if found := integrity.fault(copy, "integrity_check"):
        return found
    with reading(copy) as connection:
        dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    return f"a row of {dangling[0]} refers to one that does not exist" if dangling else None


def hand_over(file: Path) -> None:
    """Give what root made to the owner of its folder, as the server runs as that user. A link is left as it is."""
    if os.name == "posix" and os.geteuid() == 0 and file.lstat().st_nlink == 1:
        owner = file.parent.stat()
        with suppress(PermissionError):  # not every file system has owners
            os.chown(file, owner.st_uid, owner.st_gid, follow_symlinks=False)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if path.is_dir() and os.name == "nt":  # Windows opens no folder
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fold(copy: Path) -> None:
    """Make a copy one file, without a log beside it."""
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def mark(copy: Path) -> None:
    """Note in a copy that it is one, and since when: a start finds by that an old log beside it."""
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute(_NOTE, (COPY, clock.now().isoformat()))


def _remove(unfinished: Path) -> None:
    for end in ("", *BESIDE):
        unfinished.with_name(f"{unfinished.name}{end}").unlink(missing_ok=True)
