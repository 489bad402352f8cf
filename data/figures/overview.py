"""Every side effect at a glance: the latest four finished weeks, and whether they are out of the ordinary."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from data.catalogue import WINDOW_BY_CODE
from data.figures import limits
from data.figures.disclosure import CLINIC, Rule
from data.figures.frequencies import Frequencies
from data.figures.selections import Selection, sums
from data.figures.view import COLUMNS, View

GAP = "."  # in a line of shares
_UNTOLD: dict[str, Any] = {"mean": float("nan"), "latest_week": "", "latest_four_weeks": "", "line": ""}


class Overview(View):
    name = "Overview"
    columns: ClassVar = COLUMNS | {
        "mean": "share with which weeks are compared (0 to 1), of up to 52 finished weeks, or since a change; empty "
        "below 12 weeks with figures, and for sharing",
        "latest_week": "above or below where the latest finished week is out of the ordinary; empty for sharing",
        "latest_four_weeks": "the same of the latest four finished weeks together",
        "line": f"shares of each four weeks together in whole per cents, the latest last; {GAP} where they are too few",
    }

    @property
    def groups(self) -> dict[str, Selection]:
        return {self.selection.window: self.selection.of_weeks(limits.SPAN, before=1)}

    def table(self, groups: Sequence[Frequencies], rule: Rule, connection: Connection, /) -> pd.DataFrame | None:
        (group,) = groups
        if group.table is None or rule != CLINIC:
            return None if group.table is None else group.table.assign(**_UNTOLD)
        codes = [*group.selection.asked.codes, "none"]
        rows = sums(connection, self.selection.of_weeks(limits.MOST_WEEKS), ("n", *codes), ("week",))
        weekly = rows.set_index(pd.to_datetime(rows["week"]))[["n", *codes]]
        finished = pd.date_range(weekly.index.min(), str(group.selection.last), freq="7D")
        return group.table.join(self._latest(weekly.reindex(finished, fill_value=0)).reset_index(drop=True))

    def _latest(self, weekly: pd.DataFrame) -> pd.DataFrame:
        """Return what finished weeks say of the latest one and the latest four: a row for each counter after `n`."""
        n, lag = weekly.pop("n"), WINDOW_BY_CODE[self.selection.window].lag
        stretch = limits.stretches([*pd.DatetimeIndex(weekly.index).date], self.known.changes, lag)
        known = n.where(n >= CLINIC.least)
        mean = weekly.apply(lambda reported: _mean(reported.where(known.notna()), known, stretch))
        fours, four = weekly.rolling(limits.SPAN).sum(), n.rolling(limits.SPAN).sum()
        alike = limits.together(pd.DataFrame({"reported": n, "check_ins": n}), stretch, CLINIC.least)["check_ins"]
        shares = fours.mul(100).div(four.where(four >= CLINIC.least), axis=0)[limits.SPAN - 1 :]
        return pd.DataFrame(
            {
                "mean": mean,
                "latest_week": limits.out(weekly.iloc[-1], mean * 0 + known.iloc[-1], mean),
                "latest_four_weeks": limits.out(fours.iloc[-1], mean * 0 + alike.iloc[-1], mean),
                "line": shares.apply(lambda of: " ".join(of.map("{:.0f}".format, na_action="ignore").fillna(GAP))),
            }
        )


def _mean(reported: pd.Series, check_ins: pd.Series, stretch: np.ndarray) -> float:
    counts = pd.DataFrame({"reported": reported, "check_ins": check_ins})
    return float(limits.centres(counts, stretch)["centre"].iloc[-1])
