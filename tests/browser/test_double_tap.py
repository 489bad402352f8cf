"""Two taps on Send are one check-in."""

import time

import pytest
from playwright.sync_api import expect

from data.catalogue import LABELS
from tests.app import fill_in, open_check_in, send


def tap_twice(phone, place, apart):
    """Return how many milliseconds were between two taps: on a busy machine more than are asked for."""
    phone.touchscreen.tap(*place)
    first = time.monotonic()
    phone.wait_for_timeout(apart)
    phone.touchscreen.tap(*place)
    return 1000 * (time.monotonic() - first)


@pytest.mark.parametrize("form", ["app", "html"])
@pytest.mark.parametrize("apart", [20, 100, 300])
def test_two_taps_on_send_store_one_check_in_and_show_one_confirmation(app, phone, apart, form):
    for _ in range(5):
        before = app.check_ins()
        open_check_in(phone, app, form)
        fill_in(phone, "1 to 7 days", "Headache", "Appetite changes")
        box = phone.get_by_role("button", name="Send to my clinic").bounding_box()
        if tap_twice(phone, (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2), apart) < 800:
            break

    phone.get_by_role("heading", name="Sent").wait_for()
    phone.wait_for_timeout(1000)  # a second confirmation, or the form again, would come now

    assert app.check_ins() == [*before, ("1-7 d", ("headache", "appetite"))]
    assert phone.get_by_role("heading", level=1).all_inner_texts() == ["Sent. Thank you."]
    expect(phone.get_by_role("heading", level=1)).to_be_focused()
    assert phone.locator(".receipt").count() == 1
    expect(phone.get_by_role("listitem")).to_have_text(["Headache", "Appetite changes"])


def test_a_second_tap_that_comes_before_the_script_leaves_the_focus_on_the_heading(app, phone):
    held = []
    phone.route("**/sent*.js", lambda route: held.append(route))  # noqa: PLW0108 - playwright marks it
    open_check_in(phone, app, "html")
    fill_in(phone, "1 to 7 days", "Headache")
    phone.get_by_role("button", name="Send to my clinic").tap(no_wait_after=True)
    heading = phone.get_by_role("heading", name="Sent")
    expect(heading).to_be_focused()
    phone.touchscreen.tap(5, 500)
    expect(heading).not_to_be_focused()

    held[0].continue_()

    expect(heading).to_be_focused()


@pytest.mark.parametrize("form", ["app", "html"])
@pytest.mark.parametrize("ticks", [1, 5])
def test_the_second_of_two_taps_follows_no_link_that_has_come_to_stand_under_the_finger(app, phone, ticks, form):
    followed = []

    def follow(link):
        followed.append(link)

    phone.expose_function("follow", follow)
    phone.add_init_script(
        "addEventListener('click', (event) => {"
        " const link = event.target.closest('a'); if (link && !event.defaultPrevented) follow(link.href) })"
    )
    open_check_in(phone, app, form)
    fill_in(phone, "1 to 7 days", *list(LABELS.values())[:ticks])
    button = phone.get_by_role("button", name="Send to my clinic").bounding_box()

    send(phone)
    links = phone.locator(".st-key-check_in_sent a, #first a")
    links.and_(phone.get_by_text("Send another check-in")).wait_for()  # the last of them
    for box in links.evaluate_all("e => e.map((link) => link.getBoundingClientRect().toJSON())"):
        top, bottom = max(box["top"], button["y"]), min(box["bottom"], button["y"] + button["height"])
        if top < bottom:
            phone.touchscreen.tap(box["x"] + box["width"] / 2, (top + bottom) / 2)
    phone.wait_for_timeout(500)

    assert followed == []
    assert phone.get_by_role("heading", level=1).all_inner_texts() == ["Sent. Thank you."]
