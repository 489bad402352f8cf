"""How the share of one side effect changes over the weeks, and whether a week is out of the ordinary."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from data.catalogue import LABELS
from data.figures import intervals
from data.figures.disclosure import CLINIC, Rule
from data.figures.frequencies import Frequencies
from data.figures.selections import Selection, sums
from data.figures.view import COLUMNS, Impossible, View

LEAST_WEEKS = 12  # with figures, before there are control limits
MOST_WEEKS = 52  # in one chart
_ROUNDING = 1e-12  # a week exactly on a limit is not outside


class OverTheWeeks(View):
    name = "Over the weeks"
    options: ClassVar = {"side_effect": tuple(LABELS.values())}
    columns: ClassVar = {
        "week": "Monday of the ISO week in which the check-ins were recorded, in the clinic's time zone",
        **{column: meaning for column, meaning in COLUMNS.items() if column != "side_effect"},
        "centre": "p-chart: share of all weeks shown (0 to 1); empty below 12 weeks with figures, and for sharing",
        "lower": "p-chart: lower 3-sigma limit of that week (0 to 1)",
        "upper": "p-chart: upper 3-sigma limit of that week (0 to 1)",
        "outside": "p-chart: above, below, or empty where the week is within the limits",
    }
    is_of_parts = True

    @property
    def groups(self) -> dict[str, Selection]:
        of = self.selection if self.selection.first else self.selection.of_weeks(MOST_WEEKS)
        return {of.window: of}

    @property
    def chosen(self) -> tuple[str, ...]:
        return tuple(code for code, label in LABELS.items() if label == self.choices["side_effect"])

    def check(self) -> None:
        if self.chosen[0] not in self.selection.asked.codes:
            raise Impossible(f"list version {self.selection.list_version} did not ask for {self.chosen[0]}")

    def table(self, groups: Sequence[Frequencies], rule: Rule, connection: Connection, /) -> pd.DataFrame | None:
        (code,) = self.chosen
        return by_week(sums(connection, groups[0].selection, ("n", code), ("week",)), code, rule)


def by_week(rows: pd.DataFrame, code: str, rule: Rule = CLINIC) -> pd.DataFrame:
    """Return one row for each ISO week from the first to the last one counted in the sums of a selection.

    Columns are `OverTheWeeks.columns`. A week below the minimum group has only NaN; those of the p-chart are NaN while
    fewer than `LEAST_WEEKS` have figures, and for sharing.
    """
    weekly = rows.groupby("week")[["n", code]].sum()
    weekly.index = pd.to_datetime(weekly.index)
    mondays = pd.date_range(weekly.index.min(), weekly.index.max(), freq="7D")
    weekly = weekly.reindex(mondays, fill_value=0).astype(float)
    weekly = weekly.where(weekly["n"] >= rule.least).reset_index(drop=True)
    counts = weekly.apply(rule.published)
    figures = rule.with_intervals(
        pd.DataFrame({"week": mondays.date, "reported": counts[code], "check_ins": counts["n"]})
    )
    limits = intervals.p_chart(figures["reported"], figures["check_ins"])
    if rule != CLINIC or limits["centre"].notna().sum() < LEAST_WEEKS:  # without blanked weeks the centre is too high
        limits = limits.assign(centre=np.nan, lower=np.nan, upper=np.nan)
    above, below = figures["share"] - limits["upper"], limits["lower"] - figures["share"]
    outside = np.select([above > _ROUNDING, below > _ROUNDING], ["above", "below"], default="")
    return figures.join(limits).assign(outside=outside)
