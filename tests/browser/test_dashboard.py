"""The dashboard shows what is in the database, says what it is of, and stays silent where figures are few."""

import sqlite3
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from data.catalogue import LABELS, SIDE_EFFECTS, WINDOWS
from tests.app import App, fill_in, open_check_in, running, send, sign_in, wait_until_complete

FREQUENCIES = "/clinic?dashboard_view=Frequencies"
# As an element that is wider inside than outside.
CUT_OFF = "elements => elements.filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.className || e.tagName)"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """Give an app that shows figures from the tenth check-in of a window on."""
    with running(tmp_path_factory.mktemp("app")) as started:
        yield started


def counted(app, window):
    """Count the invited rows, not the tallies: how many, and the number of reports by label."""
    sums = ", ".join(f"sum({item.code})" for item in SIDE_EFFECTS)
    with closing(sqlite3.connect(app.folder / "checkins.db")) as connection:
        where = "\"window\" = ? AND origin = 'invited' AND withdrawn IS NULL"
        query = f'SELECT count(*), {sums}, sum("none") FROM check_ins WHERE {where}'
        n, *reported = connection.execute(query, [window]).fetchone()
    return n, dict(zip((*LABELS.values(), "None of these"), reported, strict=True))


def table(page):
    rows = page.locator(".st-key-dashboard_table tbody tr")
    return [row.locator("td").all_inner_texts() for row in rows.all()]


def test_the_figures_of_every_window_are_those_of_the_rows(demonstration, desk):
    sign_in(desk, demonstration, FREQUENCIES)
    for window in WINDOWS:
        desk.get_by_role("radio", name=window.code).click()
        desk.get_by_role("heading", name=f"Side effects reported {window.after}").wait_for()
        n, reported = counted(demonstration, window.code)
        desk.get_by_role("columnheader", name=f"Reported, of {n}").first.wait_for()

        shown = table(desk)
        assert {label: int(number) for label, number, *_ in shown} == reported
        assert [row[2] for row in shown] == [per_cent(int(row[1]), n, row[2].partition(".")[2]) for row in shown]
        assert [int(row[1]) for row in shown[:-1]] == sorted((int(row[1]) for row in shown[:-1]), reverse=True)
        assert shown[-1][0] == "None of these"
        assert desk.locator(".selection strong").inner_text() == f"{n} invited check-ins"


def per_cent(reported, check_ins, digits):
    """Return a share with as many digits as are shown; which rows have one is held where numbers are written."""
    rounded = f"{100 * reported / check_ins:.{len(digits)}f}"
    return "<1" if reported and rounded == "0" else rounded


def test_the_columns_are_named_as_other_programs_expect(demonstration, desk):
    sign_in(desk, demonstration, FREQUENCIES)
    desk.locator("tbody tr").first.wait_for()

    n, _ = counted(demonstration, "0-4 h")
    shown = desk.locator(".st-key-dashboard_table thead th").all_inner_texts()
    assert shown == ["Side effect", f"Reported, of {n}", "%", "95 % interval"]
    expect(desk.locator(".st-key-dashboard_window").get_by_role("radio")).to_have_text(
        ["0-4 h", "4-24 h", "1-7 d", ">7 d"]
    )


def test_the_window_chosen_is_in_the_address_and_survives_a_reload(demonstration, desk):
    sign_in(desk, demonstration, FREQUENCIES)
    desk.get_by_role("radio", name=">7 d").click()
    desk.get_by_role("heading", name="Side effects reported more than 7 days").wait_for()
    desk.wait_for_url("**dashboard_window=*")
    expect(desk.locator(".st-key-dashboard_table tbody tr")).to_have_count(15)
    address, shown = desk.url, table(desk)

    desk.reload()
    desk.get_by_role("heading", name="Side effects reported more than 7 days").wait_for()
    expect(desk.locator(".st-key-dashboard_table tbody tr")).to_have_count(15)

    assert parse_qs(urlsplit(address).query)["dashboard_window"] == [">7 d"]
    assert desk.url == address
    expect(desk.get_by_role("radio", checked=True)).to_have_text([">7 d", "Frequencies"])
    assert table(desk) == shown


def test_a_filter_of_the_address_that_is_none_is_named(demonstration, desk):
    desk.clock.install()
    sign_in(desk, demonstration, f"{FREQUENCIES}&dashboard_weeks=Last+4+week&dashboard_windw=x&dashboard_window=4-24+h")
    notice = desk.get_by_text("This address asks for what is no choice (any more): weeks “Last 4 week”, windw “x”.")
    notice.wait_for()

    desk.clock.fast_forward(31_000)

    wait_until_complete(desk)
    expect(notice).to_be_visible()
    expect(desk.locator("tbody tr, [data-testid=stVegaLiteChart], .selection")).to_have_count(0)
    expect(desk.get_by_role("radio", checked=True)).to_have_text(["4-24 h", "Frequencies"])

    desk.get_by_role("link", name="show the figures without it").click()

    desk.get_by_role("heading", name="Side effects reported 4 to 24 hours").wait_for()
    expect(notice).to_have_count(0)


def test_the_order_of_the_list_is_the_catalogues(demonstration, desk):
    sign_in(desk, demonstration, FREQUENCIES)
    desk.locator("tbody tr").first.wait_for()

    desk.get_by_role("combobox", name="Order of rows").click()
    desk.get_by_role("option", name="Order of the list").click()
    desk.wait_for_url("**dashboard_order=*")
    expect(desk.locator("tbody td:first-child").first).to_have_text(SIDE_EFFECTS[0].label)

    assert [row[0] for row in table(desk)] == [*LABELS.values(), "None of these"]
    assert parse_qs(urlsplit(desk.url).query)["dashboard_order"] == ["Order of the list"]


def test_made_up_check_ins_are_named_on_every_page(demonstration, desk):
    open_check_in(desk, demonstration)
    check_in = desk.get_by_text("Demonstration data.").is_visible()
    desk.goto(f"{demonstration.url}/clinic")
    signing_in = desk.get_by_text("Demonstration data.").is_visible()
    sign_in(desk, demonstration)
    desk.locator("tbody tr").first.wait_for()
    dashboard = desk.get_by_text("Demonstration data.").is_visible()

    assert (check_in, signing_in, dashboard) == (True, True, True)


def test_a_window_without_a_check_in_says_so(app, desk):
    sign_in(desk, app, FREQUENCIES)
    desk.get_by_role("heading", name="No check-ins in this selection yet").wait_for()

    assert desk.locator("table, [data-testid=stVegaLiteChart]").count() == 0
    assert desk.get_by_text("Demonstration data").count() == 0


def test_fewer_than_ten_check_ins_show_no_figure_not_even_how_many(app, phone, desk):
    for _ in range(3):
        open_check_in(phone, app)
        fill_in(phone, "4 to 24 hours", "Headache")
        send(phone)
        phone.get_by_role("heading", name="Sent").wait_for()

    sign_in(desk, app, f"{FREQUENCIES}&dashboard_window=4-24+h&dashboard_origin=Open+link")
    desk.get_by_role("heading", name="Too few to show (n < 10)").wait_for()

    assert desk.locator("table, [data-testid=stVegaLiteChart]").count() == 0
    assert desk.locator(".selection strong").inner_text() == "Fewer than 10 open-link check-ins"
    assert "3" not in desk.locator(".nothing, .response").all_inner_texts()


def test_nothing_on_a_phone_scrolls_sideways(demonstration, phone):
    sign_in(phone, demonstration, FREQUENCIES)
    phone.locator("tbody tr").first.wait_for()
    phone.locator("[data-testid=stVegaLiteChart] :is(canvas, svg)").first.wait_for()

    assert (
        phone.locator("html, body, main, main p, main h1, main h2, main div:has(> table)").evaluate_all(CUT_OFF) == []
    )


def test_no_column_of_the_table_is_cut_off_on_a_desk(demonstration, desk):
    sign_in(desk, demonstration, FREQUENCIES)
    desk.locator("tbody tr").first.wait_for()
    desk.locator("[data-testid=stVegaLiteChart] :is(canvas, svg)").first.wait_for()

    assert desk.locator("html, body, main, main p, main h1, main h2, main div:has(> table)").evaluate_all(CUT_OFF) == []


@pytest.fixture(scope="module")
def widest(tmp_path_factory):
    """Give an app whose table has its widest figures: thousands, and 100 % with an interval of its own."""
    app = App(tmp_path_factory.mktemp("widest"))
    app.make_up_check_ins()
    counters = ", ".join(f"{item.code} = {item.code} * 1000" for item in SIDE_EFFECTS if item.code != "dissociation")
    with closing(sqlite3.connect(app.folder / "checkins.db", isolation_level=None)) as connection:
        connection.execute(f'UPDATE tallies SET {counters}, n = n * 1000, dissociation = n * 1000, "none" = 0')
    app.start()
    yield app
    app.stop()


@pytest.mark.parametrize("width", [360, 641, 760, 761, 1024, 1280])
def test_no_figure_of_the_table_is_cut_off_at_any_width(widest, desk, width):
    desk.set_viewport_size({"width": width, "height": 900})
    sign_in(desk, widest, FREQUENCIES)
    desk.locator("tbody tr").first.wait_for()
    desk.locator("[data-testid=stVegaLiteChart] :is(canvas, svg)").first.wait_for()

    assert desk.locator("tbody tr").first.locator("td").nth(2).inner_text() == "100"
    assert desk.locator("html, body, main, main p, main div:has(> table)").evaluate_all(CUT_OFF) == []
    inside = "e => [...e.querySelectorAll('p')].every((p) => p.getBoundingClientRect().right <= innerWidth)"
    assert desk.locator("table").first.evaluate(inside)
