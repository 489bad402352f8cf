"""Which side effects are ticked together."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from data.catalogue import LIST_VERSION, LISTS, TickList
from data.figures.disclosure import CLINIC, Rule
from data.figures.expectations import expected_pairs
from data.figures.frequencies import Frequencies
from data.figures.selections import sums
from data.figures.view import COLUMNS, View
from data.storage.columns import PAIR_COLUMNS, TICKED


class Together(View):
    name = "Together"
    columns: ClassVar = {
        "first": "one of two side effects (label)",
        "second": "the other one (label)",
        "both": "check-ins with both ticks (count)",
        "check_ins": COLUMNS["check_ins"],
        "share": COLUMNS["share"],
        "low": COLUMNS["low"],
        "high": COLUMNS["high"],
        "expected": "check-ins with both, if ticks were unrelated but everybody had ticked as many as they did and "
        "every side effect were ticked as often as it was (conditional expectation); not for sharing",
    }

    def table(self, groups: Sequence[Frequencies], rule: Rule, connection: Connection, /) -> pd.DataFrame | None:
        (group,) = groups
        asked = group.selection.asked
        rows = sums(connection, group.selection, ("n", "none", *TICKED, *asked.codes, *PAIR_COLUMNS), ())
        return None if group.table is None else ticked_together(rows, rule, asked)


def ticked_together(rows: pd.DataFrame, rule: Rule = CLINIC, asked: TickList = LISTS[LIST_VERSION]) -> pd.DataFrame:
    """Return one row for each pair, most often ticked first, with `Together.columns`.

    Takes the sums of a selection. The counts of a pair below the minimum group are NaN.
    """
    counts = rows.sum()
    listed = {column: pair for column, pair in PAIR_COLUMNS.items() if asked.labels.keys() >= {*pair}}
    both = counts[list(listed)].astype(float)
    both = rule.published(both.where(both >= rule.least))
    first, second = ([pair[side] for pair in listed.values()] for side in (0, 1))
    table = pd.DataFrame(
        {
            "first": [asked.labels[code] for code in first],
            "second": [asked.labels[code] for code in second],
            "reported": both.to_numpy(),
            "check_ins": rule.published(counts[["n"]]).iloc[0],
        }
    )
    expected = np.full(len(table), np.nan)
    if not rule.rounds:  # it follows from exact counts
        people = counts[["none", *TICKED]].to_numpy(dtype=float)
        matrix = expected_pairs(counts[[*asked.codes]].to_numpy(dtype=float), people)
        places = {code: place for place, code in enumerate(asked.codes)}
        expected = matrix[[places[code] for code in first], [places[code] for code in second]]
    return (
        rule.with_intervals(table)
        .rename(columns={"reported": "both"})
        .assign(expected=pd.Series(expected).where(table["reported"].notna()))
        .sort_values("both", ascending=False, kind="stable", ignore_index=True)
    )
