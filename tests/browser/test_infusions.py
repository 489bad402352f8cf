"""From the sign-in to a code on the screen, from the code to "Sent", and what the clinic sees of it."""

import io
import re
from datetime import date, timedelta

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from tests.app import running, sign_in, wait_for_form, wait_until_complete
from tests.browser.conftest import CUT_OFF, DESK, PHONE

LINK = ".invitation .link"
ROWS = "[class*=st-key-infusions_row]"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    # Not Greenwich, and clocks that are never changed: a time of day is there once on every day.
    with running(tmp_path_factory.mktemp("app"), timezone="Asia/Kolkata") as started:
        yield started


@pytest.fixture(params=["desk", "phone", "desk in the dark"])
def screen(request, browser):
    kind = PHONE if request.param == "phone" else DESK
    context = browser.new_context(**kind, color_scheme="dark" if "dark" in request.param else "light")
    yield context.new_page()
    context.close()


def number_field(page):
    return page.get_by_label("This patient’s infusion number (optional)")


def make(page, number="2"):
    """Register an infusion; return the link that is shown."""
    shown = ""
    if page.locator(LINK).count():
        shown = page.locator(LINK).inner_text()
        page.wait_for_timeout(1600)  # so long a second tap is the second of a double tap
    if number:
        number_field(page).fill(number)  # it keeps the focus
    page.get_by_role("button", name="Make invitation").click()
    expect(page.locator(LINK)).not_to_have_text(shown)
    wait_until_complete(page)  # with the link the fields come anew
    page.locator(ROWS).first.wait_for()
    return page.locator(LINK).inner_text()


def scanned(page):
    """Read the QR codes in what is on the screen now, as a camera does."""
    page.locator(".qr").wait_for()
    page.wait_for_timeout(300)
    return [code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(page.screenshot())))]


def rows(page):
    """Return number, end, which infusion and the states of its windows, of each row of the list."""
    return [row.locator(".which > *, .states > span").all_inner_texts() for row in page.locator(ROWS).all()]


def newest(page):
    """Return the registration number of the first row."""
    return int(rows(page)[0][0].removeprefix("No. "))


def test_one_tap_after_the_sign_in_there_is_a_code_that_leads_a_phone_to_sent(app, screen, browser):
    sign_in(screen, app, "/infusions")
    link = make(screen)

    assert scanned(screen) == [link]
    assert re.fullmatch(rf"{app.url}/\?i=[0-9A-HJKMNP-TV-Z]{{4}}(-[0-9A-HJKMNP-TV-Z]{{4}}){{2}}", link)

    patient = browser.new_context(**PHONE)
    page = patient.new_page()
    page.goto(link)
    wait_for_form(page)
    asked = page.get_by_role("radio").count()
    page.get_by_text("None of these", exact=True).last.tap()
    page.get_by_role("button", name="Send to my clinic").tap()
    page.get_by_role("heading", name="Sent").wait_for()
    patient.close()

    assert asked == 0
    # Without a tap: both the list and what is beside the invitation say so within ten seconds.
    expect(screen.locator(ROWS).first).to_contain_text("● sent", timeout=15_000)
    expect(screen.locator(".opened")).to_contain_text("● sent", timeout=15_000)
    assert rows(screen)[0][2:4] == ["2nd", "0–4 h ● sent"]


def test_the_next_infusion_begins_with_empty_fields(app, desk):
    sign_in(desk, app, "/infusions")
    first = make(desk, "3")

    expect(number_field(desk)).to_have_value("")
    assert make(desk, None) != first
    assert rows(desk)[0][2] == "number not known"
    assert rows(desk)[1][2] == "3rd"


def test_a_number_typed_on_a_phone_is_registered_by_the_tap_that_leaves_its_field(app, phone):
    sign_in(phone, app, "/infusions")
    number_field(phone).tap()
    phone.keyboard.type("20")
    phone.get_by_role("button", name="Make invitation").tap()
    phone.locator(LINK).wait_for()

    assert number_field(phone).get_attribute("type") == "number"  # so that the keyboard has digits
    assert number_field(phone).bounding_box()["height"] >= 42  # and a border
    assert phone.locator(".opened h2").inner_text().partition("(")[2].startswith("20th)")


def test_a_number_typed_without_leaving_its_field_is_registered_by_the_keyboard(app, desk):
    sign_in(desk, app, "/infusions")
    number_field(desk).focus()
    desk.keyboard.type("21")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")

    expect(desk.locator(ROWS).first).to_contain_text("21st")


def test_a_number_is_registered_by_a_tap_that_leaves_the_focus_in_its_field(app, phone):
    sign_in(phone, app, "/infusions")
    number_field(phone).tap()
    phone.keyboard.type("22")
    phone.evaluate("document.addEventListener('mousedown', (event) => event.preventDefault(), true)")
    phone.get_by_role("button", name="Make invitation").tap()
    phone.locator(LINK).wait_for()

    assert phone.locator(".opened h2").inner_text().partition("(")[2].startswith("22nd)")


@pytest.mark.parametrize("typed", ["1000", "99999999999999999999", "-"])
def test_a_number_that_is_none_registers_nothing(app, desk, typed):
    sign_in(desk, app, "/infusions")
    make(desk)
    before = rows(desk)
    desk.wait_for_timeout(1600)
    number_field(desk).focus()
    desk.keyboard.type(typed)
    desk.get_by_role("button", name="Make invitation").click()
    desk.wait_for_timeout(1500)

    assert rows(desk) == before
    expect(number_field(desk)).to_have_value(typed.strip("-"))


def test_what_is_filled_in_outlives_a_restart_of_the_server(app, desk):
    sign_in(desk, app, "/infusions")
    number_field(desk).fill("24")
    desk.keyboard.press("Tab")
    app.stop()
    app.start()
    desk.locator("[data-test-connection-state=CONNECTED]").wait_for()
    wait_until_complete(desk)
    desk.get_by_role("button", name="Make invitation").click()

    expect(desk.locator(ROWS).first).to_contain_text("24th")


def test_a_double_tap_registers_one_infusion(app, desk):
    sign_in(desk, app, "/infusions")
    make(desk)
    before = newest(desk)
    desk.wait_for_timeout(1600)

    desk.get_by_role("button", name="Make invitation").dblclick()
    expect(desk.locator(ROWS).first).to_contain_text(f"No. {before + 1}")
    desk.wait_for_timeout(1000)

    assert newest(desk) == before + 1


def test_a_time_with_a_gap_is_not_taken_for_another_one(app, desk):
    sign_in(desk, app, "/infusions")
    make(desk)
    before = rows(desk)
    hour = desk.locator(".st-key-infusions_ended [role=spinbutton]").nth(3)
    hour.focus()
    desk.keyboard.type("01")  # of an hour with two digits the first is left, and is taken back as it was: no gap
    desk.keyboard.press("Escape")
    desk.wait_for_timeout(700)
    wait_until_complete(desk)
    hour.focus()
    desk.keyboard.press("Backspace")
    expect(hour).to_have_attribute("data-placeholder", "true")
    desk.keyboard.press("Escape")

    desk.get_by_role("button", name="Make invitation").click()
    expect(hour).to_be_focused()
    desk.wait_for_timeout(1000)
    refused = rows(desk)
    hour.focus()
    desk.keyboard.type("00")
    desk.keyboard.press("Escape")
    desk.wait_for_timeout(700)
    desk.get_by_role("button", name="Make invitation").click()

    assert refused == before
    expect(desk.locator(ROWS).first).not_to_contain_text(before[0][0])
    assert "00:" in rows(desk)[0][1]


def test_another_day_is_picked_and_keeps_the_time_of_day(app, desk):
    sign_in(desk, app, "/infusions")
    desk.get_by_role("button", name="Make invitation").wait_for()
    wait_until_complete(desk)
    segments = desk.locator(".st-key-infusions_ended [role=spinbutton]")
    time = [segments.nth(place).inner_text() for place in (3, 4)]
    yesterday = date(*(int(segments.nth(place).inner_text()) for place in range(3))) - timedelta(days=1)
    segments.first.click()
    desk.keyboard.type(f"{yesterday:%Y%m%d}")
    desk.keyboard.press("Escape")

    make(desk)

    heading = desk.locator(".opened h2").inner_text()
    assert heading.partition(": ")[2] == f"{yesterday:%-d %b}, {':'.join(time)} (2nd)"


def test_a_revoked_invitation_opens_nothing_and_stands_as_revoked(app, desk, phone):
    sign_in(desk, app, "/infusions")
    link = make(desk, "4")

    desk.get_by_role("radio", name="Revoke").click()
    desk.get_by_role("button", name="Revoke this invitation").click()
    expect(desk.locator(ROWS).first).to_contain_text("4th, revoked")
    expect(desk.locator(LINK)).to_have_count(0)

    phone.goto(link)
    phone.get_by_role("heading", name="This code does not work.").wait_for()
    assert phone.get_by_role("checkbox").count() == 0


def test_the_link_can_be_copied(app, browser):
    context = browser.new_context(**DESK, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    sign_in(page, app, "/infusions")
    link = make(page)

    page.get_by_role("button", name="Copy link").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == link
    context.close()


def test_the_card_opens_beside_the_invitation_and_prints_on_one_page(app, desk):
    sign_in(desk, app, "/infusions")
    link = make(desk)

    with desk.context.expect_page() as opened:
        desk.get_by_role("button", name="Print card").click()
    card = opened.value
    card.wait_for_load_state()

    assert scanned(card) == [link]
    assert link.partition("=")[2] not in card.url
    assert pages(card) == 1
    assert desk.locator(LINK).inner_text() == link


def test_the_poster_leads_to_the_open_link_and_prints_on_one_page(app, desk):
    desk.goto(f"{app.url}/poster")

    assert scanned(desk) == [f"{app.url}/"]
    assert pages(desk) == 1


def pages(page):
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))


def test_a_typed_code_leads_to_the_form_of_its_infusion(app, desk, phone):
    sign_in(desk, app, "/infusions")
    code = make(desk).partition("=")[2]

    phone.goto(f"{app.url}/code")
    phone.get_by_label("Code from your clinic").fill(code.lower().replace("-", " "))
    phone.get_by_role("button", name="Go to the check-in").tap()
    phone.wait_for_url(f"{app.url}/?i={code}*")
    wait_for_form(phone)

    phone.get_by_text("About your infusion on").wait_for()


def test_after_the_session_has_ended_nothing_is_registered_and_the_invitation_goes(app, desk):
    sign_in(desk, app, "/infusions")
    make(desk)
    app.end_sessions()
    desk.wait_for_timeout(1600)

    desk.get_by_role("button", name="Make invitation").click()
    desk.get_by_text("You are signed out.").wait_for()

    expect(desk.locator(LINK)).to_have_count(0)
    expect(desk.locator(ROWS)).to_have_count(0)


def test_no_code_stands_in_the_log_or_in_the_database(app, desk, phone):
    sign_in(desk, app, "/infusions")
    code = make(desk).partition("=")[2]
    for path in (f"/?i={code}", f"/plain?i={code}", f"/code?i={code}", f"/receipt?i={code}", f"/sent?i={code}"):
        phone.goto(f"{app.url}{path}")
    phone.goto(f"{app.url}/?i={code}")
    wait_for_form(phone)

    kept = b"".join(file.read_bytes() for file in app.folder.iterdir())
    for part in (code, code.replace("-", ""), code.replace("-", "%2D")):
        assert part.encode() not in kept


def test_no_request_has_the_code_in_its_referer(app, desk, phone):
    sign_in(desk, app, "/infusions")
    link = make(desk)
    referers = []
    phone.on("request", lambda request: referers.append(request.all_headers().get("referer", "")))

    phone.goto(link)
    wait_for_form(phone)
    phone.goto(link.replace("/?", "/plain?"))
    phone.get_by_role("link", name="Correct or withdraw a check-in you sent").tap()
    phone.get_by_label("Receipt").wait_for()

    assert {referer for referer in referers if referer} == {f"{app.url}/"}


@pytest.mark.parametrize("width", [320, 360, 768, 1024])
def test_nothing_is_cut_off(app, browser, width):
    context = browser.new_context(viewport={"width": width, "height": 740})
    page = context.new_page()
    sign_in(page, app, "/infusions")
    make(page, "122")

    wide = "document.querySelector('[data-testid=stMain]').scrollWidth"
    assert page.evaluate(wide) <= width
    assert page.locator(".stMain :is(p, h1, h2, button, a, .states span)").evaluate_all(CUT_OFF) == []
    context.close()


def test_the_way_between_the_two_pages_needs_no_second_sign_in(app, desk):
    sign_in(desk, app, "/infusions")
    desk.get_by_role("link", name="Dashboard").click()
    desk.get_by_role("heading", name="Side effects after ketamine infusions").wait_for()
    desk.get_by_role("link", name="Infusions").click()

    desk.get_by_role("button", name="Make invitation").wait_for()
    assert desk.url == f"{app.url}/infusions"
