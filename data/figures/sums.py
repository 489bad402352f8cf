"""Sums of the counters as they are: only what a rule of `disclosure` makes of them may leave this room."""

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import Connection, func, select

from data.figures.selections import Selection
from data.storage.schema import tallies


def read(connection: Connection, selection: Selection, counters: Sequence[str], by: Sequence[str]) -> pd.DataFrame:
    """Return the counters of a selection: one row for each value of the columns `by`, with its first and last week."""
    cell = [tallies.c[name] for name in by]
    span = func.min(tallies.c.week).label("first_week"), func.max(tallies.c.week).label("last_week")
    where = selection.where(tallies, "window", "number_band", "origin", "language", "list_version")
    rows = connection.execute(
        select(*cell, *span, *(func.sum(tallies.c[name]).label(name) for name in counters))
        .where(*where, tallies.c.n > 0)
        .group_by(*cell)
    )
    return pd.DataFrame(rows.all(), columns=list(rows.keys())).astype(dict.fromkeys(counters, "int64"))
