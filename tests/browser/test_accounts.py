"""A clinic's accounts, with an OpenID provider that others wrote: the whole way of a person, from link to figure."""

import json
import sys

import httpx2
import pytest
from playwright.sync_api import expect

from tests.app import App, free_port
from tests.engines.processes import running, until
from tests.openid import CLIENT


@pytest.fixture(scope="module")
def provider():
    port = free_port()
    url, who = f"http://localhost:{port}", {name: f"{name}@clinic.org" for name in ("ana", "eva", "mallory")}
    people = [{"sub": sub, "email": address, "email_verified": True} for sub, address in who.items()]
    people.append({"sub": "unverified", "email": "ana@clinic.org", "email_verified": False})
    claims = [json.dumps(person) for person in people]
    users = [word for one in claims for word in ("--user-claims", one)]
    with running(sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *users):
        until("the provider", lambda: httpx2.get(f"{url}/jwks").is_success, httpx2.ConnectError)
        yield url


@pytest.fixture(scope="module")
def app(tmp_path_factory, provider):
    staff = "ana@clinic.org, eva@clinic.org=reception"
    app = App(tmp_path_factory.mktemp("app"), oidc_issuer=provider, staff=staff, passphrase_hash=None, **CLIENT)
    app.make_up_check_ins()
    app.start()
    yield app
    app.stop()


def sign_in(desk, app, who, path="/clinic"):
    desk.goto(f"{app.url}{path}")
    desk.get_by_role("link", name="Sign in with your account").click()
    desk.get_by_placeholder("sub").fill(who)
    desk.get_by_role("button", name="Authorize").click()


def test_a_clinician_signs_in_with_an_account_and_sees_figures(app, desk):
    sign_in(desk, app, "ana", "/clinic?dashboard_view=Frequencies")

    expect(desk.locator(".st-key-dashboard_table tbody tr")).to_have_count(15, timeout=30_000)
    assert desk.get_by_label("Passphrase").count() == 0
    names = {cookie["name"] for cookie in desk.context.cookies(app.url)}
    assert names >= {"clinic_session"}
    assert not names & {"account", "session"}  # nothing is left of the way here

    desk.get_by_role("button", name="Sign out", exact=True).click()
    desk.get_by_role("link", name="Sign in with your account").wait_for()


def test_reception_signs_in_with_an_account_and_sees_infusions_alone(app, desk):
    sign_in(desk, app, "eva", "/infusions")

    desk.get_by_role("heading", name="Registered infusions").wait_for()
    desk.goto(f"{app.url}/clinic")
    desk.get_by_role("heading", name="Figures are for clinicians").wait_for()
    desk.get_by_role("link", name="Go to infusions").click()
    desk.get_by_role("heading", name="Registered infusions").wait_for()


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("mallory", "its address is not on the clinic's list"),
        ("unverified", "the provider has not verified its address"),
    ],
)
def test_who_is_not_vouched_for_or_not_on_the_list_is_told_so_and_whom_to_ask(app, desk, who, why):
    sign_in(desk, app, who)

    told = f"This account cannot sign in here: {why}. Ask whoever runs this site."
    assert desk.get_by_role("alert").inner_text() == told
    assert [cookie["name"] for cookie in desk.context.cookies(app.url)] == []


def test_whoever_declines_at_the_provider_can_try_again(app, desk):
    desk.goto(f"{app.url}/sign-in")
    desk.get_by_role("link", name="Sign in with your account").click()
    desk.get_by_role("button", name="Deny").click()

    assert desk.get_by_role("alert").inner_text() == "The sign-in was not completed. Try again."
    desk.get_by_role("link", name="Sign in with your account").wait_for()


def test_the_way_back_is_good_once_and_in_one_browser_and_the_cookie_until_signing_out(app, desk, elsewhere):
    with desk.expect_request("**/sign-in/with/account/back*") as way_back:
        sign_in(desk, app, "eva", "/infusions")
    desk.get_by_role("heading", name="Registered infusions").wait_for()

    for somebody in (elsewhere, desk):  # another browser, and a replay in this one
        somebody.goto(way_back.value.url)
        assert somebody.get_by_role("alert").inner_text() == "The sign-in was not completed. Try again."

    kept = desk.context.cookies(app.url)
    desk.goto(f"{app.url}/infusions")
    desk.get_by_role("button", name="Sign out", exact=True).click()
    desk.get_by_role("link", name="Sign in with your account").wait_for()
    desk.context.add_cookies(kept)
    desk.goto(f"{app.url}/infusions")
    desk.get_by_role("link", name="Sign in with your account").wait_for()
