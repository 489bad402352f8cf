"""A day at the clinic: overlapping patients, a wrong number, a lost code, a restart at noon; and how many taps."""

import pytest
from playwright.sync_api import expect

from tests.app import PASSPHRASE, running, send, sign_in, wait_for_form, wait_for_sent, wait_until_complete
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_infusions import LINK, ROWS, number_field, scanned


@pytest.fixture
def app(tmp_path):
    # Not Greenwich, and clocks that are never changed: a time of day is there once on every day.
    with running(tmp_path, timezone="Asia/Kolkata") as started:
        yield started


@pytest.fixture(params=["desk", "phone"])
def reception(request, browser, app):
    """Give the page of somebody at the front desk, signed in, with a computer or with a phone."""
    context = browser.new_context(**(PHONE if request.param == "phone" else DESK))
    page = context.new_page()
    sign_in(page, app, "/infusions")
    page.get_by_role("button", name="Make invitation").wait_for()
    wait_until_complete(page)
    yield Reception(page)
    context.close()


class Reception:
    """The front desk; counts its taps."""

    def __init__(self, page):
        self.page, self.taps = page, 0

    def tap(self, element):
        self.taps += 1
        element.click()

    def counted(self, work, *given):
        """Return how many taps a piece of work took."""
        before = self.taps
        work(*given)
        return self.taps - before

    def row(self, number):
        return self.page.locator(ROWS, has=self.page.get_by_text(f"No. {number}", exact=True))

    def make(self, number=None):
        self.page.wait_for_timeout(1600)  # so long a second tap is the second of a double tap
        before = self.page.locator(".opened h2").all_inner_texts()
        if number:
            number_field(self.page).fill(str(number))
        self.tap(self.page.get_by_role("button", name="Make invitation"))
        expect(self.page.locator(".opened h2")).not_to_have_text(before or [""])
        self.page.locator(LINK).wait_for()
        wait_until_complete(self.page)

    def show(self, number):
        self.tap(self.row(number).get_by_role("button", name=f"Code, No. {number}", exact=True))
        expect(self.page.locator(".opened h2")).to_contain_text(f"No. {number}:")
        self.page.locator(LINK).wait_for()

    def correct(self, number, of_patient):
        self.tap(self.row(number).get_by_role("button", name="Change"))
        field = self.page.locator(f"[class*=st-key-infusions_{number}_][class*=_number] input")
        expect(field).to_be_visible()
        field.fill(str(of_patient))
        self.tap(self.page.get_by_role("button", name="Save the change"))
        self.page.locator(LINK).wait_for()

    def replace(self, number):
        self.tap(self.row(number).get_by_role("button", name="New code"))
        self.tap(self.page.get_by_role("button", name="Make a new code"))
        self.page.locator(LINK).wait_for()

    @property
    def link(self):
        return self.page.locator(LINK).inner_text()


def check_in(browser, link):
    """Check in on the phone of somebody who scanned a link; return whether it worked."""
    context = browser.new_context(**PHONE)
    page = context.new_page()
    page.goto(link)
    if page.get_by_role("heading", name="This code does not work.").count():
        context.close()
        return False
    wait_for_form(page)
    page.get_by_text("None of these", exact=True).last.tap()
    send(page)
    wait_for_sent(page)
    context.close()
    return True


def test_three_patients_who_overlap_each_get_their_own_code_whenever_they_are_ready(reception, browser, app):
    assert reception.counted(reception.make) == 1
    links = [reception.link]
    for number in (2, 20):
        assert reception.counted(reception.make, number) == 1
        links.append(reception.link)

    for place, link in enumerate(links, 1):
        assert reception.counted(reception.show, place) == 1
        assert scanned(reception.page) == [link]  # it is in sight, also on a phone
    assert len(set(links)) == 3

    assert check_in(browser, links[1])
    expect(reception.row(2)).to_contain_text("● sent", timeout=15_000)
    expect(reception.row(1)).not_to_contain_text("● sent")
    assert app.column("infusion") == [2]


def test_no_invitation_is_lost_by_leaving_reloading_another_tab_a_lost_line_or_a_restart(reception, app):
    reception.make(3)
    link, page = reception.link, reception.page

    page.reload()
    expect(page.locator(LINK)).to_have_text(link)
    wait_until_complete(page)
    page.get_by_role("link", name="Dashboard").click()
    page.get_by_role("heading", name="Side effects after ketamine infusions").wait_for()
    page.go_back()
    expect(page.locator(LINK)).to_have_text(link)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator(LINK)).to_have_text(link)
    other.close()
    app.stop()
    app.start()
    page.locator("[data-test-connection-state=CONNECTED]").wait_for()
    expect(page.locator(LINK)).to_have_text(link)
    words = (
        "from data.reports import issued; from data.staff import passphrase; "
        f"print(issued.show(passphrase.sign_in({PASSPHRASE!r}, 'test'), 1)[1])"
    )
    assert app.run(words) == link.partition("=")[2]  # another process, such as a second server


def test_a_wrong_number_is_corrected_in_two_taps_and_the_code_handed_over_goes_on_working(reception, browser, app):
    reception.make(2)
    link = reception.link

    assert reception.counted(reception.correct, 1, 3) == 2

    expect(reception.row(1)).to_contain_text("3rd")
    assert reception.link == link
    assert check_in(browser, link)
    assert app.column("number_band") == ["2nd-6th"]
    assert "match the check-ins" in app.operate("verify")


def test_a_lost_code_is_replaced_in_two_taps_and_the_old_one_stops(reception, browser, app):
    reception.make(1)
    lost = reception.link

    assert reception.counted(reception.replace, 1) == 2

    expect(reception.page.locator(LINK)).not_to_have_text(lost)
    assert scanned(reception.page) == [reception.link]
    assert not check_in(browser, lost)
    assert check_in(browser, reception.link)
    assert "match the check-ins" in app.operate("verify")


def test_a_restart_at_noon_loses_neither_a_half_filled_form_nor_the_code_on_the_screen(reception, browser, app):
    reception.make(1)
    link = reception.link
    context = browser.new_context(**PHONE)
    phone = context.new_page()
    phone.goto(link)
    wait_for_form(phone)
    phone.get_by_text("Headache", exact=True).tap()

    app.stop()
    app.start()

    reception.page.locator("[data-test-connection-state=CONNECTED]").wait_for()
    assert reception.link == link
    reception.make(2)
    phone.locator("[data-test-connection-state=CONNECTED], [data-form=html]").first.wait_for()
    send(phone)
    wait_for_sent(phone)
    context.close()
    assert app.check_ins() == [("0-4 h", ("headache",))]
    expect(reception.row(1)).to_contain_text("● sent", timeout=15_000)


def test_whoever_has_not_answered_is_found_in_one_tap_and_their_code_in_another(reception, browser, app):
    for number in (1, 2, 3):
        reception.make(number)
        if number == 2:
            answered = reception.link
    assert check_in(browser, answered)

    reception.tap(reception.page.get_by_role("radio", name="Today, no answer"))
    expect(reception.page.locator(ROWS)).to_have_count(2)
    reception.tap(reception.page.get_by_role("radio", name="Open now, no answer"))
    expect(reception.page.locator(ROWS)).to_have_count(2)
    assert reception.row(2).count() == 0

    assert reception.counted(reception.show, 1) == 1
    assert scanned(reception.page) == [reception.link]


def test_an_infusion_is_found_by_its_number(reception):
    for number in (1, 2, 3):
        reception.make(number)

    reception.page.get_by_label("Find by number").fill("2")
    reception.page.keyboard.press("Enter")

    expect(reception.page.locator(ROWS)).to_have_count(1)
    expect(reception.row(2)).to_contain_text("2nd")


def test_what_a_row_opens_is_in_sight_and_has_the_focus(reception):
    for number in (1, 2, 3):
        reception.make(number)
    reception.page.locator("[data-testid=stMain]").evaluate("main => main.scrollTo(0, main.scrollHeight)")

    reception.show(1)

    expect(reception.page.locator(".opened h2")).to_be_focused()
    expect(reception.page.locator(".opened h2")).to_be_in_viewport()


def test_a_row_that_moved_under_the_finger_takes_no_tap(reception, app):
    reception.make(1)
    reception.page.get_by_role("button", name="Close").click()
    expect(reception.page.locator(".opened")).to_have_count(0)
    reception.page.wait_for_timeout(3100)
    # The finger comes down just as the list shows what another desk has registered.
    reception.page.evaluate(
        """rows => {
            const first = () => document.querySelector(rows);
            const before = first().querySelector("strong").textContent;
            new MutationObserver((_, watching) => {
                if (first().querySelector("strong").textContent === before) return;
                watching.disconnect();
                setTimeout(() => first().querySelector("button").click(), 200);
            }).observe(document.body, { childList: true, subtree: true });
        }""",
        ROWS,
    )
    app.invite()
    expect(reception.page.locator(ROWS)).to_have_count(2, timeout=15_000)
    reception.page.wait_for_timeout(1500)

    assert reception.page.locator(".opened").count() == 0
    reception.show(2)
