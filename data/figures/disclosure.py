"""Disclosure control: what may leave the clinic, so that no small group can be identified.

Source: NHS Digital, disclosure control for hospital statistics: small counts are blanked (there 1 to 7), all others
rounded to the nearest 5. Here 0 to 12 are blanked alike: groups side by side, or two files, add up to a total, and with
9 and 9 of "20", or 15, 15 and one of "25", a blank could be worked out. So none from 1 to 9 can, whatever the number of
parts: numbers, origins, languages or devices. Where two filters cross, such as language and device, it sometimes can:
by whoever has the files of each choice, of both and of all. The operator's guide says so.

Inside the clinic figures are exact: somebody who is signed in can subtract those of a part from those of all, and has
the rest even where it is below the minimum. The minimum keeps a group from being shown by itself, no more than that.
"""

from dataclasses import dataclass

import pandas as pd

from data import settings
from data.figures import intervals

STEP = 5


@dataclass(frozen=True)
class Rule:
    """Publish counts of `smallest` or more, rounded if `rounds`; any other is blank (NaN).

    All other figures must be computed from what `published` gives, so that they tell no more, and only for at least
    `shares_from` check-ins: with fewer, rounding could reverse a difference. If it rounds, they are whole per cents.
    """

    smallest: int = 1
    rounds: bool = True
    shares_from: int = 0

    def published(self, counts: pd.Series) -> pd.Series:
        if not self.rounds:
            return counts
        return (STEP * (counts / STEP).round()).where(counts >= self.smallest)

    def shares(self, shares: pd.DataFrame) -> pd.DataFrame:
        """Return shares or their differences (-1 to 1) as they may be told."""
        return shares.round(2) if self.rounds else shares

    def with_intervals(self, counts: pd.DataFrame) -> pd.DataFrame:
        """Return published counts with the columns of `intervals.with_intervals`."""
        figures, shares = intervals.with_intervals(counts), ["share", "low", "high"]
        figures[shares] = self.shares(figures[shares])
        figures.loc[figures["check_ins"] < self.shares_from, shares] = float("nan")
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
SHARING = Rule(13, shares_from=50)
