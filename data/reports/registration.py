"""How reception registers an infusion, corrects it before there is a check-in, and revokes its invitation."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import exists, insert, select, update

from data import clock
from data.catalogue import WINDOWS
from data.reports import codes, infusions, invitations, responses
from data.reports.infusions import Infusion, InvalidInfusion, number_band
from data.staff import sessions
from data.staff.roles import RECEPTION
from data.storage import database, digests
from data.storage.schema import COUNTS, check_ins
from data.storage.schema import infusions as table

MOST = 999  # infusions of one patient


class InvalidEnd(InvalidInfusion):
    """The end is in the future, older than 30 days, or no instant."""


class InvalidNumber(InvalidInfusion):
    """The number is not one of 1 to `MOST`."""


class Answered(InvalidInfusion):
    """A check-in was sent for the infusion, so its end and number stay."""


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
    return infusions.from_row(stored), codes.invitation(stored["seed"])


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
        old = infusions.hold(connection, infusion)
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
        unrevoked = select(table.c.id).where(infusions.of(infusion), table.c.revoked.is_(None)).with_for_update()
        if connection.scalar(unrevoked) is None:
            return
        sessions.record_act(connection, token, f"revoked the invitation of infusion No. {infusion}", RECEPTION)
        with responses.kept(connection, infusion):
            gone = {"revoked": clock.now(), "form_digest": None}  # the same form may register it again
            connection.execute(update(table).where(table.c.id == infusion).values(gone))


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
    return {
        "ended": ended.astimezone(UTC),
        "number": number,
        "week": week,
        "number_band": number_band(number),
    }


def _told(row: Mapping[Any, Any]) -> str:
    return f"{row['ended']:%Y-%m-%d %H:%M} UTC, number {row['number'] or 'not known'}"
