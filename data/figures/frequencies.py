"""How many reported what, out of how many, and how sure that is."""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
from sqlalchemy import Connection

from data import clock, settings
from data.figures import response_rates
from data.figures.disclosure import CLINIC, PARTS, Rule
from data.figures.response_rates import Response
from data.figures.selections import Selection, sums

FEW, MOST = "few", "most"


@dataclass(frozen=True)
class Frequencies:
    """The frequencies of one selection.

    `check_ins` is None below the minimum group, and then there are no figures; 0 means that there are none yet.
    `first_day` and `last_day` bound the whole ISO weeks counted, the current one up to today. `table` has one row for
    each side effect, in the order of the list, with the columns `side_effect` (label), `reported` and `check_ins`
    (counts, NaN where a rule of `disclosure` blanks them), `share`, `low` and `high` (0 to 1, 95 % Wilson interval);
    `none` is such a row for "None of these". `languages` are the tags of those in which the lists were shown.
    `by_open_link` of the check-ins came without an invitation: a number, or `FEW` or `MOST` where it may not be told.
    `response` is None where nobody knows who could have answered. `left_out` check-ins match the selection but
    answered another list; None where that number may not be told.
    """

    selection: Selection
    check_ins: int | None
    first_day: date | None = None
    last_day: date | None = None
    table: pd.DataFrame | None = None
    none: pd.Series | None = None
    languages: tuple[str, ...] = ()
    by_open_link: int | str = 0
    response: Response | None = None
    left_out: int | None = 0


def read(connection: Connection, selection: Selection, rule: Rule = CLINIC) -> Frequencies:
    """Return the frequencies of a selection, with every count disclosed as `rule` allows."""
    codes = selection.asked.codes
    counted = sums(connection, selection, ("n", "none", *codes), ("origin", "language", "list_version"))
    asked = counted["list_version"] == selection.list_version
    rows, others = counted[asked], int(counted.loc[~asked, "n"].sum())
    left_out = rule.group(others) if others else 0
    response = response_rates.read(connection, selection)
    told = response and response.told(rule)
    n = int(rows["n"].sum())
    if n < rule.least:
        return Frequencies(selection, None if n else 0, response=told, left_out=left_out)
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
    return Frequencies(
        selection,
        int(counts["n"]),
        date.fromisoformat(rows["first_week"].min()),
        min(last_day, clock.now().astimezone(settings.current().zone).date()),
        figures.iloc[:-1],
        figures.iloc[-1],
        tuple(sorted(rows["language"].unique())),
        _part(int(rows.loc[rows["origin"] == "open", "n"].sum()), n, rule),
        told,
        left_out,
    )


def _part(part: int, whole: int, rule: Rule) -> int | str:
    told = (PARTS if rule.rounds else rule).group(part)
    if told is None:
        return FEW
    return MOST if not rule.rounds and 0 < whole - part < rule.least else told  # the rest would follow
