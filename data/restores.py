"""Restoring a backup: the file is checked first, and the database that it replaces is kept."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from data import backups, settings
from data.reports import withdrawals
from data.staff import audit
from data.storage import copies, database, digests, dumps, exchange, in_use, integrity, preparation, sqlite_file
from data.storage.schema import COPY, KEY, SCHEMA_VERSION, about

_NOTES = (KEY, "demonstration")
Ask = Callable[[str], None]  # is told what is to be restored, and raises to stop that


class Refused(RuntimeError):
    """The file cannot be restored, and nothing was changed; the message says why."""


def restore(file: Path, ask: Ask) -> str:
    """Put a backup in the place of the database; return one line that says what was done, also in the audit log.

    Raises `Refused` for a file that is damaged, not ours, of a newer release or without its key, for made-up check-ins
    in production, and for a PostgreSQL database that is not empty; `in_use.InUse` while anybody uses an embedded
    database; `sqlite_file.Unusable` where the backup is in place but could not be made ready.
    """
    database_file = settings.current().database_file
    try:
        with file.open("rb") as opened:
            is_dump = opened.read(len(dumps.HEAD)) == dumps.HEAD
        if is_dump and database_file:
            raise Refused(f"{file} is a backup of PostgreSQL: let CHECKIN_DATABASE_URL name an empty database there")
        if not is_dump and not database_file:
            raise Refused(f"{file} is no backup of PostgreSQL, which CHECKIN_DATABASE_URL names")
        did = _embedded(file, database_file, ask) if database_file else _postgresql(file)
    except OSError as error:
        raise Refused(f"{error.filename or file} cannot be read or written: {error.strerror or error}") from None
    except dumps.Failed as error:
        raise Refused(str(error)) from None
    try:
        preparation.prepare(create=False)
        with database.writing() as connection:
            audit.note(connection, "operator", did)
    except (sqlite_file.Unusable, database.Unavailable, in_use.InUse, OSError) as error:
        raise sqlite_file.Unusable(
            f"the backup is in place, but {error}. Mend that, then start the server. Done so far: {did}"
        ) from None
    return did


def _embedded(file: Path, database_file: Path, ask: Ask) -> str:
    database_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with in_use.alone(database_file):
        waiting = exchange.waiting_place(database_file)
        with copies.finished(waiting, replace=True) as unfinished:
            try:
                copies.take(file, unfinished)
                key, held = _checked(file, unfinished)
                copies.mark(unfinished)
            except (sqlite3.Error, SQLAlchemyError) as error:
                raise Refused(f"{file} cannot be restored: {getattr(error, 'orig', error)}") from None
            what = f"{held} in place of {_present(database_file)}"
            ask(what)
        aside = exchange.exchange(database_file, waiting, key)
    kept = f"; what it replaces is kept as {aside.name}" if aside.exists() else ""
    return f"restored {what}{kept}"


def _checked(file: Path, unfinished: Path) -> tuple[str | None, str]:
    """Return the key of a copy, None where it is CHECKIN_SECRET_KEY, and what the copy holds; raises `Refused`."""
    if fault := copies.fault(unfinished):
        raise Refused(f"{file} is damaged ({fault}): restore an earlier backup")
    with copies.reading(unfinished) as connection:
        if about.name not in inspect(connection).get_table_names():
            raise Refused(f"{file} is no database of check-ins")
        try:
            preparation.check_versions(connection)
        except sqlite_file.Unusable as error:
            raise Refused(f"{file} cannot be restored: {error}") from None
        key = _key(file)
        _check_notes(file, {name: database.note(connection, name) for name in _NOTES}, key)
        made = database.note(connection, COPY)
        number = withdrawals.counted(connection.scalar(backups.NUMBER) or 0)
    when = f"{datetime.fromisoformat(made):%Y-%m-%d %H:%M} UTC" if made else "an unknown time"
    return key, f"{file.name} of {when} with {number}"


def _key(file: Path) -> str | None:
    if settings.current().secret_key:
        return None
    beside = backups.key_of(file)
    try:
        key = beside.read_text(encoding="ascii")
    except (FileNotFoundError, UnicodeDecodeError):
        key = ""
    if len(key) < digests.KEY_DIGITS:
        raise Refused(
            f"{beside} is missing or truncated: put the key of this backup there, or set CHECKIN_SECRET_KEY if the "
            "backup was made with that"
        )
    return key


def _check_notes(file: Path, noted: Mapping[str, str | None], key: str | None) -> None:
    if noted.get(KEY) not in (None, digests.fingerprint(key)):
        named = backups.key_of(file) if key else "CHECKIN_SECRET_KEY"
        raise Refused(f"{file} was made with another secret key than {named}: it needs its own")
    if noted.get("demonstration") and settings.current().public_url:
        raise Refused(f"{file} holds made-up check-ins, and CHECKIN_PUBLIC_URL is set: restore another backup")


def _present(database_file: Path) -> str:
    if not database_file.exists():
        return f"no database at {database_file}"
    log = database_file.with_name(f"{database_file.name}-wal")
    alone = not (log.exists() and log.stat().st_size)  # which leaves no file beside it
    try:
        with closing(integrity.connect(database_file, alone=alone)) as connection:
            (number,) = connection.execute("SELECT count(*) FROM check_ins WHERE withdrawn IS NULL").fetchone()
    except sqlite3.Error:
        return f"{database_file}, a database that cannot be read"
    return f"the database {database_file} with {withdrawals.counted(number)}"


def _postgresql(file: Path) -> str:
    with database.reading() as connection:
        if inspect(connection).get_table_names():
            raise Refused(
                "the PostgreSQL database has tables already: make an empty one and let CHECKIN_DATABASE_URL name that"
            )
        noted = dumps.notes(connection, file)
        version = int(noted.get("schema_version", 0))
        if not 1 <= version <= SCHEMA_VERSION:
            raise Refused(f"{file} has schema version {version}, this release supports {SCHEMA_VERSION}")
        _check_notes(file, noted, None)
        dumps.restore(connection, file)
    return f"restored {file.name}"
