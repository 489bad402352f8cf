"""What a reader's browser does to the pages: it translates them, or takes its own colours."""

import io

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import expect

from data.catalogue import LABELS, WINDOWS
from tests.browser.doors import door_to

# As Chrome's translator does it: the document's language changes, and each text is wrapped.
TRANSLATE = """() => {
  document.documentElement.lang = "de";
  for (const text of document.querySelectorAll("p")) {
    const font = document.createElement("font");
    font.append(...text.childNodes);
    text.append(font);
  }
}"""


@pytest.fixture(params=["app", "html"])
def door(request, browser, app):
    with door_to(browser, app, request.param) as opened:
        opened.open()
        yield opened


def test_a_browser_that_translates_moves_neither_the_page_nor_the_focus(door):
    box = door.page.get_by_role("checkbox").nth(12)
    box.focus()
    before = box.bounding_box()

    door.page.evaluate(TRANSLATE)
    door.page.wait_for_timeout(500)

    expect(box).to_be_focused()
    assert box.bounding_box() == before
    expect(door.page.locator("html")).to_have_attribute("lang", "de")


def test_what_must_stay_as_it_is_asks_not_to_be_translated(door):
    kept = door.page.locator("[translate=no]")
    assert kept.all_inner_texts() == ["Demonstration Clinic", "555 0100", "112"]

    door.fill_in("1-7 d", "headache")
    door.send()

    assert door.receipt() in kept.all_inner_texts()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["app", "html"])
def test_in_forced_colours_a_tick_and_the_chosen_window_are_seen(browser, app, kind, scheme):
    with door_to(browser, app, kind, forced_colors="active", color_scheme=scheme) as door:
        assert_a_tick_and_the_chosen_window_are_seen(door)


def assert_a_tick_and_the_chosen_window_are_seen(door):
    door.open()
    boxes = ".st-key-check_in_list label > span + div" if door.kind == "app" else "input[type=checkbox]"
    box = door.page.locator(boxes).first
    window = door.page.get_by_text(WINDOWS[0].label, exact=True)

    def picture(element):
        return Image.open(io.BytesIO(element.screenshot())).convert("L")

    before = picture(box), picture(window)
    door.fill_in(WINDOWS[0].code, next(iter(LABELS)))
    door.page.get_by_role("checkbox").nth(14).focus()  # so that no focus is part of the pictures
    door.page.wait_for_timeout(500)  # Streamlit's boxes change colour slowly
    after = picture(box), picture(window)

    for was, now in zip(before, after, strict=True):
        changed = ImageChops.difference(was, now.resize(was.size)).histogram()
        assert sum(changed[64:]) > 0.2 * was.width * was.height
