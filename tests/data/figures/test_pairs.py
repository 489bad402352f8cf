import numpy as np
import pandas as pd
import pytest

from data.catalogue import CODES, LABELS
from data.figures import intervals, pairs
from data.figures.disclosure import SHARING
from data.storage.columns import PAIR_COLUMNS


@pytest.fixture(autouse=True)
def clinic(configure):
    """Let the clinic's minimum group be the default, 10."""


def counted(check_ins, reported, both):
    """Return the table and the rows of tallies, two weeks, of counts by code and by pair of codes."""
    counts = pd.DataFrame(
        {"side_effect": LABELS.values(), "reported": [reported.get(code, 0) for code in CODES], "check_ins": check_ins}
    )
    week = {column: both.get(pair, 0) for column, pair in PAIR_COLUMNS.items()}
    return intervals.with_intervals(counts), pd.DataFrame([week, dict.fromkeys(week, 0)])


def test_a_row_has_what_would_be_expected_and_how_often_it_is_that():
    table = pairs.ticked_together(*counted(50, {"nausea": 20, "dizziness": 30}, {("nausea", "dizziness"): 18}))

    assert table.loc[0].tolist() == [LABELS["nausea"], LABELS["dizziness"], 18, 50, 20 * 30 / 50, 18 / 12]


def test_there_is_one_row_for_each_of_the_91_pairs():
    table = pairs.ticked_together(*counted(50, {}, {}))

    labels = list(LABELS.values())
    told = list(zip(table["first"], table["second"], strict=True))
    assert len(told) == len({frozenset(pair) for pair in told}) == 91
    assert all(labels.index(first) < labels.index(second) for first, second in told)
    assert set(table["check_ins"]) == {50}


def test_the_most_frequent_pair_comes_first_and_ties_stay_in_the_articles_order():
    both = {("sleep", "appetite"): 20, ("nausea", "headache"): 11, ("nausea", "vision"): 11, ("sleep", "bladder"): 10}
    reported = dict.fromkeys(("sleep", "appetite", "nausea", "headache", "vision", "bladder"), 20)
    table = pairs.ticked_together(*counted(40, reported, both)).dropna()

    order = [("sleep", "appetite"), ("nausea", "vision"), ("nausea", "headache"), ("sleep", "bladder")]
    assert table[["first", "second"]].to_numpy().tolist() == [[LABELS[code] for code in pair] for pair in order]
    assert table["both"].tolist() == [20, 11, 11, 10]


def test_a_pair_below_the_minimum_group_has_no_figure():
    both = {("nausea", "vision"): 9, ("nausea", "headache"): 10, ("vision", "headache"): 0}
    table = pairs.ticked_together(*counted(40, {"nausea": 20, "vision": 20, "headache": 20}, both))

    assert table.loc[0, ["both", "expected", "ratio"]].tolist() == [10, 10, 1]
    assert table.loc[1:, ["both", "expected", "ratio"]].isna().all(axis=None)


def test_a_pair_that_was_never_ticked_has_no_figure_however_small_the_minimum_group(configure):
    configure(min_group=1)

    table = pairs.ticked_together(*counted(4, {"nausea": 2, "vision": 2}, {("nausea", "vision"): 1}))

    assert table.loc[0, ["both", "expected", "ratio"]].tolist() == [1, 1, 1]
    assert table.loc[1:, ["both", "expected", "ratio"]].isna().all(axis=None)


def test_pairs_of_all_weeks_are_counted():
    table, week = counted(60, {"nausea": 30, "vision": 30}, {("nausea", "vision"): 12})

    assert pairs.ticked_together(table, pd.concat([week, week])).loc[0, "both"] == 24


def test_for_sharing_all_is_computed_from_published_counts():
    published, rows = counted(
        50, {"nausea": 20, "dizziness": 30}, {("nausea", "dizziness"): 18, ("nausea", "vision"): 9}
    )

    table = pairs.ticked_together(published, rows, SHARING)

    assert table.loc[0, ["both", "check_ins", "expected"]].tolist() == [20, 50, 12]
    assert np.isclose(table.loc[0, "ratio"], 20 / 12)
    assert table.loc[1:, ["both", "expected", "ratio"]].isna().all(axis=None)
