"""Infusions as the clinic registers them: an end, a number, and an invitation. Nothing says who the patient is."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from data import clock
from data.catalogue import FIRST_OF_BAND, WINDOWS, Window
from data.reports import codes, invitations, responses
from data.staff import sessions
from data.staff.roles import RECEPTION
from data.storage import database
from data.storage.schema import COUNTS, check_ins
from data.storage.schema import infusions as table

LATEST = 50  # infusions in the list
MOST = 999  # infusions of one patient


class InvalidInfusion(ValueError):
    """The infusion breaks a rule; nothing was stored. The message names value and rule."""


class InvalidEnd(InvalidInfusion):
    """The end is in the future, older than 30 days, or no instant."""


class InvalidNumber(InvalidInfusion):
    """The number is not one of 1 to `MOST`."""


@dataclass(frozen=True)
class Infusion:
    """A registered infusion; `answered` holds the codes of the windows that have a check-in, instants are UTC."""

    id: int
    ended: datetime
    number: int | None
    number_band: str
    registered: datetime
    revoked: datetime | None = None
    answered: frozenset[str] = frozenset()

    def state(self, window: Window, now: datetime) -> str:
        """Return "sent", "open", "none" where the window passed without a check-in, or "" where it is still to come."""
        if window.code in self.answered:
            return "sent"
        if self.revoked or now - self.ended < window.start:
            return ""
        return "open" if now - self.ended < window.end else "none"


def register(
    token: str, *, key: str = "", ended: datetime | None = None, number: int | None = None
) -> tuple[Infusion, str]:
    """Store an infusion for the holder of a live session; return it with its invitation code, which is kept nowhere.

    If the form with this `key` has already registered an infusion with the same end and number that is not revoked,
    that one is returned and nothing is stored; a form that was changed since is for the next patient. Without a key it
    is always a new one. `ended` is an aware instant, by default now; `number` says which infusion of its patient it is,
    from 1, or None if that is not known. Raises a subclass of `InvalidInfusion`, `sessions.SignedOut`, or
    `database.Unavailable`.
    """
    now, code = clock.now(), codes.invitation(f"{key or codes.new_key()} {number} {ended or ''}")
    ended = now if ended is None else ended
    if ended.utcoffset() is None:
        raise InvalidEnd("the end has no time zone; expected an aware datetime")
    if not now - WINDOWS[-1].end < ended <= now:
        raise InvalidEnd(f"the end {ended:%Y-%m-%d %H:%M %Z} is not within the last 30 days")
    if number is not None and (type(number) is not int or not 1 <= number <= MOST):
        raise InvalidNumber(f"there is no infusion number {number!r:.40}; expected 1 to {MOST}")
    row = {
        "ended": ended,
        "number": number,
        "week": clock.monday(ended).isoformat(),
        "number_band": number_band(number),
        "registered": now,
    }
    with database.writing() as connection:
        sessions.require(connection, token, RECEPTION)
        database.take_turns(connection, invitations.digest(code))  # a second tap must find the first one's infusion
        while (stored := _of_code(connection, code)) and stored.revoked:
            code = codes.invitation(code)
        if stored is None:
            row["code_digest"] = invitations.digest(code)
            stored = connection.execute(insert(table).returning(*table.c), row).one()
            sessions.record_act(connection, token, f"registered infusion No. {stored.id}", RECEPTION)
            responses.count_new(connection, row)
    return _from_row(stored), code


def number_band(number: int | None) -> str:
    if number is None:
        return "unknown"
    return max((first, band) for band, first in FIRST_OF_BAND.items() if first <= number)[1]


def ended(infusion: int) -> datetime | None:
    """Return when an infusion ended, None where there is none of this number; raises `database.Unavailable`."""
    with database.reading() as connection:
        return connection.scalar(select(table.c.ended).where(table.c.id == infusion))


def latest(token: str) -> list[Infusion]:
    """Return the `LATEST` infusions registered last and all others whose invitation may be live, the newest first.

    Raises `sessions.SignedOut` or `database.Unavailable`.
    """
    sessions.record_view(token, "the latest infusions", RECEPTION)
    order = table.c.registered.desc(), table.c.id.desc()
    newest = table.c.id.in_(select(table.c.id).order_by(*order).limit(LATEST))
    may_live = table.c.registered > clock.now() - WINDOWS[-1].end  # none is registered before its end
    answered_in: dict[int, set[str]] = defaultdict(set)
    with database.reading() as connection:
        rows = connection.execute(select(table).where(newest | may_live).order_by(*order)).all()
        answered = select(check_ins.c.infusion, check_ins.c["window"]).where(
            check_ins.c.infusion.in_([row.id for row in rows]), COUNTS
        )
        for infusion, window in connection.execute(answered):
            answered_in[infusion].add(window)
    return [_from_row(row, answered_in[row.id]) for row in rows]


def _of_code(connection: Connection, code: str) -> Row[Any] | None:
    return connection.execute(select(table).where(table.c.code_digest == invitations.digest(code))).one_or_none()


def _from_row(row: Row[Any], answered: Iterable[str] = ()) -> Infusion:
    columns = row.id, row.ended, row.number, row.number_band, row.registered, row.revoked
    return Infusion(*columns, frozenset(answered))


def revoke(token: str, infusion: int) -> None:
    """End an invitation; what was sent with it stays, and an infusion without a check-in is no longer counted.

    One that is unknown or already revoked changes nothing. Raises `sessions.SignedOut` or `database.Unavailable`.
    """
    with database.writing() as connection:
        sessions.record_act(connection, token, f"revoked the invitation of infusion No. {infusion}", RECEPTION)
        live = (table.c.id == infusion, table.c.revoked.is_(None))
        if connection.scalar(select(table.c.id).where(*live)) is not None:
            with responses.kept(connection, infusion):
                connection.execute(update(table).where(*live).values(revoked=clock.now()))
