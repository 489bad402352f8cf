"""The list of infusions as reception sees it: the latest, one by its number, or those that await an answer."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time
from operator import itemgetter

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, case, exists, select, true

from data import clock, settings
from data.catalogue import WINDOWS
from data.reports import infusions
from data.reports.infusions import Infusion
from data.staff import sessions
from data.staff.roles import RECEPTION
from data.storage import database
from data.storage.schema import COUNTS, check_ins
from data.storage.schema import infusions as table

MOST = 1000  # infusions in the list
SHOWN = ("latest", "today", "open")  # what the list can be of


def read(
    token: str, shown: str = SHOWN[0], *, number: int | None = None, most: int = MOST, refresh: bool = False
) -> list[Infusion]:
    """Return at most `most` infusions, of 1 to `MOST`, those registered last first, for the holder of a live session.

    "latest" are of all; "today" are those that ended today by the clinic's clock and have no check-in; "open" those
    without a check-in of the window that is open now. The last two are of infusions whose invitation works, and where
    there are more, they are those that ended last. A `number` is the registration number of the only one asked for,
    whatever `shown` says. A page that refreshes by itself says so: then the session is not renewed, nor anything
    written down. Raises `ValueError` for another `shown`, `sessions.SignedOut` or `database.Unavailable`.
    """
    which = _which(shown, clock.now()) if number is None else infusions.of(number)
    latest = (table.c.id.desc(),) if shown == "latest" else (table.c.ended.desc(), table.c.id.desc())
    with database.reading() as connection:
        sessions.require(connection, token, RECEPTION)
        found = connection.execute(
            select(table).where(which).order_by(*latest).limit(max(1, min(most, MOST)))
        ).mappings()
        listed = with_answers(connection, sorted(found, key=itemgetter("id"), reverse=True))
    if not refresh:
        is_one = number is not None and listed
        sessions.record_view(token, f"infusion No. {number}" if is_one else "the list of infusions", RECEPTION)
    return listed


def with_answers(connection: Connection, rows: Sequence[RowMapping]) -> list[Infusion]:
    """Return the infusions of rows of their table, with what was answered."""
    answered = defaultdict[int, set[str]](set)
    of_these = check_ins.c.infusion.in_([row["id"] for row in rows])
    sent = select(check_ins.c.infusion, check_ins.c["window"]).where(of_these, COUNTS)
    for infusion, window in connection.execute(sent):
        answered[infusion].add(window)
    return [infusions.from_row(row, frozenset(answered[row["id"]])) for row in rows]


def _which(shown: str, now: datetime) -> ColumnElement[bool]:
    if shown == "latest":
        return true()
    if shown not in SHOWN:
        raise ValueError(f"the list cannot be of {shown!r:.40}; expected one of {', '.join(SHOWN)}")
    unrevoked, of_it = table.c.revoked.is_(None), and_(check_ins.c.infusion == table.c.id, COUNTS)
    if shown == "today":
        zone = settings.current().zone
        midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
        return and_(unrevoked, table.c.ended >= midnight, ~exists().where(of_it))
    open_now = case(*((table.c.ended > now - window.end, window.code) for window in WINDOWS))
    live = and_(unrevoked, table.c.ended > now - WINDOWS[-1].end)
    return and_(live, ~exists().where(of_it, check_ins.c["window"] == open_now))
