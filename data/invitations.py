"""What the holder of an invitation code may do, without an account: check in once in each window of one infusion."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from data import answers, clock, codes, database, digests, throttle
from data.catalogue import WINDOW_BY_CODE, WINDOWS
from data.schema import COUNTS, check_ins, infusions


class UnknownInvitation(answers.InvalidCheckIn):
    """No invitation has this code, or it is revoked, or its infusion ended 30 days ago: the same answer for all."""


class AnsweredAlready(answers.InvalidCheckIn):
    """The infusion has a check-in of this window; nothing was stored."""


@dataclass(frozen=True)
class Invitation:
    """An infusion as its patient sees it: when it ended (UTC), the window that is open, and whether it is answered."""

    ended: datetime
    window: str
    answered: bool

    @property
    def opens_again(self) -> datetime | None:
        """The instant from which the next window can be answered; None in the last one."""
        return None if self.window == WINDOWS[-1].code else self.ended + WINDOW_BY_CODE[self.window].end


def find(code: str, address: str) -> Invitation:
    """Return the invitation of a code, in whatever spelling it was typed.

    Wrong codes are counted by network address: raises `UnknownInvitation`, `throttle.Throttled`, or
    `database.Unavailable`.
    """
    now = clock.now()
    with database.writing() as connection:
        found = _infusion(connection, code, address, now)
        if found:
            window = _window(found.ended, now)
            return Invitation(found.ended, window, _is_answered(connection, found.id, window))
    raise UnknownInvitation("no invitation has this code, or it is revoked or expired")


def redeem(connection: Connection, code: str, address: str, now: datetime) -> dict[str, Any] | None:
    """Return where a check-in by this code is counted; None, and one wrong code more, where there is no invitation.

    Holds the infusion until the transaction of `connection` ends: nobody else answers it meanwhile. Raises
    `AnsweredAlready` or `throttle.Throttled`.
    """
    found = _infusion(connection, code, address, now)
    if found is None:
        return None
    window = _window(found.ended, now)
    if _is_answered(connection, found.id, window):
        raise AnsweredAlready(f"the infusion has a check-in of the window {window}")
    return {"infusion": found.id, "window": window, "number_band": found.number_band, "origin": "invited"}


def _infusion(connection: Connection, code: str, address: str, now: datetime) -> Row[Any] | None:
    """Return the row of a live invitation and lock it, or count a wrong code."""
    of_code = infusions.c.code_digest == digests.digest("invitation", codes.as_written(code))
    live = (infusions.c.revoked.is_(None), infusions.c.ended > now - WINDOWS[-1].end)
    row = connection.execute(select(infusions).where(of_code, *live).with_for_update()).one_or_none()
    # Strangers' guesses must not lock out who has a code; those of the same address do.
    throttle.refuse_too_many(connection, throttle.INVITATION, address, overall=row is None)
    if row is None:
        throttle.count(connection, throttle.INVITATION, address)
    return row


def _window(ended: datetime, now: datetime) -> str:
    return next(window.code for window in WINDOWS if now - ended < window.end)


def _is_answered(connection: Connection, infusion: int, window: str) -> bool:
    of_window = (check_ins.c.infusion == infusion, check_ins.c["window"] == window, COUNTS)
    return connection.scalar(select(check_ins.c.id).where(*of_window)) is not None
