from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import std_prop

from data.figures import weeks
from data.figures.disclosure import SHARING

FIRST = date(2026, 6, 1)


def rows(*counts):
    """Return rows of tallies, a week each, of (n, headaches); None is a week without a row."""
    return pd.DataFrame(
        [
            {"week": (FIRST + timedelta(weeks=week)).isoformat(), "n": counted[0], "headache": counted[1]}
            for week, counted in enumerate(counts)
            if counted
        ]
    )


def known(table):
    return table[["reported", "check_ins", "share", "low", "high"]].notna().all(axis=1).tolist()


def test_a_week_below_the_minimum_group_is_a_gap_also_one_without_a_row(configure):
    table = weeks.by_week(rows((10, 3), (9, 9), None, None, (20, 0)), "headache")

    assert table["week"].tolist() == [FIRST + timedelta(weeks=week) for week in range(5)]
    assert known(table) == [True, False, False, False, True]
    assert table.loc[[1, 2, 3], ["reported", "check_ins", "share", "low", "high"]].isna().all(axis=None)
    assert table.loc[[0, 4], ["reported", "check_ins", "share"]].to_numpy().tolist() == [[3, 10, 0.3], [0, 20, 0]]
    assert table["outside"].tolist() == [""] * 5


def test_the_minimum_group_of_a_week_is_the_clinics(configure):
    configure(min_group=3)

    assert known(weeks.by_week(rows((2, 1), (3, 1), None, (4, 1)), "headache")) == [False, True, False, True]


def test_a_weeks_origins_and_languages_are_counted_together(configure):
    table = weeks.by_week(pd.concat([rows((6, 2), (10, 1)), rows((5, 3))]), "headache")

    assert table[["reported", "check_ins"]].to_numpy().tolist() == [[5, 11], [1, 10]]


def test_weeks_that_are_all_too_small_are_gaps_without_limits(configure):
    table = weeks.by_week(rows((9, 3), (9, 2)), "headache")

    assert table.drop(columns=["week", "outside"]).isna().all(axis=None)


def test_there_are_limits_from_twelve_weeks_with_figures_on(configure):
    eleven = weeks.by_week(rows(*[(20, 5)] * 6, (9, 1), None, *[(20, 5)] * 5), "headache")
    twelve = weeks.by_week(rows(*[(20, 5)] * 6, (9, 1), None, *[(20, 5)] * 6), "headache")

    limits = ["centre", "lower", "upper"]
    assert eleven[limits].isna().all(axis=None)
    assert twelve[limits].notna().all(axis=1).tolist() == known(twelve) == [True] * 6 + [False] * 2 + [True] * 6


def test_centre_and_limits_are_those_of_the_weeks_with_figures(configure):
    counts = [(10 + 7 * week, 1 + week % 5) for week in range(12)]
    table = weeks.by_week(rows((9, 9), *counts, None, (8, 8)), "headache")

    check_ins, reported = (np.array(column) for column in zip(*counts, strict=True))
    centre = reported.sum() / check_ins.sum()
    shown = table.dropna()
    assert len(shown) == 12
    assert np.allclose(shown["centre"], centre)
    assert np.allclose(shown["lower"], (centre - 3 * std_prop(centre, check_ins)).clip(0))
    assert np.allclose(shown["upper"], (centre + 3 * std_prop(centre, check_ins)).clip(max=1))


def test_a_week_beyond_a_limit_is_marked(configure):
    table = weeks.by_week(rows(*[(100, 30)] * 6, (100, 60), (100, 5), *[(100, 30)] * 6), "headache")

    assert table["outside"].tolist() == [*[""] * 6, "above", "below", *[""] * 6]


def test_many_or_few_of_a_small_week_are_not_out_of_the_ordinary(configure):
    table = weeks.by_week(rows(*[(100, 30)] * 6, (10, 6), (10, 0), *[(100, 30)] * 6), "headache")

    assert table["outside"].tolist() == [""] * 14


@pytest.mark.parametrize(
    ("n", "reported"),
    [(36, 27), (81, 54)],  # the centre is 1/2, so the limits are 1/2 ± 1/4 and 1/2 ± 1/6
)
def test_a_week_exactly_on_a_limit_is_not_outside(configure, n, reported):
    table = weeks.by_week(rows(*[(100, 50)] * 11, (n, reported), (n, n - reported)), "headache")

    assert table.loc[0, "centre"] == 0.5
    assert table["outside"].tolist() == [""] * 13


@pytest.mark.parametrize("share", [0, 1])
def test_where_everybody_answers_alike_no_week_is_outside(configure, share):
    table = weeks.by_week(rows(*[(20, 20 * share)] * 12), "headache")

    assert table[["share", "centre", "lower", "upper"]].drop_duplicates().to_numpy().tolist() == [[share] * 4]
    assert table["outside"].tolist() == [""] * 12


def test_for_sharing_counts_are_rounded_and_there_are_no_limits(configure):
    table = weeks.by_week(rows(*[(103, 48)] * 12, (12, 9), (9, 0), (17, 0)), "headache", SHARING)

    assert table["check_ins"].dropna().tolist() == [105] * 12 + [10, 15]
    assert table["reported"].dropna().tolist() == [50] * 12 + [0]
    assert np.allclose(table["share"].dropna(), [50 / 105] * 12)  # not of fewer than fifty
    assert table[["centre", "lower", "upper"]].isna().all(axis=None)
    assert table["outside"].tolist() == [""] * 15
