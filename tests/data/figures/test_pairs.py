from itertools import chain

import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from data.catalogue import CODES, LABELS
from data.figures import pairs
from data.figures.disclosure import SHARING
from data.figures.expectations import expected_pairs
from data.storage.columns import PAIR_COLUMNS, TICKED

FIGURES = ["both", "share", "low", "high", "expected"]


@pytest.fixture(autouse=True)
def clinic(configure):
    """Let the clinic's minimum group be the default, 10."""


def counted(*people):
    """Return the sums of a selection, in two weeks; `people` are numbers of check-ins, each with what they ticked."""
    rows = []
    for number, *codes in people:
        row = {"n": number, "none": 0 if codes else number}
        row |= {code: number if code in codes else 0 for code in CODES}
        row |= {name: number if len(codes) == ticks else 0 for ticks, name in enumerate(TICKED, 1)}
        rows.append(row | {name: number if {*pair} <= {*codes} else 0 for name, pair in PAIR_COLUMNS.items()})
    return pd.DataFrame(rows)


def of(table, first, second):
    return table[(table["first"] == LABELS[first]) & (table["second"] == LABELS[second])].iloc[0]


def test_a_row_has_its_interval_and_what_would_be_expected():
    table = pairs.ticked_together(
        counted((18, "nausea", "dizziness"), (12, "nausea"), (9, "dizziness", "vision"), (11,))
    )

    low, high = proportion_confint(18, 50, method="wilson")
    matrix = expected_pairs(
        pd.Series({"nausea": 30, "dizziness": 27, "vision": 9})[["nausea", "vision", "dizziness"]].to_numpy(),
        pd.Series([11, 12, 27, 0]).to_numpy(),
    )
    row = of(table, "nausea", "dizziness")
    assert row[["both", "check_ins", "share"]].tolist() == [18, 50, 0.36]
    assert row[["low", "high", "expected"]].tolist() == pytest.approx([low, high, matrix[0, 2]])


def test_there_is_one_row_for_each_of_the_91_pairs():
    table = pairs.ticked_together(counted((50,)))

    labels = list(LABELS.values())
    told = list(zip(table["first"], table["second"], strict=True))
    assert len(told) == len({frozenset(pair) for pair in told}) == 91
    assert all(labels.index(first) < labels.index(second) for first, second in told)
    assert set(table["check_ins"]) == {50}


def test_the_most_frequent_pair_comes_first_and_ties_stay_in_the_articles_order():
    order = [("sleep", "appetite"), ("nausea", "vision"), ("nausea", "headache"), ("sleep", "bladder")]
    table = pairs.ticked_together(
        counted(*((number, *pair) for number, pair in zip((20, 11, 11, 10), order, strict=True)))
    ).dropna()

    assert table[["first", "second"]].to_numpy().tolist() == [[LABELS[code] for code in pair] for pair in order]
    assert table["both"].tolist() == [20, 11, 11, 10]


@pytest.mark.parametrize("minimum", [1, 10])
def test_a_pair_below_the_minimum_group_or_never_ticked_has_no_figure(configure, minimum):
    configure(min_group=minimum)

    table = pairs.ticked_together(counted((minimum, "nausea", "headache"), (minimum - 1, "nausea", "vision"), (30,)))

    assert of(table, "nausea", "headache")["both"] == minimum
    assert table.loc[1:, FIGURES].isna().all(axis=None)


def test_pairs_of_all_weeks_are_counted():
    week = counted((12, "nausea", "vision"), (48,))

    assert pairs.ticked_together(pd.concat([week, week])).loc[0, "both"] == 24


def test_what_is_expected_of_all_pairs_is_what_was_reported_of_all_pairs():
    table = pairs.ticked_together(counted((20, "nausea", "vision"), (15, "nausea", "sleep", "vision"), (12, "sleep")))

    assert sum(table["both"].dropna()) == 20 + 3 * 15
    assert table["expected"].sum() == pytest.approx(65)


def test_for_sharing_all_is_computed_from_published_counts_and_nothing_is_expected():
    both = [(18, "nausea", "dizziness"), (9, "nausea", "vision"), (26,)]
    table = pairs.ticked_together(counted(*both), SHARING)

    assert table.loc[0, ["both", "check_ins"]].tolist() == [20, 55]
    assert table.loc[0, "share"] == pytest.approx(20 / 55, abs=0.005)
    assert table["expected"].isna().all()
    assert table.loc[1:, FIGURES].isna().all(axis=None)
    assert not {*chain(*both)} & {*table["first"]}
