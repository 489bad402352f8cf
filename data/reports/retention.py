"""Retention: check-ins are deleted once their week ended CHECKIN_RETENTION_DAYS ago; what was counted stays."""

from datetime import timedelta

from sqlalchemy import Connection, delete, select

from data import clock, settings
from data.staff import audit
from data.storage import database
from data.storage.schema import about, check_ins, corrections

_SINCE = "retained_from"  # the Monday from which all rows are there
_DONE = "deleted_before"  # the Monday before which none is left
_PORTION = 500  # rows a transaction: no patient waits for more


def retained_from(connection: Connection) -> str:
    """Return the Monday of the first week whose check-ins were not deleted; empty where none ever was."""
    return database.note(connection, _SINCE) or ""


def told() -> str:
    """Return the same in a transaction of its own; raises `database.Unavailable`."""
    with database.reading() as connection:
        return retained_from(connection)


def delete_portion() -> bool:
    """Delete some check-ins that are too old to keep, with their corrections; return whether there are more.

    The counters stay, and so do infusions: a row says when one ended and its number, its code no longer opens
    anything, and the numbers of the list stay what they were. A submission key is forgotten with its check-in: a form
    that was left open for so long would be stored as any other. Raises `database.Unavailable`.
    """
    days = settings.current().retention_days
    if days is None:
        return False
    monday = clock.monday(clock.now() - timedelta(days=days)).isoformat()
    with database.reading() as connection:
        if (database.note(connection, _DONE) or "") >= monday:
            return False
        database.take_time(connection)
        old = select(check_ins.c.id, check_ins.c.week).where(check_ins.c.week < monday).order_by(check_ins.c.id)
        rows = connection.execute(old.limit(_PORTION)).all()
    ids, weeks = [row.id for row in rows], sorted({row.week for row in rows})
    more = len(rows) == _PORTION
    with database.writing() as connection:
        database.take_turns(connection, "retention")
        if monday > retained_from(connection):
            database.upsert(connection, about, {"name": _SINCE, "value": monday})
        connection.execute(delete(corrections).where(corrections.c.check_in.in_(ids)))
        deleted = connection.execute(delete(check_ins).where(check_ins.c.id.in_(ids))).rowcount
        if not more:
            database.upsert(connection, about, {"name": _DONE, "value": monday})
        if deleted:
            audit.note(
                connection,
                "server",
                f"deleted {deleted} check-ins of the weeks from {weeks[0]} to {weeks[-1]}: older than {days} days",
            )
    return more
