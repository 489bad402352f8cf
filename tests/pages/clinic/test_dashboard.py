import json
import re
from datetime import timedelta
from typing import ClassVar

import pytest
import streamlit as st
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from data import clock, demonstration
from data.catalogue import LABELS
from data.figures import views
from data.figures.view import View
from data.files import downloads
from data.reports import check_ins, infusions
from data.staff import sessions
from data.storage import database, preparation, schema
from pages.clinic import session
from pages.clinic.tab import Tab
from pages.clinic.views import TABS
from pages.web import faults
from tests.app import PASSPHRASE, QUICK_HASH, ROOT
from tests.counted import ago, header_of, put, table_of

DAYS = r"\d+( \w+( \d{4})?)? – \d+ \w+ \d{4}"  # the first one has month and year only where they are others


@pytest.fixture
def signed_in(configure, tmp_path, monkeypatch):
    configure(database_url=f"sqlite:///{tmp_path / 'checkins.db'}", passphrase_hash=QUICK_HASH)
    preparation.prepare()
    token = sessions.sign_in(PASSPHRASE, "address")
    monkeypatch.setattr(session, "token", lambda: token)
    return token


def dashboard(**chosen):
    """Open the dashboard with filters in its address."""
    screen = AppTest.from_file(ROOT / "pages" / "navigation.py", default_timeout=30).run()
    for name, value in chosen.items():
        screen.query_params[f"dashboard_{name}"] = value
    return screen.switch_page("clinic/dashboard.py").run()


def html(screen):
    shown = " ".join(element.proto.body for element in screen.get("html"))
    return re.sub("<style>.*?</style>", "", shown, flags=re.DOTALL)


def test_all_fourteen_rows_stand_in_the_table_with_their_denominator(signed_in):
    demonstration.fill(600, 1, lambda _: None)

    screen = dashboard()

    table = screen.table[0].value
    assert list(table.columns) == ["Side effect", "Reported", "Check-ins", "%", "95 % interval"]
    assert sorted(table["Side effect"]) == sorted(LABELS.values())
    assert table["Reported"].astype(int).is_monotonic_decreasing
    n = table["Check-ins"].iloc[0]
    assert f"<strong>{n} check-ins</strong> sent within 4 hours of the infusion, " in html(screen)
    assert footers(screen)[0].startswith(f"{n} check-ins sent within 4 hours of the infusion, ")
    assert re.search(r"Answered: \d+ of \d+ registered infusions \(\d+ %\), up to \d+ \w+ \d{4}\.", html(screen))
    assert re.search(r"Plus \d+ check-ins by the open link, for which no rate can be known\.", html(screen))
    assert "None of these:" in html(screen)


def test_a_filter_of_the_address_that_is_none_is_named_once(signed_in):
    demonstration.fill(600, 1, lambda _: None)

    screen = dashboard(weeks="Last 4 week", windw="4-24 h", order="<b>", origin="invited", a="")

    told = "Not recognised in this address, so ignored: weeks “Last 4 week”, windw “4-24 h”, order “&lt;b&gt;”."
    assert told in html(screen)
    assert len(screen.table) > 0
    assert "Not recognised" not in html(dashboard(weeks="Last 4 weeks", view="Over the weeks", side_effect="Headache"))


def test_how_it_was_asked_and_the_caveats_stand_below(signed_in):
    demonstration.fill(600, 1, lambda _: None)

    said = html(dashboard())

    assert "Patients ticked a list (version 1): “Which of these do you have now? Select all that apply.”" in said
    assert "Reports are not proof of a cause." in said
    assert "not a validated instrument" in said
    assert "Internal" in said


def test_the_order_of_the_list_is_a_choice(signed_in):
    demonstration.fill(600, 1, lambda _: None)
    screen = dashboard()

    screen.selectbox(key="dashboard_order").set_value("Order of the list").run()

    assert screen.table[0].value["Side effect"].tolist() == list(LABELS.values())


def test_another_window_has_other_figures_and_says_so(signed_in):
    demonstration.fill(600, 1, lambda _: None)
    screen = dashboard()
    first = screen.table[0].value["Check-ins"].iloc[0]

    screen.segmented_control(key="dashboard_window").select("1-7 d").run()

    assert screen.table[0].value["Check-ins"].iloc[0] != first
    assert "1 to 7 days after the infusion" in html(screen)


def test_an_empty_window_says_what_will_appear(signed_in):
    screen = dashboard()

    assert "No check-ins in this window yet" in html(screen)
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


def test_origin_and_number_are_filters_that_the_sentence_names(signed_in):
    demonstration.fill(2000, 1, lambda _: None)
    screen = dashboard()
    all_of_them = int(screen.table[0].value["Check-ins"].iloc[0])

    screen.selectbox(key="dashboard_origin").set_value("open").run()
    by_open_link = int(screen.table[0].value["Check-ins"].iloc[0])
    assert "sent within 4 hours of the infusion, by the open link, " in html(screen)
    assert "No response rate: nobody knows how many people saw the open link." in html(screen)

    screen.selectbox(key="dashboard_origin").set_value("invited").run()
    invited = int(screen.table[0].value["Check-ins"].iloc[0])
    assert invited + by_open_link == all_of_them
    assert "by the open link" not in re.sub('<p class="quiet">.*', "", html(screen))

    screen.selectbox(key="dashboard_number").set_value("1st").run()
    first = int(screen.table[0].value["Check-ins"].iloc[0])
    assert 0 < first < invited
    assert "by invitation, 1st infusions, " in html(screen)
    told = f"{first} check-ins sent within 4 hours of the infusion, by invitation, 1st infusions, "
    assert footers(screen)[0].startswith(told)


def test_too_few_infusions_tell_no_response(signed_in):
    for _ in range(12):
        check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["nausea"])

    none = "No response rate: no registered infusion has completed this window yet. 12 check-ins by the open link,"
    assert none in html(dashboard())
    assert "no infusion of these weeks has completed this window yet." in html(dashboard(weeks="Last 4 weeks"))

    old, _ = infusions.register(signed_in)
    weeks_ago = old.ended - timedelta(weeks=3)
    with database.writing() as connection:
        connection.execute(schema.infusion_tallies.update().values(week=clock.monday(weeks_ago).isoformat()))

    assert "Too few infusions have completed this window to show a response rate." in html(dashboard())


def titles(screen):
    return re.findall(r"<h2>(.*?)</h2>", html(screen))


def charts(screen):
    return [json.loads(chart.proto.spec) for chart in screen.get("vega_lite_chart")]


def footers(screen):
    """Return what each chart says of itself when it is saved as a picture."""
    return [" ".join(chart["title"]["subtitle"]) for chart in charts(screen)]


@pytest.mark.parametrize(
    ("view", "title", "columns"),
    [
        ("Frequencies", "Side effects reported within 4 hours of the infusion", ["Reported", "Check-ins"]),
        ("Since the infusion", "Reported: count (share), 95 % interval", ["0–4 h, n = ", "4–24 h, n = "]),
        ("Over the weeks", "Nausea or vomiting, week by week", ["Reported", "Check-ins", "%", "95 % interval"]),
        ("By infusion number", "Reported: count (share), 95 % interval", ["1st, n = ", "2nd–6th, n = "]),
        ("Compare", "Shares and differences", ["A, n = ", "B, n = ", "A − B", "95 % interval"]),
        ("Together", "Pairs, most frequent first", ["Both", "Expected", "Reported / expected"]),
    ],
)
def test_every_view_has_title_table_and_charts_with_a_text_alternative(signed_in, view, title, columns):
    demonstration.fill(2000, 1, lambda _: None)

    screen = dashboard(view=view)

    assert titles(screen) == [title]
    (table,) = screen.table
    shown = [column.replace("\u00a0", " ") for column in table.value.columns[1:]]
    assert all(column.startswith(begin) for column, begin in zip(shown, columns, strict=False))
    drawn = screen.get("vega_lite_chart")
    assert drawn
    assert all(len(chart.proto.alt) > 40 for chart in drawn)
    assert all("Internal." in footer for footer in footers(screen))
    assert not any("#" in json.dumps(chart["layer"]) for chart in charts(screen))  # a colour by name


@pytest.mark.parametrize("view", views.names())
def test_below_the_minimum_group_no_view_has_a_figure(signed_in, view):
    for _ in range(9):
        check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["nausea", "headache"])

    screen = dashboard(view=view)

    assert not screen.table
    assert not screen.get("vega_lite_chart")
    told = {"By infusion number": "with a known infusion number yet", "Compare": "A: fewer than 10 check-ins</strong>"}
    assert told.get(view, "(n &lt; 10)") in html(screen)
    assert not re.search(r"\b9\b", re.sub(rf"Updated [\d:]+|{DAYS}", "", html(screen)))


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

    assert "14 comparisons at once" in weeks
    assert "14 comparisons at once" in windows
    assert "Some infusions are on both sides; the intervals ignore that." in windows
    assert "Some infusions are on both sides" not in weeks


def test_a_week_outside_the_limits_is_named_with_what_it_does_not_mean(signed_in):
    for week in range(1, 14):
        for number in range(20):
            ticked = ["nausea"] if number < (12 if week == 3 else 2) else ["headache"]
            record(ticked, ago(week))

    screen = dashboard(view="Over the weeks")

    monday = clock.monday(ago(3))
    assert (
        f"Week of {monday.day} {monday:%B}: 12 of 20 (60 %), above the upper limit of 37 %.</strong> A week outside "
        "the limits is unlikely to be chance alone" in html(screen)
    )
    assert "It does not say why" in html(screen)
    assert screen.table[0].value["Outside"].tolist() == ["no"] * 2 + ["above"] + ["no"] * 10
    assert len(screen.get("vega_lite_chart")) == 2


def test_there_are_no_limits_before_twelve_weeks_have_figures(signed_in):
    for week in range(3):
        for _ in range(9 if week == 1 else 10):
            record(["nausea"], ago(week))

    screen = dashboard(view="Over the weeks")

    assert "Control limits appear once 12 weeks have enough check-ins (now 2)." in html(screen)
    assert len(screen.get("vega_lite_chart")) == 1
    assert screen.table[0].value["Check-ins"].tolist() == ["10", "n < 10", "10"]
    assert screen.table[0].value["Outside"].tolist() == ["", "", ""]


def test_a_view_whose_every_week_is_too_small_says_so(signed_in):
    for week in range(2):
        for _ in range(6):
            record(["nausea"], ago(week))

    screen = dashboard(view="Over the weeks")

    assert "Every week is too small to show" in html(screen)
    assert not screen.table


def record(ticked, recorded):
    check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=ticked, recorded=recorded)


def test_all_filters_come_from_the_address_and_the_sentence_names_them(signed_in):
    demonstration.fill(4000, 1, lambda _: None)

    screen = dashboard(window="4-24 h", weeks="Last 12 weeks", number="2nd-6th", origin="invited", language="English")

    assert re.search(
        r"check-ins</strong> sent 4 to 24 hours after the infusion, by invitation, 2nd to 6th infusions, "
        rf"{DAYS} \(English\)</p>",
        html(screen),
    )
    assert "No response rate by language: only those who answered have one." in html(screen)


def test_a_filter_that_is_unknown_is_as_if_it_were_not_there(signed_in):
    demonstration.fill(600, 1, lambda _: None)

    screen = dashboard(window="all", weeks="Last 5 weeks", view="Everything", origin="x")

    assert not screen.exception
    assert re.search(rf"sent within 4 hours of the infusion, {DAYS} \(English and Spanish\)</p>", html(screen))


def test_the_audit_says_who_saw_which_view(signed_in):
    dashboard(view="Over the weeks", window="1-7 d", side_effect="Headache")

    with database.reading() as connection:
        told = connection.execute(select(schema.audit.c.who, schema.audit.c.did).order_by(schema.audit.c.id)).all()
    (who, did) = told[-1]
    assert who == "passphrase"
    assert re.fullmatch(r"saw Over the weeks, 1-7 d, weeks of [\d-]+ to [\d-]+, headache", did)


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

    screen = dashboard(view=view, window="4-24 h", origin="invited", language="English")

    for footer in footers(screen):
        assert ("4 to 24 hours after the infusion" in footer) == (view != "Since the infusion")
        assert re.search(rf"by invitation, .*{DAYS} \(English\)", footer)
    assert "by invitation" not in re.findall(r'<div class="title".*?</div>', html(screen))[0]  # said once a screen


def test_of_few_answers_the_response_line_says_not_how_many(signed_in):
    now = clock.now()
    codes = [infusions.register(signed_in, ended=now - timedelta(days=20), number=1)[1] for _ in range(12)]
    for code in codes[:3]:
        check_ins.record(
            key=check_ins.new_key(), code=code, ticked=["nausea"], recorded=now - timedelta(days=19, hours=12)
        )

    said = html(dashboard(window="4-24 h"))

    assert "Answered: fewer than 10 of 12 registered infusions, up to " in said
    assert "3 of 12" not in said


def test_what_was_asked_for_is_named_where_there_is_nothing(signed_in):
    said = html(dashboard(window=">7 d", weeks="Last 4 weeks", language="Spanish"))

    assert re.search(
        r"0 check-ins</strong> sent more than 7 days after the infusion, .* \d{4} \(Spanish\)</p>",
        said,
    )
    assert "No check-ins in this selection yet" in said


def test_old_check_ins_are_not_denied_where_a_view_has_its_own_weeks(signed_in):
    for _ in range(12):
        record(["nausea"], ago(60))

    assert "No check-ins in A or B yet" in html(dashboard(view="Compare"))
    assert "No check-ins in the last 52 weeks yet" in html(dashboard(view="Over the weeks"))
    assert ", last 52 weeks</p>" in html(dashboard(view="Over the weeks"))


def test_a_share_above_99_is_no_quotation(signed_in):
    for number in range(400):
        record(["nausea"] if number else ["headache"], clock.now())

    assert dashboard().table[0].value.iloc[0].tolist() == ["Nausea or vomiting", "399", "400", r"\>99", "99–>99"]


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

    assert len(screen.table) == 1
    with database.reading() as connection:
        assert (
            connection.scalar(select(schema.audit.c.did).order_by(schema.audit.c.id.desc())) == "saw Frequencies, 0-4 h"
        )


def test_a_side_without_a_check_in_is_not_called_too_small(signed_in):
    for _ in range(12):
        record(["nausea"], clock.now())

    assert "No check-ins in B yet" in html(dashboard(view="Compare"))


def test_every_view_has_its_tab_with_filters_that_exist_and_a_file(signed_in):
    demonstration.fill(2000, 1, lambda _: None)

    for kind in views.VIEWS:
        tab, screen = TABS[kind](), dashboard(view=kind.name)
        assert tab.beside in ("", *views.options())
        assert {f"dashboard_{name}" for name in kind.options} <= {box.key for box in screen.selectbox}
        assert re.search(r'<p class="selection"><strong>[\w· :]*\d+ check-ins</strong> sent ', html(screen))
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

    assert [tab.label for tab in screen.tabs][-1] == "Most often"
    assert len(screen.table[0].value) == 2
    assert re.search(r"<strong>\d+ check-ins</strong> sent within 4 hours", html(screen))
    file = downloads.as_csv(signed_in, views.chosen({"view": "Most often", "rows": "Two"}), sharing=False)
    assert header_of(file)["View"] == "Most often, 0-4 h, Two"
    assert len(table_of(file)) == 2


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
    assert "<strong>20 check-ins</strong>" in told
    assert [box.key for box in dashboard().selectbox].count("dashboard_list") == 0  # the product knows one list only
