import json
import re
from datetime import timedelta
from html import escape, unescape
from typing import ClassVar
from urllib.parse import parse_qsl

import pytest
import streamlit as st
from sqlalchemy import insert, select
from streamlit.testing.v1 import AppTest

from data import clock, demonstration
from data.catalogue import LABELS
from data.figures import views
from data.figures.view import View
from data.files import downloads
from data.reports import check_ins, registration
from data.staff import passphrase, sessions
from data.storage import database, preparation, schema
from data.storage.columns import ANSWERED, RESPONSES
from pages.clinic import session
from pages.clinic.tab import Tab
from pages.clinic.views import TABS
from pages.web import faults
from tests.app import PASSPHRASE, QUICK_HASH, ROOT
from tests.counted import ago, audited, header_of, put, table_of

DAYS = r"\d+( \w+( \d{4})?)? – \d+ \w+ \d{4}"  # the first one has month and year only where they are others


@pytest.fixture
def signed_in(configure, tmp_path, monkeypatch):
    configure(database_url=f"sqlite:///{tmp_path / 'checkins.db'}", passphrase_hash=QUICK_HASH)
    preparation.prepare()
    token = passphrase.sign_in(PASSPHRASE, "address")
    monkeypatch.setattr(session, "token", lambda: token)
    return token


def dashboard(**chosen):
    """Open the dashboard, Frequencies unless another view is named, with filters in its address."""
    screen = AppTest.from_file(ROOT / "pages" / "navigation.py", default_timeout=30).run()
    for name, value in ({"view": "Frequencies"} | chosen).items():
        screen.query_params[f"dashboard_{name}"] = value
    return screen.switch_page("clinic/dashboard.py").run()


def counted(screen):
    """Return the number of check-ins that the sentence names."""
    (number,) = re.findall(
        r'<p class="selection"><strong>(\d+) (?:invited |open-link )?check-ins</strong>', html(screen)
    )
    return int(number)


def html(screen):
    shown = " ".join(element.proto.body for element in screen.get("html"))
    return re.sub("<style>.*?</style>", "", shown, flags=re.DOTALL)


def test_all_fourteen_rows_and_none_of_these_below_them_stand_in_the_table_with_their_denominator(signed_in):
    demonstration.fill(600, 1, lambda _: None)

    screen = dashboard()

    table, n = screen.table[0].value, counted(screen)
    assert list(table.columns) == ["Side effect", f"Reported, of {n}", "%", "95 % interval"]
    assert sorted(table["Side effect"][:-1]) == sorted(LABELS.values())
    assert table["Side effect"].iloc[-1] == "None of these"
    assert table.iloc[:-1, 1].astype(int).is_monotonic_decreasing
    assert f"<strong>{n} invited check-ins</strong> sent within 4 hours of the infusion</p>" in html(screen)
    assert f"{n} invited check-ins sent within 4 hours of the infusion. " in footers(screen)[0]
    answered = rf"<p class=\"response\">Answered: \d+ of \d+ infusions \(\d+ %\) that ended {DAYS}\.</p>"
    assert re.search(answered, html(screen))


def test_an_address_that_asks_for_what_is_no_choice_shows_no_figures_until_something_is_chosen(signed_in):
    put(30, "nausea", window="4-24 h")

    screen = dashboard(weeks="Last 4 week", window="4-24 h", windw="4-24 h", order="<b>", origin="open", a="")

    told = "weeks “Last 4 week”, windw “4-24 h”, order “&lt;b&gt;”, origin “open”"
    said = f"This address asks for what is no choice (any more): {told}.</strong> No figures are shown"
    for _ in range(3):  # a browser's reruns: the address has lost what Streamlit does not know, the session has not
        assert said in html(screen)
        assert not screen.table
        assert not screen.get("vega_lite_chart")
        assert "<strong>30" not in html(screen)
        screen.run()
    screen.selectbox(key="dashboard_weeks").set_value("Last 12 weeks").run()

    for _ in range(2):
        assert "This address asks" not in html(screen)
        assert counted(screen) == 30
        screen.run()


@pytest.mark.parametrize(
    ("key", "chosen"),
    [("weeks", "Last 4 weeks"), ("order", "Order of the list"), ("number", "not known")],
)
def test_whatever_is_chosen_the_misread_address_is_forgotten(signed_in, key, chosen):
    put(30, "nausea")
    screen = dashboard(origin="open", windw="4-24 h")

    screen.selectbox(key=f"dashboard_{key}").set_value(chosen).run()

    assert "This address asks" not in html(screen)
    assert counted(screen) == 30


@pytest.mark.parametrize(
    "chosen",
    [
        {"weeks": "Last 4 weeks"},
        {"number": "25th+"},
        {"number": "7th or later, not told apart"},
        {"origin": "Both"},
        {"view": "Over the weeks", "side_effect": "None of these"},
        {"view": "Compare", "a": "since 2026-09-28"},
    ],
)
def test_an_address_of_choices_is_not_doubted(signed_in, chosen):
    put(30, "nausea")

    assert "This address asks" not in html(dashboard(**chosen))


@pytest.mark.parametrize(
    "chosen",
    [
        {"number": "7th"},
        {"number": "later"},
        {"origin": "invited"},
        {"weeks": "All"},
        {"window": "all"},
        {"view": "Everything"},
        {"view": "Compare", "a": "since 2026-09-29"},
        {"view": "Compare", "b": "before 2026-9-28"},
    ],
)
def test_what_was_a_choice_once_or_never_is_none(signed_in, chosen):
    put(30, "nausea")

    screen = dashboard(**chosen)

    (wrong,) = {name: value for name, value in chosen.items() if value != "Compare"}.items()
    assert f"what is no choice (any more): {wrong[0]} “{wrong[1]}”.</strong>" in html(screen)
    assert not screen.table


def test_the_way_out_of_a_misread_address_shows_the_figures_without_it(signed_in):
    put(30, "nausea", window="4-24 h")
    screen = dashboard(weeks="Last 4 week", window="4-24 h")

    (query,) = re.findall(r'href="/clinic\?([^"]*)" target="_self">show the figures without it', html(screen))
    asked = {name.removeprefix("dashboard_"): value for name, value in parse_qsl(unescape(query))}

    assert asked["window"] == "4-24 h"
    assert counted(dashboard(**asked)) == 30


def test_how_it_was_asked_and_the_caveats_stand_below(signed_in):
    demonstration.fill(600, 1, lambda _: None)

    screen = dashboard()
    said = html(screen)

    assert "Patients ticked a list (version 1): “Which of these do you have now? Select all that apply.”" in said
    assert "Reports are not proof of a cause." in said
    assert "not a validated instrument" in said
    assert "Internal" in footers(screen)[0]
    assert said.count("Internal") == said.count('<p class="printed">Internal') == 1  # on paper alone


def test_the_order_of_the_list_is_a_choice(signed_in):
    demonstration.fill(600, 1, lambda _: None)
    screen = dashboard()

    screen.selectbox(key="dashboard_order").set_value("Order of the list").run()

    assert screen.table[0].value["Side effect"].tolist() == [*LABELS.values(), "None of these"]


def test_another_window_has_other_figures_and_says_so(signed_in):
    demonstration.fill(600, 1, lambda _: None)
    screen = dashboard()
    first = counted(screen)

    screen.segmented_control(key="dashboard_window").select("1-7 d").run()

    assert counted(screen) != first
    assert f"Reported, of {counted(screen)}" in screen.table[0].value
    assert "1 to 7 days after the infusion" in html(screen)


def test_an_empty_window_says_what_will_appear(signed_in):
    screen = dashboard()

    assert "No check-ins in this selection yet" in html(screen)
    assert "Figures appear once there are at least 10 check-ins." in html(screen)
    assert not screen.table


def test_too_few_are_not_shown_and_not_counted_out(signed_in):
    demonstration.fill(12, 1, lambda _: None)

    screen = dashboard()

    assert "Too few to show (n &lt; 10)" in html(screen)
    assert not screen.table
    assert not screen.get("vega_lite_chart")


def test_without_a_session_there_is_a_way_to_sign_in_and_no_figure(signed_in):
    demonstration.fill(600, 1, lambda _: None)
    sessions.sign_out(signed_in)

    screen = dashboard()

    assert "You are signed out." in html(screen)
    assert not screen.table


def test_a_database_that_is_gone_is_said_in_words(signed_in, monkeypatch):
    def gone(*_):
        raise database.Unavailable("OperationalError")

    monkeypatch.setattr(sessions, "record_view", gone)

    screen = dashboard()

    assert "The figures cannot be read: the database is not responding." in html(screen)
    assert not screen.table


def test_demonstration_data_are_marked_on_both_pages(signed_in):
    demonstration.fill(20, 1, lambda _: None)

    assert "Demonstration data." in html(dashboard())
    assert "Demonstration data." in html(AppTest.from_file(ROOT / "pages" / "navigation.py").run())


def test_origin_and_number_are_filters_that_the_sentences_name(signed_in):
    demonstration.fill(2000, 1, lambda _: None)
    screen = dashboard()
    invited = counted(screen)

    screen.selectbox(key="dashboard_origin").set_value("Open link").run()
    by_open_link = counted(screen)
    assert f"<strong>{by_open_link} open-link check-ins</strong> sent within 4 hours of the infusion</p>" in html(
        screen
    )
    assert "No response rate: nobody knows how many people saw the open link." in html(screen)
    assert f"{by_open_link} open-link check-ins sent" in footers(screen)[0]

    screen.selectbox(key="dashboard_origin").set_value("Both").run()
    assert counted(screen) == invited + by_open_link
    parts = f"({invited} by invitation, {by_open_link} by the open link)"
    assert f"check-ins</strong> sent within 4 hours of the infusion {parts}</p>" in html(screen)
    assert f"sent within 4 hours of the infusion {parts}. " in footers(screen)[0]

    screen.selectbox(key="dashboard_origin").set_value("Invited").run()
    screen.selectbox(key="dashboard_number").set_value("1st").run()
    first = counted(screen)
    assert 0 < first < invited
    told = f"{first} invited check-ins sent within 4 hours of the infusion. 1st infusions, "
    assert told in footers(screen)[0]
    assert "1st infusions" not in html(screen)  # said once a screen


@pytest.mark.parametrize(
    ("by_open_link", "said"),
    [
        (11, "(20 by invitation, 11 by the open link)"),
        (9, "(fewer than 10 by the open link)"),
        (0, "(20 by invitation, 0 by the open link)"),
    ],
)
def test_of_both_origins_n_names_its_parts_as_far_as_they_may_be_told(signed_in, by_open_link, said):
    put(20, "headache")
    if by_open_link:
        put(by_open_link, "headache", origin="open")

    screen = dashboard(origin="Both")

    assert f"<strong>{20 + by_open_link} check-ins</strong> sent within 4 hours of the infusion {said}" in html(screen)


def test_of_few_invited_ones_among_many_the_parts_are_not_told(signed_in):
    put(9, "headache")
    put(30, "headache", origin="open")

    assert "<strong>39 check-ins</strong> sent within 4 hours of the infusion (fewer than 10 by invitation)" in html(
        dashboard(origin="Both")
    )


def test_where_nobody_was_invited_one_tap_leads_to_the_open_link(signed_in):
    put(12, "nausea", origin="open", window="4-24 h")
    screen = dashboard(window="4-24 h", weeks="Last 12 weeks", order="Order of the list")

    said = html(screen)
    (query,) = re.findall(r'<a href="/clinic\?([^"]*)" target="_self">Show check-ins by the open link</a>', said)
    asked = {name.removeprefix("dashboard_"): value for name, value in parse_qsl(unescape(query))}

    assert "<strong>0 invited check-ins</strong> sent 4 to 24 hours after the infusion" in said
    assert not screen.table
    assert {"window": "4-24 h", "weeks": "Last 12 weeks", "origin": "Open link"}.items() <= asked.items()
    assert counted(dashboard(**asked)) == 12
    assert "Show check-ins by the open link" not in html(dashboard(window="0-4 h", origin="Open link"))


def test_too_few_infusions_tell_no_response(signed_in):
    put(12, "nausea")

    assert "no infusion of these weeks has completed this window yet." in html(dashboard())
    none = "No response rate: no registered infusion has completed this window yet."
    assert none in html(dashboard(weeks="All weeks"))

    old, _ = registration.register(signed_in)
    weeks_ago = old.ended - timedelta(weeks=3)
    with database.writing() as connection:
        connection.execute(schema.infusion_tallies.update().values(week=clock.monday(weeks_ago).isoformat()))

    assert "Too few infusions have completed this window to show a response rate." in html(dashboard())


def answered(invited, by_window, weeks_ago):
    """Put counters of infusions that ended so many weeks ago, and how many of them have a check-in from 0-4 h."""
    row = dict.fromkeys(RESPONSES, 0) | {"invited": invited, "answered": by_window, ANSWERED["0-4 h"]: by_window}
    week = clock.monday(ago(weeks_ago)).isoformat()
    with database.writing() as connection:
        connection.execute(insert(schema.infusion_tallies), row | {"week": week, "number_band": "1st"})


def test_only_of_all_weeks_the_rate_and_those_whose_window_is_open_add_up_to_n(signed_in):
    put(40, "nausea", weeks_ago=60)
    put(11, "nausea")
    answered(64, 40, 60)
    answered(20, 11, 0)

    everything, latest = html(dashboard(weeks="All weeks")), html(dashboard())

    assert "<strong>51 invited check-ins</strong>" in everything
    told = (
        "Answered: 40 of 64 infusions \\(62 %\\) that ended [^<]* \\(and 11 of infusions whose window is still open\\)"
    )
    assert re.search(told, everything)
    assert "<strong>11 invited check-ins</strong>" in latest
    assert "still open" not in latest


def test_few_whose_window_is_open_are_not_told(signed_in):
    put(40, "nausea", weeks_ago=60)
    put(9, "nausea")
    answered(64, 40, 60)
    answered(20, 9, 0)

    assert "(and fewer than 10 of infusions whose window is still open)" in html(dashboard(weeks="All weeks"))


def test_what_those_who_did_not_answer_could_change_is_told_on_demand(signed_in):
    put(86, "nausea", weeks_ago=2)
    put(90, "headache", weeks_ago=2)
    answered(274, 176, 2)

    said = html(dashboard())

    (bounds,) = re.findall(r'<details class="bounds">.*?</details>', said, re.DOTALL)
    told = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?) %</td></tr>', bounds)
    assert [name for name, _ in told] == dashboard().table[0].value["Side effect"].tolist()
    assert dict(told)["Nausea or vomiting"] == "31–67"
    assert dict(told)["None of these"] == "0–36"
    assert "64 % have a check-in." in bounds
    assert "Chance not included." in bounds
    assert "bounds" not in html(dashboard(origin="Open link"))


def titles(screen):
    return re.findall(r"<h2>(.*?)</h2>", html(screen))


def charts(screen):
    return [json.loads(chart.proto.spec) for chart in screen.get("vega_lite_chart")]


def footers(screen):
    """Return what each chart says of itself when it is saved as a picture, at its narrowest."""
    lines = [chart["title"]["subtitle"]["expr"].partition("? ")[2] for chart in charts(screen)]
    return [" ".join(json.JSONDecoder().raw_decode(each)[0]).replace("- ", "-") for each in lines]


@pytest.mark.parametrize(
    ("view", "titled", "columns"),
    [
        (
            "Frequencies",
            ["Side effects reported within 4 hours of the infusion", "How many side effects at once"],
            ["Reported, of ", "%", "95 % interval"],
        ),
        ("Since the infusion", ["Reported: count (share), 95 % interval"], ["0–4 h, n = ", "4–24 h, n = "]),
        ("Over the weeks", ["Nausea or vomiting, week by week"], ["Reported", "Check-ins", "%", "95 % interval"]),
        ("By infusion number", ["Reported: count (share), 95 % interval"], ["1st, n = ", "2nd–6th, n = "]),
        (
            "Compare",
            ["Shares, and differences in percentage points"],
            ["A, n = ", "B, n = ", "A − B", "95 % interval"],
        ),
        ("Together", ["Pairs, most frequent first"], ["Both", "95 % interval", "If unrelated"]),
    ],
)
def test_every_view_has_title_table_and_charts_with_a_text_alternative(signed_in, view, titled, columns):
    demonstration.fill(2000, 1, lambda _: None)

    screen = dashboard(view=view)

    assert titles(screen) == titled
    shown = [column.replace("\u00a0", " ") for column in screen.table[0].value.columns[1:]]
    assert all(column.startswith(begin) for column, begin in zip(shown, columns, strict=False))
    drawn = screen.get("vega_lite_chart")
    assert drawn
    assert all(len(chart.proto.alt) > 40 for chart in drawn)
    assert all("Internal" in footer for footer in footers(screen))
    assert not any("#" in json.dumps(chart["layer"]) for chart in charts(screen))  # a colour by name


@pytest.mark.parametrize("view", views.names())
def test_below_the_minimum_group_no_view_has_a_figure(signed_in, view):
    put(9, "nausea", "headache")

    screen = dashboard(view=view)

    assert not screen.table
    assert not screen.get("vega_lite_chart")
    told = {
        "Overview": "No check-ins in the latest four finished weeks yet",
        "By infusion number": "with a known infusion number yet",
        "Compare": "A, Last 4 weeks: fewer than 10 invited check-ins</strong>",
    }
    assert told.get(view, "(n &lt; 10)") in html(screen)
    assert not re.search(r"\b9\b", re.sub(rf"Updated [\d:]+|{DAYS}", "", html(screen)))


@pytest.mark.parametrize(
    "view", [name for name in views.names() if name not in ("Overview", "Over the weeks", "Together")]
)
def test_none_of_these_is_the_last_row_of_every_table_in_any_order(signed_in, view):
    for weeks_ago in (0, 4):
        put(30, weeks_ago=weeks_ago, number_band="1st")
        put(10, "nausea", weeks_ago=weeks_ago, number_band="1st")

    for order in ("Most frequent first", "Order of the list"):
        rows = dashboard(view=view, order=order).table[0].value["Side effect"].tolist()

        assert rows[-1] == "None of these"
        assert sorted(rows[:-1]) == sorted(LABELS.values())


def test_what_stands_side_by_side_cannot_be_filtered_as_well(signed_in):
    demonstration.fill(600, 1, lambda _: None)

    assert dashboard(view="Since the infusion").segmented_control(key="dashboard_window").disabled
    assert dashboard(view="By infusion number").selectbox(key="dashboard_number").disabled
    assert not dashboard(view="Compare").selectbox(key="dashboard_number").disabled


def test_sides_that_overlap_are_refused_in_words(signed_in):
    demonstration.fill(600, 1, lambda _: None)

    screen = dashboard(view="Compare", a="Last 4 weeks", b="Infusion 1st")

    assert titles(screen) == ["A and B overlap"]
    assert not screen.table


def test_many_comparisons_and_the_same_infusions_on_both_sides_are_named(signed_in):
    demonstration.fill(2000, 1, lambda _: None)

    windows = html(dashboard(view="Compare", a="Window 0-4 h", b="Window 4-24 h"))
    weeks = html(dashboard(view="Compare"))

    assert "15 comparisons at once" in weeks
    assert "15 comparisons at once" in windows
    assert "where nothing differs, up to half of such tables have an interval that misses zero" in weeks
    assert "Some infusions are on both sides; the intervals ignore that." in windows
    assert "Some infusions are on both sides" not in weeks


def test_a_week_that_is_out_is_named_with_what_it_does_not_mean(signed_in):
    for week in range(1, 14):
        put(12 if week == 3 else 2, "nausea", weeks_ago=week)
        put(8 if week == 3 else 18, "headache", weeks_ago=week)

    screen = dashboard(view="Over the weeks")

    monday = clock.monday(ago(3))
    told = f"Week of {monday.day} {monday:%B}: 12 of 20 (60 %), above what chance alone would do."
    assert told in html(screen)
    assert "A mark does not say why" in html(screen)
    assert screen.table[0].value["Out"].tolist() == [""] * 2 + ["week above"] + [""] * 10
    (chart,) = screen.get("vega_lite_chart")
    assert told in chart.proto.alt


def test_there_are_no_limits_before_twelve_finished_weeks_have_figures(signed_in):
    for week, number in enumerate((10, 9, 10)):
        put(number, "nausea", weeks_ago=week)

    screen = dashboard(view="Over the weeks")

    assert "Limits of chance appear once 12 finished weeks have enough check-ins (now 1 of those shown)." in html(
        screen
    )
    assert len(screen.get("vega_lite_chart")) == 1
    assert screen.table[0].value["Check-ins"].tolist() == ["10", "n < 10", "10"]
    assert screen.table[0].value["Out"].tolist() == ["", "", ""]


def test_a_view_whose_every_week_is_too_small_says_so(signed_in):
    for week in range(2):
        put(6, "nausea", weeks_ago=week)

    screen = dashboard(view="Over the weeks")

    assert "Every week is too small to show" in html(screen)
    assert not screen.table


def test_none_of_these_has_its_weeks(signed_in):
    for week in range(2):
        put(7, weeks_ago=week)
        put(5, "nausea", weeks_ago=week)

    screen = dashboard(view="Over the weeks", side_effect="None of these")

    assert screen.table[0].value["Reported"].tolist() == ["7", "7"]


def test_all_filters_come_from_the_address_and_the_footer_names_them(signed_in):
    demonstration.fill(4000, 1, lambda _: None)

    screen = dashboard(window="4-24 h", weeks="Last 12 weeks", number="2nd-6th", origin="Invited", language="English")

    assert re.search(r"<strong>\d+ invited check-ins</strong> sent 4 to 24 hours after the infusion</p>", html(screen))
    assert re.search(rf" 2nd–6th infusions, English, {DAYS}\. Internal", footers(screen)[0])
    assert "No response rate by language: only those who answered have one." in html(screen)


def test_the_audit_says_who_saw_which_view(signed_in):
    dashboard(view="Over the weeks", window="1-7 d", side_effect="Headache")

    with database.reading() as connection:
        told = connection.execute(select(schema.audit.c.who, schema.audit.c.did).order_by(schema.audit.c.id)).all()
    (who, did) = told[-1]
    assert who == "passphrase"
    assert re.fullmatch(r"saw Over the weeks, 1-7 d, invited, weeks of [\d-]+ to [\d-]+, headache", did)


def test_a_fault_nobody_foresaw_is_one_sentence_and_its_log_line_quotes_nothing(signed_in, monkeypatch, caplog):
    def fails(*_):
        raise RuntimeError("seven of nine")

    monkeypatch.setattr(views, "read", fails)

    screen = dashboard()

    assert [error.value for error in screen.error] == [faults.WORDS]
    assert not screen.table
    assert "RuntimeError" in caplog.text
    assert "seven of nine" not in caplog.text


@pytest.mark.parametrize("view", views.names())
def test_every_chart_names_the_filters_that_are_set_so_that_a_saved_picture_says_what_it_is_of(signed_in, view):
    demonstration.fill(4000, 1, lambda _: None)

    screen = dashboard(view=view, window="4-24 h", origin="Invited", language="English")

    assert footers(screen) or view == "Overview"
    for footer in footers(screen):
        assert ("4 to 24 hours after the infusion" in footer) == (view != "Since the infusion")
        assert "nvited check-ins sent" in footer
        days = re.findall(rf"English, ({DAYS})\.", footer)[0][0]
        assert days not in re.sub('<p class="response">.*?</p>', "", html(screen))  # said once a screen


def test_of_few_answers_the_response_line_says_not_how_many(signed_in):
    now = clock.now()
    codes = [registration.register(signed_in, ended=now - timedelta(days=20), number=1)[1] for _ in range(12)]
    for code in codes[:3]:
        check_ins.record(
            key=check_ins.new_key(), code=code, ticked=["nausea"], recorded=now - timedelta(days=19, hours=12)
        )

    said = html(dashboard(window="4-24 h"))

    assert re.search(rf"Answered: fewer than 10 of 12 infusions that ended {DAYS}\.", said)
    assert "3 of 12" not in said


def test_what_was_asked_for_is_named_where_there_is_nothing(signed_in):
    said = html(dashboard(window=">7 d", weeks="Last 4 weeks", language="Spanish"))

    assert "<strong>0 invited check-ins</strong> sent more than 7 days after the infusion</p>" in said
    assert "No check-ins in this selection yet" in said


def test_old_check_ins_are_not_denied_where_a_view_has_its_own_weeks(signed_in):
    put(12, "nausea", weeks_ago=60)

    assert "No check-ins in A or B yet" in html(dashboard(view="Compare"))
    assert "No check-ins in this selection yet" in html(dashboard())
    assert counted(dashboard(weeks="All weeks")) == 12


def test_a_share_above_99_is_no_quotation(signed_in):
    put(260, "nausea")
    put(1, "headache")

    assert dashboard().table[0].value.iloc[0].tolist() == ["Nausea or vomiting", "260", r"\>99", "98–>99"]


def test_the_way_back_from_a_session_that_has_ended_keeps_the_view(signed_in):
    sessions.sign_out(signed_in)

    said = html(dashboard(view="Compare", window="1-7 d"))

    assert re.search(r'href="/sign-in\?next=%2Fclinic%3F[^"]*dashboard_view%3DCompare[^"]*1-7%2Bd', said)


def test_figures_come_by_themselves_once_the_database_answers_again(signed_in, monkeypatch):
    demonstration.fill(600, 1, lambda _: None)
    usual = sessions.record_view
    monkeypatch.setattr(
        sessions, "record_view", lambda *_: (_ for _ in ()).throw(database.Unavailable("OperationalError"))
    )
    screen = dashboard()
    assert not screen.table
    monkeypatch.setattr(sessions, "record_view", usual)

    screen.run()

    assert screen.table
    with database.reading() as connection:
        did = connection.scalar(select(schema.audit.c.did).order_by(schema.audit.c.id.desc()))
    assert re.fullmatch(r"saw Frequencies, 0-4 h, invited, weeks of [\d-]+ to [\d-]+", did)


def test_a_side_without_a_check_in_is_not_called_too_small(signed_in):
    put(12, "nausea")

    assert "No check-ins in B yet" in html(dashboard(view="Compare"))


def test_every_view_has_its_tab_with_filters_that_exist_and_a_file(signed_in):
    demonstration.fill(2000, 1, lambda _: None)

    for kind in views.VIEWS:
        tab, screen = TABS[kind](), dashboard(view=kind.name)
        assert tab.beside in ("", *views.options())
        assert {f"dashboard_{name}" for name in kind.options} <= {box.key for box in screen.selectbox}
        assert re.search(r'<p class="selection"><strong>[\w· :,]*\d+ invited check-ins</strong> sent ', html(screen))
        file = downloads.as_csv(signed_in, views.chosen({"view": kind.name}), sharing=False)
        assert list(table_of(file)) == list(kind.columns)


def test_a_view_that_is_added_is_on_the_dashboard_and_in_its_file(signed_in, monkeypatch):
    demonstration.fill(600, 1, lambda _: None)

    class Most(View):
        name = "Most often"
        options: ClassVar = {"rows": ("One", "Two")}

        def table(self, groups, *_):
            number = self.options["rows"].index(self.choices["rows"]) + 1
            return groups[0].table.assign(group="").nlargest(number, "reported")

    class MostOften(Tab):
        view = Most

        def draw(self, shown, table, _):
            st.table(table)

    monkeypatch.setattr(views, "VIEWS", (*views.VIEWS, Most))

    screen = dashboard(view="Most often", rows="Two")

    assert screen.button_group(key="dashboard_view").options[-1] == "Most often"
    assert len(screen.table[0].value) == 2
    assert re.search(r"<strong>\d+ invited check-ins</strong> sent within 4 hours", html(screen))
    file = downloads.as_csv(signed_in, views.chosen({"view": "Most often", "rows": "Two"}), sharing=False)
    told = r"Most often, within 4 hours of the infusion, Invited, weeks of [\d-]+ to [\d-]+, Two"
    assert re.fullmatch(told, header_of(file)["View"])
    assert len(table_of(file)) == 2


def mark(screen, day, text):
    """Fill in the form for a change and send it."""
    screen.date_input[0].set_value(day)
    screen.text_input[0].set_value(text)
    return screen.button(key="FormSubmitter:dashboard_change-Mark this change").click().run()


def marked(token):
    return [(change.week, change.text) for change in views.known(token).changes]


def before_and_since(screen):
    """Return the labels of the buttons that compare, as a browser shows them."""
    labels = [button.label for button in screen.button if (button.key or "").startswith("dashboard_sides")]
    return [re.sub(r"\\([^\w\s])", r"\1", label).replace("\u2060", "") for label in labels]


def put_a_halving(monday):
    """Put eight weeks before and eight since a Monday; the current week is in neither. Half as many have nausea."""
    for week in range(1, 17):
        since = clock.monday(ago(week)) >= monday
        put(2 if since else 5, "nausea", weeks_ago=week)
        put(18 if since else 15, "headache", weeks_ago=week)


@pytest.mark.parametrize("view", ["Compare", "Over the weeks"])
def test_a_change_counts_from_the_first_whole_week_and_is_in_the_audit(signed_in, view):
    monday = clock.monday(ago(8))
    screen = dashboard(view=view)
    assert (screen.date_input[0].value, screen.text_input[0].max_chars) == (None, 60)

    mark(screen, monday - timedelta(days=3), "new antiemetic")

    assert not screen.error
    assert marked(signed_in) == [(monday, "new antiemetic")]
    assert ("passphrase", f"marked a change from the week of {monday} on") in audited()
    assert not any("antiemetic" in did for _, did in audited())


def test_one_tap_compares_since_a_change_with_before(signed_in):
    monday = clock.monday(ago(8))
    put_a_halving(monday)
    screen = dashboard(view="Compare", weeks="Last 4 weeks")
    mark(screen, monday, "new antiemetic")
    day = f"{monday.day} {monday:%B} {monday.year}"
    assert before_and_since(screen) == [f"Before and since new antiemetic, {day}"]

    (button,) = (button for button in screen.button if (button.key or "").startswith("dashboard_sides"))
    button.click().run()

    said = html(screen)
    assert f"<strong>A, since {day} (new antiemetic): 160 invited check-ins</strong>" in said
    assert f"<strong>B, before {day} (new antiemetic): 160 invited check-ins</strong>" in said
    table = screen.table[0].value.set_index("Side effect")
    assert table.loc["Nausea or vomiting"].tolist() == ["16 (10 %)", "40 (25 %)", "−15", "−23 to −7"]
    assert screen.query_params["dashboard_a"] == f"since {monday}"
    assert before_and_since(dashboard(view="Over the weeks")) == []  # there the answer is a sentence
    assert "25 % (8 weeks), since 10 % (8 weeks): −15 points (−23 to −7)." in html(dashboard(view="Over the weeks"))


@pytest.mark.parametrize(
    ("day", "text", "told"),
    [
        (timedelta(weeks=2), "", "a change has a text of 1 to 60 characters"),
        (timedelta(weeks=2), "  ", "a change has a text of 1 to 60 characters"),
        (timedelta(weeks=2), "a\u202eb", "a change has a text of 1 to 60 characters"),
        (None, "new pump", "a change begins in this week or within the ten years before it"),
        (timedelta(weeks=6), "new pump", "another change is marked from the same week on"),
    ],
)
def test_what_is_no_change_is_said_in_words_and_not_marked(signed_in, day, text, told):
    monday = clock.monday(ago(6))
    screen = mark(dashboard(view="Compare"), monday, "new antiemetic")

    mark(screen, day and monday + timedelta(weeks=6) - day, text)

    assert [error.value for error in screen.error] == [f"Not marked: {told}."]
    assert marked(signed_in) == [(monday, "new antiemetic")]


def test_a_mark_that_is_removed_is_nowhere_but_in_the_audit(signed_in):
    monday = clock.monday(ago(6))
    screen = mark(dashboard(view="Compare"), monday, "new antiemetic")
    assert len(before_and_since(screen)) == 1

    screen.button(key="dashboard_remove").click().run()
    assert len(before_and_since(screen)) == 1  # nothing was chosen
    screen.selectbox(key="dashboard_marked").select_index(0)
    screen.button(key="dashboard_remove").click().run()

    assert before_and_since(screen) == []
    assert marked(signed_in) == []
    assert ("passphrase", f"removed the mark of a change ({monday})") in audited()


def test_an_address_outlives_the_mark_of_its_change(signed_in):
    monday = clock.monday(ago(8))
    put_a_halving(monday)

    said = html(dashboard(view="Compare", a=f"since {monday}", b=f"before {monday}"))

    assert f"<strong>A, since {monday.day} {monday:%B} {monday.year}: 160 invited check-ins</strong>" in said


def test_nothing_is_marked_once_the_session_has_ended(signed_in):
    screen = dashboard(view="Compare")
    sessions.sign_out(signed_in)

    mark(screen, clock.monday(ago(6)), "new antiemetic")

    assert "You are signed out." in html(screen)
    with database.reading() as connection:
        assert connection.execute(select(schema.changes)).all() == []


@pytest.mark.parametrize(
    "text",
    [
        "<b>bold</b> & co",
        "[x](javascript:alert(1))",
        "$\\alpha$ :material/home: :red[x]",
        "`code` *em* ~~no~~ ![i](/x.png)",
    ],
)
def test_a_change_is_shown_as_it_was_typed_and_never_as_markup(signed_in, text):
    monday = clock.monday(ago(8))
    put_a_halving(monday)
    screen = mark(dashboard(view="Compare"), monday, text)
    day = f"{monday.day} {monday:%B} {monday.year}"

    compare = dashboard(view="Compare", a=f"since {monday}", b=f"before {monday}")
    weeks = dashboard(view="Over the weeks")

    assert before_and_since(screen) == [f"Before and since {text}, {day}"]
    label = next(button.label for button in screen.button if (button.key or "").startswith("dashboard_sides"))
    assert not re.search(r"(?<!\\)[<\[$`*~!]|:(?!\u2060)", label)
    assert screen.selectbox(key="dashboard_marked").options == [f"{day}: {text}"]
    assert f"A, since {day} ({escape(text)}): 160 " in html(compare)
    assert f"</strong> {escape(text)}, from {day} on." in html(weeks)
    assert f"since {day} ({text}):" in footers(compare)[0]


def test_filters_that_both_sides_overrule_are_not_enabled(signed_in):
    put(20, "nausea", number_band="1st")

    def disabled(**chosen):
        screen = dashboard(view="Compare", **chosen)
        boxes = {box.key.removeprefix("dashboard_") for box in screen.selectbox if box.disabled}
        return boxes | ({"window"} if screen.segmented_control(key="dashboard_window").disabled else set())

    assert disabled() == {"weeks"}
    assert disabled(a="Infusion 1st", b="Infusion 2nd-6th") == {"number"}
    assert disabled(a="Window 0-4 h", b="Window 4-24 h") == {"window"}
    assert disabled(a="Invited", b="Open link") == {"origin"}
    assert disabled(a="English", b="Spanish") == {"language"}
    assert disabled(a="Own device", b="Clinic tablet", device="Own device") == {"device"}
    assert disabled(a="since 2026-09-28", b="before 2026-09-28") == {"weeks"}
    assert disabled(a="Infusion 1st", number="2nd-6th") == set()


def test_a_side_that_overrules_a_filter_says_so(signed_in):
    put(20, "nausea", number_band="2nd-6th")
    put(30, "nausea", number_band="1st", weeks_ago=20)

    (footer,) = footers(dashboard(view="Compare", number="2nd-6th", a="Last 4 weeks", b="Infusion 1st"))

    assert "A, Last 4 weeks: 20 invited check-ins sent within 4 hours of the infusion, 2nd–6th infusions, " in footer
    assert "B, Infusion 1st: 30 invited check-ins sent within 4 hours of the infusion, English, " in footer


def test_once_a_tablet_was_used_where_check_ins_were_sent_from_is_a_filter(signed_in):
    put(20, "headache")
    put(12, "headache", door="plain")
    without = dashboard(view="Compare")
    put(30, "headache", door="kiosk")

    screens = {device: dashboard(device=device) for device in ("", "Own device", "Clinic tablet")}

    assert "dashboard_device" not in {box.key for box in without.selectbox}
    assert not {"Own device", "Clinic tablet"} & {*without.selectbox(key="dashboard_a").options}
    assert screens[""].selectbox(key="dashboard_device").options == ["Own device", "Clinic tablet"]
    assert {device: counted(screen) for device, screen in screens.items()} == {
        "": 62,
        "Own device": 32,
        "Clinic tablet": 30,
    }
    caveat = "Check-ins from a clinic tablet are sent at the clinic, with staff near by. That may change the answers."
    for device, said in (("Own device", "from patients’ own devices"), ("Clinic tablet", "from a clinic tablet")):
        assert f" English, {said}, " in footers(screens[device])[0]
        assert html(screens[device]).count(caveat) == 1
        assert "No response rate by device: only those who answered have one." in html(screens[device])
    assert " from a" not in footers(screens[""])[0]
    assert caveat not in html(screens[""])


def test_own_devices_and_the_tablet_are_two_groups_that_can_be_compared(signed_in):
    put(20, "headache")
    put(30, "headache", door="kiosk")

    screen = dashboard(view="Compare", a="Clinic tablet", b="Own device")

    said = html(screen)
    assert "<strong>A, Clinic tablet: 30 invited check-ins</strong> sent within 4 hours of the infusion</p>" in said
    assert "<strong>B, Own device: 20 invited check-ins</strong> sent within 4 hours of the infusion</p>" in said
    assert '<p class="response">No response rate by device: only those who answered have one.</p>' in said
    assert "sent at the clinic, with staff near by. That may change the answers." in said
    (footer,) = footers(screen)
    assert re.search(
        rf"A, Clinic tablet: 30 invited check-ins sent within 4 hours of the infusion, English, {DAYS}\. ", footer
    )


@pytest.mark.parametrize("chosen", [{"device": "Clinic tablet"}, {"number": "7th or later, not told apart"}])
def test_a_choice_of_the_address_is_kept_where_the_database_has_nothing_of_it(signed_in, chosen):
    put(20, "headache")

    screen = dashboard(**chosen)

    assert "<strong>0 invited check-ins</strong>" in html(screen)
    assert not screen.table


@pytest.mark.parametrize(
    ("others", "said"),
    [
        (0, None),
        (9, "Fewer than 10 check-ins with an earlier list are not included."),
        (12, "12 check-ins with an earlier list are not included."),
    ],
)
def test_what_another_list_leaves_out_is_named(signed_in, others, said):
    put(20, "headache")
    if others:
        put(others, "headache", list_version=2)

    told = html(dashboard())

    assert (f">{said}</p>" in told) if said else ("not included" not in told)
    assert "<strong>20 invited check-ins</strong>" in told
    assert [box.key for box in dashboard().selectbox].count("dashboard_list") == 0  # the product knows one list only
