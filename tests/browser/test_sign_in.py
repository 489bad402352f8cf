"""Figures are for signed-in clinicians: the way in, the way out, and no way round."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.app import PASSPHRASE, give_passphrase, open_check_in, running, sign_in, wait_until_complete

FIGURES = "table, [data-testid=stVegaLiteChart], .selection"


def shows_figures(page):
    page.locator("tbody tr").first.wait_for()
    wait_until_complete(page)


def session_cookies(page):
    return [cookie for cookie in page.context.cookies() if cookie["name"] == "clinic_session"]


def test_signing_in_leads_to_the_page_asked_for_with_its_filters(demonstration, desk):
    desk.goto(f"{demonstration.url}/clinic?dashboard_view=Frequencies&dashboard_window=4-24+h")
    asked = urlsplit(desk.url)

    give_passphrase(desk, PASSPHRASE)
    shows_figures(desk)
    reached = urlsplit(desk.url)

    assert (asked.path, parse_qs(asked.query)) == (
        "/sign-in",
        {"next": ["/clinic?dashboard_view=Frequencies&dashboard_window=4-24+h"]},
    )
    assert (reached.path, parse_qs(reached.query)) == (
        "/clinic",
        {"dashboard_view": ["Frequencies"], "dashboard_window": ["4-24 h"]},
    )
    expect(desk.get_by_role("radio", checked=True)).to_have_text(["4-24 h", "Frequencies"])
    assert desk.get_by_role("heading", level=2).all_inner_texts() == [
        "Side effects reported 4 to 24 hours after the infusion",
        "How many side effects at once",
    ]


def test_a_wrong_passphrase_is_refused_in_words_and_shows_no_figure(demonstration, desk):
    desk.goto(f"{demonstration.url}/clinic")

    with desk.expect_response(lambda response: response.request.method == "POST") as answer:
        give_passphrase(desk, "not this one")

    assert answer.value.status == 401
    assert desk.get_by_role("alert").inner_text() == "This is not the passphrase. Check it and try again."
    assert desk.locator(FIGURES).count() == 0
    assert session_cookies(desk) == []


def test_a_reload_and_a_second_tab_stay_signed_in(demonstration, desk):
    sign_in(desk, demonstration)
    shows_figures(desk)

    desk.reload()
    shows_figures(desk)
    second = desk.context.new_page()
    second.goto(f"{demonstration.url}/clinic")
    shows_figures(second)

    assert [urlsplit(page.url).path for page in (desk, second)] == ["/clinic", "/clinic"]


def test_signing_out_ends_the_session_in_the_other_tab_too(demonstration, desk):
    sign_in(desk, demonstration)
    shows_figures(desk)
    other = desk.context.new_page()
    other.goto(f"{demonstration.url}/clinic")
    shows_figures(other)

    desk.get_by_role("button", name="Sign out", exact=True).click()
    desk.wait_for_url("**/sign-in")
    other.get_by_role("radio", name="4-24 h").click()
    other.get_by_text("You are signed out.").wait_for()
    expect(other.locator(FIGURES)).to_have_count(0)
    desk.goto(f"{demonstration.url}/clinic")

    assert urlsplit(desk.url).path == "/sign-in"
    assert session_cookies(desk) == []


def test_a_page_left_open_shows_no_figure_once_its_session_has_ended(demonstration, desk):
    sign_in(desk, demonstration)
    shows_figures(desk)

    demonstration.end_sessions()
    desk.get_by_role("radio", name="1-7 d").click()
    desk.get_by_text("You are signed out.").wait_for()
    expect(desk.locator(FIGURES)).to_have_count(0)

    assert desk.get_by_role("link", name="Sign in").get_attribute("href").startswith("/sign-in")


def test_a_page_that_nobody_touches_takes_its_figures_away_once_its_session_has_ended(demonstration, desk):
    sign_in(desk, demonstration)
    shows_figures(desk)

    demonstration.end_sessions()

    desk.get_by_text("You are signed out.").wait_for(timeout=45_000)
    expect(desk.locator(FIGURES)).to_have_count(0)


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(demonstration, desk):
    sign_in(desk, demonstration)
    shows_figures(desk)

    [cookie] = session_cookies(desk)
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
    assert "clinic_session" not in desk.evaluate("document.cookie")


def test_the_session_of_one_browser_is_no_use_to_another(demonstration, desk, elsewhere):
    sign_in(desk, demonstration)
    shows_figures(desk)

    elsewhere.goto(f"{demonstration.url}/clinic")

    assert urlsplit(elsewhere.url).path == "/sign-in"
    assert elsewhere.locator(FIGURES).count() == 0


def test_the_dashboard_reached_from_the_check_in_past_its_route_shows_no_figure(demonstration, elsewhere):
    open_check_in(elsewhere, demonstration)

    # Streamlit's browser code asks for the page over the open websocket; no route of ours is asked.
    elsewhere.evaluate("history.pushState(null, '', '/clinic'); dispatchEvent(new PopStateEvent('popstate'))")
    elsewhere.get_by_text("You are signed out.").wait_for()
    wait_until_complete(elsewhere)

    assert elsewhere.title() == "Dashboard"
    assert elsewhere.locator(FIGURES).count() == 0


def test_the_very_first_request_to_a_cold_server_is_led_to_the_sign_in(tmp_path, desk):
    with running(tmp_path) as cold:
        desk.goto(f"{cold.url}/clinic")

        assert desk.url == f"{cold.url}/sign-in?next=%2Fclinic"
        assert desk.get_by_role("heading", level=1).all_inner_texts() == ["Sign in for the clinic’s staff"]
        assert desk.locator(FIGURES).count() == 0


def test_a_browser_that_blocks_cookies_is_told_so_before_anything_is_typed(app, desk):
    desk.goto(f"{app.url}/sign-in")
    expect(desk.get_by_role("alert")).to_have_count(0)

    desk.context.new_cdp_session(desk).send("Emulation.setDocumentCookieDisabled", {"disabled": True})
    desk.reload()

    expect(desk.get_by_role("alert")).to_have_text(
        "Your browser is blocking cookies. Allow cookies for this site, then sign in."
    )
