"""Which side effects are ticked together."""

import pandas as pd

from data.catalogue import LIST_VERSION, LISTS, TickList
from data.figures.disclosure import CLINIC, Rule
from data.storage.columns import PAIR_COLUMNS


def of(
    table: pd.DataFrame, rows: pd.DataFrame, rule: Rule = CLINIC, asked: TickList = LISTS[LIST_VERSION]
) -> pd.DataFrame:
    """Return one row for each pair of side effects of a list, most often ticked first.

    Takes the table of a selection's `frequencies.Frequencies` and the rows of its tallies. Columns: `first` and
    `second` (labels), `both` and `check_ins` (counts), `expected` (count, if the two had nothing to do with each other)
    and `ratio` (both / expected). The counts of a pair below the minimum group are NaN.
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
