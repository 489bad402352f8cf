"""Infusions that the clinic registered: an end, a number, and an invitation. Nothing says who the patient is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, false, select

from data import clock
from data.catalogue import FIRST_OF_BAND, WINDOWS, Window
from data.storage import database
from data.storage.schema import infusions as table


class InvalidInfusion(ValueError):
    """The infusion breaks a rule; nothing was stored. The message names value and rule."""


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
