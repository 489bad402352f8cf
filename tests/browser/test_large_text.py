"""Text twice as large, pages four times as large, no motion: nothing of the patient's pages is lost."""

import pytest
from playwright.sync_api import expect

from data import languages
from pages.web import words
from tests.app import wait_until_complete
from tests.browser.conftest import CUT_OFF
from tests.browser.doors import door_to

TEXTS = "html, body, main, main :is(p, h1, h2, li, legend, label, button, a, summary)"
# An element with words of its own, to be seen, in letters of less than 18 pixels.
TOO_SMALL = """() => [...document.querySelectorAll("main *, [data-testid=stBottom] *")].filter((e) =>
    [...e.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim())
    && e.getClientRects().length && getComputedStyle(e).clipPath === "none" && !e.matches("style, noscript")
    && parseFloat(getComputedStyle(e).fontSize) < 18).map((e) => e.innerText)"""
FOURFOLD = {"width": 320, "height": 200}  # what a screen of 1280 by 800 holds at 400 %


@pytest.fixture(params=languages.NAMES)
def language(request):
    return request.param


@pytest.fixture(params=["app", "html"])
def door(request, browser, app, language):
    with door_to(browser, app, request.param, language) as there:
        yield there


def enlarge_text(page, times):
    """Set the browser's own text size, as people with weak eyes do."""
    sizes = {"standard": 16 * times, "fixed": 13 * times}
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": sizes})


def size_of_labels(page):
    label = page.get_by_role("checkbox").first.locator("xpath=ancestor::label")
    return label.evaluate("e => parseFloat(getComputedStyle(e.querySelector('p, span') ?? e).fontSize)")


def unfit(page):
    wait_until_complete(page)
    return [*page.locator(TEXTS).evaluate_all(CUT_OFF), *page.evaluate(TOO_SMALL)]


def what_does_not_fit_on_the_whole_way(door):
    """Walk from the empty form to the withdrawal; return what does not fit in each state."""
    states = {}
    door.tap(words.SEND)
    door.page.get_by_role("alert").wait_for()
    states["mistake"] = unfit(door.page)
    door.fill_in("1-7 d", "vision", "sleep", "dissociation")
    states["filled in"] = unfit(door.page)
    door.send()
    states["sent"] = unfit(door.page)
    door.page.wait_for_timeout(1100)
    door.tap("Correct or withdraw")
    door.page.get_by_text(door.say("Withdraw this check-in"), exact=True).tap()
    states["correct"] = unfit(door.page)
    door.tap("Delete my answers")
    door.heading("This check-in has been withdrawn.").wait_for()
    states["withdrawn"] = unfit(door.page)
    return {state: texts for state, texts in states.items() if texts}


@pytest.mark.parametrize("width", [320, 414])
def test_text_twice_as_large_fits(door, width):
    door.page.set_viewport_size({"width": width, "height": 740})
    door.open()
    normal = size_of_labels(door.page)
    enlarge_text(door.page, 2)
    door.open()

    assert normal >= 18
    assert size_of_labels(door.page) == 2 * normal
    assert what_does_not_fit_on_the_whole_way(door) == {}


def test_at_four_hundred_per_cent_everything_is_there_and_in_reach(door):
    door.page.set_viewport_size(FOURFOLD)
    door.open()

    assert what_does_not_fit_on_the_whole_way(door) == {}


def test_at_four_hundred_per_cent_send_covers_nothing(door):
    door.page.set_viewport_size(FOURFOLD)
    door.open()
    box = door.page.get_by_role("checkbox", name=door.say("Headache"), exact=True)
    box.scroll_into_view_if_needed()

    send = door.page.get_by_role("button", name=door.say(words.SEND), exact=True).bounding_box()
    assert send["y"] >= FOURFOLD["height"] or send["y"] + send["height"] <= 0


@pytest.mark.parametrize("width", [320, 360, 414])
def test_every_word_is_whole_and_large_at_the_widths_of_phones(door, width):
    door.page.set_viewport_size({"width": width, "height": 740})
    door.open()

    assert what_does_not_fit_on_the_whole_way(door) == {}


def test_who_wants_less_motion_gets_none(door):
    door.page.emulate_media(reduced_motion="reduce")
    door.open()
    door.fill_in("1-7 d", "vision")

    moving = "() => document.getAnimations().filter((a) => a.playState === 'running').length"
    slow = """() => [...document.querySelectorAll("main *")].filter((e) => e.getClientRects().length
        && parseFloat(getComputedStyle(e).transitionDuration) > 0).length"""
    assert door.page.evaluate(moving) == 0
    assert door.page.evaluate(slow) == 0


@pytest.mark.parametrize(("width", "height"), [(390, 664), (375, 553)])
@pytest.mark.parametrize("times", [1, 2])
def test_a_mistake_is_announced_and_in_sight(door, width, height, times):
    door.page.set_viewport_size({"width": width, "height": height})
    enlarge_text(door.page, times)
    door.open()
    door.tap(words.SEND)
    alert = door.page.get_by_role("alert")

    expect(alert).to_be_in_viewport(ratio=0.99)
    if door.kind == "html":
        expect(alert).to_be_focused()
        expect(door.page.get_by_role("radiogroup")).to_have_attribute("aria-invalid", "true")
        expect(door.page.get_by_role("radiogroup")).to_have_accessible_description(alert.inner_text())


def test_a_mistake_is_in_sight_without_a_script(browser, app, language):
    with door_to(browser, app, "plain", language) as door:
        door.open()
        door.tap(words.SEND)

        expect(door.page.get_by_role("alert")).to_be_in_viewport(ratio=0.99)
        expect(door.page.get_by_role("alert")).to_be_focused()
        assert door.page.title().startswith("Error: ")
