from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from data.figures import limits
from data.figures.changes import Change

FIRST = date(2026, 1, 5)


def marked(k, n, c):
    """Return whether counts (of any shape) are out, by the product's own function."""
    shape = np.shape(k)
    flat = (pd.Series(np.broadcast_to(each, shape).ravel()) for each in (k, n, c))
    return limits.out(*flat).to_numpy().reshape(shape)


def test_limits_are_within_one_count_of_the_mid_p_binomial():
    for n in (10, 15, 26, 40, 104, 200, 800):
        k = np.arange(n + 1)
        for c in (0.005, 0.02, 0.05, 0.13, 0.25, 0.5, 0.6, 0.9, 0.98):
            exactly = binom.pmf(k, n, c) / 2
            above, below = binom.sf(k, n, c) + exactly < 0.00135, binom.cdf(k - 1, n, c) + exactly < 0.00135
            found = marked(k, n, c)
            assert abs((found == "above").sum() - above.sum()) <= 1, (n, c)
            assert abs((found == "below").sum() - below.sum()) <= 1, (n, c)


def test_none_and_all_are_out_only_where_they_are_that_rare():
    n, c = np.meshgrid(np.arange(10, 120), np.arange(0.01, 0.5, 0.01))
    is_rare = (1 - c) ** n / 2 < 0.00135

    for found, side in ((marked(0 * n, n, c), "below"), (marked(n, n, 1 - c), "above")):
        assert is_rare[found == side].all()
        assert (found == side).any()


def test_without_check_ins_or_a_mean_nothing_is_out():
    assert marked([0, 5, 5], [0, np.nan, 10], [0.3, 0.3, np.nan]).tolist() == ["", "", ""]


def charts(random, weeks, n, shares):
    """Return in which part of many charts a week or four together are out; `shares` are the true ones of each week."""
    check_ins = random.poisson(n, (1000, weeks))
    reported, known = random.binomial(check_ins, shares), check_ins >= 10
    centre = (reported * known).sum(1, keepdims=True) / (check_ins * known).sum(1, keepdims=True)
    four = [np.lib.stride_tricks.sliding_window_view(counts, 4, axis=1).sum(2) for counts in (reported, check_ins)]
    weekly = marked(reported, np.where(known, check_ins, np.nan), np.broadcast_to(centre, reported.shape))
    together = marked(*four, np.broadcast_to(centre, four[0].shape))
    return np.mean((weekly != "").any(1) | (together != "").any(1))


@pytest.mark.parametrize(("weeks", "most"), [(26, 0.08), (52, 0.19)])
@pytest.mark.parametrize("n", [12, 26, 60, 200])
@pytest.mark.parametrize("share", [0.02, 0.13, 0.4, 0.9])
def test_few_charts_in_which_nothing_changed_have_a_mark(weeks, most, n, share):
    noise = 2 * (most * (1 - most) / 1000) ** 0.5  # of the simulation itself

    assert charts(np.random.default_rng(n), weeks, n, share) <= most + noise


def test_a_halving_is_seen_where_three_sigma_limits_would_be_blind():
    halved = np.where(np.arange(26) < 14, 0.25, 0.125)

    assert charts(np.random.default_rng(1), 26, 26, halved) > 0.5


def test_four_weeks_count_together_where_one_is_too_small_and_not_across_a_change():
    counts = pd.DataFrame({"reported": [1.0] * 9, "check_ins": [4.0] * 8 + [20.0]})

    sums = limits.together(counts, np.array([0, 0, 0, 0, 1, 1, 1, 1, 1]), 10)

    assert sums["check_ins"].tolist() == [
        pytest.approx(n, nan_ok=True) for n in (*[np.nan] * 3, 16, *[np.nan] * 3, 16, 32)
    ]


def test_a_stretch_begins_once_the_window_of_earlier_infusions_is_over():
    weeks = [FIRST + timedelta(weeks=week) for week in range(8)]
    changes = [Change(1, weeks[0] - timedelta(weeks=9), "before"), Change(2, weeks[3], "new antiemetic")]

    assert limits.stretches(weeks, changes, 0).tolist() == [1, 1, 1, 2, 2, 2, 2, 2]
    assert limits.stretches(weeks, changes, 4).tolist() == [1, 1, 1, -1, -1, -1, -1, 2]


def test_the_mean_before_goes_on_until_twelve_weeks_stand_since():
    counts = pd.DataFrame({"reported": [8.0] * 12 + [2.0] * 12, "check_ins": [20.0] * 24})

    for since, centre, continued in ((11, 0.4, True), (12, 0.1, False)):
        means = limits.centres(counts[: 12 + since], np.repeat([0, 1], (12, since)))
        assert means["centre"].tolist() == pytest.approx([0.4] * 12 + [centre] * since)
        assert means["continued"].tolist() == [False] * 12 + [continued] * since
    assert limits.centres(counts[:11], np.zeros(11, int))["centre"].isna().all()


def test_how_soon_a_halving_shows_follows_from_the_number_of_check_ins():
    assert limits.weeks_to_see(26, 0.13, 26) in range(9, 16)
    assert limits.weeks_to_see(26, 0.13, 26) > limits.weeks_to_see(100, 0.13, 26)
    assert limits.weeks_to_see(10, 0.01, 26) is None
    assert [limits.halving_is_out(26, centre) for centre in (0.13, 0.6)] == [False, True]


def test_what_is_out_is_beyond_the_limits_that_are_drawn_also_at_the_ends():
    for n in (10, 26, 104):
        k = np.arange(n + 1)
        for c in (0.005, 0.01, 0.02, 0.13, 0.25, 0.5, 0.9, 0.99):
            lower, upper = limits.bounds(pd.Series([n]), pd.Series([c])).iloc[0]

            assert 0 <= lower <= c <= upper <= 1
            found = np.select([k / n > upper + 1e-12, k / n < lower - 1e-12], ["above", "below"], "")
            assert (found == marked(k, n, c)).all()


def test_at_ten_million_a_week_the_limits_are_three_standard_errors_away():
    bounds = limits.bounds(pd.Series([10_000_000]), pd.Series([0.2])).iloc[0]

    assert bounds.tolist() == pytest.approx([0.2 - 1.2 / 10_000_000**0.5, 0.2 + 1.2 / 10_000_000**0.5], abs=1e-6)
