"""How sure a share is."""

import numpy as np
import pandas as pd

_Z = 1.959963984540054  # the 97.5th percentile of the standard normal distribution


def wilson(reported: pd.Series, check_ins: pd.Series) -> pd.DataFrame:
    """Return the 95 % Wilson score interval of each proportion.

    Takes counts with 0 <= reported <= check_ins; gives the columns `low` and `high` (0 to 1), NaN where `check_ins`
    is 0. Raises `ValueError` where a count breaks that rule.
    Source: Wilson, J. Am. Stat. Assoc. 22 (1927) 209-212.
    """
    if not ((reported >= 0) & (reported <= check_ins)).all():
        raise ValueError("a count must lie between 0 and the number of its check-ins")
    n = check_ins.where(check_ins > 0).astype(float)
    share = reported / n
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    # Rounding must not move the end of an interval off 0 or 1, where it lies by definition.
    low = (centre - half).mask(reported == 0, 0.0).where(n.notna())
    high = (centre + half).mask(reported == check_ins, 1.0).where(n.notna())
    return pd.DataFrame({"low": low, "high": high})
