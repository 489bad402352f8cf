"""How the share of one side effect changes over the weeks, and whether a week is out of the ordinary."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from data import clock
from data.catalogue import LABELS, NONE_OF_THESE, WINDOW_BY_CODE
from data.figures import comparisons, limits
from data.figures.changes import Change
from data.figures.disclosure import CLINIC, Rule
from data.figures.frequencies import Frequencies
from data.figures.limits import MOST_WEEKS
from data.figures.selections import Selection, sums
from data.figures.view import COLUMNS, Impossible, View

_COUNTS = ["reported", "check_ins"]


class OverTheWeeks(View):
    name = "Over the weeks"
    options: ClassVar = {"side_effect": (*LABELS.values(), NONE_OF_THESE)}
    columns: ClassVar = {
        "week": "Monday of the ISO week in which the check-ins were sent, in the clinic's time zone",
        **{column: meaning for column, meaning in COLUMNS.items() if column != "side_effect"},
        "centre": "mean of the week's stretch between changes (0 to 1); empty below 12 finished weeks with figures",
        "lower": "share of that week (0 to 1) that chance alone passes in less than 0.135 %, downwards",
        "upper": "the same upwards",
        "continued": "yes where mean and limits are those of the stretch before, since this one is still too short",
        "outside": "above, below, or empty where the week is within the limits",
        "four_weeks": "the same of this week and the three before it together; limits and marks are not for sharing",
    }

    @property
    def groups(self) -> dict[str, Selection]:
        of = self.selection if self.selection.first else self.selection.of_weeks(MOST_WEEKS)
        return {of.window: of}

    @property
    def aside(self) -> dict[str, Selection]:
        """What is since each change and what was before it: the sides that can be compared."""
        names = [name for change in changed(self) for name in comparisons.of_change(change)]
        return {name: comparisons.side(self.selection, name, self.known.changes) for name in names}

    @property
    def chosen(self) -> tuple[str, ...]:
        label = self.choices["side_effect"]
        return ("none",) if label == NONE_OF_THESE else tuple(code for code in LABELS if LABELS[code] == label)

    def check(self) -> None:
        if self.chosen[0] not in (*self.selection.asked.codes, "none"):
            raise Impossible(f"list version {self.selection.list_version} did not ask for {self.chosen[0]}")

    def table(self, groups: Sequence[Frequencies], rule: Rule, connection: Connection, /) -> pd.DataFrame | None:
        (code,), lag = self.chosen, WINDOW_BY_CODE[self.selection.window].lag
        rows = sums(connection, groups[0].selection, ("n", code), ("week",))
        return by_week(rows, code, rule, self.known.changes, lag)


def changed(view: View) -> tuple[Change, ...]:
    """Return the changes of the weeks that a view shows, the latest first."""
    (of,) = view.groups.values()
    marked = reversed(view.known.changes)
    return tuple(change for change in marked if of.first and of.last and of.first < change.week <= of.last)


def by_week(
    rows: pd.DataFrame, code: str, rule: Rule = CLINIC, changes: Sequence[Change] = (), lag: int = 0
) -> pd.DataFrame:
    """Return one row for each ISO week from the first to the last one counted in the sums of a selection.

    Columns are `OverTheWeeks.columns`. A week below the minimum group has only NaN, but counts with its neighbours
    where four weeks are looked at together. Of these only the mark is told: from their sum a small week could be worked
    out. The current week is not finished: it is in no mean and never out.
    """
    weekly = rows.groupby("week")[["n", code]].sum()
    weekly.index = pd.to_datetime(weekly.index)
    mondays = pd.date_range(weekly.index.min(), weekly.index.max(), freq="7D")
    weekly = weekly.reindex(mondays, fill_value=0).astype(float).reset_index(drop=True)
    every = pd.DataFrame({"reported": weekly[code], "check_ins": weekly["n"]})
    known = every.where(every["check_ins"] >= rule.least)
    figures = rule.with_intervals(pd.DataFrame({"week": mondays.date}).join(known.apply(rule.published)))
    weeks = [*mondays.date]
    finished = np.array([week < clock.monday(clock.now()) for week in weeks])
    if rule != CLINIC:  # without blanked weeks the mean is too high
        finished[:] = False
    return figures.join(_limits(every, known, limits.stretches(weeks, changes, lag), finished))


def _limits(every: pd.DataFrame, known: pd.DataFrame, stretch: np.ndarray, finished: np.ndarray) -> pd.DataFrame:
    """Return the columns from `centre` on, from the counts of every week and of those that have figures."""
    stretch = np.where(finished, stretch, -1)
    means = limits.centres(known[_COUNTS], stretch)
    four = limits.together(every, stretch, CLINIC.least)
    centre = means["centre"]
    return limits.bounds(known["check_ins"], centre).assign(
        centre=centre.where(known["check_ins"].notna()),
        continued=means["continued"].map({True: "yes", False: ""}),
        outside=limits.out(known["reported"], known["check_ins"], centre),
        four_weeks=limits.out(four["reported"], four["check_ins"], centre),
    )[["centre", "lower", "upper", "continued", "outside", "four_weeks"]]
