import re
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from data import access, check_ins, clock, database, demonstration, infusions, preparation, schema
from data.catalogue import LABELS
from pages.clinic import session
from tests.app import PASSPHRASE, QUICK_HASH, ROOT


@pytest.fixture
def signed_in(configure, tmp_path, monkeypatch):
    configure(database_url=f"sqlite:///{tmp_path / 'checkins.db'}", passphrase_hash=QUICK_HASH)
    preparation.prepare()
    token = access.sign_in(PASSPHRASE, "address")
    monkeypatch.setattr(session, "token", lambda: token)
    return token


def dashboard():
    screen = AppTest.from_file(ROOT / "pages" / "navigation.py", default_timeout=30).run()
    return screen.switch_page("clinic/dashboard.py").run()


def html(screen):
    return " ".join(element.proto.body for element in screen.get("html"))


def test_all_fourteen_rows_stand_in_the_table_with_their_denominator(signed_in):
    demonstration.fill(600, 1, lambda _: None)

    screen = dashboard()

    table = screen.table[0].value
    assert list(table.columns) == ["Side effect", "Reported", "Check-ins", "%", "95 % interval"]
    assert sorted(table["Side effect"]) == sorted(LABELS.values())
    assert table["Reported"].astype(int).is_monotonic_decreasing
    assert f"<strong>{table['Check-ins'].iloc[0]} check-ins</strong>, less than 4 hours after the infusion" in html(
        screen
    )
    assert f"Share of {table['Check-ins'].iloc[0]} check-ins." in html(screen)
    assert re.search(r"Of \d+ infusions that ended .*?, \d+ \(\d+ %\) have a check-in from 0–4 h\.", html(screen))
    assert re.search(r"\d+ check-ins by the open link: response rate unknown\.", html(screen))
    assert "None of these:" in html(screen)


def test_how_it_was_asked_and_the_caveats_stand_below(signed_in):
    demonstration.fill(600, 1, lambda _: None)

    said = html(dashboard())

    assert (
        "Solicited tick list, list version 1, asked: “Which of these do you have now? Select all that apply.”" in said
    )
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
    assert not screen.get("arrow_vega_lite_chart")


def test_without_a_session_there_is_a_way_to_sign_in_and_no_figure(signed_in):
    demonstration.fill(600, 1, lambda _: None)
    access.sign_out(signed_in)

    screen = dashboard()

    assert "You are signed out." in html(screen)
    assert not screen.table


def test_a_database_that_is_gone_is_said_in_words(signed_in, monkeypatch):
    def gone(*_):
        raise database.Unavailable("OperationalError")

    monkeypatch.setattr(access, "see", gone)

    screen = dashboard()

    assert "The figures cannot be read: the database does not answer." in html(screen)
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
    assert "by the open link, any infusion number" in html(screen)
    assert "Response rate unknown: nobody knows how many saw the open link." in html(screen)

    screen.selectbox(key="dashboard_origin").set_value("invited").run()
    invited = int(screen.table[0].value["Check-ins"].iloc[0])
    assert invited + by_open_link == all_of_them
    assert "by the open link: response rate unknown" not in html(screen)

    screen.selectbox(key="dashboard_number").set_value("1st").run()
    first = int(screen.table[0].value["Check-ins"].iloc[0])
    assert 0 < first < invited
    assert "by invitation, 1st infusions" in html(screen)
    assert f"Share of {first} check-ins, by invitation, 1st infusions. Most frequent first." in html(screen)


def test_too_few_infusions_tell_no_response(signed_in):
    for _ in range(12):
        check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["nausea"])

    assert "Response rate unknown: no infusion is registered whose window is over." in html(dashboard())

    old, _ = infusions.register(signed_in)
    weeks_ago = old.ended - timedelta(weeks=3)
    with database.writing() as connection:
        connection.execute(schema.infusion_tallies.update().values(week=clock.monday(weeks_ago).isoformat()))

    assert "Too few infusions whose window is over to tell how many answer." in html(dashboard())
