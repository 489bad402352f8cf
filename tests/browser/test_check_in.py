"""The check-in on a phone: every row in reach and legible, every mistake named, every confirmation true."""

import re
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from data.catalogue import LABELS, NONE_OF_THESE, SIDE_EFFECTS, WINDOWS
from tests.app import fill_in, open_check_in, send, wait_for_form, wait_for_sent, wait_until_complete
from tests.browser.conftest import CUT_OFF
from tests.browser.doors import NAMES
from tests.data.test_catalogue import ARTICLE

# Each in the one form or in the other; only one is in the document.
ROW = ":is(#first .row, .st-key-check_in_list > :has(input))"
LABEL = ":is(#first .row span, .st-key-check_in_list > :has(input) label p)"
GLOSS = ":is(#first .row small, .st-key-check_in_list > :has(input) [data-testid=stCaptionContainer] p)"
WINDOW = ":is(#first .windows span, .st-key-check_in_window button)"
SEND = ":is(#first .foot button, .st-key-check_in_send button)"


@pytest.fixture(params=["app", "html"])
def form(request):
    return request.param


@pytest.fixture
def check_in(app, phone, form):
    open_check_in(phone, app, form)
    return phone


def ticked(page):
    return page.get_by_role("checkbox", checked=True).evaluate_all(NAMES)


def test_the_list_is_the_articles_in_its_order_and_ends_with_none_of_these(check_in):
    shown = check_in.get_by_role("checkbox").evaluate_all(NAMES)

    assert shown == [*ARTICLE, "None of these"]
    assert check_in.locator(LABEL).all_inner_texts() == shown
    assert check_in.locator(WINDOW).all_inner_texts() == [window.label for window in WINDOWS]


def test_everything_to_tap_is_48_pixels_high_and_every_label_18_pixels_large(check_in, form):
    targets = f"{ROW}, .st-key-check_in_list label, {WINDOW}, {SEND}"
    heights = check_in.locator(targets).evaluate_all("e => e.map((x) => x.getBoundingClientRect().height)")
    words = f"{LABEL}, {GLOSS}, .windows span, .foot button, .st-key-check_in_window button p, .st-key-check_in_send p"
    sizes = check_in.locator(words).evaluate_all("e => e.map((x) => parseFloat(getComputedStyle(x).fontSize))")

    assert len(heights) == (15 if form == "html" else 15 + 15) + 4 + 1  # a row of the HTML form is its label
    assert min(heights) >= 48
    assert len(sizes) == 15 + 1 + 4 + 1
    assert min(sizes) >= 18


@pytest.mark.parametrize("width", [320, 360, 414])
def test_nothing_scrolls_sideways_and_no_word_is_cut_off(check_in, width):
    check_in.set_viewport_size({"width": width, "height": 740})
    send(check_in)
    check_in.get_by_role("alert").wait_for()
    wait_until_complete(check_in)

    assert check_in.locator(f"html, body, main, {ROW}, main p, main h1, main h2").evaluate_all(CUT_OFF) == []
    assert check_in.locator("[data-testid=stBottom] p, .foot p, button").evaluate_all(CUT_OFF) == []


@pytest.mark.parametrize("width", [320, 360, 414])
def test_nothing_on_the_sent_page_scrolls_sideways(check_in, width):
    check_in.set_viewport_size({"width": width, "height": 740})
    fill_in(check_in, "1 to 7 days", *LABELS.values())
    send(check_in)
    wait_for_sent(check_in)

    assert check_in.locator("html, body, main, main p, main h1, main h2, main li").evaluate_all(CUT_OFF) == []


@pytest.mark.parametrize("end", ["left", "right"])
def test_a_tap_on_either_end_of_a_row_ticks_it(check_in, end):
    for row in check_in.locator(ROW).all():
        box = row.bounding_box()
        row.tap(position={"x": 2 if end == "left" else box["width"] - 2, "y": 24})

    assert ticked(check_in) == [*LABELS.values(), NONE_OF_THESE]


def test_a_tap_on_a_gloss_ticks_its_row(check_in):
    gloss = next(item for item in SIDE_EFFECTS if item.gloss)
    text = check_in.get_by_text(gloss.gloss)
    text.evaluate("e => e.scrollIntoView({block: 'center'})")  # out from behind the bar with Send
    box = text.bounding_box()

    check_in.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    assert ticked(check_in) == [gloss.label]


def test_no_trace_of_streamlit_is_to_be_seen(check_in):
    chrome = ["stToolbar", "stMainMenu", "stSidebar", "stSidebarCollapsedControl", "stAppDeployButton", "stDecoration"]
    seen = [name for name in chrome if check_in.locator(f"[data-testid={name}]").filter(visible=True).count()]

    assert seen == []
    assert check_in.title().startswith("Check-in")
    assert check_in.get_by_text(re.compile("streamlit|deploy", re.IGNORECASE)).filter(visible=True).count() == 0


def test_the_title_says_what_has_become_of_the_check_in(app, check_in):
    fill_in(check_in, "1 to 7 days", "Headache")
    send(check_in)
    expect(check_in).to_have_title(re.compile("^Sent. Thank you."))

    app.withdraw_all()
    check_in.get_by_text("Español").tap()

    expect(check_in).to_have_title(re.compile("^Este cuestionario se ha retirado."))


@pytest.mark.parametrize(
    ("code", "title"), [("answered", "Already sent"), ("K7QM-4TXD-R2AB", "This code does not work.")]
)
def test_the_title_says_that_there_is_nothing_to_fill_in(app, phone, code, title):
    if code == "answered":
        code = app.invite(hours=5)
        app.run(
            f"from data.reports import check_ins; check_ins.record(key='c' * 32, none=True, ticked=[], code={code!r})"
        )

    phone.goto(f"{app.url}/?i={code}")

    expect(phone).to_have_title(f"{title} · Demonstration Clinic")


def test_the_patients_page_loads_no_charts_and_asks_nobody_else(app, phone):
    asked = []
    phone.on("request", lambda request: asked.append(urlsplit(request.url)))
    open_check_in(phone, app)
    fill_in(phone, "1 to 7 days", "Headache")
    send(phone)
    wait_for_sent(phone)
    phone.wait_for_load_state("networkidle")

    assert {url.netloc for url in asked} == {f"localhost:{app.port}"}
    heavy = re.compile("vega|altair|arrow|dataframe|data-?grid|plotly|deck", re.IGNORECASE)
    assert [url.path for url in asked if heavy.search(url.path)] == []
    assert [url.query for url in asked if url.query] == []


def test_the_first_load_takes_less_than_a_third_of_the_bytes_of_a_bare_streamlit_page(app, phone):
    received = []
    network = phone.context.new_cdp_session(phone)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda loaded: received.append(loaded["encodedDataLength"]))
    open_check_in(phone, app)
    phone.wait_for_load_state("networkidle")

    assert 300_000 < sum(received) < 0.30 * 2_691_000  # of a bare st.write("hi"), by tests/benchmarks/first_load.py


def test_no_link_leads_a_patient_to_the_clinicians_pages(check_in, form):
    filled_in = check_in.get_by_role("link").evaluate_all("e => e.map((link) => link.getAttribute('href'))")
    fill_in(check_in, "1 to 7 days", "Headache")
    send(check_in)
    wait_for_sent(check_in)
    sent = check_in.get_by_role("link").evaluate_all("e => e.map((link) => link.getAttribute('href'))")

    asked = "" if form == "app" else "?language=en"
    main = ["#stMain"] if form == "app" else []
    language = [] if form == "app" else ["/sent?language=es"]
    assert filled_in == [*main, "tel:5550100", "tel:112", f"/code{asked}", f"/receipt{asked}", f"/your-data{asked}"]
    assert sent == [*main, *language, "tel:5550100", "tel:112", f"/reminder.ics{asked}", f"/{asked}"]


@pytest.mark.parametrize(
    ("window", "labels", "told"),
    [
        (None, ["Headache"], "Choose how long ago your infusion ended: it is the first question on this page."),
        ("1 to 7 days", [], "Nothing is ticked yet. Tick what you have now, or “None of these”."),
        (
            "1 to 7 days",
            ["Headache", "None of these"],
            "You ticked “None of these” and also “Headache”. Untick one of them.",
        ),
        (
            "1 to 7 days",
            ["Headache", "Bladder problems", "None of these"],
            "You ticked “None of these” and also “Headache” and more. Untick one or the other.",
        ),
    ],
)
def test_a_mistake_is_named_right_above_send_and_the_ticks_stay(app, check_in, window, labels, told):
    before = app.check_ins()
    if window:
        check_in.get_by_role("radio", name=window).tap()
    for label in labels:
        check_in.get_by_text(label, exact=True).tap()

    send(check_in)
    alert = check_in.get_by_role("alert")
    alert.wait_for()
    wait_until_complete(check_in)
    box, button = alert.bounding_box(), check_in.get_by_role("button", name="Send to my clinic").bounding_box()

    assert alert.inner_text() == told
    assert 0 <= box["y"] < box["y"] + box["height"] <= button["y"] < button["y"] + button["height"] <= 740
    assert button["y"] - box["y"] - box["height"] < 32
    assert ticked(check_in) == labels
    assert app.check_ins() == before


def test_a_mended_mistake_is_sent_by_the_next_tap(app, check_in):
    before = app.check_ins()
    fill_in(check_in, "4 to 24 hours", "Headache", "None of these")
    send(check_in)
    check_in.get_by_role("alert").wait_for()

    check_in.get_by_text("Headache", exact=True).tap()
    send(check_in)
    wait_for_sent(check_in)

    assert app.check_ins() == [*before, ("4-24 h", ())]
    expect(check_in.get_by_role("listitem")).to_have_text(["None of these"])


def test_the_sent_page_says_what_was_stored_with_a_receipt_and_whom_to_call(app, check_in):
    before = app.check_ins()
    fill_in(check_in, "4 to 24 hours", "Bladder problems", "Nausea or vomiting")
    send(check_in)
    heading = check_in.get_by_role("heading", level=1, name="Sent")
    wait_for_sent(check_in)
    expect(heading).to_be_focused()
    box = heading.bounding_box()

    assert app.check_ins() == [*before, ("4-24 h", ("nausea", "bladder"))]
    assert heading.inner_text().startswith("Sent")
    assert 0 <= box["y"] < box["y"] + box["height"] <= 740
    assert check_in.get_by_role("heading", level=2).all_inner_texts() == [
        "You reported, 4 to 24 hours after your infusion"
    ]
    expect(check_in.get_by_role("listitem")).to_have_text(["Nausea or vomiting", "Bladder problems"])
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}", receipt(check_in))
    assert check_in.locator("a[href='tel:5550100']").inner_text() == "555 0100"
    assert check_in.locator("a[href='tel:112']").inner_text() == "112"
    assert "Nobody monitors these answers as they arrive." in check_in.locator(".inset").inner_text()
    assert check_in.get_by_role("button", name="Send to my clinic").count() == 0


def test_the_lines_of_the_confirmation_do_not_overlap(check_in):
    fill_in(check_in, "4 to 24 hours", "Headache")
    send(check_in)
    heading = check_in.get_by_role("heading", level=1, name="Sent")
    wait_for_sent(check_in)
    boxes = [
        line.bounding_box()
        for line in [heading, *check_in.locator(":is(.st-key-check_in_confirmed, .confirmed) p").all()]
    ]

    gaps = [below["y"] - above["y"] - above["height"] for above, below in pairwise(boxes)]
    assert len(gaps) == 2
    assert min(gaps) >= 0


def test_a_reload_after_sending_shows_an_empty_form_and_stores_nothing_more(app, check_in, form):
    fill_in(check_in, "4 to 24 hours", "Headache")
    send(check_in)
    wait_for_sent(check_in)
    stored = app.check_ins()

    check_in.goto(app.url) if form == "html" else check_in.reload()
    wait_for_form(check_in, form=form)

    assert ticked(check_in) == []
    assert check_in.get_by_role("radio", checked=True).count() == 0
    assert check_in.get_by_role("heading", name="Sent").count() == 0
    assert app.check_ins() == stored


def test_another_check_in_begins_empty_and_is_stored_beside_the_first(app, check_in, form):
    before = app.check_ins()
    fill_in(check_in, "Less than 4 hours", "Dissociation")
    send(check_in)
    wait_for_sent(check_in)
    first = receipt(check_in)

    check_in.get_by_role("link", name="Send another check-in").tap()
    wait_for_form(check_in, form=form)
    kept = ticked(check_in)
    fill_in(check_in, "4 to 24 hours", "Headache")
    send(check_in)
    wait_for_sent(check_in)

    assert kept == []
    assert app.check_ins() == [*before, ("0-4 h", ("dissociation",)), ("4-24 h", ("headache",))]
    assert receipt(check_in) != first


def receipt(page):
    return page.locator(".receipt").inner_text()
