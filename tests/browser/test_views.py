"""The dashboard's views: kept in the address, refreshed by themselves, taken away as a file, printed, on any screen."""

import csv
import hashlib
import io
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, quote_plus, urlsplit

import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageStat
from playwright.sync_api import expect

from data.figures import views
from tests.app import App, show_view, sign_in, wait_until_complete

DRAWN = "[data-testid=stVegaLiteChart] :is(canvas, svg), .st-key-dashboard_overview svg:has(.line)"


def open_view(page, app, view, **chosen):
    """Sign in at a view and wait until it is drawn."""
    fields = {"view": view} | chosen
    query = "&".join(f"dashboard_{name}={quote_plus(value)}" for name, value in fields.items())
    sign_in(page, app, f"/clinic?{query}")
    page.get_by_role("radio", name=view, exact=True, checked=True).wait_for()
    page.locator(".take").wait_for()
    page.locator("tbody tr").first.wait_for()
    page.locator(DRAWN).first.wait_for()


def choose(page, label, option):
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


def asked(page):
    """Return the filters in the address."""
    return {name: value for name, (value,) in parse_qs(urlsplit(page.url).query).items()}


def audit(app):
    with closing(sqlite3.connect(app.folder / "checkins.db")) as connection:
        return [did for (did,) in connection.execute("SELECT did FROM audit ORDER BY id")]


def test_every_choice_is_in_the_address_and_a_colleague_who_signs_in_lands_on_it(demonstration, desk, browser):
    open_view(desk, demonstration, "Compare")
    desk.get_by_role("radio", name="4-24 h").click()
    choose(desk, "A", "Infusion 1st")
    choose(desk, "B", "Infusion 2nd-6th")
    choose(desk, "Weeks", "Last 12 weeks")
    choose(desk, "Origin", "Both")
    side = desk.locator(".selection").first
    expect(side).to_contain_text("by the open link")
    in_any_language = side.inner_text()
    choose(desk, "Language", "English")
    expect(side).not_to_have_text(in_any_language)
    choose(desk, "Sent from", "Own device")
    desk.wait_for_url("**dashboard_device=Own*device**")
    everything = {
        "dashboard_view": "Compare",
        "dashboard_window": "4-24 h",
        "dashboard_weeks": "Last 12 weeks",
        "dashboard_origin": "Both",
        "dashboard_language": "English",
        "dashboard_device": "Own device",
        "dashboard_a": "Infusion 1st",
        "dashboard_b": "Infusion 2nd-6th",
    }
    assert asked(desk) == everything
    said = desk.locator(".selection").all_inner_texts()

    colleague = browser.new_context().new_page()
    sign_in(colleague, demonstration, desk.url.removeprefix(demonstration.url))

    expect(colleague.locator(".selection")).to_have_text(said)
    expect(colleague.locator(".st-key-dashboard_view [aria-checked=true]")).to_have_text("Compare")
    assert asked(colleague) == everything
    assert all("4 to 24 hours after the infusion (" in side for side in said)
    colleague.context.close()


def test_a_look_at_the_infusions_keeps_view_and_filters(demonstration, desk):
    open_view(desk, demonstration, "Together", window="4-24 h", weeks="Last 12 weeks")
    said = desk.locator(".selection").inner_text()

    desk.get_by_role("link", name="Infusions").click()
    desk.get_by_role("heading", name="New infusion").wait_for()
    desk.get_by_role("link", name="Dashboard").click()

    expect(desk.locator(".selection")).to_have_text(said)
    expect(desk.locator(".st-key-dashboard_view [aria-checked=true]")).to_have_text("Together")


class SlowLine:
    """The server's answers, which wait while `holds` is true."""

    def __init__(self, page):
        self.page, self.holds, self.held = page, False, []
        page.route_web_socket("**/_stcore/stream", self.connect)

    def connect(self, side):
        self.side = side
        side.connect_to_server().on_message(
            lambda answer: self.held.append(answer) if self.holds else side.send(answer)
        )

    def answers(self):
        """Wait for the whole answer to what was asked; return how many messages are held."""
        seen = None
        while seen != len(self.held) or not seen:
            seen = len(self.held)
            self.page.wait_for_timeout(1500)
        return seen

    def pass_on(self, count):
        for answer in self.held[:count]:
            self.side.send(answer)
        del self.held[:count]
        wait_until_complete(self.page)


def test_an_answer_that_comes_after_the_next_choice_does_not_undo_it(demonstration, desk):
    line = SlowLine(desk)
    open_view(desk, demonstration, "Frequencies")
    wait_until_complete(desk)
    line.holds = True
    show_view(desk, "Together")
    late = line.answers()
    show_view(desk, "Over the weeks")
    line.answers()
    line.pass_on(late)
    show_view(desk, "Together")
    line.pass_on(line.answers())
    line.holds = False

    expect(desk.locator(".st-key-dashboard_view [aria-checked=true]")).to_have_text("Together")
    assert asked(desk) == {"dashboard_view": "Together"}
    desk.get_by_text("Pairs, most frequent first").wait_for()


def test_figures_of_the_view_before_are_out_of_sight_while_the_next_ones_are_read(live, desk):
    open_view(desk, live, "Frequencies")
    with closing(sqlite3.connect(live.folder / "checkins.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # which the next run waits for
        show_view(desk, "Compare")
        expect(desk.locator(".st-key-dashboard_of_OneWindow table")).not_to_have_count(0)
        expect(desk.locator(".st-key-dashboard_of_OneWindow")).to_be_hidden()
        other.execute("ROLLBACK")

    desk.locator(".st-key-dashboard_of_Comparison .take").wait_for()


def test_a_side_effect_that_was_chosen_is_kept_over_a_look_at_another_view(demonstration, desk):
    open_view(desk, demonstration, "Over the weeks", side_effect="Headache")

    desk.get_by_role("radio", name="Together", exact=True).click()
    desk.get_by_text("Pairs, most frequent first").wait_for()
    desk.wait_for_url(lambda address: "side_effect" not in address)
    assert asked(desk) == {"dashboard_view": "Together"}
    desk.get_by_role("radio", name="Over the weeks", exact=True).click()

    desk.get_by_role("heading", name="Headache, week by week").wait_for()
    desk.wait_for_url("**dashboard_side_effect=Headache*")


def test_one_tap_on_a_row_of_the_overview_shows_its_weeks_with_the_same_filters(demonstration, desk):
    open_view(desk, demonstration, "Over the weeks", side_effect="Headache")
    desk.get_by_role("radio", name="4-24 h").click()
    desk.get_by_role("radio", name="Overview", exact=True).click()
    link = desk.get_by_role("link", name="Nausea or vomiting, over the weeks")
    link.wait_for()
    assert link.bounding_box()["height"] >= 24

    link.press("Enter")

    desk.get_by_role("heading", name="Nausea or vomiting, week by week").wait_for()
    expect(desk.locator(".st-key-dashboard_view [aria-checked=true]")).to_have_text("Over the weeks")
    expect(desk.get_by_role("radio", name="4-24 h")).to_be_checked()
    expect(desk.get_by_role("combobox", name="Side effect")).to_have_value("Nausea or vomiting")


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    app = App(tmp_path_factory.mktemp("live"))
    app.make_up_check_ins()
    with closing(sqlite3.connect(app.folder / "checkins.db", isolation_level=None)) as connection:
        connection.execute("DELETE FROM about WHERE name = 'demonstration'")  # whose banner no clinic has
    app.start()
    yield app
    app.stop()


def seen(app):
    with closing(sqlite3.connect(app.folder / "checkins.db")) as connection:
        return connection.execute("SELECT max(seen) FROM staff_sessions").fetchone()


def test_figures_refresh_by_themselves_and_nothing_else_changes(live, desk):
    desk.clock.install()
    open_view(desk, live, "Frequencies", origin="Open link")
    first = desk.locator(".selection strong").inner_text()
    chart = desk.locator(DRAWN).first.bounding_box()
    desk.locator("main").evaluate("main => { main.scrollTop = 300; }")
    scrolled = desk.locator("main").evaluate("main => main.scrollTop")
    before, address = seen(live), desk.url
    live.run("from data.reports import check_ins as c; c.record(key=c.new_key(), window='0-4 h', ticked=['headache'])")

    desk.clock.fast_forward(31_000)

    expect(desk.locator(".selection strong")).not_to_have_text(first)
    assert count(desk) == int(first.split()[0]) + 1
    assert desk.locator("main").evaluate("main => main.scrollTop") == scrolled > 0
    assert desk.url == address
    desk.locator(DRAWN).first.wait_for()
    assert desk.locator(DRAWN).first.bounding_box()["width"] == chart["width"]
    assert seen(live) == before  # the session is not renewed by a page that nobody looks at


def count(page):
    return int(page.locator(".selection strong").inner_text().split()[0])


def test_a_refresh_after_the_session_has_ended_takes_the_figures_away(live, desk):
    desk.clock.install()
    open_view(desk, live, "Frequencies")
    live.end_sessions()

    desk.clock.fast_forward(31_000)

    desk.get_by_text("You are signed out.").wait_for()
    expect(desk.locator("tbody tr, [data-testid=stVegaLiteChart], .selection")).to_have_count(0)


@pytest.mark.parametrize("view", views.names())
def test_the_file_has_what_the_table_shows_and_its_checksum_is_in_the_audit(demonstration, desk, view):
    open_view(desk, demonstration, view)
    table = "[class*=st-key-dashboard_table] tbody tr, .st-key-dashboard_overview tbody tr"
    shown = [row.locator("td").all_inner_texts() for row in desk.locator(table).all()]

    with desk.expect_download() as taken:
        desk.get_by_role("button", name="CSV for the clinic").click()

    file = Path(taken.value.path()).read_bytes()
    rows = [row for row in csv.reader(io.StringIO(file.decode("utf-8-sig"))) if row and not row[0].startswith("# ")]
    assert taken.value.suggested_filename == f"{view.lower().replace(' ', '-')}-internal.csv"
    assert audit(demonstration)[-1].endswith(f"SHA-256 {hashlib.sha256(file).hexdigest()}")
    if view == "Frequencies":  # in the file no row is there twice; on the page it is None of these
        assert {tuple(row[:2]) for row in rows[1:]} == {tuple(row[:2]) for row in shown}
    longer = {"Frequencies": 15 + 4, "Since the infusion": 4 * 15, "By infusion number": 5 * 15, "Together": 91}
    assert len(rows) - 1 == longer.get(view, len(shown))


def test_a_file_for_sharing_has_no_small_count_and_says_what_was_done(demonstration, desk):
    open_view(desk, demonstration, "Frequencies")

    with desk.expect_download() as taken:
        desk.get_by_role("button", name="CSV for sharing").click()

    text = Path(taken.value.path()).read_text(encoding="utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(text)) if row and not row[0].startswith("# ")]
    assert taken.value.suggested_filename == "frequencies-for-sharing.csv"
    assert "counts of 0 to 12 are blank, all others rounded to the nearest 5" in text
    assert all(reported == "" or int(reported) % 5 == 0 for _, reported, *_ in rows[1:])


def test_the_dictionary_stands_beside_the_files(demonstration, desk):
    open_view(desk, demonstration, "Frequencies")

    with desk.expect_download() as taken:
        desk.get_by_role("link", name="What the columns mean").click()

    assert "reported,check-ins with this tick (count)" in Path(taken.value.path()).read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_prints_on_one_light_page_that_says_internal(demonstration, desk, scheme):
    desk.emulate_media(color_scheme=scheme)
    open_view(desk, demonstration, "Frequencies")
    for view in views.names():
        place = show_view(desk, view)
        place.locator(".take").wait_for()
        place.locator(DRAWN).first.wait_for()

        pages = pdfium.PdfDocument(desk.pdf(prefer_css_page_size=True, print_background=True))

        assert len(pages) == 1, view
        assert "Internal" in pages[0].get_textpage().get_text_range()
        assert ImageStat.Stat(pages[0].render().to_pil().convert("L")).mean[0] > 235, view  # of 255: white paper


CUT_OFF = """() => {
    const all = document.querySelectorAll("html, body, main, main p, main h1, main h2, main li, main div:has(> table)");
    const wide = [...all].filter((e) => e.scrollWidth > e.clientWidth + 1);
    const far = [...document.querySelectorAll("table p")].filter((e) => e.getBoundingClientRect().right > innerWidth);
    return [...wide, ...far].map((e) => e.innerText || e.tagName);
}"""


@pytest.mark.parametrize("view", views.names())
def test_no_word_of_a_view_is_cut_off_at_any_width(demonstration, desk, view):
    open_view(desk, demonstration, view)
    for width in (320, 360, 761, 1024, 1280):
        desk.set_viewport_size({"width": width, "height": 900})
        expect(desk.locator("table").first).to_be_visible()
        for _ in range(40):  # charts follow the page's width a moment later
            if not (cut_off := desk.evaluate(CUT_OFF)):
                break
            desk.wait_for_timeout(250)

        assert cut_off == [], width


def test_on_a_phone_the_filters_are_folded_until_they_are_asked_for(demonstration, phone):
    open_view(phone, demonstration, "Frequencies")
    weeks = phone.get_by_role("combobox", name="Weeks")
    expect(weeks).to_be_hidden()
    sentence = phone.locator(".selection").bounding_box()

    phone.get_by_text("More filters").tap()

    expect(weeks).to_be_visible()
    assert sentence["y"] < 740 - sentence["height"]  # on the first screen while they are folded


def test_on_a_desk_the_figures_stand_above_the_fold(live, desk):
    open_view(desk, live, "Frequencies")

    last = desk.locator("tbody tr").nth(13).bounding_box()

    assert desk.get_by_role("combobox", name="Order of rows").is_visible()
    assert last["y"] + last["height"] <= 800


@pytest.mark.parametrize("width", [360, 1280])
def test_every_filter_shows_the_whole_of_what_is_chosen(demonstration, desk, width):
    chosen = {"origin": "Open link", "weeks": "All weeks", "language": "Spanish", "device": "Clinic tablet"}
    sign_in(
        desk, demonstration, f"/clinic?{'&'.join(f'dashboard_{name}={quote_plus(chosen[name])}' for name in chosen)}"
    )
    desk.locator(".take, .nothing").first.wait_for()
    desk.set_viewport_size({"width": width, "height": 900})
    if width == 360:
        desk.get_by_text("More filters").click()

    boxes = desk.locator(".st-key-dashboard_folded [role=combobox]")

    expect(boxes).to_have_count(6)
    expect(desk.get_by_role("combobox", name="Sent from")).to_have_value("Clinic tablet")
    assert boxes.evaluate_all("all => all.filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.value)") == []


def test_figures_that_could_not_be_read_come_by_themselves_once_they_can(live, desk):
    desk.clock.install()
    open_view(desk, live, "Frequencies")
    with closing(sqlite3.connect(live.folder / "checkins.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        desk.get_by_role("radio", name="Compare", exact=True).click()
        desk.get_by_text("The figures cannot be read").wait_for()
        other.execute("ROLLBACK")

    desk.clock.fast_forward(31_000)

    desk.locator("tbody tr").first.wait_for()
    expect(desk.get_by_text("The figures cannot be read")).to_have_count(0)


def test_a_chart_is_saved_as_a_picture_by_its_own_menu(demonstration, desk):
    open_view(desk, demonstration, "Frequencies")
    desk.locator(DRAWN).first.hover()

    with desk.expect_download() as taken:
        desk.get_by_role("button", name="Download as PNG").click()

    with Image.open(taken.value.path()) as picture:
        assert picture.format == "PNG"
        assert min(picture.size) > 500
