import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from streamlit.elements.lib import policies
from streamlit.testing.v1 import AppTest

from data import clock
from data.catalogue import WINDOWS
from data.reports import check_ins, codes, infusions, invitations, issued, registration, roster
from data.staff import passphrase, sessions
from data.storage import database, schema
from pages.clinic import session, wording
from tests.app import PASSPHRASE, ROOT
from tests.counted import audited
from tests.pages.clinic.test_dashboard import html


@pytest.fixture
def token(configure, prepared, monkeypatch):
    configure(database_url=prepared, timezone="Europe/Madrid", clinic_name="Riverside")
    signed_in = passphrase.sign_in(PASSPHRASE, "address")
    monkeypatch.setattr(session, "token", lambda: signed_in)
    return signed_in


LATER = ">7 d opens 2 Dec, 08:00"


def page(infusion=None):
    screen = AppTest.from_file(ROOT / "pages" / "navigation.py", default_timeout=30).run()
    screen.switch_page("clinic/infusions_page.py")
    if infusion is not None:
        screen.query_params["infusion"] = str(infusion)
    return screen.run()


def create(screen):
    return screen.button(key="infusions_create").click().run()


def tap(screen, infusion, tab):
    """Tap one of the buttons in an infusion's row."""
    return screen.button(key=f"infusions_{infusion}_{tab}").click().run()


def field(screen, kind, name):
    """Return a field of the correction of the infusion that is open."""
    (found,) = (each for each in getattr(screen, kind) if re.fullmatch(rf"infusions_[0-9_]+_{name}", each.key))
    return found


def code(screen):
    return re.search(r'<p class="code" translate="no">(.*?)</p>', html(screen)).group(1)


def opened(screen):
    """Return the heading of the infusion that is open."""
    return re.search(r'<h2 tabindex="-1">(.*?)</h2>', html(screen)).group(1)


def listed(screen):
    """Return number, end and which infusion it was of each row of the list."""
    row = r'<p class="which"><strong>No. (\d+)</strong> <span>(.*?)</span> <span>(.*?)</span></p>'
    return [(int(number), *rest) for number, *rest in re.findall(row, html(screen))]


def numbers(screen):
    return [number for number, *_ in listed(screen)]


def windows(screen):
    """Return what became of each window in the first row."""
    row = html(screen).rpartition('<p class="which">')[2]
    return [re.sub("<.*?>", "", one) for one in re.findall(r'<span class="[a-z-]+">(.*)</span>', row)]


def madrid(**ago):
    return (clock.now() - timedelta(**ago)).astimezone(ZoneInfo("Europe/Madrid")).replace(tzinfo=None)


def noon(days):
    """Return noon in Madrid some days ago: on every day it is there once, whenever the clocks are changed."""
    return madrid(days=days).replace(hour=12, minute=0, second=0, microsecond=0)


def answer(of, **given):
    return check_ins.record(**{"key": check_ins.new_key(), "ticked": ["nausea"], "code": of} | given)


def test_one_tap_makes_an_invitation_for_now_that_opens(token):
    screen = create(page())

    found = invitations.find(code(screen), "address")
    assert clock.now() - found.ended < timedelta(minutes=1)
    assert f"/?i={code(screen)}</p>" in html(screen)
    assert opened(screen) == f"No. 1: {madrid():%-d %b, %H:%M} (number not known)"


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

    (infusion,) = roster.read(token)
    assert (infusion.ended.astimezone(ZoneInfo("Europe/Madrid")).replace(tzinfo=None), infusion.number) == (ended, 20)
    assert opened(screen) == f"No. {infusion.id}: {ended:%-d %b, %H:%M} (20th)"
    assert listed(screen) == [(infusion.id, f"{ended:%-d %b, %H:%M}", "20th")]


def test_an_end_that_is_left_as_it_is_goes_with_the_clock(token):
    screen = page()
    an_hour_ago = madrid(hours=1).replace(second=0, microsecond=0)
    screen.datetime_input(key="infusions_ended").set_value(an_hour_ago)  # both were shown since then
    screen.text_input(key="infusions_now").set_value(an_hour_ago.isoformat())

    create(screen)

    (infusion,) = roster.read(token)
    assert clock.now() - infusion.ended < timedelta(minutes=1)


def test_after_a_look_at_the_dashboard_the_end_is_still_by_the_clinics_clock(token):
    screen = page()
    screen.switch_page("clinic/dashboard.py").run()
    screen.switch_page("clinic/infusions_page.py").run()

    assert timedelta(0) <= madrid() - screen.datetime_input(key="infusions_ended").value < timedelta(minutes=2)

    create(screen)
    assert clock.now() - roster.read(token)[0].ended < timedelta(minutes=1)


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
    assert len(roster.read(token)) == 1


def test_a_tap_whose_answer_was_lost_registers_the_same_infusion_again(token):
    screen = page()
    key = screen.text_input(key="infusions_key").value
    made, lost = registration.register(token, key=key)

    create(screen)

    assert code(screen) == lost
    assert roster.read(token) == [made]
    assert screen.text_input(key="infusions_key").value != key


def test_the_next_patients_infusion_is_another_one(token, set_clock):
    screen = create(page())
    first = code(screen)
    set_clock(clock.now() + timedelta(seconds=2))

    create(screen)

    assert code(screen) != first
    assert len(roster.read(token)) == 2


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

    assert screen.error[0].value.startswith("Not registered: an infusion must have ended within the last 30 days")
    assert screen.datetime_input(key="infusions_ended").value == given
    assert roster.read(token) == []


@pytest.mark.parametrize("number", [0, -1, registration.MOST + 1, 612345678])
def test_a_number_that_is_none_is_refused_in_words_and_stays_in_its_field(token, number):
    screen = page()
    screen.number_input(key="infusions_number").set_value(number)
    create(screen)

    assert "the infusion number must be a whole number from 1 to 999" in screen.error[0].value
    assert screen.number_input(key="infusions_number").value == number
    assert roster.read(token) == []


def test_an_infusion_whose_number_was_kept_as_later_is_listed_so(token):
    registration.register(token, number=7)
    with database.writing() as connection:
        connection.execute(schema.infusions.update().values(number_band="later"))
    registration.register(token, number=7)

    assert [which for *_, which in listed(page())] == ["7th", "7th or later"]


def test_a_time_that_was_there_twice_is_refused_in_words(token):
    screen = page()
    screen.datetime_input(key="infusions_ended").set_value(datetime(2025, 10, 26, 2, 30))  # noqa: DTZ001
    create(screen)

    assert "If the clocks changed then" in screen.error[0].value
    assert roster.read(token) == []


def test_an_invitation_is_shown_again_after_leaving_reloading_and_in_another_tab(token):
    screen = create(page())
    shown = code(screen)
    screen.switch_page("clinic/dashboard.py").run()

    again = tap(page(), 1, "Code")

    assert code(again) == shown
    assert code(page(infusion=1)) == shown
    assert [did for _, did in audited()].count("saw the invitation of infusion No. 1") == 3


def test_three_patients_invitations_are_shown_one_after_the_other(token):
    made = [registration.register(token)[1] for _ in range(3)]
    screen = page()

    shown = [code(tap(screen, number, "Code")) for number in (1, 2, 3, 1)]

    assert shown == [*made, made[0]]


def test_a_refresh_is_not_written_down_and_keeps_no_session_alive(token, monkeypatch):
    registration.register(token)
    screen = page(infusion=1)
    before = audited()

    screen.run()

    assert audited() == before


@pytest.mark.parametrize("asked", ["2", "0", "-1", "x", "9" * 30, "1 OR 1=1"])
def test_an_infusion_that_is_none_is_not_shown(token, asked):
    registration.register(token)

    screen = page(infusion=asked)

    assert 'class="code"' not in html(screen)
    assert not screen.exception


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        (1, ["0–4 h ○ open until 16:00", "4–24 h opens 16:00", "1–7 d opens 26 Nov, 12:00", ">7 d opens 2 Dec, 12:00"]),
        (
            5,
            [
                "0–4 h – no answer",
                "4–24 h ○ open until 26 Nov, 08:00",
                "1–7 d opens 26 Nov, 08:00",
                ">7 d opens 2 Dec, 08:00",
            ],
        ),
        (24 * 9, ["0–4 h – no answer", "4–24 h – no answer", "1–7 d – no answer", ">7 d ○ open until 16 Dec, 13:00"]),
        (24 * 31, ["0–4 h – no answer", "4–24 h – no answer", "1–7 d – no answer", ">7 d – no answer"]),
    ],
)
def test_the_list_says_what_became_of_each_window(configure, hours, told):
    configure(timezone="Europe/Madrid")
    now = datetime(2026, 11, 25, 13, tzinfo=ZoneInfo("Europe/Madrid"))
    infusion = infusions.Infusion(1, now - timedelta(hours=hours), 1, "1st", now)

    said = [f"{window} {words}" for window, _, words in wording.states(infusion, now)]

    assert said == told


def test_sent_appears_in_the_list_and_beside_the_invitation(token):
    screen = create(page())
    answer(code(screen))

    screen.run()

    assert windows(screen)[0] == "0–4 h ● sent"
    assert html(screen).count("● sent") == 2


def test_a_wrong_time_and_number_are_corrected_and_the_link_goes_on_working(token):
    _, handed_over = registration.register(token, number=2)
    screen = tap(page(), 1, "Change")
    ended = noon(1)

    field(screen, "datetime_input", "ended").set_value(ended)
    field(screen, "number_input", "number").set_value(3)
    screen.button(key="infusions_save").click().run()

    assert opened(screen) == f"No. 1: {ended:%-d %b, %H:%M} (3rd)"
    assert code(screen) == handed_over
    assert clock.shown(invitations.find(handed_over, "address").ended) == ended


def test_saving_what_was_not_changed_changes_nothing(token):
    made, _ = registration.register(token, number=2)
    before = audited()
    screen = tap(page(), 1, "Change")

    screen.button(key="infusions_save").click().run()

    assert roster.read(token)[0].ended == made.ended
    assert not any("changed" in did for _, did in audited()[len(before) :])


def test_a_correction_that_breaks_a_rule_is_refused_in_words_and_stays_in_its_fields(token):
    registration.register(token)
    screen = tap(page(), 1, "Change")
    field(screen, "datetime_input", "ended").set_value(given := noon(-1))

    screen.button(key="infusions_save").click().run()

    screen.run()  # by itself, as every ten seconds
    assert screen.error[0].value.startswith("Not changed: an infusion must have ended within the last 30 days")
    assert field(screen, "datetime_input", "ended").value == given


def test_after_an_answer_the_page_says_why_time_and_number_stay(token):
    _, handed_over = registration.register(token)
    screen = tap(page(), 1, "Change")

    answer(handed_over)
    screen.run()

    assert "so its time and number can no longer be changed" in html(screen)
    assert not [button for button in screen.button if button.key in ("infusions_save", "infusions_1_Change")]


def test_an_answer_that_comes_while_the_correction_is_typed_is_said_in_words(token):
    _, handed_over = registration.register(token, number=1)
    screen = tap(page(), 1, "Change")
    field(screen, "number_input", "number").set_value(2)
    change = registration.change

    def answered_first(*given, **changed):
        answer(handed_over)
        return change(*given, **changed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registration, "change", answered_first)
        screen.button(key="infusions_save").click().run()

    assert screen.error[0].value.startswith("Not changed: the patient has just sent a check-in")
    assert roster.read(token)[0].number == 1


def test_a_lost_code_is_replaced_in_two_taps_and_the_old_one_stops(token):
    _, lost = registration.register(token)
    screen = tap(page(), 1, "New code")

    screen.button(key="infusions_replace").click().run()

    assert code(screen) != lost
    assert invitations.find(code(screen), "address")
    with pytest.raises(invitations.UnknownInvitation):
        invitations.find(lost, "address")


def of_earlier(release=None):
    """Make the only infusion one of an earlier release, or of another secret key."""
    with database.writing() as connection:
        connection.execute(schema.infusions.update().values(seed=release))


@pytest.mark.parametrize(
    ("seed", "told"),
    [
        (None, "The patient’s link and code still work."),
        ("a" * 32, "this invitation no longer works. Make a new code."),
    ],
)
def test_a_code_that_cannot_be_shown_is_replaced_and_the_page_says_whether_the_old_one_works(token, seed, told):
    registration.register(token)
    of_earlier(seed)
    screen = tap(page(), 1, "Code")
    assert told in html(screen)

    screen.button(key="infusions_replace").click().run()

    assert invitations.find(code(screen), "address")


def test_an_infusion_of_an_earlier_release_is_corrected_and_revoked_without_a_new_code(token):
    _, handed_over = registration.register(token, number=1)
    of_earlier()
    screen = tap(page(), 1, "Change")
    assert "infusions_replace" not in [button.key for button in screen.button]
    field(screen, "number_input", "number").set_value(2)
    screen.button(key="infusions_save").click().run()
    assert (roster.read(token)[0].number, bool(invitations.find(handed_over, "address"))) == (2, True)

    screen.segmented_control(key="infusions_tab_1_2").select("Revoke").run()
    screen.button(key="infusions_revoke").click().run()

    assert roster.read(token)[0].revoked


def test_a_correction_made_elsewhere_is_not_undone_by_fields_that_were_open_before_it(token):
    registration.register(token, number=1)
    screen = tap(page(), 1, "Change")
    corrected = clock.now() - timedelta(hours=20)
    registration.change(token, 1, ended=corrected, number=1)
    screen.run()

    field(screen, "number_input", "number").set_value(2)
    screen.button(key="infusions_save").click().run()

    assert (roster.read(token)[0].ended, roster.read(token)[0].number) == (corrected, 2)


def test_a_failed_registration_leaves_no_other_patients_code_on_the_screen(token, set_clock):
    screen = create(page())
    set_clock(clock.now() + timedelta(seconds=2))
    screen.datetime_input(key="infusions_ended").set_value(noon(-1))

    create(screen)

    assert screen.error[0].value.startswith("Not registered")
    assert 'class="code"' not in html(screen)


def test_an_invitation_can_be_closed(token):
    screen = create(page())

    screen.button(key="infusions_close").click().run()

    assert 'class="code"' not in html(screen)
    assert "infusion" not in screen.query_params


def test_each_look_at_a_code_is_written_down_by_whoever_looks(token, monkeypatch):
    registration.register(token)
    screen = tap(page(), 1, "Code")
    saw = ("passphrase", "saw the invitation of infusion No. 1")
    looks = [audited().count(saw)]

    tap(screen, 1, "Code")  # again
    looks.append(audited().count(saw))
    tap(screen, 1, "Change")  # which shows no code
    looks.append(audited().count(saw))
    tap(screen, 1, "Code")
    other = passphrase.sign_in(PASSPHRASE, "another address")
    monkeypatch.setattr(session, "token", lambda: other)
    screen.run()  # by somebody else in the same page
    looks.append(audited().count(saw))

    assert looks == [1, 2, 2, 4]


def test_revoking_takes_the_invitation_away(token):
    screen = create(page())
    shown = code(screen)
    screen.segmented_control(key="infusions_tab_1_1").select("Revoke").run()

    screen.button(key="infusions_revoke").click().run()

    assert "This invitation was revoked on" in html(screen)
    assert listed(screen)[0][2] == "number not known, revoked"
    assert not [button for button in screen.button if button.label in ("Code", "New code", "Change")]
    with pytest.raises(invitations.UnknownInvitation):
        invitations.find(shown, "address")


@pytest.mark.parametrize("typed", ["1", "No. 1", " no 1 ", "No.1"])
def test_an_infusion_is_found_by_its_number_however_old_it_is(token, typed):
    with database.writing() as connection:  # sixty, of which the first is far from the latest
        for minutes in range(60, 0, -1):
            seed = codes.new_key()
            row = {"code_digest": invitations.digest(codes.invitation(seed)), "seed": seed, "number_band": "unknown"}
            at = clock.now() - timedelta(minutes=minutes)
            row |= {"ended": at, "registered": at, "week": clock.monday(at).isoformat()}
            connection.execute(schema.infusions.insert(), row)
    screen = page()
    assert numbers(screen) == list(range(60, 48, -1))

    screen.text_input(key="infusions_find").set_value(typed).run()

    assert numbers(screen) == [1]


@pytest.mark.parametrize("typed", ["281", "x", "1; --", "9" * 30])
def test_a_number_that_was_not_given_finds_nothing_and_says_so(token, typed):
    registration.register(token)
    screen = page()

    screen.text_input(key="infusions_find").set_value(typed).run()

    assert listed(screen) == []
    assert "There is no infusion " in html(screen)


def test_more_are_listed_on_a_tap(token):
    for _ in range(14):
        registration.register(token)
    screen = page()
    assert len(listed(screen)) == 12

    screen.button(key="infusions_more").click().run()

    assert len(listed(screen)) == 14
    assert "infusions_more" not in [button.key for button in screen.button]


def test_those_who_have_not_answered_are_listed_with_their_code_at_hand(token):
    _, answered = registration.register(token)
    answer(answered)
    registration.register(token)
    _, yesterday = registration.register(token, ended=clock.now() - timedelta(days=1, hours=1))
    answer(yesterday, recorded=clock.now() - timedelta(days=1))
    screen = page()

    screen.segmented_control(key="infusions_shown").select("today").run()
    today = numbers(screen)
    screen.segmented_control(key="infusions_shown").select("open").run()

    assert today == [2]
    assert numbers(screen) == [3, 2]
    assert code(tap(screen, 2, "Code")) == issued.show(token, 2)[1]


@pytest.mark.parametrize(("shown", "told"), [("today", "No infusion from today"), ("open", "Everyone who can answer")])
def test_where_everybody_has_answered_the_list_says_so(token, shown, told):
    _, answered = registration.register(token)
    answer(answered)
    screen = page()

    screen.segmented_control(key="infusions_shown").select(shown).run()

    assert listed(screen) == []
    assert told in html(screen)


def test_the_page_asks_for_no_name(token):
    registration.register(token)
    screen = page()

    assert [field.key for field in screen.text_input] == ["infusions_now", "infusions_key", "infusions_find"]
    assert not screen.text_area


def test_without_a_session_nothing_is_registered_or_shown(token):
    screen = create(page())
    sessions.sign_out(token)

    create(screen)

    assert html(screen).count("You are signed out.") == 1
    assert 'class="code"' not in html(screen)
    assert listed(screen) == []
    assert len(roster.read(passphrase.sign_in(PASSPHRASE, "address"))) == 1


def test_who_signs_in_again_is_led_back_to_the_infusion_that_was_open(token):
    screen = create(page())
    sessions.sign_out(token)

    screen.run()

    assert 'href="/sign-in?next=%2Finfusions%3Finfusion%3D1"' in html(screen)


def test_a_database_that_is_gone_is_said_in_words(token, monkeypatch):
    screen = page()

    def gone(*_, **__):
        raise database.Unavailable("OperationalError")

    monkeypatch.setattr(registration, "register", gone)
    create(screen)

    assert "The infusions cannot be read: the database is not responding." in html(screen)


def test_every_window_has_words_in_every_state(configure):
    configure()
    now = clock.now()
    for hours in (0, 5, 30, 200, 800):
        infusion = infusions.Infusion(1, now - timedelta(hours=hours), 1, "1st", now, answered=frozenset({">7 d"}))

        assert len(wording.states(infusion, now)) == len(WINDOWS)
