"""No rule of axe is broken in any state of any page, light or dark, and everything works by keyboard alone."""

import re
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from data import languages
from data.figures import views
from pages.web import words
from tests.app import (
    AT_ONCE,
    PASSPHRASE,
    fill_in,
    give_passphrase,
    open_check_in,
    running,
    send,
    show_view,
    sign_in,
    wait_for_sent,
    wait_until_complete,
)
from tests.browser.doors import door_to
from tests.browser.test_large_text import TOO_SMALL
from tests.browser.test_taking_over import UNEVEN

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


# All rules, and no list of what each was kept by: it takes as long again.
FOR_CLINICIANS = {"resultTypes": ["violations"]}
# The patient's pages keep the stricter contrast of WCAG's level AAA: 7:1 for text.
FOR_PATIENTS = FOR_CLINICIANS | {"rules": {"color-contrast-enhanced": {"enabled": True}}}


def violations(page, options=FOR_CLINICIANS):
    """Return the rules broken in light and in dark, with the elements that break them."""
    return [*violations_in(page, "light", options), *violations_in(page, "dark", options)]


# Colours fade in, some a frame or two after the page itself has changed; what never ends, a spinner, is not waited for.
FADED_IN = """async () => {
    for (let frame = 0; frame < 5; frame++) await new Promise(requestAnimationFrame);
    await Promise.allSettled(document.getAnimations().filter((a) => a instanceof CSSTransition).map((a) => a.finished));
}"""


def violations_in(page, scheme, options):
    wait_until_complete(page)
    page.emulate_media(color_scheme=scheme)
    page_itself = page.locator(".stApp").or_(page.locator("body:not(:has(.stApp))"))
    expect(page_itself).to_have_css("background-color", BACKGROUNDS[scheme])
    page.evaluate(FADED_IN)
    broken = Axe().run(page, options=options).response["violations"]
    if broken:  # perhaps it looked while colours were still changing: what counts is how they end
        page.wait_for_timeout(2000)
        broken = Axe().run(page, options=options).response["violations"]
    return [(scheme, rule["id"], [node["html"] for node in rule["nodes"]]) for rule in broken]


def send_one(page, app):
    open_check_in(page, app)
    fill_in(page, "1 to 7 days", "Headache")
    send(page)
    wait_for_sent(page)


@pytest.fixture(params=languages.NAMES)
def language(request):
    return request.param


@pytest.fixture(params=["app", "html"])
def door(request, browser, app, language):
    with door_to(browser, app, request.param, language, viewport=NARROW) as opened:
        opened.open()
        yield opened


def test_the_empty_check_in_breaks_no_rule(door):
    assert violations(door.page, FOR_PATIENTS) == []


def test_the_html_form_breaks_no_rule_while_streamlit_waits_behind_it(app, narrow):
    narrow.add_init_script(AT_ONCE + UNEVEN)
    narrow.goto(app.url)
    narrow.locator("#root .st-key-check_in_send button").wait_for(state="attached")
    broken = Axe().run(narrow, options=FOR_PATIENTS).response["violations"]

    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in broken] == []
    assert narrow.locator("#first, #root").count() == 2


def test_the_filled_in_check_in_breaks_no_rule(door):
    door.fill_in("1-7 d", "headache", "dissociation")

    assert violations(door.page, FOR_PATIENTS) == []


def test_the_check_in_with_a_mistake_breaks_no_rule(door):
    door.tap(words.SEND)
    door.page.get_by_role("alert").wait_for()

    assert violations(door.page, FOR_PATIENTS) == []


def test_the_sent_page_breaks_no_rule(door):
    door.fill_in("1-7 d", "headache")
    door.send()

    assert violations(door.page, FOR_PATIENTS) == []


def test_correcting_and_withdrawing_breaks_no_rule(door):
    door.fill_in("1-7 d", "headache")
    door.send()
    door.page.wait_for_timeout(1100)
    door.tap("Correct or withdraw")
    door.page.get_by_text(door.say("Withdraw this check-in"), exact=True).tap()
    opened = violations(door.page, FOR_PATIENTS)
    door.tap("Delete my answers")
    door.heading("This check-in has been withdrawn.").wait_for()

    assert opened == []
    assert violations(door.page, FOR_PATIENTS) == []


def test_the_withdrawn_state_of_the_app_breaks_no_rule(app, narrow):
    open_check_in(narrow, app)
    fill_in(narrow, "1 to 7 days", "Headache")
    send(narrow)
    wait_for_sent(narrow)
    app.withdraw_all()
    narrow.get_by_role("button", name="Español").tap()
    narrow.get_by_role("heading", name="Este cuestionario se ha retirado.").wait_for()

    assert violations(narrow, FOR_PATIENTS) == []


@pytest.mark.parametrize("width", [NARROW, WIDE], ids=["narrow", "wide"])
def test_your_data_breaks_no_rule_and_its_letters_and_links_are_large(app, narrow, language, width):
    narrow.set_viewport_size(width)
    narrow.goto(f"{app.url}/your-data?language={language}")
    links = narrow.locator("a.line, a.link").evaluate_all("e => e.map((link) => link.getBoundingClientRect().height)")

    assert len(links) == 3
    assert min(links) >= 48
    assert narrow.evaluate(TOO_SMALL) == []
    assert narrow.evaluate("document.documentElement.scrollWidth") <= width["width"]
    assert violations(narrow, FOR_PATIENTS) == []


@pytest.mark.parametrize("path", ["/receipt", "/sent"])
def test_the_receipts_page_and_the_empty_confirmation_break_no_rule(app, narrow, path):
    narrow.goto(f"{app.url}{path}")
    empty = violations(narrow, FOR_PATIENTS)
    narrow.goto(f"{app.url}/receipt")
    narrow.get_by_role("button", name="Show the check-in").click()
    narrow.get_by_role("alert").wait_for()

    assert empty == []
    assert violations(narrow, FOR_PATIENTS) == []


def test_a_refusal_breaks_no_rule(app, narrow):
    answer = narrow.request.post(f"{app.url}/plain", data="{}", headers={"content-type": "text/plain"})
    narrow.route("**/refused", lambda route: route.fulfill(response=answer))
    narrow.goto(f"{app.url}/refused")

    assert narrow.get_by_role("heading").all_inner_texts() == ["Not accepted"]
    assert violations(narrow, FOR_PATIENTS) == []


def test_the_states_of_an_invitation_break_no_rule(door):
    code = door.app.invite(hours=5)
    for address, heading in (
        (f"{door.path}?i={code}", words.TITLE),
        (f"{door.path}?i=K7QM-4TXD-0000", words.UNKNOWN_CODE),
        (f"{door.path}?i=K7QM", words.TITLE),  # a damaged link
        ("/nowhere", "Page not found"),
    ):
        door.page.goto(f"{door.app.url}{address}")
        door.heading(heading).wait_for()
        assert violations(door.page, FOR_PATIENTS) == []

    door.open(f"?i={code}")
    door.fill_in(None, "headache")
    door.send()
    door.page.goto(f"{door.app.url}{door.path}?i={code}")
    door.heading("Already sent").wait_for()
    assert violations(door.page, FOR_PATIENTS) == []


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    """Give an app whose open link takes one check-in an hour."""
    with running(tmp_path_factory.mktemp("closed"), open_limit="1") as started:
        yield started


@pytest.mark.parametrize("kind", ["app", "html"])
def test_the_field_for_a_code_breaks_no_rule(closed, browser, language, kind):
    with door_to(browser, closed, kind, language, viewport=NARROW) as door:
        for _ in range(2):  # the limit is reached with the second at the latest
            door.open()
            door.fill_in("1-7 d", "headache")
            door.tap(words.SEND)
            answer = door.heading("Sent. Thank you.").or_(door.page.get_by_label(door.say(words.CODE)))
            answer.filter(visible=True).first.wait_for()
        door.page.get_by_label(door.say(words.CODE)).wait_for()

        assert violations(door.page, FOR_PATIENTS) == []


def test_the_page_that_asks_for_a_code_breaks_no_rule(closed, narrow):
    narrow.goto(f"{closed.url}/code")
    empty = violations(narrow, FOR_PATIENTS)
    narrow.get_by_role("button", name="Go to the check-in").click()
    narrow.get_by_role("alert").wait_for()

    assert empty == []
    assert violations(narrow, FOR_PATIENTS) == []


def test_the_edges_of_boxes_and_buttons_stand_out_from_the_page_three_to_one(door):
    def least_contrast():
        edges = door.page.evaluate(EDGES)
        assert len(edges) == 15 + 4
        return min(contrast(edge, page) for edge, page in edges)

    for scheme in ("light", "dark"):
        door.page.emulate_media(color_scheme=scheme)
        page_itself = door.page.locator(".stApp").or_(door.page.locator("body:not(:has(.stApp))"))
        expect(page_itself).to_have_css("background-color", BACKGROUNDS[scheme])
        until = time.monotonic() + 5
        while least_contrast() < 3 and time.monotonic() < until:
            door.page.wait_for_timeout(200)  # the edges follow the page a moment later
        assert least_contrast() >= 3, scheme


# The colour of each box's and each window button's edge, and that of the page behind it.
EDGES = """() => {
    const page = getComputedStyle(document.querySelector(".stApp") ?? document.body).backgroundColor;
    const boxes = document.querySelectorAll("form input[type=checkbox], .st-key-check_in_list label > span + div");
    const windows = document.querySelectorAll(".windows span, .st-key-check_in_window button");
    return [...boxes, ...windows].map((e) => [getComputedStyle(e).borderTopColor, page]);
}"""


def contrast(one, other):
    """Return the contrast of two colours (WCAG 2.2, relative luminance)."""

    def luminance(colour):
        channels = [int(channel) / 255 for channel in re.findall(r"\d+", colour)[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_sign_in_breaks_no_rule(app, narrow):
    narrow.goto(f"{app.url}/sign-in")

    assert violations(narrow) == []


def test_the_sign_in_with_a_mistake_breaks_no_rule(app, narrow):
    narrow.goto(f"{app.url}/sign-in")
    give_passphrase(narrow, "not this one")
    narrow.get_by_role("alert").wait_for()

    assert violations(narrow) == []


def test_the_set_up_page_breaks_no_rule(app, narrow):
    link = app.run("from data.staff import persons; print(persons.add('Dr Berg'))")
    narrow.goto(f"{app.url}/set-up#{link}")
    narrow.get_by_role("button", name="Add this device").wait_for()

    assert violations(narrow) == []


def test_the_set_up_page_with_a_mistake_breaks_no_rule(app, narrow):
    narrow.goto(f"{app.url}/set-up#made-up")
    narrow.get_by_role("alert").wait_for()

    assert violations(narrow) == []


def test_the_dashboard_with_figures_breaks_no_rule(demonstration, screen):
    sign_in(screen, demonstration, "/clinic?dashboard_view=Frequencies")
    screen.locator("tbody tr").first.wait_for()
    screen.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg").first.wait_for()

    assert violations(screen) == []


def test_no_view_of_the_dashboard_breaks_a_rule(demonstration, screen):
    sign_in(screen, demonstration)
    screen.locator(".take").wait_for()
    broken = {}
    for view in views.names():
        place = show_view(screen, view)
        place.locator("tbody tr").first.wait_for()
        place.locator("[data-testid=stVegaLiteChart] svg, .st-key-dashboard_overview svg:has(.line)").first.wait_for()
        broken[view] = violations(screen)

    assert [told for told in broken.items() if told[1]] == []


def test_sides_that_overlap_break_no_rule(demonstration, screen):
    sign_in(screen, demonstration, "/clinic?dashboard_view=Compare&dashboard_b=English")
    screen.get_by_role("heading", name="A and B overlap").wait_for()

    assert violations(screen) == []


def test_the_empty_dashboard_breaks_no_rule(app, screen):
    sign_in(screen, app, "/clinic?dashboard_view=Frequencies&dashboard_window=%3E7+d")
    screen.get_by_role("heading", name="No check-ins in this selection yet").wait_for()

    assert violations(screen) == []


def test_the_dashboard_with_too_few_check_ins_breaks_no_rule(app, screen):
    send_one(screen, app)
    sign_in(screen, app, "/clinic?dashboard_view=Frequencies&dashboard_window=1-7+d&dashboard_origin=Open+link")
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
    const label = focused.matches("[type=checkbox]") && focused.closest("label");
    const marked = label || (focused.matches("input[type=radio]") ? focused.nextElementSibling : focused);
    const {outlineStyle, outlineWidth} = getComputedStyle(marked);
    const {x, y, width, height} = marked.getBoundingClientRect();
    const there = document.elementFromPoint(x + width / 2, y + height / 2);
    return {
        name: focused.getAttribute("aria-label") ?? focused.innerText,
        value: focused.value,
        marked: outlineStyle !== "none" && parseFloat(outlineWidth) > 0,
        uncovered: there !== null && (marked.contains(there) || there.contains(marked)),
    };
}"""


def test_the_infusions_page_breaks_no_rule(app, screen):
    sign_in(screen, app, "/infusions")
    screen.get_by_role("button", name="Make invitation").wait_for()
    empty = violations(screen)
    screen.get_by_label("This patient’s infusion number").fill("20")
    screen.get_by_role("button", name="Make invitation").click()
    screen.locator(".invitation .qr").wait_for()
    with_an_invitation = violations(screen)
    found = {"empty": empty, "code": with_an_invitation}
    for tab, last in (
        ("Change", "Save the change"),
        ("New code", "Make a new code"),
        ("Revoke", "Revoke this invitation"),
    ):
        screen.get_by_role("radio", name=tab).click()
        screen.get_by_role("button", name=last).wait_for()
        found[tab] = violations(screen)

    assert not any(found.values()), found


def test_the_sheets_to_print_break_no_rule(app, screen):
    screen.goto(f"{app.url}/poster")
    screen.wait_for_timeout(400)

    assert Axe().run(screen).response["violations"] == []  # dark on white, whatever the screen prefers

    sign_in(screen, app, "/infusions")
    screen.get_by_role("button", name="Make invitation").click()
    with screen.context.expect_page() as opened:
        screen.get_by_role("button", name="Print card").click()
    opened.value.locator(".card").wait_for()

    assert Axe().run(opened.value).response["violations"] == []


def tab_to_control(page, value):
    """Press Tab until the control of this value has the focus; return the stops on the way and this one."""
    return tab_to(page, value, "value")


def tab_to(page, name, by="name"):
    """Press Tab until the named element has the focus; return the stops on the way and this one."""
    stops = []
    while not stops or stops[-1][by] != name:
        assert len(stops) < 40, f"Tab does not lead to {name!r}: {[stop[by] for stop in stops]}"
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
    wait_for_sent(phone)

    assert app.check_ins() == [*before, ("4-24 h", ("headache", "dissociation"))]
    assert [stop for stop in stops if not stop["marked"]] == []
    assert [stop for stop in stops if not stop["uncovered"]] == []
    assert "Submission key" not in [stop["name"] for stop in stops]


@pytest.mark.parametrize("language", languages.NAMES)
def test_a_check_in_is_sent_corrected_and_withdrawn_by_keyboard_alone_in_the_html_form(app, browser, language):
    with door_to(browser, app, "html", language, has_touch=False, is_mobile=False) as door:
        assert_everything_works_by_keyboard(door)


def assert_everything_works_by_keyboard(door):
    door.open()

    stops = tab_to_control(door.page, "0-4 h")
    door.page.keyboard.press("ArrowRight")
    stops += tab_to_control(door.page, "headache")
    door.page.keyboard.press("Space")
    stops += tab_to_control(door.page, "dissociation")
    door.page.keyboard.press("Space")
    stops += tab_to(door.page, door.say(words.SEND))
    door.page.keyboard.press("Enter")
    door.heading("Sent. Thank you.").wait_for()
    sent = door.app.check_ins()[-1]
    stops += tab_to(door.page, door.say("Correct or withdraw"))
    door.page.keyboard.press("Enter")
    door.heading("Correct or withdraw").wait_for()
    stops += tab_to_control(door.page, "headache")
    door.page.keyboard.press("Space")
    stops += tab_to(door.page, door.say(words.SAVE))
    door.page.keyboard.press("Enter")
    door.heading("Sent. Your correction is saved.").wait_for()
    corrected = door.app.check_ins()[-1]
    stops += tab_to(door.page, door.say("Correct or withdraw"))
    door.page.keyboard.press("Enter")
    door.heading("Correct or withdraw").wait_for()
    stops += tab_to(door.page, door.say("Withdraw this check-in"))
    door.page.keyboard.press("Enter")
    stops += tab_to(door.page, door.say("Delete my answers"))
    door.page.keyboard.press("Enter")
    door.heading("This check-in has been withdrawn.").wait_for()

    assert sent == ("4-24 h", ("headache", "dissociation"))
    assert corrected == ("4-24 h", ("dissociation",))
    assert door.app.check_ins()[-1] == ("4-24 h", ())
    assert [stop for stop in stops if not stop["marked"]] == []
    assert [stop for stop in stops if not stop["uncovered"]] == []


def test_a_clinician_signs_in_and_chooses_a_window_by_keyboard_alone(demonstration, desk):
    desk.goto(f"{demonstration.url}/clinic?dashboard_view=Frequencies")
    expect(desk.get_by_label("Passphrase")).to_be_focused()
    passphrase = desk.evaluate(FOCUS)
    desk.keyboard.type(PASSPHRASE)
    button = tab_to(desk, "Sign in")
    desk.keyboard.press("Enter")
    desk.get_by_role("heading", name="Side effects reported within 4 hours").wait_for()
    desk.get_by_role("radio", name="0-4 h").wait_for()
    desk.locator(".take").wait_for()
    stops = tab_to(desk, "0-4 h")
    desk.keyboard.press("ArrowRight")
    desk.keyboard.press("Space")
    desk.get_by_role("heading", name="Side effects reported 4 to 24 hours").wait_for()

    assert [stop for stop in [passphrase, *button, *stops] if not stop["marked"]] == []
    expect(desk.get_by_role("radio", checked=True)).to_have_text(["4-24 h", "Frequencies"])


def test_a_clinician_changes_the_view_and_takes_its_file_by_keyboard_alone(demonstration, desk):
    sign_in(desk, demonstration)
    desk.locator(".take").wait_for()
    wait_until_complete(desk)
    first, *others = views.names()
    stops = tab_to(desk, first)
    for name in others[: others.index("Compare") + 1]:
        desk.keyboard.press("ArrowRight")
        expect(desk.get_by_role("radio", name=name, exact=True)).to_be_focused()
    desk.keyboard.press("Enter")
    desk.get_by_role("radio", name="Compare", exact=True, checked=True).wait_for()
    desk.locator(".st-key-dashboard_of_Comparison .take").wait_for()
    stops += tab_to(desk, "CSV for the clinic")
    with desk.expect_download() as taken:
        desk.keyboard.press("Enter")

    assert taken.value.suggested_filename == "compare-internal.csv"
    assert [stop for stop in stops if not stop["marked"]] == []


def test_an_infusion_is_registered_by_keyboard_alone(app, desk):
    desk.goto(f"{app.url}/infusions")
    expect(desk.get_by_label("Passphrase")).to_be_focused()
    desk.keyboard.type(PASSPHRASE)
    desk.keyboard.press("Enter")
    desk.get_by_role("button", name="Make invitation").wait_for()
    stops = tab_to(desk, "This patient’s infusion number (optional)")
    desk.keyboard.type("2")
    stops += tab_to(desk, "Make invitation")
    desk.keyboard.press("Enter")
    desk.locator(".opened h2").wait_for()
    stops += tab_to(desk, "Copy link")

    assert "(2nd)" in desk.locator(".opened h2").inner_text()
    assert [stop for stop in stops if not stop["marked"]] == []
