"""Persons sign in with devices of their own: from the printed link to a figure, and out when they leave."""

import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.app import ROOT, give_passphrase, running

CHOSEN = "wandering lamps outlive quiet harbours"
NOTHING_YET = "No check-ins in the latest four finished weeks yet"
WITHOUT_PASSKEYS = "delete window.PublicKeyCredential"


def with_device(page, *, has_sensor=True):
    """Give a browser a device that checks a finger; return what lets it do so from now on, or not."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": has_sensor,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def check(*, verified):
        session.send("WebAuthn.setUserVerified", device | {"isUserVerified": verified})

    return check


@pytest.fixture
def fresh(tmp_path):
    """Give an app where nobody can sign in yet."""
    with running(tmp_path, passphrase_hash=None) as app:
        yield app


def printed_link(app):
    [link] = re.findall(r"http\S+/set-up#\S+", app.console.read_text(encoding="utf-8"))
    return link


def staff(app, *words):
    """Run `python -m data staff`; return what it prints."""
    out = subprocess.run(
        [sys.executable, "-m", "data", "staff", *words],
        cwd=ROOT,
        env=os.environ | {"CHECKIN_DATABASE_URL": app.database_url},
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    return out.stdout


def invited(app, *words):
    return re.sub(r"http://localhost:\d+", app.url, staff(app, "add", *words).split()[0])


def add_device(page, link, name=None):
    page.goto(link)
    if name:
        page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Add this device").click()


def test_a_person_comes_from_the_printed_link_to_the_figures_and_back_with_the_same_device(fresh, desk):
    desk.goto(fresh.url.replace("localhost", "127.0.0.1") + "/sign-in")
    expect(desk.get_by_text("Nobody can sign in here yet.")).to_be_visible()
    assert desk.url == f"{fresh.url}/sign-in"

    with_device(desk)
    add_device(desk, printed_link(fresh), "Dr Berg")
    desk.get_by_role("heading", name=NOTHING_YET).wait_for()
    desk.get_by_role("button", name="Sign out", exact=True).click()
    desk.get_by_role("button", name="Sign in with this device").click()
    desk.get_by_role("heading", name=NOTHING_YET).wait_for()

    assert staff(fresh, "list").startswith("Dr Berg: clinician, 1 device at localhost, added ")

    assert fresh.console.read_text(encoding="utf-8").count("/set-up#") == 1


def test_a_second_device_signs_the_same_person_in_until_they_are_removed_who_is_out_at_once(fresh, desk, elsewhere):
    """ASVS 7.4.2, 7.4.5: sessions end with the account, and at the person's wish everywhere."""
    with_device(desk)
    add_device(desk, printed_link(fresh), "Dr Berg")
    desk.get_by_role("heading", name=NOTHING_YET).wait_for()
    with_device(elsewhere)
    add_device(elsewhere, invited(fresh, "Dr Berg"))
    elsewhere.get_by_role("heading", name=NOTHING_YET).wait_for()
    listed = staff(fresh, "list")

    desk.get_by_role("button", name="Sign out everywhere").click()
    desk.wait_for_url("**/sign-in")
    elsewhere.goto(f"{fresh.url}/clinic")
    after_everywhere = elsewhere.url
    elsewhere.get_by_role("button", name="Sign in with this device").click()
    elsewhere.get_by_role("heading", name=NOTHING_YET).wait_for()
    staff(fresh, "remove", "Dr Berg")
    elsewhere.goto(f"{fresh.url}/clinic")

    assert listed.startswith("Dr Berg: clinician, 2 devices at localhost")
    assert after_everywhere == f"{fresh.url}/sign-in?next=%2Fclinic"
    assert elsewhere.url == f"{fresh.url}/sign-in?next=%2Fclinic"
    expect(elsewhere.get_by_text("Nobody can sign in here yet.")).to_be_visible()


def test_a_browser_without_passkeys_sets_a_passphrase_by_the_same_link(fresh, desk, elsewhere):
    desk.add_init_script(WITHOUT_PASSKEYS)
    desk.goto(printed_link(fresh))
    expect(desk.get_by_text("Devices cannot be added here")).to_be_visible()
    expect(desk.get_by_role("button", name="Add this device")).to_be_hidden()

    desk.get_by_label("Passphrase, at least 15 characters").fill(CHOSEN)
    desk.get_by_label("The same passphrase again").fill(CHOSEN)
    desk.get_by_role("button", name="Set the passphrase").click()
    give_passphrase(desk, CHOSEN)
    desk.get_by_role("heading", name=NOTHING_YET).wait_for()
    elsewhere.goto(printed_link(fresh))

    expect(elsewhere.get_by_role("alert")).to_have_text(
        "This link has been used or has expired. "
        "If you cannot sign in yet, ask whoever runs the server for another one."
    )
    assert CHOSEN not in fresh.console.read_text(encoding="utf-8")
