import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from streamlit.elements.lib import policies
from streamlit.testing.v1 import AppTest

from data import clock
from data.reports import check_ins, infusions, invitations
from data.staff import passphrase, sessions
from data.storage import database, schema
from pages.clinic import session
from tests.app import PASSPHRASE, ROOT
from tests.pages.clinic.test_dashboard import html


@pytest.fixture
def token(configure, prepared, monkeypatch):
    configure(database_url=prepared, timezone="Europe/Madrid")
    signed_in = passphrase.sign_in(PASSPHRASE, "address")
    monkeypatch.setattr(session, "token", lambda: signed_in)
    return signed_in


def page():
    screen = AppTest.from_file(ROOT / "pages" / "navigation.py", default_timeout=30).run()
    return screen.switch_page("clinic/infusions_page.py").run()


def create(screen):
    return screen.button(key="infusions_create").click().run()


def code(screen):
    return re.search(r'<p class="code" translate="no">(.*?)</p>', html(screen)).group(1)


def madrid(**ago):
    return (clock.now() - timedelta(**ago)).astimezone(ZoneInfo("Europe/Madrid")).replace(tzinfo=None)


def noon(days):
    """Return noon in Madrid some days ago: on every day it is there once, whenever the clocks are changed."""
    return madrid(days=days).replace(hour=12, minute=0, second=0, microsecond=0)


def test_one_tap_makes_an_invitation_for_now_that_opens(token):
    screen = create(page())

    found = invitations.find(code(screen), "address")
    assert clock.now() - found.ended < timedelta(minutes=1)
    assert f"/?i={code(screen)}</a>" in html(screen)
    assert "(number not known), no. 1</h2>" in html(screen)


def test_making_an_invitation_leaves_no_warning_in_the_log(token, monkeypatch):
    warned = []
    monkeypatch.setattr(policies, "_shown_default_value_warning", False)  # else it is logged once in a process
    monkeypatch.setattr(policies._LOGGER, "warning", lambda *words, **_: warned.append(words))

    create(page())

    assert warned == []


def test_time_and_number_are_those_of_the_clinics_clock(token):
    screen = page()
    ended = noon(1)
    screen.datetime_input(key="infusions_ended").set_value(ended)
    screen.number_input(key="infusions_number").set_value(20)
    create(screen)

    (infusion,) = infusions.latest(token)
    assert (infusion.ended.astimezone(ZoneInfo("Europe/Madrid")).replace(tzinfo=None), infusion.number) == (ended, 20)
    assert f"Invitation for the infusion of {ended:%-d %b, %H:%M} (20th), no. {infusion.id}" in html(screen)
    assert screen.table[0].value.iloc[0, 1:3].tolist() == [f"{ended:%-d %b, %H:%M}", "20th"]


def test_an_end_that_is_left_as_it_is_goes_with_the_clock(token):
    screen = page()
    an_hour_ago = madrid(hours=1).replace(second=0, microsecond=0)
    screen.datetime_input(key="infusions_ended").set_value(an_hour_ago)  # both were shown since then
    screen.text_input(key="infusions_now").set_value(an_hour_ago.isoformat())

    create(screen)

    (infusion,) = infusions.latest(token)
    assert clock.now() - infusion.ended < timedelta(minutes=1)


def test_after_a_look_at_the_dashboard_the_end_is_still_by_the_clinics_clock(token):
    screen = page()
    screen.switch_page("clinic/dashboard.py").run()
    screen.switch_page("clinic/infusions_page.py").run()

    assert timedelta(0) <= madrid() - screen.datetime_input(key="infusions_ended").value < timedelta(minutes=2)

    create(screen)
    assert clock.now() - infusions.latest(token)[0].ended < timedelta(minutes=1)


def test_the_fields_are_empty_again_for_the_next_patient(token):
    screen = page()
    screen.datetime_input(key="infusions_ended").set_value(noon(1))
    screen.number_input(key="infusions_number").set_value(2)
    create(screen)

    assert madrid() - screen.datetime_input(key="infusions_ended").value < timedelta(minutes=2)
    assert screen.number_input(key="infusions_number").value is None


def test_the_second_tap_of_a_double_tap_registers_nothing_though_the_form_is_new_by_then(token):
    screen = create(page())
    shown = code(screen)

    create(screen)

    assert code(screen) == shown
    assert len(infusions.latest(token)) == 1


def test_a_tap_whose_answer_was_lost_registers_the_same_infusion_again(token):
    screen = page()
    key = screen.text_input(key="infusions_key").value
    made, lost = infusions.register(token, key=key)

    create(screen)

    assert code(screen) == lost
    assert infusions.latest(token) == [made]
    assert screen.text_input(key="infusions_key").value != key


def test_the_next_patients_infusion_is_another_one(token, set_clock):
    screen = create(page())
    first = code(screen)
    set_clock(clock.now() + timedelta(seconds=2))

    create(screen)

    assert code(screen) != first
    assert len(infusions.latest(token)) == 2


def test_a_key_that_was_used_is_none_of_the_next_patients_even_if_the_browser_still_has_it(token, set_clock):
    screen = page()
    key = screen.text_input(key="infusions_key").value
    first = code(create(screen))
    set_clock(clock.now() + timedelta(seconds=2))

    screen.text_input(key="infusions_key").set_value(key).run()
    set_clock(clock.now() + timedelta(seconds=2))
    create(screen)

    assert code(screen) != first


@pytest.mark.parametrize("ended", [lambda: noon(-1), lambda: noon(32)])
def test_an_end_in_the_future_or_too_old_is_refused_in_words_and_stays_in_its_field(token, ended):
    screen = page()
    screen.datetime_input(key="infusions_ended").set_value(given := ended())
    create(screen)

    assert "must have ended within the last 30 days and not in the future" in screen.error[0].value
    assert screen.datetime_input(key="infusions_ended").value == given
    assert infusions.latest(token) == []


@pytest.mark.parametrize("number", [0, -1, infusions.MOST + 1, 612345678])
def test_a_number_that_is_none_is_refused_in_words_and_stays_in_its_field(token, number):
    screen = page()
    screen.number_input(key="infusions_number").set_value(number)
    create(screen)

    assert "the infusion number must be a whole number from 1 to 999" in screen.error[0].value
    assert screen.number_input(key="infusions_number").value == number
    assert infusions.latest(token) == []


def test_an_infusion_whose_number_was_kept_as_later_is_listed_so(token):
    infusions.register(token, number=7)
    with database.writing() as connection:
        connection.execute(schema.infusions.update().values(number_band="later"))
    infusions.register(token, number=7)

    assert page().table[0].value["Infusion"].tolist() == ["7th", "7th or later"]


def test_a_time_that_was_there_twice_is_refused_in_words(token):
    screen = page()
    screen.datetime_input(key="infusions_ended").set_value(datetime(2025, 10, 26, 2, 30))  # noqa: DTZ001
    create(screen)

    assert "If the clocks changed then" in screen.error[0].value
    assert infusions.latest(token) == []


def test_the_list_says_which_windows_are_answered(token):
    infusion, of_old = infusions.register(token, ended=clock.now() - timedelta(days=2), number=1)
    check_ins.record(key="a" * 32, ticked=["nausea"], code=of_old, recorded=infusion.ended)

    table = page().table[0].value

    assert list(table.columns) == ["No.", "Ended", "Infusion", "0–4 h", "4–24 h", "1–7 d", r"\>7 d"]
    assert table.iloc[0, 2:].tolist() == ["1st", "● sent", "– no answer", f"○ open until {madrid(days=-5):%-d %b}", ""]


def test_revoking_takes_the_invitation_away(token):
    screen = create(page())
    shown = code(screen)

    screen.selectbox(key="infusions_revoked").set_value(infusions.latest(token)[0].id)
    screen.button(key="infusions_revoke_confirm").click().run()

    assert "infusions_code" not in screen.session_state
    assert screen.table[0].value.iloc[0]["Infusion"] == "number not known, revoked"
    with pytest.raises(invitations.UnknownInvitation):
        invitations.find(shown, "address")


def test_the_page_says_how_to_correct_a_wrong_one_and_asks_for_no_name(token):
    infusions.register(token)
    screen = page()

    assert "Wrong time or number? Revoke the invitation and make a new one." in html(screen)
    assert [field.key for field in screen.text_input] == ["infusions_now", "infusions_key"]  # hidden
    assert not screen.text_area


def test_without_a_session_nothing_is_registered_or_shown(token):
    screen = create(page())
    sessions.sign_out(token)

    create(screen)

    assert "You are signed out." in html(screen)
    assert '<p class="code"' not in html(screen)
    assert not screen.table
    assert len(infusions.latest(passphrase.sign_in(PASSPHRASE, "address"))) == 1


def test_a_database_that_is_gone_is_said_in_words(token, monkeypatch):
    screen = page()

    def gone(*_, **__):
        raise database.Unavailable("OperationalError")

    monkeypatch.setattr(infusions, "register", gone)
    create(screen)

    assert "The infusions cannot be read: the database is not responding." in html(screen)
