from math import sqrt

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from data import clock, demonstration
from data.catalogue import LABELS
from data.figures import changes, views
from data.figures.overview import Overview
from data.figures.selections import Selection
from data.files import downloads
from data.staff import passphrase
from tests.app import PASSPHRASE
from tests.counted import ON_SQLITE, ago, put, stored, table_of

ROWS = [*LABELS.values(), "None of these"]
LAG = {"0-4 h": 0, "4-24 h": 0, "1-7 d": 1, ">7 d": 4}


@pytest.fixture
def token(prepared):
    return passphrase.sign_in(PASSPHRASE, "address")


def read(token, **fields):
    return views.read(token, views.chosen({"view": "Overview"} | fields, views.known(token)))


def row(token, side_effect="Headache", **fields):
    return read(token, origin="Both", **fields).table.set_index("side_effect").loc[side_effect]


def put_weeks(first, last, number=20, headaches=5, **columns):
    """Store check-ins of each week from one to another, both so many weeks ago."""
    for weeks_ago in range(last, first + 1):
        put(headaches, "headache", weeks_ago=weeks_ago, **columns)
        put(number - headaches, weeks_ago=weeks_ago, **columns)


def is_out(k, n, c):
    """Return what the rule says of one count, written down again without the code under test."""
    if n < 10 or np.isnan(c):
        return ""
    middle, half = c + 4 * (1 - 2 * c) / (3 * n), 3 * sqrt(c * (1 - c) / n)
    if k / n > middle + half and (k < n or c**n / 2 < 0.00135):
        return "above"
    return "below" if k / n < middle - half and (k > 0 or (1 - c) ** n / 2 < 0.00135) else ""


def recomputed(code, rows, lag, changed):
    """Return the row of a side effect from the raw rows of one window, `changed` so many weeks ago."""
    weeks = {back: rows[rows["back"] == back] for back in range(51, 0, -1)}
    counts = {back: (int(those[code].sum()), len(those)) for back, those in weeks.items()}
    total = lambda backs: np.sum([counts[back] for back in backs], axis=0)  # noqa: E731 - it reads better here
    four, mean, alike = (4, 3, 2, 1), float("nan"), True
    for stretch in (range(51, changed, -1), range(changed - lag, 0, -1)):
        known = [back for back in stretch if counts[back][1] >= 10]
        mean = np.divide(*total(known)) if len(known) >= 12 else mean
        alike = set(four) <= set(stretch)
    (k, n), latest = total(four), counts[1]
    spans = [total(range(back + 3, back - 1, -1)) for back in range(max(rows["back"]) - 3, 0, -1)]
    return {
        "reported": k,
        "check_ins": n,
        "share": k / n,
        **dict(zip(("low", "high"), proportion_confint(k, n, method="wilson"), strict=True)),
        "mean": mean,
        "latest_week": is_out(*latest, mean),
        "latest_four_weeks": is_out(k, n, mean) if alike else "",
        "line": " ".join(f"{100 * k / n:.0f}" if n >= 10 else "." for k, n in spans),
    }


@pytest.mark.parametrize("window", LAG)
@pytest.mark.parametrize("changed", [8, 20])
def test_every_figure_follows_from_the_rows(token, window, changed):
    demonstration.fill(4000, changed, lambda _: None)
    for mark in views.known(token).changes:
        changes.remove(token, mark.id)
    changes.add(token, clock.monday(ago(changed)), "new antiemetic")
    put(7, "headache", weeks_ago=30, window=window, origin="invited")

    table = read(token, window=window).table

    rows = stored()
    monday = pd.to_datetime(rows["week"])
    rows["back"] = (pd.Timestamp(clock.monday(clock.now())) - monday).dt.days // 7
    rows = rows[(rows["window"] == window) & (rows["origin"] == "invited") & rows["back"].between(1, 51)]
    expected = [recomputed(code, rows, LAG[window], changed) for code in (*LABELS, "none")]
    assert table["side_effect"].tolist() == ROWS
    pd.testing.assert_frame_equal(table.drop(columns="side_effect"), pd.DataFrame(expected), check_dtype=False)


@ON_SQLITE
def test_the_latest_week_and_the_latest_four_together_are_marked_each_by_itself(token):
    put_weeks(30, 2)
    put_weeks(1, 1, headaches=15)

    assert row(token)[["latest_week", "latest_four_weeks"]].tolist() == ["above", ""]
    assert row(token, "None of these")[["latest_week", "latest_four_weeks"]].tolist() == ["below", ""]


@ON_SQLITE
def test_four_weeks_that_are_none_for_themselves_can_be_out_together(token):
    put_weeks(30, 5, headaches=8)
    put_weeks(4, 1, headaches=2)

    assert row(token)[["reported", "check_ins", "latest_week", "latest_four_weeks"]].tolist() == [8, 80, "", "below"]


@ON_SQLITE
def test_a_week_below_the_minimum_group_is_not_marked(token):
    put_weeks(30, 2)
    put(9, "headache", weeks_ago=1)

    assert row(token)["latest_week"] == ""


@ON_SQLITE
def test_four_weeks_in_which_something_was_changed_are_not_compared(token):
    put_weeks(30, 3)
    put_weeks(2, 1, headaches=19)
    assert row(token)[["latest_week", "latest_four_weeks"]].tolist() == ["above", "above"]

    changes.add(token, clock.monday(ago(2)), "new antiemetic")

    assert row(token)[["latest_week", "latest_four_weeks"]].tolist() == ["above", ""]


@ON_SQLITE
def test_what_is_older_than_a_year_is_in_nothing(token):
    put_weeks(55, 52, headaches=19)
    put_weeks(51, 1)

    assert row(token)[["mean", "line"]].tolist() == [0.25, " ".join(["25"] * 48)]


@ON_SQLITE
def test_the_unfinished_week_is_in_nothing(token):
    put_weeks(30, 1)
    before = read(token, origin="Both").table

    put(100, "headache", "nausea")

    pd.testing.assert_frame_equal(read(token, origin="Both").table, before)


@ON_SQLITE
def test_the_filter_of_weeks_is_ignored(token):
    put_weeks(60, 1)

    tables = [read(token, origin="Both", weeks=weeks).table for weeks in views.options()["weeks"]]

    for table in tables:
        pd.testing.assert_frame_equal(table, tables[0])


@ON_SQLITE
@pytest.mark.parametrize(("weeks", "is_marked"), [(11, False), (12, True)])
def test_nothing_is_marked_before_twelve_finished_weeks_have_figures(token, weeks, is_marked):
    put_weeks(weeks, 2)
    put_weeks(1, 1, headaches=19)
    put(9, "headache", weeks_ago=20)  # too few for a figure

    assert pd.notna(row(token)["mean"]) == is_marked
    assert row(token)["latest_week"] == ("above" if is_marked else "")


@ON_SQLITE
def test_a_line_is_a_gap_where_four_weeks_together_are_too_few(token):
    put(40, "headache", weeks_ago=9)
    put_weeks(4, 1)

    assert row(token)["line"] == "100 . 25 25 25 25"


@ON_SQLITE
def test_fewer_than_four_finished_weeks_have_no_line_yet(token):
    put_weeks(2, 1)

    assert row(token)["line"] == ""
    assert row(token)["reported"] == 10


@ON_SQLITE
def test_a_file_for_sharing_has_neither_line_nor_mark(token):
    put_weeks(30, 5, origin="invited")
    put_weeks(4, 1, headaches=19, origin="invited")
    told = ["mean", "latest_week", "latest_four_weeks", "line"]

    inside, shared = (
        table_of(downloads.as_csv(token, views.chosen({"view": "Overview"}), sharing=sharing)) for sharing in (0, 1)
    )

    assert inside.loc[4, told].tolist()[1:3] == ["above", "above"]
    assert shared[told].isna().all(axis=None)
    assert shared["reported"].dropna().tolist() == [75]


def test_chance_alone_marks_a_row_on_at_most_one_monday_in_twenty(configure):
    """As the page says: fifteen rows of the made-up rates, a year of weeks, in which nothing changes."""
    random, mondays, view = np.random.default_rng(5), pd.date_range("2025-12-01", periods=51, freq="7D"), Overview
    rates = np.array([13, 19, 25, 47, 14, 15, 6, 11, 6, 40, 56, 1, 5, 1, 9]) / 100
    marked = []
    for _ in range(400):
        n = random.poisson(26, len(mondays)).clip(10)
        counts = pd.DataFrame(random.binomial(n[:, None], rates), mondays).assign(n=n)
        table = view(Selection("0-4 h"), {})._latest(counts)
        marked.append((table[["latest_week", "latest_four_weeks"]] != "").any(axis=None))

    assert 0.01 <= np.mean(marked) <= 0.05
