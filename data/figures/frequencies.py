"""How many reported what, out of how many, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
from sqlalchemy import Connection

from data import clock, settings
from data.catalogue import NONE_OF_THESE
from data.figures import response_rates
from data.figures.disclosure import CLINIC, Rule
from data.figures.response_rates import Response
from data.figures.selections import Selection, sums
from data.storage.columns import TICKED

FEW, MOST = "few", "most"
_MANY = "ticked_4_or_more"
HOW_MANY = {
    **dict(zip(TICKED, ("1 side effect", "2 side effects", "3 side effects"), strict=False)),
    _MANY: "4 or more side effects",
}


@dataclass(frozen=True)
class Frequencies:
    """The frequencies of one selection.

    `check_ins` is None below the minimum group, and then there are no figures; 0 means that there are none yet.
    `first_day` and `last_day` bound the whole ISO weeks counted, the current one up to today. `table` has one row for
    each side effect, in the order of the list, and a last one for "None of these", with the columns `side_effect`
    (label), `reported` and `check_ins` (counts, NaN where a rule of `disclosure` blanks them), `share`, `low` and
    `high` (0 to 1, 95 % Wilson interval). `how_many` has such rows for 1, 2, 3, and 4 or more side effects ticked.
    `languages` are the tags of those in which the lists were shown.
    `by_open_link` of the check-ins came without an invitation: a number, or `FEW` or `MOST` where it may not be told.
    `response` is None where nobody knows who could have answered. `left_out` check-ins match the selection but
    answered another list; None where that number may not be told.
    """

    selection: Selection
    check_ins: int | None
    first_day: date | None = None
    last_day: date | None = None
    table: pd.DataFrame | None = None
    how_many: pd.DataFrame | None = None
    languages: tuple[str, ...] = ()
    by_open_link: int | str = 0
    response: Response | None = None
    left_out: int | None = 0


def read(connection: Connection, selection: Selection, rule: Rule = CLINIC) -> Frequencies:
    """Return the frequencies of a selection, with every count disclosed as `rule` allows."""
    labels = selection.asked.labels | {"none": NONE_OF_THESE}
    counted = sums(connection, selection, ("n", *labels, *TICKED), ("origin", "language", "list_version"))
    asked = counted["list_version"] == selection.list_version
    rows, others = counted[asked], int(counted.loc[~asked, "n"].sum())
    left_out = rule.group(others) if others else 0
    response = response_rates.read(connection, selection)
    told = response and response.told(rule)
    n = int(rows["n"].sum())
    if n < rule.least:
        return Frequencies(selection, None if n else 0, response=told, left_out=left_out)
    counts = rows[["n", *labels, *TICKED]].sum()
    counts[_MANY] = counts[[*TICKED[3:]]].sum()
    counts = rule.published(counts)
    last_day = date.fromisoformat(rows["last_week"].max()) + timedelta(days=6)
    return Frequencies(
        selection,
        int(counts["n"]),
        date.fromisoformat(rows["first_week"].min()),
        min(last_day, clock.now().astimezone(settings.current().zone).date()),
        _table(counts, labels, rule),
        _table(counts, HOW_MANY, rule),
        tuple(sorted(rows["language"].unique())),
        _part(int(rows.loc[rows["origin"] == "open", "n"].sum()), n, rule),
        told,
        left_out,
    )


def _table(counts: pd.Series, labels: Mapping[str, str], rule: Rule) -> pd.DataFrame:
    reported = counts[[*labels]].to_numpy()
    table = pd.DataFrame({"side_effect": labels.values(), "reported": reported, "check_ins": counts["n"]})
    return rule.with_intervals(table)


def none_last(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in their order, but that of "None of these" below all side effects."""
    return table.sort_values("side_effect", key=lambda labels: labels == NONE_OF_THESE, kind="stable")


def _part(part: int, whole: int, rule: Rule) -> int | str:
    told = rule.group(part)
    if told is None:
        return FEW
    return MOST if not rule.rounds and 0 < whole - part < rule.least else told  # the rest would follow
