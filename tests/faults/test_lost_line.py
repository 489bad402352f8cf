"""The line is lost, or the server restarts: every door keeps the ticks and ends in exactly one check-in."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from data import languages
from data.storage import database
from pages.web import words
from tests.browser.doors import PATHS, Door, door_to, middle
from tests.line import line_to

PATIENCE = 30_000  # milliseconds: what the HTML form waits for an answer, and more


@pytest.fixture
def line(app):
    with line_to(app.port) as laid:
        yield laid


@contextmanager
def opened(browser, app, line, kind, language="en"):
    """Open a door over the line."""
    over_the_line = SimpleNamespace(url=f"http://localhost:{line.port}", check_ins=app.check_ins)
    with door_to(browser, over_the_line, kind, language) as door:
        door.open()
        yield door


@pytest.fixture(params=PATHS)
def door(request, browser, app, line):
    with opened(browser, app, line, request.param) as over_the_line:
        yield over_the_line


def wait_for_the_html_form(door):
    """Wait until the HTML form is there, which comes back where Streamlit has lost its line."""
    expect(door.page.locator("html[data-form=html]")).to_have_count(1, timeout=15_000)


def tick(door, code):
    door.page.get_by_text(*door.names(code), exact=True).tap()


def calls(page):
    """Return where links lead that are tapped from now on; none is followed."""
    called = []
    page.expose_function("call", lambda address: called.append(address))  # noqa: PLW0108 - playwright marks it
    page.evaluate("document.addEventListener('click', (e) => { e.preventDefault(); call(e.target.href) })")
    return called


def test_a_line_lost_for_five_seconds_while_ticking_keeps_the_ticks(app, line, door):
    door.fill_in("4-24 h", "nausea", "bladder")

    line.cut()
    door.page.wait_for_timeout(5000)
    line.mend()
    wait_for_the_html_form(door)
    kept = door.ticked()
    tick(door, "headache")
    door.send()

    assert kept == door.names("nausea", "bladder")
    assert app.check_ins() == [("4-24 h", ("nausea", "headache", "bladder"))]


def test_a_line_lost_for_three_minutes_keeps_the_ticks(browser, app, line):
    with opened(browser, app, line, "app") as first, opened(browser, app, line, "plain", "es") as second:
        first.fill_in("4-24 h", "nausea", "bladder")
        second.fill_in(">7 d", "fatigue")

        line.cut()
        first.page.wait_for_timeout(180_000)  # longer than Streamlit keeps a session without its browser
        line.mend()
        wait_for_the_html_form(first)
        kept = first.ticked(), second.ticked()
        tick(first, "headache")
        first.send()
        second.send()

    assert kept == (first.names("nausea", "bladder"), second.names("fatigue"))
    assert app.check_ins() == [("4-24 h", ("nausea", "headache", "bladder")), (">7 d", ("fatigue",))]


def test_without_a_line_the_page_scrolls_its_numbers_can_be_called_and_boxes_be_ticked(line, browser, app):
    with opened(browser, app, line, "app") as door:
        door.fill_in("4-24 h", "nausea")

        line.cut()
        door.page.wait_for_timeout(8000)  # by then Streamlit would have shut the page and shown its dialog
        door.fill_in("1-7 d", "bladder")
        door.page.mouse.wheel(0, -5000)
        called = calls(door.page)
        for number in ("555 0100", "112"):
            door.page.get_by_role("link", name=number).tap()
        door.page.wait_for_timeout(200)

        assert called == ["tel:5550100", "tel:112"]
        assert door.ticked() == door.names("nausea", "bladder")
        assert door.page.get_by_role("radio", checked=True).get_attribute("value") == "1-7 d"
        assert door.page.get_by_role("dialog").count() == 0
        expect(door.page.get_by_role("alert")).to_have_count(0)  # nothing is wrong until something is to be sent


@pytest.mark.parametrize("language", languages.NAMES)
@pytest.mark.parametrize("kind", ["app", "html"])
def test_a_tap_on_send_without_a_line_says_so_and_the_next_one_sends(browser, app, line, kind, language):
    with opened(browser, app, line, kind, language) as door:
        door.fill_in("1-7 d", "headache")

        line.cut()
        door.tap(words.SEND)
        told = door.page.get_by_role("alert")
        expect(told).to_have_text(door.say(words.NO_CONNECTION) % {"button": door.say(words.SEND)}, timeout=PATIENCE)
        expect(told).to_be_focused()
        kept = door.ticked()
        line.mend()
        door.send()

        assert kept == door.names("headache")
        assert app.check_ins() == [("1-7 d", ("headache",))]


@pytest.mark.parametrize("kind", ["app", "html"])
def test_what_was_sent_without_a_line_is_sent_when_the_phone_is_online_again(browser, app, line, kind):
    with opened(browser, app, line, kind) as door:
        door.fill_in("1-7 d", "headache")

        door.page.context.set_offline(True)
        door.tap(words.SEND)
        told = door.page.get_by_role("alert").inner_text()
        door.page.context.set_offline(False)
        door.heading("Sent. Thank you.").wait_for()

        assert told.startswith("No connection. Your ticks are still here.")
        assert app.check_ins() == [("1-7 d", ("headache",))]


@pytest.mark.parametrize("kind", ["app", "html"])
def test_what_was_sent_without_a_line_is_sent_when_the_line_is_back_unless_it_is_changed(browser, app, line, kind):
    with opened(browser, app, line, kind) as door, opened(browser, app, line, kind) as changed:
        for one in (door, changed):
            one.fill_in("1-7 d", "headache")
        line.cut()
        for one in (door, changed):
            one.tap(words.SEND)
            one.page.get_by_role("alert").wait_for(timeout=PATIENCE)
        tick(changed, "sleep")

        line.mend()
        door.heading("Sent. Thank you.").wait_for(timeout=PATIENCE)
        changed.page.wait_for_timeout(6000)

        assert app.check_ins() == [("1-7 d", ("headache",))]
        changed.send()
        assert app.check_ins()[1:] == [("1-7 d", ("headache", "sleep"))]


def test_a_tap_on_send_whose_answer_is_lost_is_confirmed_by_the_next_and_stored_once(app, line, door):
    door.fill_in("1-7 d", "vision")

    line.answers = False
    door.tap(words.SEND)
    while not app.check_ins():
        door.page.wait_for_timeout(100)
    line.cut()
    door.page.wait_for_timeout(3000)
    line.mend()
    if door.kind == "plain":
        door.page.go_back()  # from the browser's own page that says there is no connection
        assert door.ticked() == door.names("vision")
        door.tap(words.SEND)
    door.heading("Sent. Thank you.").wait_for(timeout=PATIENCE)  # by itself where a script runs

    assert door.reported() == door.names("vision")
    assert app.check_ins() == [("1-7 d", ("vision",))]


@pytest.mark.parametrize("kind", ["app", "html"])
def test_a_line_that_falls_silent_after_send_is_said_and_stores_once(browser, app, line, kind):
    with opened(browser, app, line, kind) as door:
        door.fill_in("1-7 d", "vision")

        line.answers = False  # no connection breaks, nothing comes
        door.tap(words.SEND)
        told = door.page.get_by_role("alert")
        told.wait_for(timeout=2 * PATIENCE)
        line.cut()
        line.mend()
        door.send()

        assert app.check_ins() == [("1-7 d", ("vision",))]


def test_a_form_sent_without_a_line_and_a_script_is_sent_by_loading_it_again(browser, app, line):
    with opened(browser, app, line, "plain") as door:
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
    wait_for_the_html_form(door)
    kept = door.ticked()
    door.send()

    assert kept == door.names("nausea")
    assert app.check_ins() == [("4-24 h", ("nausea",))]


def test_a_language_chosen_in_streamlits_form_is_that_of_the_form_that_comes_back(browser, app, line):
    with opened(browser, app, line, "app") as english:
        english.fill_in("4-24 h", "nausea")
        english.page.get_by_role("button", name="Español").tap()
        spanish = Door(english.page, english.app, "app", "es")
        spanish.wait()
        spanish.page.wait_for_load_state("networkidle")

        app.kill()
        app.start()
        wait_for_the_html_form(spanish)
        kept = spanish.ticked()
        spanish.send()

        assert kept == spanish.names("nausea")
        assert app.check_ins() == [("4-24 h", ("nausea",))]
        assert app.column("language") == ["es"]


def test_the_way_back_to_the_html_form_moves_nothing_and_keeps_the_focus(browser, app, line):
    with opened(browser, app, line, "app") as door:
        door.fill_in("1-7 d", "appetite", "bladder")
        door.page.get_by_role("checkbox", name="Bladder problems").focus()
        where = middle(door.page.get_by_text("Bladder problems", exact=True))

        line.cut()
        wait_for_the_html_form(door)

        expect(door.page.get_by_role("checkbox", name="Bladder problems")).to_be_focused()
        now = middle(door.page.get_by_text("Bladder problems", exact=True))
        assert now[1] == pytest.approx(where[1], abs=1)


def test_a_streamlit_that_goes_blank_gives_the_form_back(browser, app, line):
    with opened(browser, app, line, "app") as door:
        door.fill_in("1-7 d", "headache")

        door.page.evaluate("document.getElementById('root').replaceChildren()")
        wait_for_the_html_form(door)
        kept = door.ticked()
        door.send()

        assert kept == door.names("headache")
        assert app.check_ins() == [("1-7 d", ("headache",))]


def test_on_the_sent_page_a_lost_line_shuts_nothing(browser, app, line):
    with opened(browser, app, line, "app") as door:
        door.fill_in("1-7 d", "headache")
        door.send()

        line.cut()
        door.page.wait_for_timeout(8000)  # by then Streamlit would have shut the page and shown its dialog
        called = calls(door.page)
        door.page.get_by_role("link", name="555 0100").tap()
        door.page.wait_for_timeout(200)

        assert called == ["tel:5550100"]
        assert door.reported() == door.names("headache")


def test_a_line_that_falls_silent_after_a_mistake_is_noticed_however_often_send_is_tapped(browser, app, line):
    with opened(browser, app, line, "app") as door:
        door.tap(words.SEND)
        door.page.get_by_role("alert").wait_for()
        door.fill_in("1-7 d", "vision")

        line.answers = False
        for _ in range(3):
            door.tap(words.SEND)
            door.page.wait_for_timeout(4000)
        wait_for_the_html_form(door)
        line.cut()
        line.mend()
        door.heading("Sent. Thank you.").wait_for(timeout=PATIENCE)

        assert app.check_ins() == [("1-7 d", ("vision",))]


def test_the_html_form_comes_back_with_the_code_that_was_typed(browser, app, line):
    code = app.invite(hours=5)
    with opened(browser, app, line, "app") as door:
        door.open(f"?i={code}")
        door.fill_in(None, "vision")
        app.run(
            "from data.storage import database, schema; from sqlalchemy import update\n"
            "revoke = update(schema.infusions).values(revoked=schema.infusions.c.ended)\n"
            "with database.writing() as connection: connection.execute(revoke)"
        )
        door.tap(words.SEND)
        door.page.get_by_label(door.say(words.CODE)).fill("K7QM-4TXD")

        line.cut()
        wait_for_the_html_form(door)

        expect(door.page.get_by_label(door.say(words.CODE))).to_have_value("K7QM-4TXD")
        assert door.ticked() == door.names("vision")


def test_a_form_in_another_language_that_comes_too_late_changes_nothing(browser, app, line):
    with opened(browser, app, line, "app") as door:
        door.fill_in("4-24 h", "nausea")
        late = []
        door.page.route("**/?language=es", lambda route: late.append(route))  # noqa: PLW0108 - playwright marks it
        door.page.get_by_role("button", name="Español").tap()
        while not late:
            door.page.wait_for_timeout(50)

        line.cut()
        wait_for_the_html_form(door)
        key = door.page.locator("#first [name=key]").input_value()
        tick(door, "bladder")
        line.mend()
        late[0].continue_()
        door.page.wait_for_timeout(1000)

        assert door.page.locator("#first [name=key]").input_value() == key
        assert door.ticked() == door.names("nausea", "bladder")
        assert door.page.locator("html").get_attribute("lang") == "en"


STILL_EMPTY = """root => {
    for (const one of root.querySelectorAll(".st-key-check_in_list input, .st-key-check_in_window button")) {
        const other = one.cloneNode(true);
        other.checked = false;
        other.setAttribute("aria-checked", "false");
        one.replaceWith(other);
    }
}"""


def test_a_line_that_is_lost_while_the_boxes_of_another_language_stand_empty_loses_no_tick(browser, app, line):
    with opened(browser, app, line, "app") as door:
        door.fill_in("4-24 h", "nausea", "bladder")
        door.page.wait_for_timeout(1000)
        door.page.locator("#root").evaluate(STILL_EMPTY)
        assert door.ticked() == []

        line.cut()
        wait_for_the_html_form(door)

        assert door.ticked() == door.names("nausea", "bladder")
        assert door.page.get_by_role("radio", checked=True).get_attribute("value") == "4-24 h"


def test_what_was_unticked_in_another_language_stays_unticked_once_the_line_is_lost(browser, app, line):
    with opened(browser, app, line, "app") as door:
        door.fill_in("4-24 h", "nausea", "bladder")
        door.page.get_by_role("button", name="Español").tap()
        spanish = Door(door.page, door.app, door.kind, "es")
        spanish.wait()
        tick(spanish, "nausea")
        expect(door.page.get_by_role("checkbox", checked=True)).to_have_count(1)

        line.cut()
        wait_for_the_html_form(spanish)

        assert spanish.ticked() == spanish.names("bladder")


def test_a_confirmation_that_does_not_come_is_led_to_by_another_tap(browser, app, line):
    with opened(browser, app, line, "html") as door:
        door.fill_in("1-7 d", "vision")
        door.page.clock.install()
        asked = []
        door.page.route(  # as where an app's browser stays on the page
            "**/sent*", lambda route: (route.fulfill(status=204), asked.append(route.request.url))
        )

        door.tap(words.SEND)
        while not asked:
            door.page.wait_for_timeout(100)
        door.page.unroute("**/sent*")
        door.page.wait_for_timeout(1000)
        door.page.clock.fast_forward(20_000)
        door.send()

        assert app.check_ins() == [("1-7 d", ("vision",))]


@pytest.mark.parametrize("answer", ["<p>Welcome to our Wi-Fi</p>", "null", "{}"])
def test_an_answer_that_is_not_ours_is_told_and_the_next_tap_sends(browser, app, line, answer):
    with opened(browser, app, line, "html") as door:
        door.fill_in("1-7 d", "vision")
        door.page.route(
            "**/*", lambda route: route.fulfill(body=answer) if route.request.method == "POST" else route.continue_()
        )

        door.tap(words.SEND)
        told = door.page.get_by_role("alert")
        expect(told).to_have_text(door.say(words.mistake(database.Unavailable(), (), str)))
        door.page.unroute("**/*")
        door.send()

        assert app.check_ins() == [("1-7 d", ("vision",))]


def test_a_form_behind_another_tab_sends_nothing_by_itself_until_it_is_seen_again(browser, app, line):
    with opened(browser, app, line, "html") as door:
        door.fill_in("1-7 d", "vision")
        door.page.context.set_offline(True)
        door.tap(words.SEND)
        door.page.get_by_role("alert").wait_for()

        door.page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
        door.page.context.set_offline(False)
        door.page.wait_for_timeout(7000)
        behind = app.check_ins()
        door.page.evaluate("delete document.hidden")
        door.heading("Sent. Thank you.").wait_for(timeout=PATIENCE)

        assert behind == []
        assert app.check_ins() == [("1-7 d", ("vision",))]
