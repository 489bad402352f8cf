"""Disclosure control: what may leave the clinic, so that no small group can be made out.

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
    """Counts from `smallest` on are published, rounded if `rounds`; 0 too, if `zero`. Any other is blank (NaN).

    Every other figure must be computed from what `published` gives, so that it tells no more, and only from
    `shares_from` check-ins on: of fewer, rounding could turn a difference round.
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
        """Return how many people there are of one kind, None where that may not be told."""
        told = self.published(pd.Series([people])).iloc[0]
        return None if 0 < people < self.least or pd.isna(told) else int(told)

    @property
    def least(self) -> int:
        """The fewest check-ins of which there are figures."""
        return max(settings.current().min_group, self.smallest)


CLINIC = Rule(rounds=False)
SHARING = Rule(10, shares_from=50)
# Parts add up to a total that another file may have: with 9 and 9 of "20", or 15, 15 and one of "25", a
# blank would be known. With 0 to 12 blank alike, none from 1 to 9 is, whatever the number of parts.
PARTS = Rule(13, zero=False, shares_from=50)
