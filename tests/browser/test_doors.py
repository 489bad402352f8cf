"""Every door of the check-in in both languages: the same questions, the same answers, the same ways on."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from data import languages
from data.catalogue import LABELS, NONE_OF_THESE, QUESTION, WINDOW_QUESTION, WINDOWS
from data.reports import invitations
from pages.web import words
from tests.browser.doors import PATHS, Door, door_to

OTHER = {"en": "es", "es": "en"}


@pytest.fixture(params=["en", "es"])
def language(request):
    return request.param


@pytest.fixture(params=PATHS)
def door(request, browser, app, language):
    with door_to(browser, app, request.param, language) as opened:
        opened.open()
        yield opened


def test_the_document_names_its_language_and_every_box_its_side_effect(door):
    snapshot = door.page.locator("body").aria_snapshot()
    boxes = re.findall(r'- checkbox "(.*?)"(?: \[\w+\])*$', snapshot, re.MULTILINE)

    assert door.page.locator("html").get_attribute("lang") == door.language
    assert boxes == [*door.names(*LABELS), door.say(NONE_OF_THESE)]
    for window in WINDOWS:
        assert door.page.get_by_role("radio", name=door.say(window.label), exact=True).count() == 1
    assert door.page.get_by_text(door.say(QUESTION), exact=True).count() == 1


def test_the_boxes_are_a_group_that_has_the_question_for_its_name(door):
    group = door.page.get_by_role("group", name=door.say(QUESTION), exact=True)

    expect(group.get_by_role("checkbox")).to_have_count(15)
    expect(door.page.get_by_role("radiogroup", name=door.say(WINDOW_QUESTION), exact=True)).to_have_count(1)


def test_the_name_of_the_other_language_is_marked_as_being_in_it(door):
    other = OTHER[door.language]
    button = door.page.get_by_role("button", name=languages.NAMES[other])

    assert button.evaluate("e => e.closest('[lang]').lang") == other


def test_a_check_in_is_sent_and_confirmed(door):
    before = door.app.check_ins()
    door.fill_in("1-7 d", "dissociation", "headache")
    door.send()

    assert door.app.check_ins() == [*before, ("1-7 d", ("headache", "dissociation"))]
    assert door.reported() == door.names("headache", "dissociation")
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}", door.receipt())
    assert door.page.locator("html").get_attribute("lang") == door.language


def test_a_mistake_is_named_in_the_pages_language_and_the_ticks_stay(door):
    before = door.app.check_ins()
    door.fill_in("1-7 d", "headache")
    door.page.get_by_text(door.say(NONE_OF_THESE), exact=True).tap()
    door.tap(words.SEND)
    alert = door.page.get_by_role("alert")
    alert.wait_for()

    told = door.say("You ticked “%(none)s” and also “%(first)s”. Untick one of them.")
    assert alert.inner_text() == told % {"none": door.say(NONE_OF_THESE), "first": door.say("Headache")}
    assert door.ticked() == [*door.names("headache"), door.say(NONE_OF_THESE)]
    assert door.app.check_ins() == before


def test_a_switch_of_the_language_loses_no_tick_and_is_what_is_stored(door):
    before = door.app.check_ins()
    door.fill_in("4-24 h", "vision", "bladder")
    other = Door(door.page, door.app, door.kind, OTHER[door.language])

    door.page.get_by_role("button", name=languages.NAMES[other.language]).tap()
    other.wait()
    kept, chosen = other.ticked(), other.page.get_by_role("radio", checked=True)
    assert kept == other.names("vision", "bladder")
    expect(chosen).to_have_count(1)
    expect(other.page.locator("html")).to_have_attribute("lang", other.language)

    other.send()

    assert door.app.check_ins() == [*before, ("4-24 h", ("vision", "bladder"))]
    assert door.app.column("language")[-1] == other.language
    assert other.reported() == other.names("vision", "bladder")


def test_after_a_switch_in_the_app_the_focus_is_where_it_was(browser, app, language):
    with door_to(browser, app, "app", language) as door:
        door.open()

        door.page.get_by_role("button", name=languages.NAMES[OTHER[language]]).focus()
        door.page.keyboard.press("Enter")

        expect(door.page.get_by_role("button", name=languages.NAMES[language])).to_be_focused()


def test_the_gloss_describes_its_box_and_is_no_part_of_its_name(door):
    box = door.page.get_by_role("checkbox", name=door.say("Dissociation"), exact=True)

    gloss = door.page.locator(f"#{box.get_attribute('aria-describedby')}")
    assert gloss.inner_text() == door.say("Feeling detached from yourself or your surroundings.")


def test_a_switch_there_and_back_keeps_everything(door):
    door.fill_in("4-24 h", "vision")
    other = Door(door.page, door.app, door.kind, OTHER[door.language])

    door.page.get_by_role("button", name=languages.NAMES[other.language]).tap()
    other.wait()
    other.fill_in("0-4 h", "sleep")
    other.page.get_by_role("button", name=languages.NAMES[door.language]).tap()
    door.wait()

    assert door.ticked() == door.names("vision", "sleep")
    door.send()
    assert door.app.check_ins()[-1] == ("0-4 h", ("vision", "sleep"))


def test_a_reload_after_sending_stores_nothing_more(door):
    door.fill_in("1-7 d", "headache")
    door.send()
    stored = door.app.check_ins()

    door.page.reload()
    door.page.get_by_role("heading", level=1).wait_for()

    assert door.app.check_ins() == stored


def test_another_check_in_begins_empty_in_the_same_language(door):
    door.fill_in("1-7 d", "headache")
    door.send()

    door.page.get_by_role("link", name=door.say("Send another check-in")).tap()
    door.wait()

    assert door.ticked() == []
    assert urlsplit(door.page.url).path == door.path


def test_a_correction_from_the_sent_page_needs_no_typing(door):
    before = door.app.check_ins()
    door.fill_in("1-7 d", "headache", "fatigue")
    door.send()
    receipt = door.receipt()

    door.page.wait_for_timeout(1100)  # for a second the confirmation takes no tap: it may be the second of two
    door.tap("Correct or withdraw")
    door.heading("Correct or withdraw").wait_for()
    shown = door.ticked()
    door.page.get_by_text(door.say("Headache"), exact=True).tap()
    door.tap(words.SAVE)
    door.heading("Sent. Your correction is saved.").wait_for()

    assert shown == door.names("headache", "fatigue")
    assert door.app.check_ins() == [*before, ("1-7 d", ("fatigue",))]
    assert door.reported() == door.names("fatigue")
    assert door.receipt() == receipt
    assert receipt not in door.page.url


# Where a script sends, the confirmation takes the place of the form in the browser's history.
BACK = {"app": ["/", "/sent", "/"], "html": ["/sent", "/sent", "/sent"], "plain": ["/receipt", "/sent", "/receipt"]}


def test_back_after_a_correction_leads_to_a_page_and_after_the_next_check_in_is_begun_to_nothing_of_it(door):
    door.fill_in("1-7 d", "headache")
    door.send()
    receipt = door.receipt()
    door.page.wait_for_timeout(1100)
    door.tap("Correct or withdraw")
    door.heading("Correct or withdraw").wait_for()
    door.fill_in(None, "fatigue")
    door.tap(words.SAVE)
    door.heading("Sent. Your correction is saved.").wait_for()

    door.page.go_back()
    corrected = urlsplit(door.page.url).path, sorted([*door.ticked(), *door.reported()])
    door.page.go_forward()
    door.page.get_by_role("link", name=door.say("Send another check-in")).tap()
    door.page.get_by_role("checkbox").nth(14).wait_for()
    seen = []
    for _ in range(2):
        door.page.go_back()
        seen.append((urlsplit(door.page.url).path, door.ticked(), receipt in door.page.content()))

    shown = [] if door.kind == "app" else sorted(door.names("fatigue", "headache"))
    assert corrected == (BACK[door.kind][0], shown)
    assert seen == [(path, [], False) for path in BACK[door.kind][1:]]


def test_a_withdrawal_is_asked_for_twice_and_then_said(door):
    door.fill_in("1-7 d", "headache")
    door.send()
    door.page.wait_for_timeout(1100)
    door.tap("Correct or withdraw")
    door.heading("Correct or withdraw").wait_for()
    delete = door.page.get_by_role("button", name=door.say("Delete my answers"))

    hidden_at_first = not delete.is_visible()
    door.page.get_by_text(door.say("Withdraw this check-in"), exact=True).tap()
    delete.tap()
    door.heading("This check-in has been withdrawn.").wait_for()

    assert hidden_at_first
    assert door.app.check_ins()[-1] == ("1-7 d", ())
    assert door.app.column("withdrawn")[-1] is not None
    assert door.reported() == []


def test_a_receipt_typed_later_opens_its_check_in(door):
    door.fill_in("1-7 d", "headache")
    door.send()
    receipt = door.receipt()
    door.page.get_by_role("link", name=door.say("Send another check-in")).tap()
    door.wait()

    door.page.get_by_role("link", name=door.say("Correct or withdraw a check-in you sent")).tap()
    door.page.get_by_label(door.say("Receipt"), exact=True).fill("K7QM 4TXD R2")
    door.tap("Show the check-in")
    told = door.page.get_by_role("alert").inner_text()
    door.page.get_by_label(door.say("Receipt"), exact=True).fill(receipt.lower().replace("-", " "))
    door.tap("Show the check-in")
    door.heading("Correct or withdraw").wait_for()

    assert told == door.say(words.UNKNOWN_RECEIPT)
    assert door.ticked() == door.names("headache")


def test_remind_me_gives_a_calendar_file_and_leaves_the_page_as_it_is(door):
    code = door.app.invite(hours=30)
    door.open(f"?i={code}")
    door.fill_in(None, "headache")
    door.send()
    door.page.wait_for_timeout(1100)

    with door.page.expect_download() as download:
        door.page.get_by_role("link", name=door.say("Remind me tomorrow")).tap()

    assert download.value.suggested_filename == "reminder.ics"
    text = download.value.path().read_text(encoding="utf-8")
    assert f"SUMMARY:{door.say('Time for your next check-in')}" in text
    assert f"URL:{door.app.url}/?i={code}" in text
    assert door.heading("Sent. Thank you.").is_visible()


def test_the_enter_key_sends_and_switches_no_language(door):
    before = door.app.check_ins()
    door.fill_in("1-7 d", "headache")

    if door.kind == "app":
        door.page.get_by_role("button", name=door.say(words.SEND)).focus()
    else:
        door.page.get_by_role("checkbox", name=door.say("Headache")).focus()
    door.page.keyboard.press("Enter")
    door.heading("Sent. Thank you.").wait_for()

    assert door.app.check_ins() == [*before, ("1-7 d", ("headache",))]


def test_the_confirmation_has_the_focus_so_that_it_is_read_out(door):
    door.fill_in("1-7 d", "headache")
    door.send()

    expect(door.heading("Sent. Thank you.")).to_be_focused()


@pytest.mark.parametrize("kind", ["html", "plain"])
def test_the_next_holder_of_the_device_finds_nothing_by_going_back(browser, app, language, kind):
    with door_to(browser, app, kind, language) as door:
        door.open()
        door.fill_in("1-7 d", "headache")
        door.send()
        receipt = door.receipt()

        door.page.get_by_role("link", name=door.say("Send another check-in")).tap()
        door.wait()
        door.page.go_back()
        sent = urlsplit(door.page.url).path, receipt in door.page.content(), door.reported()
        door.page.go_back()
        before = urlsplit(door.page.url).path, receipt in door.page.content()

        assert sent == ("/sent", False, [])
        assert before == ({"plain": "/plain", "html": "blank"}[kind], False)
        assert door.ticked() == []


def test_an_invited_patient_without_complaints_needs_two_taps(door):
    code = door.app.invite(hours=5)
    before = door.app.check_ins()

    door.open(f"?i={code}")
    asked = door.page.get_by_role("radio").count()
    door.page.get_by_text(door.say(NONE_OF_THESE), exact=True).last.tap()
    door.send()

    assert asked == 0
    assert door.app.check_ins() == [*before, ("4-24 h", ())]
    assert door.app.column("origin")[-1] == "invited"


def test_the_same_link_says_in_the_same_window_that_it_is_sent_and_leads_to_the_receipt(door):
    code = door.app.invite(hours=5)
    door.open(f"?i={code}")
    door.fill_in(None, "headache")
    door.send()
    receipt = door.receipt()

    door.page.goto(f"{door.app.url}{door.path}?i={code}")
    door.heading("Already sent").wait_for()
    boxes = door.page.get_by_role("checkbox").count()
    door.page.get_by_role("link", name=door.say("Correct or withdraw a check-in you sent")).tap()
    door.page.get_by_label(door.say("Receipt"), exact=True).fill(receipt)
    door.tap("Show the check-in")
    door.heading("Correct or withdraw").wait_for()

    assert boxes == 0
    assert door.ticked() == door.names("headache")


def test_a_withdrawal_opens_the_link_again(door):
    code = door.app.invite(hours=5)
    door.open(f"?i={code}")
    door.fill_in(None, "headache")
    door.send()
    door.page.wait_for_timeout(1100)
    door.tap("Correct or withdraw")
    door.page.get_by_text(door.say("Withdraw this check-in"), exact=True).tap()
    door.tap("Delete my answers")
    door.heading("This check-in has been withdrawn.").wait_for()

    door.open(f"?i={code}")
    door.fill_in(None, "sleep")
    door.send()

    assert door.app.check_ins()[-2:] == [("4-24 h", ()), ("4-24 h", ("sleep",))]


def test_answered_meanwhile_on_another_phone_is_said_at_sending_and_the_ticks_stay(door, browser):
    code = door.app.invite(hours=5)
    door.open(f"?i={code}")
    door.fill_in(None, "headache", "nausea")
    with door_to(browser, door.app, "plain") as other:
        other.open(f"?i={code}")
        other.fill_in(None, "sleep")
        other.send()

    door.tap(words.SEND)
    told = door.page.get_by_role("alert").inner_text()

    assert told == door.say(words.mistake(invitations.AnsweredAlready(), (), str))
    assert sorted(door.ticked()) == sorted(door.names("headache", "nausea"))
    assert door.app.check_ins()[-1] == ("4-24 h", ("sleep",))


def test_a_switch_of_the_language_keeps_the_invitation(door):
    code = door.app.invite(hours=5)
    door.open(f"?i={code}")
    door.fill_in(None, "headache")
    other = OTHER[door.language]

    door.page.get_by_role("button", name=languages.NAMES[other]).tap()
    switched = Door(door.page, door.app, door.kind, other)
    switched.wait()
    door.page.get_by_text(languages.translator(other)(words.ABOUT).partition("%")[0]).wait_for()
    ticked = switched.ticked()
    switched.send()

    assert ticked == switched.names("headache")
    assert door.app.column("origin")[-1] == "invited"
