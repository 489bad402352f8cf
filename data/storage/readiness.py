"""Whether a check-in can be stored now."""

import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import Connection, delete, select

from data import clock, settings
from data.storage import database, failures, migrations, preparation, sqlite_file
from data.storage.schema import BACKUP, about

PROVED_SECONDS, FAILED_SECONDS = 60, 2
LEAST_FREE = 64 * 1024 * 1024  # bytes beside the file of an embedded database
_ROOM = "x" * 64 * 1024  # changes more of the database than a check-in


@dataclass
class Trial:
    """When something was last stored, and when not, by `time.monotonic`, and why not."""

    stored: float = float("-inf")
    failed: float = float("-inf")
    why: str = ""


_trial = Trial()
_trying = Lock()


def told() -> dict[str, str | int | None]:
    """Return what `/ready` tells: whether check-ins can be stored, else why not; the schema, and the last backup's age.

    The age is in whole hours; None before the first backup, and where the database does not answer.
    """
    hindered, schema, age = hindrance(), None, None
    with suppress(database.Unavailable), database.reading() as connection:
        schema, age = migrations.schema_version(connection), backup_age(connection)
    hours = None if age is None else age // timedelta(hours=1)
    state = {"status": "not ready" if hindered else "ready", "database": hindered or "stores"}
    return state | {"schema": schema, "backup_age_hours": hours}


def backup_age(connection: Connection) -> timedelta | None:
    """Return how long ago the last backup was finished, None where there is none."""
    noted = database.note(connection, BACKUP)
    return None if noted is None else clock.now() - datetime.fromisoformat(noted)


def hindrance() -> str | None:
    """Return in a few words why check-ins should not be sent here; None where they can be stored and there is room."""
    if (file := settings.current().database_file) and file.exists() and free_bytes() < LEAST_FREE:
        return f"less than {LEAST_FREE >> 20} MiB are free on its disk"
    return why_not()


def free_bytes() -> int:
    """Return how much room the disk of the embedded database has."""
    return shutil.disk_usage(settings.current().database_file.parent).free  # type: ignore[union-attr]


def why_not() -> str | None:
    """Return why nothing can be stored; None while something was in the last minute and since the last fault.

    Only a commit proves it: SQLite writes nothing of a transaction that is rolled back, and a small change may still
    fit on a full disk. So a large row is stored and deleted, once a minute while all is well, by one caller at a time.
    """
    try:
        failures.refuse_damaged()
        with database.reading() as connection:
            connection.execute(select(1))
        now = time.monotonic()
        if _trial.stored > max(now - PROVED_SECONDS, failures.seen.at):
            return None
        if _trial.failed > now - FAILED_SECONDS or not _trying.acquire(blocking=False):
            return _trial.why if _trial.failed > _trial.stored else None
    except database.Unavailable as error:
        return str(error)
    try:
        with database.writing() as connection:
            preparation.check_versions(connection)  # one that another release migrated meanwhile takes no check-in
            preparation.check_key(connection)  # nor one that was given another key
            database.upsert(connection, about, {"name": "room", "value": _ROOM})
        with database.writing() as connection:
            connection.execute(delete(about).where(about.c.name == "room"))
        _trial.stored = now
    except (database.Unavailable, sqlite_file.Unusable) as error:
        _trial.failed, _trial.why = now, str(error)
        return _trial.why
    finally:
        _trying.release()
    return None
