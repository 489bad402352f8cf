"""Backups: one state of the database in a file, made while the check-in runs, and checked before it counts."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from data import clock, settings
from data.reports import responses, tallies, withdrawals
from data.staff import audit
from data.storage import chain, copies, database, digests, dumps, migrations
from data.storage.schema import BACKUP, COUNTS, about, check_ins

_DIFFERS = ".differs"  # before the end of the name of a backup in which something is wrong
_OURS = re.compile(
    rf"checkins-(\d{{4}}-\d\d-\d\dT\d{{6}}Z)({re.escape(_DIFFERS)})?\.(?:db|dump)(?P<rest>\.key|\.unfinished.*)?"
)
NUMBER = select(func.count()).select_from(check_ins).where(COUNTS)


class NotMade(RuntimeError):
    """There is no new backup, and every earlier one is as it was; the message says why."""


@dataclass(frozen=True)
class Backup:
    """A finished backup: how many check-ins in it count, where its audit log ends, and what was found wrong.

    Of a database of an earlier release there is no end: nothing was checked but the file.
    """

    file: Path
    number: int
    end: tuple[int, str] | None
    wrong: list[str]


def make(folder: Path, progress: copies.Progress | None = None) -> Backup:
    """Write a backup into a folder, made if missing; only its owner can read it, and no file is replaced.

    The key file of an embedded database is put beside it. Nobody waits meanwhile. What is found wrong with it is wrong
    with the database too, and does not make the backup worse; its name then says so. The folder of the folder is not
    made: it may be that of a disk that is not mounted. Raises `NotMade`, or `database.Unavailable`.
    """
    at, embedded = clock.now(), settings.current().database_file
    file = folder / f"checkins-{at:%Y-%m-%dT%H%M%SZ}.{'db' if embedded else 'dump'}"
    try:
        if not folder.parent.exists():
            raise NotMade(f"there is no folder {folder.parent}, and no backup was made: mount its disk, or make it")
        folder.mkdir(mode=0o700, exist_ok=True)
        with copies.finished(file) as unfinished:
            made = _copied(embedded, file, unfinished, progress) if embedded else _dumped(file, unfinished)
            _copy_key(made.file)
        if made.file != file:
            file.rename(made.file)
            copies.sync(folder)
    except OSError as error:
        raise NotMade(f"{error.filename or folder} cannot be written: {error.strerror or error}") from None
    except (SQLAlchemyError, dumps.Failed) as error:
        raise NotMade(str(getattr(error, "orig", error))) from None
    _note(at, made)
    return made


def _copied(database_file: Path, file: Path, unfinished: Path, progress: copies.Progress | None) -> Backup:
    copies.copy(database_file, unfinished, progress)
    if fault := copies.fault(unfinished):
        raise NotMade(f"the copy is damaged ({fault}), so the database probably is too: keep every earlier backup")
    with copies.reading(unfinished) as connection:
        return _counted(connection, file)


def _dumped(file: Path, unfinished: Path) -> Backup:
    with database.reading() as connection:
        made = _counted(connection, file)
        dumps.dump(connection, unfinished)
    return made


def _counted(connection: Connection, file: Path) -> Backup:
    """Recount one state, of a copy or of the transaction that is dumped."""
    database.take_time(connection)
    number = connection.scalar(NUMBER) or 0
    if not migrations.is_current(connection):  # its tables lack columns
        return Backup(file, number, None, [])
    wrong = [*tallies.differences(connection), *responses.differences(connection)]
    if fault := chain.fault(connection):
        wrong.append(f"the audit log: {fault}")
    return Backup(file.with_stem(f"{file.stem}{_DIFFERS}") if wrong else file, number, chain.end(connection), wrong)


def key_of(file: Path) -> Path:
    """Return where the key of a backup is, if it has one."""
    return file.with_name(f"{file.name}.key")


def _copy_key(file: Path) -> None:
    if key := digests.key_file():
        with copies.finished(key_of(file)) as unfinished:
            unfinished.write_bytes(key.read_bytes())


def _note(at: datetime, made: Backup) -> None:
    try:
        with database.writing() as connection:
            database.upsert(connection, about, {"name": BACKUP, "value": at.isoformat()})
            if made.end:
                audit.note(connection, "operator", f"backed up {withdrawals.counted(made.number)} to {made.file.name}")
    except database.Unavailable as error:
        made.wrong.append(f"the database could not note when it was backed up: {error}")


def remove_older(made: Path, keep: int) -> int:
    """Keep a backup and the newest others, `keep` in all; return how many older ones were removed, with their keys.

    Those that differ are counted apart, so that they never take the place of one without differences. What else is in
    the folder stays. An unfinished file goes if it is older than every backup that is kept.
    """
    found = {file: match for file in made.parent.iterdir() if (match := _OURS.fullmatch(file.name))}
    return sum(_remove_older(found, found[made][1], keep, differing) for differing in (None, _DIFFERS))


def _remove_older(found: dict[Path, re.Match[str]], new: str, keep: int, differing: str | None) -> int:
    same = {file: match for file, match in found.items() if match[2] == differing}
    finished = {match[1] for match in same.values() if not match["rest"]}
    kept = {*sorted(finished, key=lambda instant: (instant == new, instant), reverse=True)[:keep]}
    for file, match in same.items():
        if match[1] not in kept and (match[1] in finished or match[1] < min(kept, default="")):
            file.unlink()
    return len(finished - kept)
