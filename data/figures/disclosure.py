"""Disclosure control: what may leave the clinic, so that no small group can be identified.

Source: NHS Digital, disclosure control for hospital statistics: small counts are blanked (there 1 to 7, here 1 to 9),
all others rounded to the nearest 5.
"""

from dataclasses import dataclass

import pandas as pd

from data import settings
from data.figures import intervals

STEP = 5


@dataclass(frozen=True)
class Rule:
    """Publish counts of `smallest` or more, rounded if `rounds`, and 0 if `zero`; any other is blank (NaN).

    All other figures must be computed from what `published` gives, so that they tell no more, and only for at least
    `shares_from` check-ins: with fewer, rounding could reverse a difference.
    """

    smallest: int = 1
    zero: bool = True
    rounds: bool = True
    shares_from: int = 0

    def published(self, counts: pd.Series) -> pd.Series:
        if not self.rounds:
            return counts
        return (STEP * (counts / STEP).round()).where((counts >= self.smallest) | (self.zero & (counts == 0)))

    def with_intervals(self, counts: pd.DataFrame) -> pd.DataFrame:
        """Return published counts with the columns of `intervals.with_intervals`."""
        figures = intervals.with_intervals(counts)
        figures.loc[figures["check_ins"] < self.shares_from, ["share", "low", "high"]] = float("nan")
        return figures

    def group(self, people: int) -> int | None:
        """Return the size of a group as it may be told, None where it may not."""
        told = self.published(pd.Series([people])).iloc[0]
        return None if 0 < people < self.least or pd.isna(told) else int(told)

    @property
    def least(self) -> int:
        """The fewest check-ins for which there are figures."""
        return max(settings.current().min_group, self.smallest)


CLINIC = Rule(rounds=False)
SHARING = Rule(10, shares_from=50)
# Parts add up to a total that another file may have: with 9 and 9 of "20", or 15, 15 and one of "25", a
# blank could be worked out. With 0 to 12 blank alike, none from 1 to 9 is, whatever the number of parts.
PARTS = Rule(13, zero=False, shares_from=50)
