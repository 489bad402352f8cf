"""What the dashboard shows: how many reported what, out of how many, and how sure that is."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd
from sqlalchemy import func, select

from data import access, database, intervals, settings
from data.catalogue import CODES, LABELS, LIST_VERSION, WINDOW_BY_CODE
from data.schema import tallies


@dataclass(frozen=True)
class Frequencies:
    """The frequencies of one window.

    `check_ins` is None below the minimum group, and there are no figures then; 0 says that there is nothing yet.
    `first_day` and `last_day` bound the whole ISO weeks counted, the current one up to today. `table` has one row for
    each of the fourteen side effects, in the article's order, with the columns `side_effect` (label), `reported` and
    `check_ins` (counts), `share`, `low` and `high` (0 to 1, 95 % Wilson interval); `none` is such a row for "None of
    these". `languages` holds the tags of the languages in which the counted lists were shown.
    """

    window: str
    check_ins: int | None
    first_day: date | None = None
    last_day: date | None = None
    table: pd.DataFrame | None = None
    none: pd.Series | None = None
    languages: tuple[str, ...] = ()


def by_window(token: str, window: str) -> Frequencies:
    """Return the frequencies of one window for the holder of a live session, which this renews and writes down.

    Counts all weeks and infusion numbers of the current list version. Raises `access.SignedOut`,
    `database.Unavailable`, or `ValueError` for an unknown window.
    """
    if window not in WINDOW_BY_CODE:
        raise ValueError(f"no window has the code {window!r:.40}; there are: {', '.join(WINDOW_BY_CODE)}")
    access.see(token, f"the frequencies of {window}")
    column = tallies.c
    sums = [func.coalesce(func.sum(column[counter]), 0).label(counter) for counter in ("n", "none", *CODES)]
    selected = (column["window"] == window, column.list_version == LIST_VERSION, column.n > 0)
    weeks = func.min(column.week).label("first"), func.max(column.week).label("last")
    with database.reading() as connection:
        row = connection.execute(select(*weeks, *sums).where(*selected)).mappings().one()
        languages = connection.scalars(select(column.language).distinct().where(*selected)).all()
    n = int(row["n"])
    if n < settings.current().min_group:
        return Frequencies(window, None if n else 0)
    figures = _with_intervals(
        pd.DataFrame(
            {
                "side_effect": [*LABELS.values(), "None of these"],
                "reported": [int(row[counter]) for counter in (*CODES, "none")],
                "check_ins": n,
            }
        )
    )
    return Frequencies(
        window,
        n,
        date.fromisoformat(row["first"]),
        min(date.fromisoformat(row["last"]) + timedelta(days=6), datetime.now(settings.current().zone).date()),
        figures.iloc[:-1],
        figures.iloc[-1],
        tuple(sorted(languages)),
    )


def _with_intervals(counts: pd.DataFrame) -> pd.DataFrame:
    return counts.assign(share=counts["reported"] / counts["check_ins"]).join(
        intervals.wilson(counts["reported"], counts["check_ins"])
    )
