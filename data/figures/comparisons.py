"""Two selections against each other."""

from dataclasses import replace
from typing import Any

import pandas as pd

from data import languages
from data.catalogue import NUMBER_BANDS, ORIGINS, WINDOW_BY_CODE
from data.figures import intervals
from data.figures.selections import BEFORE, LATEST, Selection

_WEEKS = LATEST | BEFORE
_CODES: dict[str, dict[str, Any]] = {
    **{f"Infusion {band}": {"number_band": band} for band in NUMBER_BANDS},
    **{f"Origin {origin}": {"origin": origin} for origin in ORIGINS},
    **{f"Window {window}": {"window": window} for window in WINDOW_BY_CODE},
    **{languages.name(tag, languages.SOURCE): {"language": tag} for tag in languages.NAMES},
}
SIDES = (*_WEEKS, *_CODES)  # what a side may be, within the filters that are set


class Overlapping(ValueError):
    """A check-in can stand on both sides, so the two are not independent."""


def side(selection: Selection, name: str) -> Selection:
    """Return one of `SIDES`: the selection with other weeks or another code."""
    return selection.of_weeks(*_WEEKS[name]) if name in _WEEKS else replace(selection, **_CODES[name])


def of(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each side effect, by the difference: more often in `a` first.

    Takes the tables of two `frequencies.Frequencies` that do not overlap. Columns: `side_effect`, `reported_a`,
    `check_ins_a`, `share_a`, the same of b, `difference` (-1 to 1, a - b), `low` and `high` (95 % Newcombe interval).
    """
    counts = ["side_effect", "reported", "check_ins", "share"]
    both = a[counts].merge(b[counts], on="side_effect", suffixes=("_a", "_b"))
    return (
        both.assign(difference=both["share_a"] - both["share_b"])
        .join(intervals.newcombe(a, b))
        .sort_values("difference", ascending=False, kind="stable", ignore_index=True)
    )
