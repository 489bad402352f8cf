"""Sums of the counters as they are: only what a rule of `disclosure` makes of them may leave this room."""

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import Connection, func, select

from data.figures.selections import Selection
from data.storage.schema import tallies


def read(connection: Connection, selection: Selection, counters: Sequence[str], by: Sequence[str]) -> pd.DataFrame:
    """Return the counters of a selection: one row for each value of the columns `by`, with its first and last week.

    Where they are by `list_version`, those of every list.
    """
    cell = [tallies.c[name] for name in by]
    span = func.min(tallies.c.week).label("first_week"), func.max(tallies.c.week).label("last_week")
    lists = () if "list_version" in by else ("list_version",)
    where = selection.where(tallies, "window", "number_band", "origin", "language", *lists)
    rows = connection.execute(
        select(*cell, *span, *(func.sum(tallies.c[name]).label(name) for name in counters))
        .where(*where, tallies.c.n > 0)
        .group_by(*cell)
    )
    return pd.DataFrame(rows.all(), columns=list(rows.keys())).astype(dict.fromkeys(counters, "int64"))


def lists(connection: Connection) -> list[int]:
    """Return the versions of the list of which there are check-ins."""
    return list(connection.scalars(select(tallies.c.list_version).where(tallies.c.n > 0).distinct()))
