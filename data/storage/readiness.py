"""Whether a check-in can be stored now."""

import time
from threading import Lock

from sqlalchemy import delete

from data.storage import database, preparation, sqlite_file
from data.storage.schema import about

PROVED_SECONDS, FAILED_SECONDS = 60, 2
_ROOM = "x" * 16 * 1024  # changes as many database pages as a check-in
_proofs = {"last": float("-inf"), "failed": float("-inf")}
_trying = Lock()


def can_store() -> bool:
    """Return whether the database answers and has stored something in the last minute and since its last fault.

    Only a commit proves it: SQLite writes nothing of a transaction that is rolled back, and a small change may still
    fit on a full disk. So a large row is stored and deleted, once a minute while all is well, by one caller at a time.
    """
    if not database.answers():
        return False
    now = time.monotonic()
    if _proofs["last"] > max(now - PROVED_SECONDS, database.last_fault()):
        return True
    if _proofs["failed"] > now - FAILED_SECONDS or not _trying.acquire(blocking=False):
        return _proofs["failed"] <= _proofs["last"]
    try:
        with database.writing() as connection:
            preparation.check_versions(connection)  # one that another release migrated meanwhile takes no check-in
            database.upsert(connection, about, {"name": "room", "value": _ROOM})
        with database.writing() as connection:
            connection.execute(delete(about).where(about.c.name == "room"))
    except (database.Unavailable, sqlite_file.Unusable):
        _proofs["failed"] = now
        return False
    finally:
        _trying.release()
    _proofs["last"] = now
    return True
