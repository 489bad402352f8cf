"""Two selections compared."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pandas as pd
from sqlalchemy import Connection

from data import languages
from data.catalogue import NUMBER_BANDS, ORIGINS, WINDOW_BY_CODE
from data.figures import intervals
from data.figures.disclosure import Rule
from data.figures.frequencies import Frequencies
from data.figures.selections import BEFORE, LATEST, Selection
from data.figures.view import COLUMNS, Impossible, View

_WEEKS = LATEST | BEFORE
_CODES: dict[str, dict[str, Any]] = {
    **{f"Infusion {band}": {"number_band": band} for band in NUMBER_BANDS},
    **{f"Origin {origin}": {"origin": origin} for origin in ORIGINS},
    **{f"Window {window}": {"window": window} for window in WINDOW_BY_CODE},
    **{languages.name(tag, languages.SOURCE): {"language": tag} for tag in languages.NAMES},
}
_COUNTS = ["reported", "check_ins", "share"]
SIDES = (*_WEEKS, *_CODES)  # what a side may be, within the filters that are set


class Overlapping(Impossible):
    """A check-in can be on both sides, so the two are not independent."""


class Comparison(View):
    name = "Compare"
    options: ClassVar = {"a": SIDES, "b": sorted(SIDES, key=lambda side: side != "The 4 weeks before")}
    columns: ClassVar = {
        "side_effect": COLUMNS["side_effect"],
        **{f"{name}_{side}": f"{name}, of side {side.upper()}" for side in "ab" for name in _COUNTS},
        "difference": "share_a - share_b (-1 to 1)",
        "low": COLUMNS["low"],
        "high": COLUMNS["high"],
    }
    is_of_parts = True

    @property
    def groups(self) -> dict[str, Selection]:
        return {f"{ab} ({name})": side(self.selection, name) for ab, name in zip("AB", self.chosen, strict=True)}

    def check(self) -> None:
        """Raise `Overlapping` where a check-in can be on both sides."""
        a, b = self.groups.values()
        if a.overlaps(b):
            raise Overlapping("one check-in can belong to both selections")

    def table(self, groups: Sequence[Frequencies], _rule: Rule, _: Connection, /) -> pd.DataFrame | None:
        a, b = (group.table for group in groups)
        return None if a is None or b is None else compared(a, b)


def side(selection: Selection, name: str) -> Selection:
    """Return one of `SIDES`: the selection with other weeks or another code."""
    return selection.of_weeks(*_WEEKS[name]) if name in _WEEKS else replace(selection, **_CODES[name])


def compared(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each side effect, by the difference: more often in `a` first.

    Takes the tables of two `frequencies.Frequencies` that do not overlap; columns are `Comparison.columns`.
    """
    both = a[["side_effect", *_COUNTS]].merge(b[["side_effect", *_COUNTS]], on="side_effect", suffixes=("_a", "_b"))
    return (
        both.assign(difference=both["share_a"] - both["share_b"])
        .join(intervals.newcombe(a, b))
        .sort_values("difference", ascending=False, kind="stable", ignore_index=True)
    )
