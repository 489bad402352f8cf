"""What the holder of an invitation code may do, without an account: check in once in each window of one infusion."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from data import clock
from data.catalogue import WINDOW_BY_CODE, WINDOWS
from data.reports import answers, codes
from data.staff import throttle
from data.storage import database, digests
from data.storage.schema import COUNTS, check_ins, infusions


class UnknownInvitation(answers.InvalidCheckIn):
    """No invitation has this code, or it is revoked, or its infusion ended 30 days ago: the same answer for all."""


class NotACode(UnknownInvitation):
    """What was typed does not look like a code: not a guess, so nothing is counted."""


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

    A right code is never refused because of wrong ones before it. Raises `NotACode`, `UnknownInvitation`,
    `throttle.Throttled` for a wrong code after too many of them, or `database.Unavailable`.
    """
    now = clock.now()
    with database.reading() as connection:
        if found := connection.execute(_live(code, now)).one_or_none():
            return Invitation(found.ended, *_window(connection, found, now))
    raise wrong(address)


def wrong(address: str) -> UnknownInvitation:
    """Count a wrong code from an address and return what to raise; raises `throttle.Throttled` after too many."""
    throttle.attempt(throttle.INVITATION, address)
    return UnknownInvitation("no invitation has this code, or it is revoked or expired")


def hold(connection: Connection, code: str, now: datetime) -> dict[str, Any] | None:
    """Return where a check-in by this code is counted; None where no invitation has it: then raise `wrong`.

    Holds the infusion until the transaction of `connection` ends: nobody else answers it meanwhile. Raises
    `AnsweredAlready` or `NotACode`.
    """
    found = connection.execute(_live(code, now).with_for_update()).one_or_none()
    if found is None:
        return None
    window, is_answered = _window(connection, found, now)
    if is_answered:
        raise AnsweredAlready(f"the infusion has a check-in of the window {window}")
    return {"infusion": found.id, "window": window, "number_band": found.number_band, "origin": "invited"}


def digest(code: str) -> str:
    """Return what is stored in place of a code."""
    return digests.digest("invitation", code)


def new_code() -> dict[str, str]:
    """Return the columns of a new code: a random seed and the code's digest, of which neither tells the code."""
    seed = codes.new_key()
    return {"seed": seed, "code_digest": digest(codes.invitation(seed))}


def _live(code: str, now: datetime) -> Select[Any]:
    written = codes.read_invitation(code)
    if written is None:
        raise NotACode("expected one code of twelve letters and digits, such as K7QM-4TXD-R2AB")
    of_code = infusions.c.code_digest == digest(written)
    return select(infusions).where(of_code, infusions.c.revoked.is_(None), infusions.c.ended > now - WINDOWS[-1].end)


def _window(connection: Connection, infusion: Row[Any], now: datetime) -> tuple[str, bool]:
    """Return the window that is open, and whether it is answered; none is open before one that is answered.

    Otherwise a clock that was set back would open an earlier one.
    """
    in_order = [window.code for window in WINDOWS]
    by_time = next(window.code for window in WINDOWS if now - infusion.ended < window.end)
    sent = connection.scalars(select(check_ins.c["window"]).where(check_ins.c.infusion == infusion.id, COUNTS)).all()
    window = max([by_time, *sent], key=in_order.index)
    return window, window in sent
