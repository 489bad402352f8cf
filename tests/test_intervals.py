import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from data import intervals


@pytest.mark.parametrize(
    ("reported", "check_ins", "low", "high"),
    [
        (0, 5, 0, 43.4),
        (0, 10, 0, 27.8),
        (0, 20, 0, 16.1),
        (0, 30, 0, 11.4),
        (1, 10, 1.8, 40.4),
        (3, 10, 10.8, 60.3),
        (10, 20, 29.9, 70.1),
    ],
)
def test_known_intervals(reported, check_ins, low, high):
    interval = intervals.wilson(pd.Series([reported]), pd.Series([check_ins])).loc[0]

    assert [round(100 * interval["low"], 1), round(100 * interval["high"], 1)] == [low, high]


def test_intervals_equal_those_of_statsmodels():
    counts = pd.DataFrame(
        [(k, n) for n in (1, 2, 7, 10, 99, 1000, 10_000_000) for k in {0, 1, n // 3, n}], columns=["k", "n"]
    )

    ours = intervals.wilson(counts["k"], counts["n"])

    low, high = proportion_confint(counts["k"], counts["n"], method="wilson")
    assert np.allclose(ours["low"], low, atol=1e-12)
    assert np.allclose(ours["high"], high, atol=1e-12)


def test_without_a_check_in_there_is_no_interval():
    assert intervals.wilson(pd.Series([0]), pd.Series([0])).isna().all(axis=None)


@pytest.mark.parametrize(("reported", "check_ins"), [(-1, 3), (4, 3), (1, 0)])
def test_impossible_counts_are_refused(reported, check_ins):
    with pytest.raises(ValueError, match="between 0 and the number"):
        intervals.wilson(pd.Series([reported]), pd.Series([check_ins]))
