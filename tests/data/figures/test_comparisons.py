from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from data import clock
from data.catalogue import LABELS
from data.clock import monday
from data.figures import changes, comparisons, frequencies, intervals, views
from data.figures.changes import Change
from data.figures.selections import Selection
from data.staff import passphrase, sessions
from data.storage import database
from tests.app import PASSPHRASE
from tests.counted import put


def counted(check_ins, **reported):
    """Return a table of all side effects with some of them reported."""
    counts = [reported.get(code, 0) for code in LABELS]
    table = pd.DataFrame({"side_effect": LABELS.values(), "reported": counts, "check_ins": check_ins})
    return intervals.with_intervals(table)


def test_more_often_in_a_comes_first_and_ties_stay_in_the_articles_order():
    table = comparisons.compared(counted(20, nausea=5, sleep=10), counted(40, vision=8, sleep=10, bladder=40))

    told = table.set_index("side_effect")["difference"].round(9)
    order = ["nausea", "sleep", *(code for code in LABELS if code not in ("sleep", "nausea", "vision", "bladder"))]
    assert told.index.tolist() == [LABELS[code] for code in (*order, "vision", "bladder")]
    assert told.iloc[[0, 1, 2, -2, -1]].tolist() == [0.25, 0.25, 0, -0.2, -1]


def test_a_row_has_the_counts_of_both_sides_and_the_interval_of_their_difference():
    table = comparisons.compared(counted(70, headache=56), counted(80, headache=48)).iloc[0]

    low, high = confint_proportions_2indep(56, 70, 48, 80, method="newcomb")
    assert table.tolist()[:7] == ["Headache", 56, 70, 0.8, 48, 80, 0.6]
    assert np.allclose(table.tolist()[7:], [0.2, low, high])


def test_sides_that_are_changed_over_change_every_sign():
    a, b = counted(20, nausea=5, sleep=10), counted(40, vision=8, sleep=9, bladder=40)

    there = comparisons.compared(a, b).set_index("side_effect")
    back = comparisons.compared(b, a).set_index("side_effect").loc[there.index]

    assert np.allclose(there[["difference", "low", "high"]], -back[["difference", "high", "low"]])
    assert (there[["reported_a", "check_ins_a"]].to_numpy() == back[["reported_b", "check_ins_b"]].to_numpy()).all()


def test_what_is_blanked_on_one_side_has_no_difference_and_comes_last():
    a = counted(20, nausea=5)
    a.loc[a["side_effect"] == "Headache", ["reported", "share", "low", "high"]] = np.nan

    table = comparisons.compared(a, counted(20))

    assert table["side_effect"].iloc[-1] == "Headache"
    assert table.loc[13, ["reported_a", "share_a", "difference", "low", "high"]].isna().all()
    assert table.loc[:12].notna().all(axis=None)


def test_a_side_is_the_selection_with_other_weeks_or_another_code(configure):
    this, of = monday(clock.now()), Selection("0-4 h", "1st", "invited", "es")

    assert comparisons.side(of, "Own device") == Selection("0-4 h", "1st", "invited", "es", "own")
    assert comparisons.side(of, "Infusion 25th+") == Selection("0-4 h", "25th+", "invited", "es")
    assert comparisons.side(of, "Open link") == Selection("0-4 h", "1st", "open", "es")
    assert comparisons.side(of, "Window >7 d") == Selection(">7 d", "1st", "invited", "es")
    assert comparisons.side(of, "English") == Selection("0-4 h", "1st", "invited", "en")
    for name, weeks, before in (
        ("Last 4 weeks", 4, 0),
        ("The 4 weeks before", 4, 4),
        ("Last 12 weeks", 12, 0),
        ("The 12 weeks before", 12, 12),
    ):
        side, last = comparisons.side(of, name), this - timedelta(weeks=before)
        assert (side.first, side.last) == (last - timedelta(weeks=weeks - 1), last)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Last 4 weeks", "Last 4 weeks"),
        ("Last 4 weeks", "Last 12 weeks"),
        ("The 4 weeks before", "Last 12 weeks"),
        ("Infusion 1st", "Invited"),
        ("since 2026-09-28", "Last 4 weeks"),
        ("since 2026-09-28", "since 2026-10-05"),
        ("Window 0-4 h", "Spanish"),
        ("Clinic tablet", "Spanish"),
    ],
)
def test_sides_that_overlap_are_refused_before_any_figure_is_read(configure, monkeypatch, a, b):
    monkeypatch.setattr(database, "reading", nullcontext)
    monkeypatch.setattr(sessions, "require", lambda *_: None)
    monkeypatch.setattr(frequencies, "read", lambda *_: pytest.fail("a figure was read"))

    with pytest.raises(comparisons.Overlapping, match="one check-in can belong to both"):
        views.read("token", views.chosen({"view": "Compare", "a": a, "b": b}))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Last 4 weeks", "The 4 weeks before"),
        ("Last 4 weeks", "The 12 weeks before"),
        ("Last 12 weeks", "The 12 weeks before"),
        ("Infusion 1st", "Infusion 25th+"),
        ("Open link", "Invited"),
        ("Window 0-4 h", "Window >7 d"),
        ("English", "Spanish"),
        ("Own device", "Clinic tablet"),
        ("since 2026-09-28", "before 2026-09-28"),
        ("before 2026-09-28", "Last 4 weeks"),
    ],
)
def test_sides_that_do_not_overlap_can_be_compared(configure, a, b):
    one, other = views.chosen({"view": "Compare", "a": a, "b": b}).groups.values()

    assert not one.overlaps(other)


THIS = date(2026, 11, 23)
PRESENT = datetime(2026, 11, 25, 12, tzinfo=UTC)  # in the week of that Monday
OTHERS = [Change(1, date(2026, 3, 2), "slower"), Change(2, date(2026, 9, 28), "antiemetic"), Change(3, THIS, "today")]


@pytest.mark.parametrize(
    ("window", "changes", "before", "since"),
    [
        ("0-4 h", OTHERS[1:2], (date(2025, 9, 29), date(2026, 9, 21)), (date(2026, 9, 28), date(2026, 11, 16))),
        ("4-24 h", OTHERS[:2], (date(2026, 3, 2), date(2026, 9, 21)), (date(2026, 9, 28), date(2026, 11, 16))),
        ("1-7 d", OTHERS[:2], (date(2026, 3, 9), date(2026, 9, 21)), (date(2026, 10, 5), date(2026, 11, 16))),
        (">7 d", OTHERS, (date(2026, 3, 30), date(2026, 9, 21)), (date(2026, 10, 26), date(2026, 11, 16))),
        (">7 d", (), (date(2025, 9, 29), date(2026, 9, 21)), (date(2026, 10, 26), date(2026, 11, 16))),
    ],
)
def test_before_and_since_are_finished_weeks_between_changes_without_those_of_neither(
    configure, set_clock, window, changes, before, since
):
    set_clock(PRESENT)
    sides = [comparisons.side(Selection(window), f"{name} 2026-09-28", changes) for name in ("before", "since")]

    assert [(side.first, side.last) for side in sides] == [before, since]


def test_since_ends_with_the_next_change(configure, set_clock):
    set_clock(PRESENT)
    side = comparisons.side(Selection("0-4 h"), "since 2026-03-02", OTHERS)

    assert (side.first, side.last) == (date(2026, 3, 2), date(2026, 9, 21))


@pytest.mark.parametrize(
    "name", ["before 2026-09-29", "before 2026-02-30", "since 9999-99-99", "since", "Since 2026-09-28"]
)
def test_what_is_no_monday_is_no_side(configure, name):
    with pytest.raises(ValueError, match="no a is called"):
        views.chosen({"view": "Compare", "a": name})


def test_a_change_of_this_week_has_no_check_in_since_and_the_removed_one_is_compared_all_the_same(prepared, set_clock):
    set_clock(PRESENT)
    put(20, "headache", weeks_ago=2)
    put(30, weeks_ago=1)
    token = passphrase.sign_in(PASSPHRASE, "address")

    for week, counts in ((THIS, [0, 50]), (THIS - timedelta(weeks=1), [30, 20])):
        sides = {"view": "Compare", "a": f"since {week}", "b": f"before {week}"}
        shown = views.read(token, views.chosen(sides, views.known(token)))
        assert [group.check_ins for group in shown.groups] == counts
        assert (shown.table is None) == (counts[0] == 0)


def test_a_fall_from_24_to_12_per_cent_at_a_change_is_found_with_its_interval(prepared, set_clock):
    set_clock(PRESENT)
    random = np.random.default_rng(24)
    told = {"before": [], "since": []}
    for weeks_ago in range(1, 27):
        side, share = ("since", 0.12) if weeks_ago <= 8 else ("before", 0.24)
        told[side].append((26, nausea := int(random.binomial(26, share))))
        put(nausea, "nausea", weeks_ago=weeks_ago)
        put(26 - nausea, weeks_ago=weeks_ago)
    token = passphrase.sign_in(PASSPHRASE, "address")
    week = THIS - timedelta(weeks=8)
    changes.add(token, week, "new antiemetic")

    (change,) = views.known(token).changes
    a, b = comparisons.of_change(change)
    table = views.read(token, views.chosen({"view": "Compare", "a": a, "b": b}, views.known(token))).table

    (n_since, k_since), (n_before, k_before) = (np.sum(told[side], axis=0) for side in ("since", "before"))
    row = table[table["side_effect"] == LABELS["nausea"]].iloc[0]
    assert row["difference"] == pytest.approx(k_since / n_since - k_before / n_before)
    interval = confint_proportions_2indep(k_since, n_since, k_before, n_before, method="newcomb")
    assert row[["low", "high"]].tolist() == pytest.approx(interval)
