from datetime import UTC, date, datetime, time, timedelta

import pandas as pd
import pytest

from data.figures import weeks
from data.figures.changes import Change
from data.figures.disclosure import SHARING

FIRST = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def long_after(set_clock):
    """Let every week be finished."""
    set_clock(datetime(2027, 6, 1, 12, tzinfo=UTC))


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

    assert table.drop(columns=["week", "outside", "four_weeks", "continued"]).isna().all(axis=None)


def test_there_are_limits_from_twelve_weeks_with_figures_on(configure):
    eleven = weeks.by_week(rows(*[(20, 5)] * 6, (9, 1), None, *[(20, 5)] * 5), "headache")
    twelve = weeks.by_week(rows(*[(20, 5)] * 6, (9, 1), None, *[(20, 5)] * 6), "headache")

    limits = ["centre", "lower", "upper"]
    assert eleven[limits].isna().all(axis=None)
    assert twelve[limits].notna().all(axis=1).tolist() == known(twelve) == [True] * 6 + [False] * 2 + [True] * 6


def test_the_centre_is_that_of_the_finished_weeks_with_figures(configure, set_clock):
    counts = [(10 + 7 * week, 1 + week % 5) for week in range(12)]
    set_clock(datetime.combine(FIRST + timedelta(weeks=14), time(12), UTC))
    table = weeks.by_week(rows((9, 9), *counts, None, (80, 80)), "headache")

    check_ins, reported = (sum(column) for column in zip(*counts, strict=True))
    assert table["centre"].dropna().tolist() == pytest.approx([reported / check_ins] * 12)
    assert table.iloc[-1][["centre", "lower", "upper"]].isna().all()
    assert table.iloc[-1]["outside"] == table.iloc[-1]["four_weeks"] == ""


def test_a_week_beyond_a_limit_is_marked_and_so_are_four_together(configure):
    table = weeks.by_week(rows(*[(100, 30)] * 14, (100, 60), (100, 5), *[(100, 18)] * 4), "headache")

    assert table["outside"].tolist() == [*[""] * 14, "above", "below", *[""] * 4]
    assert table["four_weeks"].tolist() == [*[""] * 14, "above", "", "", "", "below", "below"]


def test_four_weeks_together_count_a_week_too_small_to_be_shown_whose_counts_stay_untold(configure):
    small = [(26, 0), (9, 0), (26, 0), (26, 0)]
    table = weeks.by_week(rows(*[(26, 4)] * 12, *small), "headache")

    assert table["four_weeks"].tolist() == [*[""] * 15, "below"]
    assert table.loc[13, ["reported", "check_ins", "share", "centre", "lower", "upper"]].isna().all()


def test_after_a_change_the_limits_before_go_on_until_twelve_weeks_stand_since(configure):
    change = [Change(1, FIRST + timedelta(weeks=12), "new antiemetic")]

    early, late = (
        weeks.by_week(rows(*[(50, 20)] * 12, *[(50, 5)] * since), "headache", changes=change) for since in (11, 12)
    )
    assert early["continued"].tolist() == [""] * 12 + ["yes"] * 11
    assert early["centre"].tolist() == pytest.approx([0.4] * 23)
    assert early["four_weeks"].tolist() == [""] * 15 + ["below"] * 8
    assert late["centre"].tolist() == pytest.approx([0.4] * 12 + [0.1] * 12)
    assert set(late["four_weeks"]) == set(late["continued"]) == {""}


def test_the_weeks_in_which_a_change_cannot_show_yet_belong_to_no_stretch(configure):
    change = [Change(1, FIRST + timedelta(weeks=12), "new antiemetic")]

    table = weeks.by_week(rows(*[(50, 20)] * 12, *[(50, 5)] * 6), "headache", changes=change, lag=4)

    assert table["centre"].isna().tolist() == [False] * 12 + [True] * 4 + [False] * 2
    assert table["outside"].tolist() == [""] * 16 + ["below"] * 2


@pytest.mark.parametrize("share", [0, 1])
def test_where_everybody_answers_alike_no_week_is_outside(configure, share):
    table = weeks.by_week(rows(*[(20, 20 * share)] * 12), "headache")

    assert table[["share", "centre"]].drop_duplicates().to_numpy().tolist() == [[share] * 2]
    assert set(table["outside"]) == set(table["four_weeks"]) == {""}


def test_for_sharing_counts_are_rounded_and_there_are_no_limits(configure):
    table = weeks.by_week(rows(*[(103, 48)] * 12, (12, 9), (9, 0), (17, 0)), "headache", SHARING)

    assert table["check_ins"].dropna().tolist()[:12] == [105] * 12
    assert table["reported"].dropna().tolist()[:12] == [50] * 12
    assert table[["centre", "lower", "upper"]].isna().all(axis=None)
    assert set(table["outside"]) == set(table["four_weeks"]) == {""}
