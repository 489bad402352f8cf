from collections import defaultdict
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from data import demonstration
from data.figures import views
from data.figures.disclosure import CLINIC, SHARING
from data.files import downloads
from data.staff import passphrase
from tests.app import PASSPHRASE
from tests.counted import ON_SQLITE, put, table_of

FIGURES = range(15, 12_001, 5)  # what a count may be when it leaves


def published(counts, *, least=0, rule=SHARING):
    """Return what leaves of counts, None for a blank; those below `least` are no figure at all."""
    shown = rule.published(pd.Series(counts, dtype=float))
    return [None if count < least or pd.isna(one) else int(one) for count, one in zip(counts, shown, strict=True)]


@settings(max_examples=100, deadline=None)
@given(counts=st.lists(st.integers(0, 10_000_000), max_size=20))
def test_a_published_count_is_blank_or_rounded_to_five(counts):
    for count, shown in zip(counts, published(counts), strict=True):
        if count <= 12:
            assert shown is None
        else:
            assert shown >= 15
            assert shown % 5 == 0
            assert abs(shown - count) <= 2


def test_what_stays_in_the_clinic_is_as_it_is():
    counts = pd.Series([0, 1, 9, 10, 11])

    assert CLINIC.published(counts) is counts


def test_what_is_blank_stays_blank():
    assert SHARING.published(pd.Series([np.nan, 13.0])).isna().tolist() == [True, False]


@settings(max_examples=100, deadline=None)
@given(check_ins=st.integers(13, 1_000_000), part=st.floats(0, 1))
def test_a_part_is_never_published_as_more_than_its_whole(check_ins, part):
    whole, rounded = published([check_ins, int(check_ins * part)])

    assert (rounded or 0) <= whole


@pytest.mark.parametrize(
    ("min_group", "inside", "shared"),
    [(1, 1, 13), (9, 9, 13), (10, 10, 13), (13, 13, 13), (14, 14, 14), (1000, 1000, 1000)],
)
def test_the_fewest_check_ins_are_the_clinics_and_for_sharing_at_least_thirteen(configure, min_group, inside, shared):
    configure(min_group=min_group)

    assert (CLINIC.least, SHARING.least) == (inside, shared)


@pytest.mark.parametrize("min_group", [1, 10, 11, 12, 13, 22, 23])
@pytest.mark.parametrize("parts_have_a_minimum", [False, True])
def test_no_exact_small_count_follows_from_a_total_and_a_part_of_it(configure, min_group, parts_have_a_minimum):
    """What is left of a total, such as what came between two exports, is never known to be one count from 1 to 9."""
    configure(min_group=min_group)
    least = SHARING.least
    totals = range(least, 80)
    total_shown = dict(zip(totals, published(totals), strict=True))
    part_shown = dict(enumerate(published(range(80), least=least if parts_have_a_minimum else 0)))

    rests = defaultdict(set)
    for total in totals:
        for part in range(total + 1):
            rests[total_shown[total], part_shown[part]].add(total - part)

    assert [told for told, rest in rests.items() if len(rest) == 1 and 1 <= min(rest) <= 9] == []


@ON_SQLITE
def test_a_file_for_sharing_tells_no_more_than_its_published_counts(prepared):
    demonstration.fill(12_000, 3, lambda _: None)
    token = passphrase.sign_in(PASSPHRASE, "address")

    def shared(name, **fields):
        return table_of(downloads.as_csv(token, views.chosen({"view": name} | fields), sharing=True))

    of = [{"window": "0-4 h"}, {"window": ">7 d", "origin": "Both"}, {"window": "4-24 h", "number": "1st"}]
    for name, fields in product(("Frequencies", "Since the infusion", "By infusion number"), of):
        table = shared(name, **fields)
        assert_published(table[["reported", "check_ins"]])
        assert_computed(table)
        assert list(table) == ["side_effect", "reported", "check_ins", "share", "low", "high", "group"]

    for fields in of:
        table = shared("Over the weeks", side_effect="Fatigue or drowsiness", **fields)
        assert_published(table[["reported", "check_ins"]])
        assert_computed(table)
        assert table[["centre", "lower", "upper", "continued", "outside", "four_weeks"]].isna().all(axis=None)

    for fields in of:
        sides = {"a": "Invited", "b": "Open link"} if fields["window"] == "0-4 h" else {}
        table = shared("Compare", **fields, **sides)
        assert_published(table[["reported_a", "check_ins_a", "reported_b", "check_ins_b"]])
        assert_compared(table)

    for fields in of:
        table = shared("Together", **fields)
        assert_published(table[["both", "check_ins"]])
        assert_computed(table.rename(columns={"both": "reported"}))
        assert table["expected"].isna().all()
        assert table["both"].dropna().is_monotonic_decreasing


def assert_published(counts):
    assert counts.isin(FIGURES).where(counts.notna(), True).all(axis=None)  # noqa: FBT003 - what stands for a blank
    assert counts.notna().any(axis=None)


def assert_computed(table):
    table = table.assign(reported=table["reported"].where(table["check_ins"] >= 50))  # of fewer there are no shares
    share = table["reported"] / table["check_ins"]
    low, high = np.array([proportion_confint(*one, method="wilson") for one in counts_of(table)]).T
    for column, expected in {"share": share, "low": pd.Series(low), "high": pd.Series(high)}.items():
        assert_same(table[column], expected)


def assert_compared(table):
    for side in "ab":
        enough = table[f"check_ins_{side}"] >= 50
        table = table.assign(**{f"reported_{side}": table[f"reported_{side}"].where(enough)})
        assert_same(table[f"share_{side}"], table[f"reported_{side}"] / table[f"check_ins_{side}"])
    assert_same(table["difference"], table["share_a"] - table["share_b"])
    known = table[table["difference"].notna()]
    if known.empty:
        return
    assert table[table["difference"].isna()][["low", "high"]].isna().all(axis=None)
    intervals = [
        confint_proportions_2indep(*a, *b, method="newcomb")
        for a, b in zip(counts_of(known, "_a"), counts_of(known, "_b"), strict=True)
    ]
    assert np.allclose(known[["low", "high"]], intervals, atol=0.0201)  # the ends of both shares are rounded too


def counts_of(table, side=""):
    return table[[f"reported{side}", f"check_ins{side}"]].to_numpy()


def assert_same(written, expected):
    """Compare with what is written in whole per cents."""
    assert np.allclose(written.astype(float), expected, atol=0.0051, equal_nan=True)
    assert ((100 * written.dropna().astype(float)) % 1).round(6).isin([0, 1]).all()


@pytest.mark.parametrize("number", [2, 3])
def test_no_exact_small_count_follows_from_a_total_and_all_its_parts(configure, number):
    """The total is of one file, the parts of another: two origins, or three weeks, each with enough check-ins."""
    whole, part = published(range(120)), published(range(50))

    possible = defaultdict(set)
    for *others, last in product(*[range(40)] * (number - 1), range(13)):
        possible[whole[sum(others) + last], *(part[other] for other in others)].add(last)

    exact = {(told, *last) for told, last in possible.items() if len(last) == 1 and 1 <= min(last) <= 9}
    assert exact == set()


def test_of_parts_side_by_side_zero_to_twelve_look_alike():
    assert published(range(16)) == [None] * 13 + [15, 15, 15]


@ON_SQLITE
def test_the_header_tells_no_part_from_which_another_small_count_would_follow(prepared):
    put(9, origin="open")
    put(9, origin="invited", number_band="1st")
    token = passphrase.sign_in(PASSPHRASE, "address")

    told = downloads.as_csv(token, views.chosen({"origin": "Both", "view": "Frequencies"}), sharing=True).decode()

    assert "20 check-ins, few of them by the open link" in told
    assert SHARING.published(pd.Series([0, 9, 12])).isna().all()  # so "few" may be none as well
