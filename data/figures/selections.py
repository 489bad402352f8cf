"""Selections: which check-ins a figure is of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, FromClause, exists, func, select

from data import clock, languages
from data.catalogue import FIRST_OF_BAND, LIST_VERSION, LISTS, NUMBER_BANDS, ORIGINS, WINDOW_BY_CODE, TickList
from data.storage.schema import infusion_tallies, tallies

# Presets of whole ISO weeks: how many, and how many weeks ago they end.
LATEST = {f"Last {number} weeks": (number, 0) for number in (52, 12, 4)}
BEFORE = {f"The {number} weeks before": (number, number) for number in (4, 12, 52)}

# What is chosen, by the name under which it is offered.
LATER = "7th or later, not told apart"
NUMBERS = {band: band for band in FIRST_OF_BAND} | {LATER: "later", "not known": "unknown"}
ORIGINS_BY_NAME = {"Invited": "invited", "Open link": "open", "Both": None}
DEVICES_BY_NAME = {"Own device": "own", "Clinic tablet": "tablet"}

DEVICES = {"own": ("app", "plain"), "tablet": ("kiosk",)}  # the doors of each

_CODES = {
    "window": WINDOW_BY_CODE,
    "number_band": NUMBER_BANDS,
    "origin": ORIGINS,
    "language": languages.NAMES,
    "device": DEVICES,
    "list_version": LISTS,
}


@dataclass(frozen=True)
class Selection:
    """The check-ins of one window and one list that have the codes given; None means any.

    `first` and `last` are Mondays: whole ISO weeks from one to the other, both included. Raises `ValueError` for an
    unknown code.
    """

    window: str
    number_band: str | None = None
    origin: str | None = None
    language: str | None = None
    device: str | None = None
    first: date | None = None
    last: date | None = None
    list_version: int = LIST_VERSION

    @property
    def asked(self) -> TickList:
        return LISTS[self.list_version]

    def __post_init__(self) -> None:
        for name, known in _CODES.items():
            code = getattr(self, name)
            if code not in known and (code is not None or name in ("window", "list_version")):
                raise ValueError(f"no {name} has the code {code!r:.40}; there are: {', '.join(map(str, known))}")

    @property
    def words(self) -> list[str]:
        """What is chosen, for audit and file."""
        codes = (getattr(self, name) for name in ("window", "number_band", "origin", "language", "device"))
        weeks = f"weeks of {self.first} to {self.last}" if self.first else None
        version = None if self.list_version == LIST_VERSION else f"list version {self.list_version}"
        return [word for word in (*codes, weeks, version) if word]

    def of_weeks(self, number: int, before: int = 0) -> "Selection":
        """Return it with the latest `number` ISO weeks, including the current one, or those `before` weeks ago."""
        last = clock.monday(clock.now()) - timedelta(weeks=before)
        return replace(self, first=last - timedelta(weeks=number - 1), last=last)

    def where(self, table: FromClause, *names: str) -> list[ColumnElement[bool]]:
        """Return the conditions on a table's columns `names` and `week`; that of `device` is on its column `door`."""
        week: ColumnElement[Any] = table.c.week
        codes = {name: getattr(self, name) for name in names}
        doors = DEVICES.get(codes.pop("device", None) or "")
        return [
            *(table.c[name] == code for name, code in codes.items() if code),
            *([table.c.door.in_(doors)] if doors else []),
            *([week >= self.first.isoformat()] if self.first else []),
            *([week <= self.last.isoformat()] if self.last else []),
        ]

    def overlaps(self, other: "Selection") -> bool:
        """Return whether one check-in can belong to both."""
        codes = ((getattr(self, name), getattr(other, name)) for name in _CODES)
        ends = ((self.first, other.last), (other.first, self.last))
        alike = all(one == another or None in (one, another) for one, another in codes)
        return alike and all(begin is None or end is None or begin <= end for begin, end in ends)


def sums(connection: Connection, selection: Selection, counters: Sequence[str], by: Sequence[str]) -> pd.DataFrame:
    """Return the counters of a selection: one row for each value of the columns `by`, with its first and last week.

    With `list_version` among `by`, every list is counted. The counters are exact: only what a rule of `disclosure`
    makes of them may leave `data.figures`.
    """
    cell = [tallies.c[name] for name in by]
    span = func.min(tallies.c.week).label("first_week"), func.max(tallies.c.week).label("last_week")
    lists = () if "list_version" in by else ("list_version",)
    where = selection.where(tallies, "window", "number_band", "origin", "language", "device", *lists)
    rows = connection.execute(
        select(*cell, *span, *(func.sum(tallies.c[name]).label(name) for name in counters))
        .where(*where, tallies.c.n > 0)
        .group_by(*cell)
    )
    return pd.DataFrame(rows.all(), columns=list(rows.keys())).astype(dict.fromkeys(counters, "int64"))


def lists_answered(connection: Connection) -> set[int]:
    """Return the versions of the list that have check-ins."""
    return set(connection.scalars(select(tallies.c.list_version).where(tallies.c.n > 0).distinct()))


def has_later(connection: Connection) -> bool:
    """Return whether there are infusions of the band "later"."""
    later = exists().where(infusion_tallies.c.number_band == "later", infusion_tallies.c.invited > 0)
    return bool(connection.scalar(select(later)))


def has_tablet(connection: Connection) -> bool:
    """Return whether check-ins have come from a tablet of the clinic."""
    return bool(connection.scalar(select(exists().where(tallies.c.door.in_(DEVICES["tablet"])))))
