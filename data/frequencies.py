"""What the dashboard shows: how many reported what, out of how many, and how sure that is."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd
from sqlalchemy import case, func, select

from data import access, database, intervals, responses, settings
from data.catalogue import CODES, LABELS, LIST_VERSION, NUMBER_BANDS, ORIGINS, WINDOW_BY_CODE
from data.responses import Response
from data.schema import tallies


@dataclass(frozen=True)
class Frequencies:
    """The frequencies of one window.

    `check_ins` is None below the minimum group, and there are no figures then; 0 says that there is nothing yet.
    `first_day` and `last_day` bound the whole ISO weeks counted, the current one up to today. `table` has one row for
    each of the fourteen side effects, in the article's order, with the columns `side_effect` (label), `reported` and
    `check_ins` (counts), `share`, `low` and `high` (0 to 1, 95 % Wilson interval); `none` is such a row for "None of
    these". `languages` holds the tags of the languages in which the counted lists were shown. `by_open_link` of the
    check-ins came without an invitation. `response` says of how many infusions there is an answer, None where only the
    open link is selected. `origin` and `number_band` are what was selected, None means any.
    """

    window: str
    check_ins: int | None
    first_day: date | None = None
    last_day: date | None = None
    table: pd.DataFrame | None = None
    none: pd.Series | None = None
    languages: tuple[str, ...] = ()
    origin: str | None = None
    number_band: str | None = None
    by_open_link: int = 0
    response: Response | None = None


def by_window(token: str, window: str, origin: str | None = None, number_band: str | None = None) -> Frequencies:
    """Return the frequencies of one window for the holder of a live session, which this renews and writes down.

    Counts all weeks of the current list version; None is any origin, any number band. Raises `access.SignedOut`,
    `database.Unavailable`, or `ValueError` for a code that is unknown.
    """
    chosen = {"window": window, "origin": origin, "number_band": number_band}
    for (name, code), known in zip(chosen.items(), (WINDOW_BY_CODE, ORIGINS, NUMBER_BANDS), strict=True):
        if code not in known and not (code is None and name != "window"):
            raise ValueError(f"no {name} has the code {code!r:.40}; there are: {', '.join(known)}")
    access.see(token, f"the frequencies of {', '.join(code for code in chosen.values() if code)}")
    column = tallies.c
    sums = [func.coalesce(func.sum(column[counter]), 0).label(counter) for counter in ("n", "none", *CODES)]
    of_chosen = (column[name] == code for name, code in chosen.items() if code)
    selected = (*of_chosen, column.list_version == LIST_VERSION, column.n > 0)
    by_open_link = func.coalesce(func.sum(case((column.origin == "open", column.n), else_=0)), 0).label("by_open_link")
    weeks = func.min(column.week).label("first"), func.max(column.week).label("last")
    with database.reading() as connection:
        row = connection.execute(select(*weeks, by_open_link, *sums).where(*selected)).mappings().one()
        languages = connection.scalars(select(column.language).distinct().where(*selected)).all()
        response = None if origin == "open" else responses.of_window(connection, window, number_band)
    n = int(row["n"])
    if n < settings.current().min_group:
        return Frequencies(window, None if n else 0, origin=origin, number_band=number_band, response=response)
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
        origin,
        number_band,
        int(row["by_open_link"]),
        response,
    )


def _with_intervals(counts: pd.DataFrame) -> pd.DataFrame:
    return counts.assign(share=counts["reported"] / counts["check_ins"]).join(
        intervals.wilson(counts["reported"], counts["check_ins"])
    )
