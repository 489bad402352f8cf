import json
import re
from datetime import date

import altair as alt
import numpy as np
import pandas as pd
import pytest

from data import clock
from data.catalogue import LABELS
from data.figures import intervals
from data.reports.infusions import Infusion, number_band
from pages.clinic import charts, figures, wording
from pages.clinic.views import one_window, over_weeks


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0"), (0.004, "<1"), (0.006, "1"), (0.5949, "59"), (0.996, ">99"), (1, "100"), (0.99, "99")]
)
def test_a_share_is_never_rounded_to_none_or_all(share, text):
    assert figures.percent(share) == text


def test_an_interval_reaches_none_or_all_only_where_it_does():
    assert figures.interval(0.0048, 0.04) == "<1–4"
    assert figures.interval(0.0, 0.2775) == "0–28"
    assert figures.interval(0.72, 0.9972) == "72–>99"


def test_a_figure_has_a_digit_more_only_where_its_interval_is_under_two_points():
    assert figures.interval(0.4621, 0.4701) == "46.2–47.0"
    assert figures.interval(0.0, 0.0004) == "0–<0.1"
    assert figures.interval(0.98, 1.0) == "98–100"
    counts = pd.DataFrame({"reported": [4661, 47], "check_ins": [10_000, 100]})
    assert figures.shares(intervals.with_intervals(counts)).tolist() == ["46.6", "47"]


def test_days_name_a_year_once_where_once_is_enough():
    assert figures.days(date(2026, 8, 31), date(2026, 11, 22)) == "31 August – 22 November 2026"
    assert figures.days(date(2026, 11, 23), date(2026, 11, 23)) == "23 November 2026"
    assert figures.days(date(2025, 12, 1), date(2026, 1, 4)) == "1 December 2025 – 4 January 2026"


def test_days_name_a_month_once_where_once_is_enough():
    assert figures.days(date(2026, 11, 2), date(2026, 11, 25)) == "2 – 25 November 2026"


@pytest.mark.parametrize(
    ("difference", "text"),
    [(0.196, "+20"), (-0.07, "−7"), (0.004, "+0.4"), (-0.0004, "−<0.1"), (0, "0"), (-1, "−100"), (0.0096, "+1")],
)
def test_a_difference_has_its_sign_and_a_true_minus(difference, text):
    assert figures.points(difference) == text


def test_a_difference_has_a_digit_more_only_where_its_interval_is_under_two_points():
    assert [figures.points(0.0104, low, 0.02) for low in (0.001, -0.001)] == ["+1.0", "+1"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, "number not known"),
        *((1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (7, "7th"), (20, "20th"), (21, "21st"), (22, "22nd")),
        *((11, "11th"), (12, "12th"), (13, "13th"), (111, "111th"), (123, "123rd")),
    ],
)
def test_an_infusion_number_is_read_as_an_ordinal(number, text):
    infusion = Infusion(1, clock.now(), number, number_band(number), clock.now())

    assert wording.numbered(infusion) == text


@pytest.fixture
def frame():
    counts = pd.DataFrame({"side_effect": list(LABELS.values()), "reported": range(14), "check_ins": 20})
    return intervals.with_intervals(counts)


def test_the_table_shows_k_of_n_share_and_interval(frame):
    assert one_window.as_table(frame).iloc[10].tolist() == ["Fatigue or drowsiness", "10", "50", "30–70"]


def test_the_plot_has_the_tables_rows_and_a_fixed_axis(frame):
    plot = one_window.plot(frame).to_dict()

    (data,) = plot["datasets"].values()
    assert [row["side_effect"] for row in data] == list(LABELS.values())
    assert plot["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0, 100]
    assert plot["layer"][0]["encoding"]["y"]["sort"] == list(LABELS.values())


def test_the_title_of_a_chart_goes_with_it_in_lines_as_long_as_it_is_wide(monkeypatch):
    drawn = {}
    monkeypatch.setattr(charts.st, "vega_lite_chart", lambda spec, alt: drawn.update(spec=spec, alt=alt))
    chart = alt.LayerChart(layer=[alt.Chart(pd.DataFrame({"a": [1]})).mark_point().encode(x="a:Q")])

    charts.show(chart, "One dot", "Share and 95 % interval", "A sentence of many words. " * 4, "Internal.")

    title = drawn["spec"]["title"]
    assert drawn["alt"] == "One dot"
    assert "Share and 95 % interval" in title["text"]["expr"]
    narrow, middle, wide = (json.loads(lines) for lines in re.findall(r"\[\".*?\"\]", title["subtitle"]["expr"]))
    assert [len(lines) for lines in (narrow, middle, wide)] == [4, 3, 2]
    assert max(map(len, narrow)) <= 50


@pytest.mark.parametrize(("highest", "end"), [(0.1, 25), (0.25, 25), (0.26, 50), (0.76, 100), (1.0, 100)])
def test_the_axis_of_small_pictures_is_coarse_and_holds_the_highest_value(highest, end):
    assert charts.ceiling(highest) == end


def test_a_week_without_figures_keeps_its_place_in_the_chart():
    days = [date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16)]
    counts = pd.DataFrame({"week": days, "reported": [2, None, 3], "check_ins": [20, None, 20]}, dtype="object")
    table = intervals.with_intervals(counts.astype({"reported": float, "check_ins": float}))

    blank = dict.fromkeys(("centre", "lower", "upper"), np.nan) | dict.fromkeys(
        ("outside", "four_weeks", "continued"), ""
    )
    chart = over_weeks.plot(table.assign(**blank), {}).to_dict()

    assert chart["layer"][0]["encoding"]["x"]["scale"]["domain"] == ["2 Nov", "9 Nov", "16 Nov"]
