"""The line is lost, or the server restarts: both doors keep the ticks and end in exactly one check-in."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from pages.patient import words
from tests.browser.conftest import PHONE
from tests.browser.doors import PATHS, Door
from tests.line import line_to

RECONNECTED = 60_000  # milliseconds: Streamlit's browser code tries again at growing intervals


@pytest.fixture
def line(app):
    with line_to(app.port) as laid:
        yield laid


@contextmanager
def opened(browser, app, line, path, language="en"):
    """Open a door over the line; at the plain door no script runs."""
    context = browser.new_context(**PHONE, locale=language, java_script_enabled=path == "/")
    over_the_line = SimpleNamespace(url=f"http://localhost:{line.port}", check_ins=app.check_ins)
    door = Door(context.new_page(), over_the_line, path, language)
    door.open()
    try:
        yield door
    finally:
        context.close()


@pytest.fixture(params=PATHS)
def door(request, browser, app, line):
    with opened(browser, app, line, PATHS[request.param]) as over_the_line:
        yield over_the_line


def wait_for_the_line(door):
    """Wait until the page can be sent; the plain form need not wait for anything."""
    if door.path == "/":
        expect(door.page.get_by_role("checkbox").first).to_be_enabled(timeout=RECONNECTED)
        expect(door.page.locator(".stApp[data-test-connection-state=CONNECTED]")).to_have_count(1, timeout=RECONNECTED)


def tick(door, code):
    door.page.get_by_text(*door.names(code), exact=True).tap()


def test_a_line_lost_for_five_seconds_while_ticking_keeps_the_ticks(app, line, door):
    door.fill_in("4-24 h", "nausea", "bladder")

    line.cut()
    door.page.wait_for_timeout(5000)
    line.mend()
    wait_for_the_line(door)
    kept = door.ticked()
    tick(door, "headache")
    door.send()

    assert kept == door.names("nausea", "bladder")
    assert app.check_ins() == [("4-24 h", ("nausea", "headache", "bladder"))]


def test_a_line_lost_for_three_minutes_keeps_the_ticks(browser, app, line):
    with opened(browser, app, line, "/") as first, opened(browser, app, line, "/plain", "es") as second:
        first.fill_in("4-24 h", "nausea", "bladder")
        second.fill_in(">7 d", "fatigue")

        line.cut()
        first.page.wait_for_timeout(180_000)  # longer than Streamlit keeps a session without its browser
        line.mend()
        wait_for_the_line(first)
        kept = first.ticked(), second.ticked()
        tick(first, "headache")
        first.send()
        second.send()

    assert kept == (first.names("nausea", "bladder"), second.names("fatigue"))
    assert app.check_ins() == [("4-24 h", ("nausea", "headache", "bladder")), (">7 d", ("fatigue",))]


def test_a_tap_on_send_whose_answer_is_lost_is_confirmed_by_the_next_and_stored_once(app, line, door):
    door.fill_in("1-7 d", "vision")

    line.answers = False
    door.tap(words.SEND)
    while not app.check_ins():
        door.page.wait_for_timeout(100)
    line.cut()
    door.page.wait_for_timeout(3000)
    line.mend()
    if door.path == "/plain":
        door.page.go_back()  # from the browser's own page that says there is no connection
    back = "input[type=checkbox]:enabled, .st-key-check_in_sent h1"
    door.page.locator(back).first.wait_for(state="attached", timeout=RECONNECTED)
    if not door.heading("Sent. Thank you.").is_visible():  # the answer may come after all, when the session lives on
        assert door.ticked() == door.names("vision")
        door.tap(words.SEND)
    expect(door.page.get_by_role("listitem")).to_have_text(door.names("vision"), timeout=RECONNECTED)

    assert app.check_ins() == [("1-7 d", ("vision",))]
    assert door.heading("Sent. Thank you.").is_visible()


def test_a_plain_form_sent_without_a_line_is_sent_by_loading_it_again(browser, app, line):
    with opened(browser, app, line, "/plain") as door:
        door.fill_in("1-7 d", "vision")

        line.cut()
        door.tap(words.SEND)
        door.page.wait_for_timeout(1000)
        refused = door.page.url
        line.mend()
        door.page.reload()
        door.heading("Sent. Thank you.").wait_for()

        assert refused.startswith("chrome-error:")
        assert app.check_ins() == [("1-7 d", ("vision",))]


def test_a_restart_of_the_server_while_ticking_keeps_the_ticks(app, line, door):
    door.fill_in("4-24 h", "nausea")

    app.kill()
    app.start()
    wait_for_the_line(door)
    kept = door.ticked()
    door.send()

    assert kept == door.names("nausea")
    assert app.check_ins() == [("4-24 h", ("nausea",))]


def test_a_language_chosen_before_a_restart_is_the_language_after_it(browser, app, line):
    with opened(browser, app, line, "/") as english:
        english.fill_in("4-24 h", "nausea")
        english.page.get_by_role("button", name="Español").tap()
        spanish = Door(english.page, english.app, "/", "es")
        spanish.wait()

        app.kill()
        app.start()
        wait_for_the_line(spanish)
        kept = spanish.ticked()
        spanish.send()

        assert kept == spanish.names("nausea")
        assert app.check_ins() == [("4-24 h", ("nausea",))]
        assert app.column("language") == ["es"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_says_in_the_patients_words_that_the_line_is_lost(browser, app, line, language):
    with opened(browser, app, line, "/", language) as door:
        door.fill_in("1-7 d", "headache")
        told = door.page.locator(".lost", has_text=door.say(words.NO_CONNECTION))
        announced = door.page.get_by_role("status").filter(has_text=door.say(words.NO_CONNECTION))
        before = told.is_visible(), announced.count()

        line.cut()
        expect(told).to_be_visible(timeout=15_000)
        expect(announced).to_have_count(1)  # so in reach of a screen reader, while the page itself is not
        line.mend()
        wait_for_the_line(door)

        assert before == (False, 0)
        expect(told).to_be_hidden()
        expect(announced).to_have_count(0)
