"""Where chance alone would put a share: a week, and four weeks together, beyond it are out of the ordinary.

There is no rule for runs on one side of the mean: with a few dozen check-ins a week, a run of seven alone marks 9 to
84 % of charts in which nothing changed.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from data.figures import intervals
from data.figures.changes import Change

SPAN = 4  # weeks that are also looked at together
LEAST_WEEKS = 12  # with figures, before a stretch has limits of its own
MOST_WEEKS = 52
_TAIL = 0.00135  # beyond three standard errors of a normal distribution
_SURE = 2.8  # standard errors: so that a true halving is seen in four of five cases, not in every other one
_ROUNDING = 1e-12  # a share exactly on a limit is not out


def bounds(check_ins: pd.Series, centre: pd.Series) -> pd.DataFrame:
    """Return the columns `lower` and `upper` (0 to 1), which a share passes by chance in less than 0.135 % each.

    Limits of the mid-p binomial around a mean (0 to 1) by an expansion in closed form, so that they cost the same for
    any number of check-ins; NaN where one of these is. At the ends, where the expansion is rough, none and all of the
    check-ins are within them unless they are truly that rare.
    Source: Cornish & Fisher, Rev. Int. Stat. Inst. 5 (1938) 307-320.
    """
    n = check_ins.where(check_ins > 0).astype(float)
    middle, half = centre + 4 * (1 - 2 * centre) / (3 * n), 3 * np.sqrt(centre * (1 - centre) / n)
    lower = (middle - half).clip(0, 1).mask((1 - centre) ** n / 2 >= _TAIL, 0.0)
    upper = (middle + half).clip(0, 1).mask(centre**n / 2 >= _TAIL, 1.0)
    return pd.DataFrame({"lower": lower, "upper": upper})


def out(reported: pd.Series, check_ins: pd.Series, centre: pd.Series) -> pd.Series:
    """Return "above", "below" or "" for each count out of its check-ins, given the mean of its stretch."""
    limits, share = bounds(check_ins, centre), reported / check_ins.astype(float)
    beyond = [share > limits["upper"] + _ROUNDING, share < limits["lower"] - _ROUNDING]
    return pd.Series(np.select(beyond, ["above", "below"], ""), index=reported.index)


def stretches(weeks: Sequence[date], changes: Sequence[Change], lag: int) -> np.ndarray:
    """Return the number of each week's stretch, from 0; -1 where a change was made but may not show yet.

    A stretch begins `lag` weeks after a change: check-ins sent earlier can be of infusions before it.
    """
    at = np.array([week.toordinal() for week in weeks])
    made = [change.week.toordinal() for change in changes]
    number = sum(((at >= week + 7 * lag).astype(int) for week in made), np.zeros(len(at), int))
    waiting = sum(((at >= week) & (at < week + 7 * lag) for week in made), np.zeros(len(at), bool))
    return np.where(waiting, -1, number)


def centres(counts: pd.DataFrame, stretch: np.ndarray) -> pd.DataFrame:
    """Return the columns `centre` (0 to 1) and `continued` of finished weeks, given those that have figures.

    Takes `reported` and `check_ins`, NaN where a week has none. The centre is the mean of a stretch, or where that has
    fewer than `LEAST_WEEKS` weeks with figures that of the stretch before, which is then `continued`; NaN without any.
    """
    centre, continued = np.full(len(counts), np.nan), np.full(len(counts), fill_value=False)
    latest = np.nan
    for number in range(stretch.max(initial=-1) + 1):
        here = counts[stretch == number].dropna()
        has_own = len(here) >= LEAST_WEEKS
        latest = here["reported"].sum() / here["check_ins"].sum() if has_own else latest
        centre[stretch == number], continued[stretch == number] = latest, not has_own and latest == latest  # noqa: PLR0124 - not NaN
    return pd.DataFrame({"centre": centre, "continued": continued}, index=counts.index)


def together(counts: pd.DataFrame, stretch: np.ndarray, least: int) -> pd.DataFrame:
    """Return `reported` and `check_ins` of each four consecutive weeks of one stretch, in the row of the last of them.

    Takes every week's counts, also those too small to be shown; NaN where the four have fewer than `least` check-ins.
    """
    sums, numbers = (
        counts[["reported", "check_ins"]].rolling(SPAN).sum(),
        pd.Series(stretch, counts.index).rolling(SPAN),
    )
    whole = (numbers.min() == numbers.max()) & (stretch >= 0) & (sums["check_ins"] >= least)
    return sums.where(whole)


def halving_is_out(check_ins: float, centre: float) -> bool:
    """Return whether four weeks at half of the mean would be out, at so many check-ins a week."""
    n = round(SPAN * check_ins)
    return bool((out(pd.Series([round(n * centre / 2)]), pd.Series([n]), pd.Series([centre])) == "below").iloc[0])


def weeks_to_see(check_ins: float, centre: float, before: int) -> int | None:
    """Return the fewest weeks since a change after which its halving of the mean shows in before and since.

    That is where Newcombe's interval at 2.8 standard errors, of the counts to be expected from `before` weeks and from
    those since, excludes zero; None where 52 weeks are not enough.
    """
    since = np.arange(1, MOST_WEEKS + 1) * check_ins
    a = intervals.with_intervals(pd.DataFrame({"reported": since * centre / 2, "check_ins": since}), z=_SURE)
    then = pd.DataFrame({"reported": [before * check_ins * centre], "check_ins": [before * check_ins]})
    b = intervals.with_intervals(then, z=_SURE).loc[[0] * len(a)].reset_index(drop=True)
    seen = np.flatnonzero(intervals.newcombe(a, b)["high"] < 0)
    return int(seen[0]) + 1 if len(seen) else None
