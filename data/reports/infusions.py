"""Infusions as the clinic registers them: an end, a number, and an invitation. Nothing says who the patient is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, exists, false, insert, select, update

from data import clock
from data.catalogue import FIRST_OF_BAND, WINDOWS, Window
from data.reports import codes, invitations, responses
from data.staff import sessions
from data.staff.roles import RECEPTION
from data.storage import database, digests
from data.storage.schema import COUNTS, check_ins
from data.storage.schema import infusions as table

MOST = 999  # infusions of one patient


class InvalidInfusion(ValueError):
    """The infusion breaks a rule; nothing was stored. The message names value and rule."""


class InvalidEnd(InvalidInfusion):
    """The end is in the future, older than 30 days, or no instant."""


class InvalidNumber(InvalidInfusion):
    """The number is not one of 1 to `MOST`."""


class Answered(InvalidInfusion):
    """A check-in was sent for the infusion, so its end and number stay."""


class NotLive(InvalidInfusion):
    """The infusion has no invitation that works: it was revoked, or ended 30 days ago, or there is no such infusion."""


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
    has_seed: bool = True  # or its code was made before 1.4.0

    @property
    def has_check_in(self) -> bool:
        """Whether something was sent that is not withdrawn: then its end and number stay."""
        return bool(self.answered)

    def state(self, window: Window, now: datetime) -> str:
        """Return what became of a window: "sent", "open", "no answer" where it passed, "later" where it is to come.

        Empty where it will never be open, since the invitation was revoked.
        """
        if window.code in self.answered:
            return "sent"
        if self.revoked:
            return ""
        since = max(now - self.ended, timedelta())  # a clock that was set back opens the first window
        if since < window.start:
            return "later"
        return "open" if since < window.end else "no answer"

    def is_live(self, now: datetime) -> bool:
        """Return whether its invitation works: not revoked, nor 30 days old."""
        return self.revoked is None and now - self.ended < WINDOWS[-1].end


def register(
    token: str, *, key: str = "", ended: datetime | None = None, number: int | None = None
) -> tuple[Infusion, str]:
    """Store an infusion for the holder of a live session; return it with its invitation code.

    If the form with this `key` has already registered an infusion with the same end and number that is not revoked,
    that one is returned, as since corrected and with its present code, and nothing is stored; a form that was changed
    since is for the next patient. Without a key it is always a new one. `ended` is an aware instant, by default now;
    `number` says which infusion of its patient it is, from 1, or None if that is not known. Raises a subclass of
    `InvalidInfusion`, `sessions.SignedOut`, or `database.Unavailable`.
    """
    now = clock.now()
    at = now if ended is None else ended
    _check(at, number, now)
    chosen = "now" if ended is None else ended.astimezone(UTC)
    form = digests.digest("registration form", f"{key or codes.new_key()} {number} {chosen}")
    with database.writing() as connection:
        sessions.require(connection, token, RECEPTION)
        database.take_turns(connection, form)  # a second tap must find the first one's infusion
        stored = connection.execute(select(table).where(table.c.form_digest == form)).mappings().one_or_none()
        if stored is None:
            row = _counted(at, number) | {"form_digest": form, "registered": now} | invitations.new_code()
            stored = connection.execute(insert(table).returning(*table.c), row).mappings().one()
            sessions.record_act(connection, token, f"registered infusion No. {stored['id']}", RECEPTION)
            responses.count_new(connection, stored)
    return from_row(stored), codes.invitation(stored["seed"])


def change(token: str, infusion: int, *, ended: datetime, number: int | None) -> None:
    """Correct when an infusion ended and its number; its invitation goes on working, for 30 days after the new end.

    Once it has a check-in they stay, as its answers are counted where these say; a withdrawn one counts nowhere.
    `ended` and `number` are as in `register`. Raises a subclass of `InvalidInfusion`, `sessions.SignedOut`, or
    `database.Unavailable`.
    """
    _check(ended, number, clock.now())
    with database.writing() as connection:
        sessions.require(connection, token, RECEPTION)
        database.take_turns(connection, responses.SEVERAL)
        old = hold(connection, infusion)
        new = _counted(ended, number)
        if number == old["number"]:
            new["number_band"] = old["number_band"]  # release 1.0 told some numbers not apart
        if new.items() <= old.items():
            return
        if connection.scalar(select(exists().where(check_ins.c.infusion == infusion, COUNTS))):
            raise Answered(f"infusion No. {infusion} has a check-in, so its end and number stay")
        told = f"{_told(old)} to {_told(new)}"
        sessions.record_act(connection, token, f"changed infusion No. {infusion} from {told}", RECEPTION)
        with responses.kept(connection, infusion):
            connection.execute(update(table).where(table.c.id == infusion).values(new))


def revoke(token: str, infusion: int) -> None:
    """End an invitation; what was sent with it stays, and an infusion without a check-in is no longer counted.

    One that is unknown or already revoked changes nothing. Raises `sessions.SignedOut` or `database.Unavailable`.
    """
    with database.writing() as connection:
        sessions.require(connection, token, RECEPTION)
        unrevoked = select(table.c.id).where(of(infusion), table.c.revoked.is_(None)).with_for_update()
        if connection.scalar(unrevoked) is None:
            return
        sessions.record_act(connection, token, f"revoked the invitation of infusion No. {infusion}", RECEPTION)
        with responses.kept(connection, infusion):
            gone = {"revoked": clock.now(), "form_digest": None}  # the same form may register it again
            connection.execute(update(table).where(table.c.id == infusion).values(gone))


def ended(infusion: int) -> datetime | None:
    """Return when an infusion ended, None where there is none of this number; raises `database.Unavailable`."""
    with database.reading() as connection:
        return connection.scalar(select(table.c.ended).where(of(infusion)))


def of(infusion: int) -> ColumnElement[bool]:
    """Return the condition of the infusion with a registration number; none has anything else than a whole number."""
    is_one = type(infusion) is int and 0 < infusion < 2**63
    return table.c.id == infusion if is_one else false()


def number_band(number: int | None) -> str:
    if number is None:
        return "unknown"
    return max((first, band) for band, first in FIRST_OF_BAND.items() if first <= number)[1]


def hold(connection: Connection, infusion: int) -> RowMapping:
    """Return the row of an infusion whose invitation works, which nobody else changes or answers meanwhile.

    Raises `NotLive`.
    """
    row = connection.execute(select(table).where(of(infusion)).with_for_update()).mappings().one_or_none()
    if row is None or not from_row(row).is_live(clock.now()):
        raise NotLive(f"infusion No. {infusion!r:.40} has no invitation that works")
    return row


def from_row(row: Mapping[Any, Any], answered: frozenset[str] = frozenset()) -> Infusion:
    """Return the infusion of a row of the table."""
    columns = {name: row[name] for name in ("id", "ended", "number", "number_band", "registered", "revoked")}
    return Infusion(**columns, answered=answered, has_seed=row["seed"] is not None)


def _check(ended: datetime, number: int | None, now: datetime) -> None:
    if not isinstance(ended, datetime) or ended.utcoffset() is None:
        raise InvalidEnd("the end has no time zone; expected an aware datetime")
    if not now - WINDOWS[-1].end < ended <= now:
        raise InvalidEnd(f"the end {ended:%Y-%m-%d %H:%M %Z} is not within the last 30 days")
    if number is not None and (type(number) is not int or not 1 <= number <= MOST):
        raise InvalidNumber(f"there is no infusion number {number!r:.40}; expected 1 to {MOST}")


def _counted(ended: datetime, number: int | None) -> dict[str, Any]:
    """Return the columns that say where an infusion is counted."""
    week = clock.monday(ended).isoformat()
    return {"ended": ended.astimezone(UTC), "number": number, "week": week, "number_band": number_band(number)}


def _told(row: Mapping[Any, Any]) -> str:
    return f"{row['ended']:%Y-%m-%d %H:%M} UTC, number {row['number'] or 'not known'}"
