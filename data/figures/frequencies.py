"""How many reported what, out of how many, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd
from sqlalchemy import Connection, func, select

from data import clock, settings
from data.figures import response_rates
from data.figures.disclosure import CLINIC, PARTS, Rule
from data.figures.response_rates import Response
from data.figures.selections import Selection
from data.storage.schema import tallies

_FILTERS = ("window", "number_band", "origin", "language")


@dataclass(frozen=True)
class Frequencies:
    """The frequencies of one selection.

    `check_ins` is None below the minimum group, and there are no figures then; 0 says that there is nothing yet.
    `first_day` and `last_day` bound the whole ISO weeks counted, the current one up to today. `table` has one row for
    each side effect of the selection's list, in its order, with the columns `side_effect` (label), `reported` and
    `check_ins` (counts), `share`, `low` and `high` (0 to 1, 95 % Wilson interval); `none` is such a row for "None of
    these". `languages` holds the tags of the languages in which the counted lists were shown. `by_open_link` of the
    check-ins came without an invitation. `response` says of how many infusions there is an answer, None where nobody
    knows who could have answered. `left_out` check-ins are as selected but of other versions of the list, NaN below the
    minimum group. Counts are NaN where a rule of `disclosure` blanks them.
    """

    selection: Selection
    check_ins: int | None
    first_day: date | None = None
    last_day: date | None = None
    table: pd.DataFrame | None = None
    none: pd.Series | None = None
    languages: tuple[str, ...] = ()
    by_open_link: float = 0
    response: Response | None = None
    left_out: float = 0


def of(
    connection: Connection,
    selection: Selection,
    rule: Rule = CLINIC,
    counters: Sequence[str] = (),
    by: Sequence[str] = (),
) -> tuple[Frequencies, pd.DataFrame]:
    """Return the frequencies of a selection, every count as `rule` lets it be told, and the rows of its tallies.

    The rows have `counters` beside the usual ones, and one row for each value of the columns `by`.
    """
    codes = selection.asked.codes
    rows = _tallied(connection, selection, ("n", "none", *codes, *counters), (*by, "origin", "language"))
    response = response_rates.of(connection, selection)
    response, left_out = _published(response, rule), _left_out(connection, selection, rule)
    n = int(rows["n"].sum())
    if n < rule.least:
        return Frequencies(selection, None if n else 0, response=response, left_out=left_out), rows
    by_open_link = rows.loc[rows["origin"] == "open", "n"].sum()
    counts = rule.published(rows[[*codes, "none", "n"]].sum())
    figures = rule.with_intervals(
        pd.DataFrame(
            {
                "side_effect": [*selection.asked.labels.values(), "None of these"],
                "reported": counts[[*codes, "none"]].to_numpy(),
                "check_ins": counts["n"],
            }
        )
    )
    last_day = date.fromisoformat(rows["last_week"].max()) + timedelta(days=6)
    shown = Frequencies(
        selection,
        int(counts["n"]),
        date.fromisoformat(rows["first_week"].min()),
        min(last_day, clock.now().astimezone(settings.current().zone).date()),
        figures.iloc[:-1],
        figures.iloc[-1],
        tuple(sorted(rows["language"].unique())),
        (PARTS if rule.rounds else rule).published(pd.Series([by_open_link])).iloc[0],
        response,
        left_out,
    )
    return shown, rows


def _tallied(connection: Connection, selection: Selection, counters: Sequence[str], by: Sequence[str]) -> pd.DataFrame:
    """Return the counters of a selection: one row for each value of the columns `by`."""
    cell = [tallies.c[name] for name in by]
    span = func.min(tallies.c.week).label("first_week"), func.max(tallies.c.week).label("last_week")
    rows = connection.execute(
        select(*cell, *span, *(func.sum(tallies.c[name]).label(name) for name in counters))
        .where(*selection.where(tallies, *_FILTERS, "list_version"), tallies.c.n > 0)
        .group_by(*cell)
    )
    return pd.DataFrame(rows.all(), columns=list(rows.keys())).astype(dict.fromkeys(counters, "int64"))


def _left_out(connection: Connection, selection: Selection, rule: Rule) -> float:
    """Return how many check-ins a selection leaves out only because they are of another version of the list."""
    counted = select(func.coalesce(func.sum(tallies.c.n), 0)).where(*selection.where(tallies, *_FILTERS))
    n = pd.Series([float(connection.scalar(counted.where(tallies.c.list_version != selection.list_version)) or 0)])
    return float((PARTS if rule.rounds else rule).published(n.where((n == 0) | (n >= rule.least))).iloc[0])


def _published(response: Response | None, rule: Rule) -> Response | None:
    if response is None:
        return None
    infusions, answered = rule.published(pd.Series([response.infusions, response.answered]))
    return replace(response, infusions=infusions, answered=answered)
