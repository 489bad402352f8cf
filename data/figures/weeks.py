"""How the share of one side effect goes over the weeks, and whether a week is out of the ordinary."""

import numpy as np
import pandas as pd

from data.figures import intervals
from data.figures.disclosure import CLINIC, Rule

LEAST_WEEKS = 12  # with figures, before there are control limits
MOST_WEEKS = 52  # that stand in one chart
_ROUNDING = 1e-12  # a week exactly on a limit is not outside


def of(rows: pd.DataFrame, code: str, rule: Rule = CLINIC) -> pd.DataFrame:
    """Return one row for each ISO week from the first to the last one counted in the rows of a selection's tallies.

    Columns: `week` (its Monday), `reported`, `check_ins`, `share`, `low`, `high` (0 to 1, 95 % Wilson interval),
    `centre`, `lower` and `upper` (0 to 1, p-chart), `outside` ("above", "below" or ""). A week below the minimum group
    has NaN only; the three of the p-chart are NaN as long as fewer than twelve weeks have figures, and for sharing.
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
