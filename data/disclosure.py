"""Disclosure control: what may leave the clinic, so that no small group can be made out.

Source: NHS Digital, disclosure control for hospital statistics: counts of 1 to 9 are blanked here (there 1 to 7), all
others rounded to the nearest 5.
"""

import pandas as pd

from data import settings

SMALLEST, STEP = 10, 5


def published(counts: pd.Series, *, sharing: bool) -> pd.Series:
    """Return counts as they are or, for sharing, as they may leave: 1 to 9 as NaN, others to the nearest 5, 0 as 0.

    Every other figure must be computed from what this gives, so that it tells no more.
    """
    if not sharing:
        return counts
    return (STEP * (counts / STEP).round()).where((counts == 0) | (counts >= SMALLEST))


def least(*, sharing: bool) -> int:
    """Return the fewest check-ins of which there are figures."""
    return max(settings.current().min_group, SMALLEST if sharing else 1)
