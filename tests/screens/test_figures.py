from datetime import date

import pandas as pd
import pytest

from data import intervals
from data.catalogue import LABELS
from pages.clinic import charts, figures


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0"), (0.004, "<1"), (0.006, "1"), (0.5949, "59"), (0.996, ">99"), (1, "100"), (0.99, "99")]
)
def test_a_share_is_never_rounded_to_none_or_all(share, text):
    assert figures.percent(share) == text


def test_an_interval_reaches_none_or_all_only_where_it_does():
    assert figures.interval(0.0048, 0.04) == "<1–4"
    assert figures.interval(0.0, 0.2775) == "0–28"
    assert figures.interval(0.72, 0.9972) == "72–>99"


def test_days_name_a_year_once_where_once_is_enough():
    assert figures.days(date(2026, 8, 31), date(2026, 11, 22)) == "31 August – 22 November 2026"
    assert figures.days(date(2026, 11, 23), date(2026, 11, 23)) == "23 November 2026"
    assert figures.days(date(2025, 12, 1), date(2026, 1, 4)) == "1 December 2025 – 4 January 2026"


@pytest.fixture
def frame():
    counts = pd.DataFrame({"side_effect": list(LABELS.values()), "reported": range(14), "check_ins": 20})
    return counts.assign(share=counts["reported"] / 20).join(intervals.wilson(counts["reported"], counts["check_ins"]))


def test_the_table_shows_k_of_n_share_and_interval(frame):
    assert figures.as_table(frame).iloc[10].tolist() == ["Fatigue or drowsiness", "10", "20", "50", "30–70"]


def test_the_plot_has_the_tables_rows_and_a_fixed_axis(frame):
    plot = charts.frequency_plot(frame, "of 20 check-ins, 0-4 h after the infusion").to_dict()

    (data,) = plot["datasets"].values()
    assert [row["side_effect"] for row in data] == list(LABELS.values())
    assert plot["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0, 1]
    assert plot["layer"][0]["encoding"]["y"]["sort"] == list(LABELS.values())
    assert plot["title"]["subtitle"][0] == "of 20 check-ins, 0-4 h after the infusion"
    assert "Internal" in plot["title"]["subtitle"][1]


def test_no_colour_is_named_in_a_chart(frame):
    assert "#" not in charts.frequency_plot(frame, "x").to_json()
