"""Which side effects are ticked together."""

from collections.abc import Sequence
from typing import ClassVar

import pandas as pd
from sqlalchemy import Connection

from data.catalogue import LIST_VERSION, LISTS, TickList
from data.figures.disclosure import CLINIC, Rule
from data.figures.frequencies import Frequencies
from data.figures.selections import sums
from data.figures.view import COLUMNS, View
from data.storage.columns import PAIR_COLUMNS


class Together(View):
    name = "Together"
    columns: ClassVar = {
        "first": "one of two side effects (label)",
        "second": "the other one (label)",
        "both": "check-ins with both ticks (count)",
        "check_ins": COLUMNS["check_ins"],
        "expected": "check-ins with both, if the two had nothing to do with each other (product of counts / check_ins)",
        "ratio": "both / expected",
    }

    def table(self, groups: Sequence[Frequencies], rule: Rule, connection: Connection, /) -> pd.DataFrame | None:
        (group,) = groups
        rows = sums(connection, group.selection, tuple(PAIR_COLUMNS), ())
        return None if group.table is None else ticked_together(group.table, rows, rule, group.selection.asked)


def ticked_together(
    table: pd.DataFrame, rows: pd.DataFrame, rule: Rule = CLINIC, asked: TickList = LISTS[LIST_VERSION]
) -> pd.DataFrame:
    """Return one row for each pair, most often ticked first, with `Together.columns`.

    Takes the table of a selection's `frequencies.Frequencies` and its sums. The counts of a pair below the minimum
    group are NaN.
    """
    reported = table.set_index("side_effect")["reported"]
    listed = {column: pair for column, pair in PAIR_COLUMNS.items() if asked.labels.keys() >= {*pair}}
    both = rows[list(listed)].sum().astype(float)
    both = rule.published(both.where(both >= rule.least))
    first, second = ([asked.labels[pair[side]] for pair in listed.values()] for side in (0, 1))
    counts = pd.DataFrame(
        {"first": first, "second": second, "both": both.to_numpy(), "check_ins": table["check_ins"].iloc[0]}
    )
    product = reported[first].to_numpy() * reported[second].to_numpy()
    expected = (product / counts["check_ins"]).where(counts["both"].notna() & (counts["check_ins"] >= rule.shares_from))
    return counts.assign(expected=expected, ratio=counts["both"] / expected).sort_values(
        "both", ascending=False, kind="stable", ignore_index=True
    )
