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
from data.storage import chain, copies, database, digests, dumps
from data.storage.schema import COUNTS, about, check_ins

_OURS = re.compile(r"checkins-(\d{4}-\d\d-\d\dT\d{6}Z)\.(?:db|dump)(?P<rest>\.key|\.unfinished.*)?")
NUMBER = select(func.count()).select_from(check_ins).where(COUNTS)


class NotMade(RuntimeError):
    """There is no new backup, and every earlier one is as it was; the message says why."""


@dataclass(frozen=True)
class Backup:
    """A finished backup: how many check-ins in it count, where its audit log ends, and what was found wrong."""

    file: Path
    number: int
    end: tuple[int, str]
    wrong: list[str]


def make(folder: Path, progress: copies.Progress | None = None) -> Backup:
    """Write a backup into a folder, made if missing; only its owner can read it, and no file is replaced.

    The key file of an embedded database is put beside it. Nobody waits meanwhile. What is found wrong with it is wrong
    with the database too, and does not make the backup worse. Raises `NotMade`, or `database.Unavailable`.
    """
    at, embedded = clock.now(), settings.current().database_file
    file = folder / f"checkins-{at:%Y-%m-%dT%H%M%SZ}.{'db' if embedded else 'dump'}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with copies.finished(file) as unfinished:
            if embedded:
                made = _copied(embedded, file, unfinished, progress)
                _copy_key(file)
            else:
                made = _dumped(file, unfinished)
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
    wrong = [*tallies.differences(connection), *responses.differences(connection)]
    if fault := chain.fault(connection):
        wrong.append(f"the audit log: {fault}")
    return Backup(file, connection.scalar(NUMBER) or 0, chain.end(connection), wrong)


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
            database.upsert(connection, about, {"name": "backup", "value": at.isoformat()})
            audit.note(connection, "operator", f"backed up {withdrawals.counted(made.number)} to {made.file.name}")
    except database.Unavailable as error:
        made.wrong.append(f"the database could not note when it was backed up: {error}")


def remove_older(made: Path, keep: int) -> int:
    """Keep a backup and the newest others, `keep` in all; return how many older ones were removed, with their keys.

    What else is in the folder stays. An unfinished file goes if it is older than every backup that is kept.
    """
    found = {file: match for file in made.parent.iterdir() if (match := _OURS.fullmatch(file.name))}
    new = found[made][1]
    finished = {match[1] for match in found.values() if not match["rest"]}
    kept = {new, *sorted(finished - {new}, reverse=True)[: keep - 1]}
    for file, match in found.items():
        if match[1] not in kept and (match[1] in finished or match[1] < min(kept)):
            file.unlink()
    return len(finished - kept)
