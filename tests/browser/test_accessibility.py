"""No rule of axe is broken in any state of any page, light or dark, and everything works by keyboard alone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.app import PASSPHRASE, fill_in, give_passphrase, open_check_in, running, send, sign_in

# As tall as the page, which scrolls inside `main`: axe does not see what is below the fold.
NARROW = {"width": 360, "height": 2600}
WIDE = {"width": 1280, "height": 1200}

BACKGROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 23, 30)"}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """Give an app that shows figures from the tenth check-in of a window on."""
    with running(tmp_path_factory.mktemp("app")) as started:
        yield started


@pytest.fixture
def narrow(browser):
    context = browser.new_context(viewport=NARROW, has_touch=True, is_mobile=True)
    yield context.new_page()
    context.close()


@pytest.fixture(params=[NARROW, WIDE], ids=["narrow", "wide"])
def screen(browser, request):
    context = browser.new_context(viewport=request.param, has_touch=True)
    yield context.new_page()
    context.close()


def violations(page):
    """Return the rules broken in light and in dark, with the elements that break them."""
    return [*violations_in(page, "light"), *violations_in(page, "dark")]


def violations_in(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page_itself = page.locator(".stApp").or_(page.locator("body:not(:has(.stApp))"))
    expect(page_itself).to_have_css("background-color", BACKGROUNDS[scheme])
    page.wait_for_timeout(400)  # colours fade in
    broken = Axe().run(page).response["violations"]
    return [(scheme, rule["id"], [node["html"] for node in rule["nodes"]]) for rule in broken]


def send_one(page, app):
    open_check_in(page, app)
    fill_in(page, "1 to 7 days", "Headache")
    send(page)
    page.get_by_role("heading", name="Sent").wait_for()


def test_the_empty_check_in_breaks_no_rule(app, narrow):
    open_check_in(narrow, app)

    assert violations(narrow) == []


def test_the_filled_in_check_in_breaks_no_rule(app, narrow):
    open_check_in(narrow, app)
    fill_in(narrow, "1 to 7 days", "Headache", "Dissociation")

    assert violations(narrow) == []


def test_the_check_in_with_a_mistake_breaks_no_rule(app, narrow):
    open_check_in(narrow, app)
    send(narrow)
    narrow.get_by_role("alert").wait_for()

    assert violations(narrow) == []


def test_the_sent_page_breaks_no_rule(app, narrow):
    send_one(narrow, app)

    assert violations(narrow) == []


def test_the_sign_in_breaks_no_rule(app, narrow):
    narrow.goto(f"{app.url}/sign-in")

    assert violations(narrow) == []


def test_the_sign_in_with_a_mistake_breaks_no_rule(app, narrow):
    narrow.goto(f"{app.url}/sign-in")
    give_passphrase(narrow, "not this one")
    narrow.get_by_role("alert").wait_for()

    assert violations(narrow) == []


def test_the_set_up_page_breaks_no_rule(app, narrow):
    narrow.goto(f"{app.url}/set-up")

    assert violations(narrow) == []


def test_the_set_up_page_with_a_mistake_breaks_no_rule(app, narrow):
    narrow.goto(f"{app.url}/set-up#made-up")
    narrow.get_by_label("Passphrase, at least").fill("correct horse")
    narrow.get_by_label("The same passphrase again").fill("battery staple")
    narrow.get_by_role("button", name="Set the passphrase").click()
    narrow.get_by_role("alert").wait_for()

    assert violations(narrow) == []


def test_the_dashboard_with_figures_breaks_no_rule(demonstration, screen):
    sign_in(screen, demonstration)
    screen.locator("tbody tr").first.wait_for()
    screen.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg").first.wait_for()

    assert violations(screen) == []


def test_the_empty_dashboard_breaks_no_rule(app, screen):
    sign_in(screen, app, "/clinic?dashboard_window=%3E7+d")
    screen.get_by_role("heading", name="No check-ins in this window yet").wait_for()

    assert violations(screen) == []


def test_the_dashboard_with_too_few_check_ins_breaks_no_rule(app, screen):
    send_one(screen, app)
    sign_in(screen, app, "/clinic?dashboard_window=1-7+d")
    screen.get_by_role("heading", name="Too few to show").wait_for()

    assert violations(screen) == []


def test_the_dashboard_after_the_session_has_ended_breaks_no_rule(app, screen):
    sign_in(screen, app)
    screen.get_by_role("radio", name="4-24 h").wait_for()
    app.end_sessions()
    screen.get_by_role("radio", name="4-24 h").click()
    screen.get_by_text("You are signed out").wait_for()

    assert violations(screen) == []


FOCUS = """() => {
    const focused = document.activeElement;
    const marked = focused.matches("input[type=checkbox]") ? focused.closest("label") : focused;
    const {outlineStyle, outlineWidth} = getComputedStyle(marked);
    const {x, y, width, height} = marked.getBoundingClientRect();
    const there = document.elementFromPoint(x + width / 2, y + height / 2);
    return {
        name: focused.getAttribute("aria-label") ?? focused.innerText,
        marked: outlineStyle !== "none" && parseFloat(outlineWidth) > 0,
        uncovered: there !== null && (marked.contains(there) || there.contains(marked)),
    };
}"""


def tab_to(page, name):
    """Press Tab until the named element has the focus; return the stops on the way and this one."""
    stops = []
    while not stops or stops[-1]["name"] != name:
        assert len(stops) < 40, f"Tab does not lead to {name!r}: {[stop['name'] for stop in stops]}"
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUS))
    return stops


def test_a_check_in_is_sent_by_keyboard_alone_with_a_visible_focus(app, phone):
    before = app.check_ins()
    open_check_in(phone, app)

    stops = tab_to(phone, "Less than 4 hours")
    phone.keyboard.press("ArrowRight")
    phone.keyboard.press("Space")
    stops += tab_to(phone, "Headache")
    phone.keyboard.press("Space")
    stops += tab_to(phone, "Dissociation")
    phone.keyboard.press("Space")
    stops += tab_to(phone, "None of these")
    stops += tab_to(phone, "Send to my clinic")
    phone.keyboard.press("Enter")
    phone.get_by_role("heading", name="Sent").wait_for()

    assert app.check_ins() == [*before, ("4-24 h", ("headache", "dissociation"))]
    assert [stop for stop in stops if not stop["marked"]] == []
    assert [stop for stop in stops if not stop["uncovered"]] == []
    assert "Submission key" not in [stop["name"] for stop in stops]


def test_a_clinician_signs_in_and_chooses_a_window_by_keyboard_alone(demonstration, desk):
    desk.goto(f"{demonstration.url}/clinic")
    passphrase = desk.evaluate(FOCUS)
    desk.keyboard.type(PASSPHRASE)
    button = tab_to(desk, "Sign in")
    desk.keyboard.press("Enter")
    desk.get_by_role("heading", name="Side effects reported less than 4 hours").wait_for()
    stops = tab_to(desk, "0-4 h")
    desk.keyboard.press("ArrowRight")
    desk.keyboard.press("Space")
    desk.get_by_role("heading", name="Side effects reported 4 to 24 hours").wait_for()

    assert [stop for stop in [passphrase, *button, *stops] if not stop["marked"]] == []
    assert desk.get_by_role("radio", checked=True).all_inner_texts() == ["4-24 h"]
