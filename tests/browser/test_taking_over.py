"""Streamlit takes the place of the HTML form only where nobody has begun, and it moves nothing."""

import pytest
from playwright.sync_api import expect

from data.catalogue import LABELS
from tests.app import AT_ONCE, NEVER, fill_in, send, wait_for_form
from tests.browser.conftest import PHONE
from tests.browser.doors import NAMES, door_to, middle

ROW = LABELS["vision"]
BROUGHT = "() => performance.getEntriesByType('resource').filter((e) => e.name.includes('/static/')).length"
SHIFT = "() => shifts.reduce((sum, shift) => sum + shift, 0)"
WATCH_SHIFTS = """window.shifts = [];
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) shifts.push(entry.value); })
    .observe({ type: "layout-shift", buffered: true });"""
# Both forms stay in the document, as they do not measure the same.
UNEVEN = """addEventListener("load", () => document.head.insertAdjacentHTML("beforeend",
  "<style>#first .row { height: 60px }</style>"));"""


@pytest.fixture
def sockets(phone):
    opened = []
    phone.on("websocket", lambda socket: opened.append(socket))  # noqa: PLW0108 - a built-in cannot be marked by playwright
    return opened


@pytest.fixture(autouse=True)
def no_error(phone):
    """Fail where a script of a page throws."""
    errors = []
    phone.on("pageerror", lambda error: errors.append(f"{error}\n{error.stack}"))
    yield
    assert errors == []


def form(page):
    return page.locator("html").get_attribute("data-form")


def wait_for_the_end(page):
    """Wait until it is decided which form stays."""
    while not page.evaluate("checkin.touched || checkin.tookOver || checkin.stopped"):
        page.wait_for_timeout(50)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_streamlit_takes_over_and_nothing_moves(app, phone, sockets, scheme):
    phone.emulate_media(color_scheme=scheme)
    phone.add_init_script(AT_ONCE + WATCH_SHIFTS)
    phone.goto(app.url)
    before = middle(phone.get_by_role("button", name="Send to my clinic"))
    wait_for_form(phone)
    after = middle(phone.get_by_role("button", name="Send to my clinic"))

    assert len(sockets) == 1
    assert phone.locator("#first").count() == 0
    assert after == pytest.approx(before, abs=1)
    assert phone.evaluate(SHIFT) <= 0.01


def test_streamlit_waits_a_second_and_a_half_for_somebody_to_begin(app, phone):
    phone.goto(app.url, wait_until="load")
    phone.wait_for_timeout(1000)
    at_first = phone.evaluate(BROUGHT)
    wait_for_the_end(phone)

    assert (at_first, form(phone)) == (0, "app")


TOUCHES = {
    "tap": lambda page: page.locator("#first").get_by_text(ROW, exact=True).tap(),
    "finger on the page": lambda page: page.touchscreen.tap(5, 700),
    "Tab": lambda page: page.keyboard.press("Tab"),
    "wheel": lambda page: page.mouse.wheel(0, 100),
    "scroll by a script of the browser": lambda page: page.evaluate("scrollTo(0, 50)"),
    "selected words": lambda page: page.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))"),
    "click of a screen reader": lambda page: page.get_by_role("checkbox", name=ROW).dispatch_event("click"),
    "tick without an event, as by Back": lambda page: page.evaluate("document.forms[0].none.checked = true"),
    "print": lambda page: page.evaluate("dispatchEvent(new Event('beforeprint'))"),
}


@pytest.mark.parametrize("how", TOUCHES)
def test_whoever_touches_the_form_first_keeps_it_and_nothing_of_streamlit_comes(app, phone, sockets, how):
    phone.goto(app.url, wait_until="load")
    TOUCHES[how](phone)
    phone.wait_for_timeout(2500)

    assert form(phone) == "html"
    assert phone.evaluate(BROUGHT) == 0
    assert sockets == []


@pytest.mark.parametrize("drawn", [False, True])
@pytest.mark.parametrize("how", TOUCHES)
def test_whoever_touches_the_form_while_streamlit_comes_keeps_it_and_no_socket_stays(app, phone, sockets, how, drawn):
    phone.add_init_script(AT_ONCE + UNEVEN)
    phone.goto(app.url)
    phone.locator(f"#root{' .st-key-check_in_send button' if drawn else ''}").wait_for(state="attached")
    TOUCHES[how](phone)
    wait_for_the_end(phone)
    phone.wait_for_timeout(500)

    assert form(phone) == "html"
    assert phone.locator("#root").count() == 0
    assert [socket for socket in sockets if not socket.is_closed()] == []
    phone.wait_for_timeout(1500)
    assert len(sockets) <= 1


def test_a_tap_around_the_taking_over_ticks_the_row_under_the_finger(app, browser):
    context = browser.new_context(**PHONE)
    context.add_init_script(AT_ONCE)
    context.add_init_script("""const look = () => document.querySelector("#root .st-key-check_in_send button")
        ? drawn() : requestAnimationFrame(look); addEventListener("load", look);""")
    with door_to(browser, app, "html") as door:
        door.open()
        box = door.page.locator(".row", has_text=ROW).bounding_box()
    ticked = {}
    for wait in range(0, 200, 20):
        page = context.new_page()
        drawn = []
        page.expose_function("drawn", lambda drawn=drawn: drawn.append(True))
        page.goto(app.url)
        while not drawn and form(page) == "html" and not page.evaluate("checkin.stopped"):
            page.wait_for_timeout(10)
        page.wait_for_timeout(wait)
        page.touchscreen.tap(box["x"] + 5, box["y"] + 5)
        page.wait_for_timeout(300)
        names = page.get_by_role("checkbox", checked=True).evaluate_all(NAMES)
        ticked[wait] = (form(page), names)
        page.close()
    context.close()

    assert [names for _, names in ticked.values()] == [[ROW]] * len(ticked), ticked


@pytest.mark.parametrize("connection", ["{ saveData: true, effectiveType: '4g' }", "{ effectiveType: '3g' }"])
def test_a_phone_that_saves_data_or_has_a_slow_connection_keeps_the_html_form(app, phone, connection):
    phone.add_init_script(f"Object.defineProperty(navigator, 'connection', {{ value: {connection} }})")
    phone.goto(app.url, wait_until="load")
    phone.wait_for_timeout(2500)

    assert form(phone) == "html"
    assert phone.evaluate(BROUGHT) == 0


def test_where_the_browser_does_not_tell_a_slow_script_of_ours_does(app, phone):
    phone.add_init_script("Object.defineProperty(navigator, 'connection', { value: undefined })")
    phone.route("**/first-*.js", lambda route: (phone.wait_for_timeout(600), route.continue_()))
    phone.goto(app.url, wait_until="load")
    phone.wait_for_timeout(2500)

    assert form(phone) == "html"
    assert phone.evaluate(BROUGHT) == 0


def silent(socket):
    """Let a socket open and say nothing, as some networks do."""


@pytest.mark.parametrize("network", [lambda socket: socket.close(code=1008), silent], ids=["refused", "silent"])
def test_a_network_that_passes_no_sockets_leaves_the_html_form_usable(app, phone, network):
    before = app.check_ins()
    phone.route_web_socket("**/*", network)
    phone.add_init_script(AT_ONCE)
    phone.goto(app.url)
    wait_for_the_end(phone)

    assert form(phone) == "html"
    assert phone.locator("#root").count() == 0
    fill_in(phone, "1 to 7 days", ROW)
    send(phone)
    phone.get_by_role("heading", name="Sent").wait_for()
    assert app.check_ins() == [*before, ("1-7 d", ("vision",))]


def test_ticks_that_back_brings_are_kept(app, phone):
    phone.add_init_script(f"if (!history.state) {{ {NEVER} }} else {{ {AT_ONCE} }}")
    phone.goto(app.url)
    fill_in(phone, "1 to 7 days", ROW)
    phone.evaluate("history.replaceState('left', '')")
    phone.get_by_role("link", name="Correct or withdraw a check-in you sent").tap()
    phone.get_by_label("Receipt").wait_for()
    phone.go_back()
    phone.wait_for_timeout(2000)

    assert form(phone) == "html"
    expect(phone.get_by_role("checkbox", name=ROW)).to_be_checked()


def test_a_page_in_the_background_stays_the_html_form(app, phone):
    phone.add_init_script("Object.defineProperty(document, 'hidden', { value: true });" + AT_ONCE)
    phone.goto(app.url, wait_until="load")
    phone.wait_for_timeout(1500)

    assert form(phone) == "html"
    assert phone.evaluate(BROUGHT) == 0


def test_the_html_form_alone_asks_for_two_small_answers(app, phone):
    received = {}
    network = phone.context.new_cdp_session(phone)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda e: received.update({e["requestId"]: e["encodedDataLength"]}))
    phone.add_init_script(NEVER)
    phone.goto(app.url, wait_until="load")
    phone.wait_for_timeout(500)

    document, script = received.values()
    assert document <= 6000
    assert script <= 4000
