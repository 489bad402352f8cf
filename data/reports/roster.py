"""The list of infusions as reception sees it: the latest, one by its number, or those nobody has answered for."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, select

from data import clock, settings
from data.catalogue import WINDOWS
from data.reports.infusions import Infusion, from_row
from data.staff import sessions
from data.staff.roles import RECEPTION
from data.storage import database
from data.storage.schema import COUNTS, check_ins, infusions

LATEST = 50  # infusions in the list
SHOWN = ("latest", "today", "open")  # what the list can be of


def read(token: str, shown: str = SHOWN[0], *, number: int | None = None, refresh: bool = False) -> list[Infusion]:
    """Return at most `LATEST` infusions, those registered last first, for the holder of a live session.

    "today" are those that ended today by the clinic's clock, "open" all whose invitation works: of these two only
    infusions without a check-in, the first of any, the second of the window that is open now. A `number` is the
    registration number of the only one asked for, whatever `shown` says. A page that refreshes by itself says so: then
    the session is not renewed, nor the audit log told who saw the list. Raises `ValueError` for another `shown`,
    `sessions.SignedOut` or `database.Unavailable`.
    """
    which = _which(shown, clock.now()) if number is None else infusions.c.id == number
    if not refresh:
        sessions.record_view(token, "the list of infusions" if number is None else f"infusion No. {number}", RECEPTION)
    order = infusions.c.registered.desc(), infusions.c.id.desc()
    with database.reading() as connection:
        sessions.require(connection, token, RECEPTION)
        found = connection.execute(select(infusions).where(which).order_by(*order).limit(LATEST))
        return with_answers(connection, found.mappings().all())


def with_answers(connection: Connection, rows: Sequence[Any]) -> list[Infusion]:
    """Return the infusions of rows of their table, with what was answered."""
    answered, has_check_in = defaultdict[int, set[str]](set), set()
    sent = select(check_ins.c.infusion, check_ins.c["window"], check_ins.c.withdrawn)
    of_these = check_ins.c.infusion.in_([row["id"] for row in rows])
    for infusion, window, withdrawn in connection.execute(sent.where(of_these)):
        has_check_in.add(infusion)
        if withdrawn is None:
            answered[infusion].add(window)
    return [from_row(row, frozenset(answered[row["id"]]), has_check_in=row["id"] in has_check_in) for row in rows]


def _which(shown: str, now: datetime) -> ColumnElement[bool]:
    if shown == "latest":
        return infusions.c.id.is_not(None)
    if shown not in SHOWN:
        raise ValueError(f"the list cannot be of {shown!r:.40}; expected one of {', '.join(SHOWN)}")
    first = now - WINDOWS[-1].end
    live = and_(infusions.c.registered > first, infusions.c.ended > first, infusions.c.revoked.is_(None))
    of_it = and_(check_ins.c.infusion == infusions.c.id, COUNTS)
    if shown == "today":
        zone = settings.current().zone
        midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
        return and_(live, infusions.c.ended >= midnight, ~exists().where(of_it))
    open_now = case(*((infusions.c.ended > now - window.end, window.code) for window in WINDOWS))
    return and_(live, ~exists().where(of_it, check_ins.c["window"] == open_now))
