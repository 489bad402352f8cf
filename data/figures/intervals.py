"""How sure a share is."""

import numpy as np
import pandas as pd

_Z = 1.959963984540054  # the 97.5th percentile of the standard normal distribution


def wilson(reported: pd.Series, check_ins: pd.Series, z: float = _Z) -> pd.DataFrame:
    """Return the Wilson score interval of each proportion: of 95 %, or `z` standard errors to each side.

    Takes counts with 0 <= reported <= check_ins; gives the columns `low` and `high` (0 to 1), NaN where `check_ins`
    is 0 or a count is NaN. Raises `ValueError` where a count breaks that rule.
    Source: Wilson, J. Am. Stat. Assoc. 22 (1927) 209-212.
    """
    if ((reported < 0) | (reported > check_ins)).any():
        raise ValueError("a count must lie between 0 and the number of its check-ins")
    n = check_ins.where(check_ins > 0).astype(float)
    share = reported / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    # Rounding must not move the end of an interval off 0 or 1, where it lies by definition.
    low = (centre - half).mask(reported == 0, 0.0).where(share.notna())
    high = (centre + half).mask(reported == check_ins, 1.0).where(share.notna())
    return pd.DataFrame({"low": low, "high": high})


def with_intervals(counts: pd.DataFrame, z: float = _Z) -> pd.DataFrame:
    """Return the frame with the columns `share`, `low` and `high` (0 to 1) of its `reported` and `check_ins`."""
    share = counts["reported"] / counts["check_ins"].where(counts["check_ins"] > 0)
    return counts.assign(share=share).join(wilson(counts["reported"], counts["check_ins"], z))


def newcombe(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Return the 95 % Newcombe interval of the difference of two independent proportions, a - b.

    Takes frames with `share`, `low` and `high`, the latter two of `wilson`; gives the columns `low` and `high` (-1 to
    1), NaN where a share is. Source: Newcombe, Statist. Med. 17 (1998) 873-890, method 10.
    """
    difference = a["share"] - b["share"]
    below = np.hypot(a["share"] - a["low"], b["high"] - b["share"])
    above = np.hypot(a["high"] - a["share"], b["share"] - b["low"])
    return pd.DataFrame({"low": difference - below, "high": difference + above})
