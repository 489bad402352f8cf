"""Two selections compared."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, ClassVar

import pandas as pd
from sqlalchemy import Connection

from data import clock, languages
from data.catalogue import WINDOW_BY_CODE
from data.figures import intervals
from data.figures.changes import Change
from data.figures.disclosure import Rule
from data.figures.frequencies import Frequencies, none_last
from data.figures.selections import BEFORE, DEVICES_BY_NAME, LATEST, NUMBERS, ORIGINS_BY_NAME, Selection
from data.figures.view import COLUMNS, Impossible, View

_WEEKS = LATEST | BEFORE
_CODES: dict[str, dict[str, Any]] = {
    **{f"Infusion {name}": {"number_band": band} for name, band in NUMBERS.items()},
    **{name: {"origin": origin} for name, origin in ORIGINS_BY_NAME.items() if origin},
    **{f"Window {window}": {"window": window} for window in WINDOW_BY_CODE},
    **{languages.name(tag, languages.SOURCE): {"language": tag} for tag in languages.NAMES},
    **{name: {"device": code} for name, code in DEVICES_BY_NAME.items()},
}
_COUNTS = ["reported", "check_ins", "share"]
_CHANGE = re.compile(r"(before|since) (\d{4}-\d{2}-\d{2})", re.ASCII)
_LONGEST = timedelta(weeks=52)  # before a change
SIDES = (*_WEEKS, *_CODES)  # what a side may be without any change, within the filters that are set


class Overlapping(Impossible):
    """A check-in can be on both sides, so the two are not independent."""


class Comparison(View):
    name = "Compare"
    options: ClassVar = {
        "a": sorted(SIDES, key=lambda side: side != "Last 4 weeks"),
        "b": sorted(SIDES, key=lambda side: side != "The 4 weeks before"),
    }
    columns: ClassVar = {
        "side_effect": COLUMNS["side_effect"],
        **{f"{name}_{side}": f"{name}, of side {side.upper()}" for side in "ab" for name in _COUNTS},
        "difference": "share_a - share_b (-1 to 1)",
        "low": COLUMNS["low"],
        "high": COLUMNS["high"],
    }

    @property
    def groups(self) -> dict[str, Selection]:
        sides = zip("AB", self.chosen, strict=True)
        return {f"{ab} ({name})": side(self.selection, name, self.known.changes) for ab, name in sides}

    def check(self) -> None:
        """Raise `Overlapping` where a check-in can be on both sides."""
        a, b = self.groups.values()
        if a.overlaps(b):
            raise Overlapping("one check-in can belong to both selections")

    def table(self, groups: Sequence[Frequencies], rule: Rule, _: Connection, /) -> pd.DataFrame | None:
        a, b = (group.table for group in groups)
        if a is None or b is None:
            return None
        table, told = compared(a, b), ["difference", "low", "high"]
        table[told] = rule.shares(table[told])
        return table


def of_change(change: Change) -> tuple[str, str]:
    """Return the two sides that compare the check-ins since a change with those before it."""
    return f"since {change.week}", f"before {change.week}"


def change_of(name: str) -> tuple[str, date] | None:
    """Return before or since, and which Monday, for a side of that form; the change itself may have been removed."""
    with suppress(ValueError):
        if found := _CHANGE.fullmatch(name):
            week = date.fromisoformat(found[2])
            return (found[1], week) if week.weekday() == 0 else None
    return None


def overruled(name: str) -> str:
    """Return which filter a side overrules."""
    return next(iter(_CODES.get(name, {"weeks": None}))).removesuffix("_band")


def side(selection: Selection, name: str, changes: Sequence[Change] = ()) -> Selection:
    """Return what a side stands for: the selection with other weeks or another code."""
    if name in _WEEKS:
        return selection.of_weeks(*_WEEKS[name])
    if (named := change_of(name)) is None:
        return replace(selection, **_CODES[name])
    return _before_or_since(*named, selection, [change.week for change in changes])


def _before_or_since(which: str, week: date, selection: Selection, changes: Sequence[date]) -> Selection:
    """Return the finished weeks before or since a change, as far as the change before it and the next one.

    Weeks are those of sending: up to `lag` weeks after a change, check-ins can be of infusions before it, and belong to
    neither side.
    """
    lag, whole = timedelta(weeks=WINDOW_BY_CODE[selection.window].lag), timedelta(weeks=1)
    if which == "before":
        begins = [change + lag for change in changes if change < week]
        return replace(selection, first=max([week - _LONGEST, *begins]), last=week - whole)
    ends = [change for change in changes if change > week]
    last = min([clock.monday(clock.now()), *ends]) - whole
    return replace(selection, first=week + lag, last=last)


def compared(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each side effect, by the difference: more often in `a` first, and "None of these" last.

    Takes the tables of two `frequencies.Frequencies` that do not overlap; columns are `Comparison.columns`.
    """
    both = a[["side_effect", *_COUNTS]].merge(b[["side_effect", *_COUNTS]], on="side_effect", suffixes=("_a", "_b"))
    return (
        both.assign(difference=both["share_a"] - both["share_b"])
        .join(intervals.newcombe(a, b))
        .sort_values("difference", ascending=False, kind="stable")
        .pipe(none_last)
        .reset_index(drop=True)
    )
