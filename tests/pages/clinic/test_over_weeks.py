"""Over the weeks: the answer above the picture, what is in the picture, and what neither may tell."""

import json
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from data import clock
from data.figures import changes, views, weeks
from data.figures.changes import Change
from data.staff import passphrase
from pages.clinic import findings
from pages.clinic.views import over_weeks
from tests.app import PASSPHRASE
from tests.counted import ON_SQLITE, put
from tests.pages.clinic.test_dashboard import dashboard, html, signed_in

__all__ = ["signed_in"]
FIRST = date(2026, 1, 5)
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def token(prepared, set_clock):
    set_clock(NOW)
    return passphrase.sign_in(PASSPHRASE, "address")


def fill(weeks_ago, reported, check_ins, **columns):
    """Put a week's check-ins, `reported` of them with nausea."""
    for number, ticked in ((reported, "nausea"), (check_ins - reported, "headache")):
        if number:
            put(number, ticked, weeks_ago=weeks_ago, **columns)


def mark(token, weeks_ago, text="new antiemetic"):
    changes.add(token, clock.monday(NOW) - timedelta(weeks=weeks_ago), text)


def shown(token, **fields):
    return views.read(token, views.chosen({"view": "Over the weeks", **fields}, views.known(token)))


def by_week(*counts, changed=()):
    """Return the table of finished weeks of (n, headaches)."""
    rows = [
        {"week": (FIRST + timedelta(weeks=week)).isoformat(), "n": n, "headache": headaches}
        for week, (n, headaches) in enumerate(counts)
    ]
    marked = [Change(week, FIRST + timedelta(weeks=week), f"change {week}") for week in changed]
    return weeks.by_week(pd.DataFrame(rows), "headache", changes=marked)


@ON_SQLITE
def test_the_answer_compares_the_weeks_before_a_change_with_those_since(token):
    for week in range(1, 19):
        fill(week, *((3, 25) if week <= 8 else (6, 25)))
    fill(0, 25, 25)  # the week is not over
    mark(token, 8)

    ((figures, change),) = findings.before_and_since(shown(token), "Nausea or vomiting")

    assert figures == "Before 24 % (10 weeks), since 12 % (8 weeks): −12 points (−19 to −5)."
    assert change == "new antiemetic, from 28 September 2026 on."


@ON_SQLITE
def test_weeks_whose_check_ins_can_be_of_infusions_before_a_change_are_on_neither_side(token):
    for week in range(1, 19):
        fill(week, *((3, 25) if week <= 4 else (25, 25) if week <= 8 else (6, 25)), window=">7 d")
    mark(token, 8)

    ((figures, _),) = findings.before_and_since(shown(token, window=">7 d"), "Nausea or vomiting")

    assert figures.startswith("Before 24 % (10 weeks), since 12 % (4 weeks): −12 points ")


@ON_SQLITE
def test_each_change_of_the_weeks_shown_is_answered_the_latest_first(token):
    for week in range(1, 19):
        fill(week, *((0, 25) if week <= 2 else (3, 25) if week <= 8 else (6, 25)))
    for weeks_ago, text in ((8, "new antiemetic"), (2, "lower dose"), (0, "other room"), (60, "long ago")):
        mark(token, weeks_ago, text)

    told = findings.before_and_since(shown(token), "Nausea or vomiting")

    assert [figures.split(":")[0] for figures, _ in told] == [
        "Before 0 % (2 weeks), since no check-ins in a finished week.",
        "Before 12 % (6 weeks), since 0 % (2 weeks)",
        "Before 24 % (10 weeks), since 12 % (6 weeks)",
    ]
    assert [change.split(",")[0] for _, change in told] == ["other room", "lower dose", "new antiemetic"]


@ON_SQLITE
def test_a_side_with_too_few_check_ins_is_not_compared(token):
    for week in range(1, 12):
        fill(week, *((3, 9) if week == 1 else (6, 25)))
    mark(token, 1)

    ((figures, _),) = findings.before_and_since(shown(token), "Nausea or vomiting")

    assert figures == "Before 24 % (10 weeks), since too few check-ins."


def test_weeks_and_four_weeks_that_are_out_are_named_and_neighbouring_spans_are_one(configure):
    counts = [(20, 4)] * 13 + [(20, 13)] + [(20, 4)] * 12

    assert findings.out(by_week(*counts)) == ["Week of 6 April: 13 of 20 (65 %), above what chance alone would do."]
    assert findings.out(by_week(*[(20, 8)] * 12, *[(20, 2)] * 5, changed=[12])) == [
        "From 30 March to 3 May: 10 of 100 (10 %), any four weeks in a row together below what chance alone would do."
    ]
    assert findings.out(by_week(*[(20, 8)] * 12, *[(20, 2)] * 4, changed=[12])) == [
        "The four weeks from 30 March to 26 April together: 8 of 80 (10 %), below what chance alone would do."
    ]


def test_the_sum_of_four_weeks_is_not_told_where_a_week_too_small_would_follow(configure):
    (told,) = findings.out(by_week(*[(20, 8)] * 12, (20, 2), (9, 0), *[(20, 2)] * 2, changed=[12]))

    assert told == "The four weeks from 30 March to 26 April together: below what chance alone would do."


@pytest.mark.parametrize(
    ("week", "halving"),
    [((26, 3), "a halving shows there after about 12 weeks"), ((10, 1), "a halving does not show there within a year")],
)
def test_where_nothing_is_out_what_would_not_be_seen_is_said(configure, week, halving):
    n, reported = week

    assert findings.unseen(by_week(*[week] * 26), compared=False) == (
        f"No week and no four weeks together are out. With about {n} check-ins a week, four weeks at half of "
        f"{100 * reported / n:.0f} % would not stand out here. Mark a change and compare before with since: {halving}."
    )


@pytest.mark.parametrize(("week", "compared"), [((26, 13), False), ((26, 0), False), ((26, 3), True)])
def test_where_a_halving_would_stand_out_or_is_compared_that_nothing_is_out_proves_little(configure, week, compared):
    told = findings.unseen(by_week(*[week] * 26), compared=compared)

    assert told == "No week and no four weeks together are out. That does not prove that nothing changed."


def test_limits_are_said_to_come_once_enough_weeks_are_finished(configure, set_clock):
    set_clock(datetime.combine(FIRST + timedelta(weeks=11), datetime.min.time(), UTC))  # the twelfth is not over

    told = findings.unseen(by_week(*[(20, 5)] * 12), compared=False)

    assert told == "Limits of chance appear once 12 finished weeks have enough check-ins (now 11 of those shown)."


def drawn(*counts, changed=()):
    """Return the rows of the picture, and the conditions under which its marks are drawn."""
    marked = {FIRST + timedelta(weeks=week): f"change {week}" for week in changed}
    spec = over_weeks.plot(by_week(*counts, changed=changed), marked).to_dict()
    (rows,) = spec["datasets"].values()
    return rows, json.dumps(spec)


def test_the_picture_has_no_empty_columns_at_its_ends_and_keeps_the_gaps_between(configure):
    rows, _ = drawn((9, 9), (20, 5), (9, 9), (20, 5), (9, 9))

    assert [row["week"] for row in rows] == ["12 Jan", "19 Jan", "26 Jan"]


def test_the_picture_marks_four_weeks_below_all_of_them_and_a_change_at_its_week(configure):
    rows, spec = drawn(*[(20, 8)] * 12, *[(20, 2)] * 4, changed=[12])

    assert [row["four"] for row in rows] == [False] * 12 + [True] * 4
    assert [row["change"] for row in rows if row["change"]] == ["change 12"]
    assert [row["late"] for row in rows if row["change"]] == [True]  # its text does not leave the picture
    assert [row["continued"] for row in rows] == [""] * 12 + ["yes"] * 4
    assert '"strokeDash": [4, 3]' in spec


def test_the_week_that_is_not_over_is_an_open_circle_and_never_out(configure, set_clock):
    set_clock(datetime.combine(FIRST + timedelta(weeks=12), datetime.min.time(), UTC))
    rows, _ = drawn(*[(20, 5)] * 12, (20, 20))

    assert [row["so_far"] for row in rows] == [False] * 12 + [True]
    assert not any(row["out"] or row["four"] for row in rows)


def test_the_legend_names_only_what_is_in_the_picture(configure):
    assert over_weeks.legend(by_week((20, 5))) == "Dot: share of a week, bar: 95 % Wilson interval."
    assert "Diamond" not in over_weeks.legend(by_week(*[(20, 5)] * 12))
    assert "Dashed" in over_weeks.legend(by_week(*[(20, 5)] * 13, changed=[12]))


def test_the_answer_stands_above_the_picture_on_the_page(signed_in, set_clock):
    for week in range(1, 19):
        fill(week, *((3, 25) if week <= 8 else (6, 25)))
    changes.add(signed_in, clock.monday(clock.now()) - timedelta(weeks=8), "new <b>antiemetic</b>")

    screen = dashboard(view="Over the weeks")

    assert "<strong>Before 24 % (10 weeks), since 12 % (8 weeks): −12 points (−19 to −5).</strong>" in html(screen)
    assert "new &lt;b&gt;antiemetic&lt;/b&gt;, from " in html(screen)
    assert len(screen.get("vega_lite_chart")) == 1
