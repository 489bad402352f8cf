from itertools import product

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from data.figures import intervals


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


def counted(*counts):
    """Return shares and intervals of pairs (reported, check_ins)."""
    return intervals.with_intervals(pd.DataFrame(counts, columns=["reported", "check_ins"]))


@pytest.mark.parametrize(
    ("a", "b", "low", "high"),
    [  # Newcombe 1998, table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_known_intervals_of_a_difference(a, b, low, high):
    interval = intervals.newcombe(counted(a), counted(b)).round(4)

    assert interval.loc[0].tolist() == [low, high]


def test_intervals_of_a_difference_equal_those_of_statsmodels():
    sides = [(k, n) for n in (1, 10, 37, 1000) for k in sorted({0, 1, n // 3, n})]
    pairs = list(product(sides, sides))

    ours = intervals.newcombe(counted(*(a for a, _ in pairs)), counted(*(b for _, b in pairs)))

    theirs = [confint_proportions_2indep(*a, *b, method="newcomb") for a, b in pairs]
    assert np.allclose(ours, theirs, atol=1e-12)
    assert ours["low"].min() >= -1
    assert ours["high"].max() <= 1


def test_sides_that_are_changed_over_turn_the_interval_of_the_difference_round():
    a, b = counted((5, 56), (0, 10)), counted((0, 29), (10, 10))

    there, back = intervals.newcombe(a, b), intervals.newcombe(b, a)

    assert np.allclose(there, -back[["high", "low"]].to_numpy(), atol=1e-15)


def test_without_one_of_two_shares_their_difference_has_no_interval():
    known, unknown = counted((3, 10), (3, 10)), counted((np.nan, 10), (0, 0))

    assert intervals.newcombe(known, unknown).isna().all(axis=None)
    assert intervals.newcombe(unknown, known).isna().all(axis=None)


def test_what_is_not_known_has_neither_share_nor_interval():
    known = counted((np.nan, 10), (0, 0), (0, 10)).notna().all(axis=1)

    assert known.tolist() == [False, False, True]
