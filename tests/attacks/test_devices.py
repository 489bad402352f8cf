"""Links, devices and sessions that are used by others, twice, too late or without a finger: nobody gets in."""

import json
import sqlite3
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import parse_qsl, urlencode

import pytest

from tests.app import PASSPHRASE, running
from tests.attacks.conftest import FORM, PATIENCE
from tests.browser.test_passkeys import add_device, staff, with_device

PERSON, CHALLENGE = "Dr Berg", "clinic_challenge"
NOT_ASKED = "discouraged"  # in the words of WebAuthn


@pytest.fixture
def stranger(browser):
    """Give a browser that knows nobody, with a device that nobody has added."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def device(stranger):
    """Give the browser a device; return what lets it check a finger, or not."""
    return with_device(stranger)


@pytest.fixture
def person(app, stranger, device):
    """Give the browser of a person who has added its device, and has left."""
    add_device(stranger, f"{app.url}/set-up#{new_link(app)}")
    stranger.wait_for_url("**/clinic", wait_until="commit")
    stranger.context.clear_cookies()
    stranger.goto(f"{app.url}/sign-in")
    return stranger


def new_link(app, role="CLINICIAN"):
    return app.run(f"from data.staff import persons, roles; print(persons.add({PERSON!r}, roles.{role}))")


def answered(page, button="Sign in with this device"):
    """Let the device answer, and keep the answer from the server; return its fields and the browser's cookies."""
    page.route("**/device", lambda route: route.abort())
    with page.expect_request("**/device") as sent:
        page.get_by_role("button", name=button).click()
    cookies = {each["name"]: each["value"] for each in page.context.cookies()}
    page.unroute("**/device")
    return dict(parse_qsl(sent.value.post_data, keep_blank_values=True)), cookies


def posted(app, path, fields, cookies=None, **headers):
    """Post a form; return the status and the session that it gives."""
    kept = {"cookie": "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())}
    with closing(HTTPConnection("localhost", app.port, timeout=PATIENCE)) as connection:
        connection.request("POST", path, urlencode(fields), FORM | kept | headers)
        answer = connection.getresponse()
        given = dict(cookie.split(";")[0].split("=", 1) for cookie in answer.headers.get_all("set-cookie", []))
        return answer.status, given.get("clinic_session")


def is_in(app, session):
    with closing(HTTPConnection("localhost", app.port, timeout=PATIENCE)) as connection:
        connection.request("GET", "/clinic", headers={"cookie": f"clinic_session={session}"})
        return connection.getresponse().status == 200


def asking_for_no_finger(page):
    """Change what the server asks, as somebody at the keyboard of a device can."""

    def changed(route):
        answer = route.fetch()
        asked = answer.json() | {"userVerification": NOT_ASKED}
        if "authenticatorSelection" in asked:
            asked["authenticatorSelection"] = {"residentKey": NOT_ASKED, "userVerification": NOT_ASKED}
        route.fulfill(response=answer, body=json.dumps(asked))

    page.route("**/device/options", changed)


@pytest.mark.usefixtures("device")
def test_a_used_link_adds_no_other_device(app, stranger):
    """ASVS 6.4.1."""
    link = new_link(app)
    add_device(stranger, f"{app.url}/set-up#{link}")
    stranger.wait_for_url("**/clinic", wait_until="commit")

    assert posted(app, "/device/options", {"link": link}) == (403, None)
    assert posted(app, "/set-up", {"link": link}) == (403, None)


@pytest.mark.usefixtures("device")
def test_an_expired_link_adds_no_device_though_it_was_opened_in_time(app, stranger):
    """ASVS 6.4.1."""
    stranger.goto(f"{app.url}/set-up#{new_link(app)}")
    fields, cookies = answered(stranger, "Add this device")

    with closing(sqlite3.connect(app.folder / "checkins.db", isolation_level=None)) as connection:
        connection.execute("UPDATE staff_links SET expires = 0")

    assert posted(app, "/device", fields, cookies) == (403, None)


def test_a_link_for_reception_sets_no_passphrase_which_would_sign_a_clinician_in(tmp_path):
    """ASVS 8.2.1: what somebody may do is decided by the server."""
    chosen = "wandering lamps outlive quiet harbours"
    with running(tmp_path, passphrase_hash=None) as app:
        link = staff(app, "add", PERSON, "--role", "reception").split()[0].partition("#")[2]

        assert posted(app, "/set-up", {"link": link, "passphrase": chosen, "again": chosen}) == (403, None)


def test_a_device_that_checks_no_finger_is_not_added(app, stranger):
    """ASVS 6.3.3: the finger, face or PIN is the second factor."""
    with_device(stranger, has_sensor=False)
    asking_for_no_finger(stranger)
    stranger.goto(f"{app.url}/set-up#{new_link(app)}")

    fields, cookies = answered(stranger, "Add this device")

    assert posted(app, "/device", fields, cookies) == (403, None)


def test_a_device_that_checks_no_finger_does_not_sign_in(app, person, device):
    """ASVS 6.3.3: a device that is found unlocked is one factor alone."""
    device(verified=False)
    asking_for_no_finger(person)

    assert posted(app, "/device", *answered(person)) == (401, None)


def test_an_answer_signs_in_once(app, person):
    """ASVS 6.5.1."""
    given = answered(person)

    first, second = posted(app, "/device", *given), posted(app, "/device", *given)

    assert (first[0], is_in(app, first[1])) == (303, True)
    assert second == (401, None)


@pytest.mark.parametrize("challenge", [None, "1796000000_" + "0" * 64 + "." + "0" * 64, "of another browser"])
def test_an_answer_to_the_challenge_of_another_browser_does_not_sign_in(app, person, challenge):
    """ASVS 6.7.2: the challenge is random, and this browser's."""
    fields, cookies = answered(person)
    if challenge == "of another browser":
        person.goto(f"{app.url}/sign-in")
        challenge = answered(person)[1][CHALLENGE]
    others = {CHALLENGE: challenge} if challenge else {}

    assert posted(app, "/device", fields, others) == (401, None)
    assert posted(app, "/device", fields, cookies)[0] == 303


def test_an_answer_given_at_one_address_does_not_sign_in_at_another(app, person):
    """ASVS 6.3.3: a passkey resists phishing as it is bound to its host."""
    fields, cookies = answered(person)

    assert posted(app, "/device", fields, cookies, host=f"127.0.0.1:{app.port}") == (401, None)
    assert posted(app, "/device", fields, cookies, host="localhost:1") == (401, None)
    assert posted(app, "/device", fields, cookies)[0] == 303


def test_another_sites_page_signs_nobody_in(app, person):
    """ASVS 3.5.1."""
    fields, cookies = answered(person)

    assert posted(app, "/device", fields, cookies, origin="https://evil.example") == (403, None)


def test_a_session_that_somebody_left_in_the_browser_is_not_the_one_after_signing_in_and_has_ended(app, person):
    """ASVS 7.2.4."""
    _, left = posted(app, "/sign-in", {"passphrase": PASSPHRASE})
    fields, cookies = answered(person)
    before = is_in(app, left)

    status, begun = posted(app, "/device", fields, cookies | {"clinic_session": left})

    assert (before, status, begun != left) == (True, 303, True)
    assert (is_in(app, begun), is_in(app, left)) == (True, False)


def test_a_person_who_is_removed_between_answer_and_sign_in_stays_out(app, person):
    """ASVS 7.4.2."""
    fields, cookies = answered(person)

    staff(app, "remove", PERSON)

    assert posted(app, "/device", fields, cookies) == (401, None)


@pytest.mark.parametrize("credential", ["", "[" * 2_000, "{}", '{"id":"\\ud800","rawId":"\\ud800"}', "\0"])
def test_a_made_up_answer_is_refused_like_any_other(app, credential):
    """ASVS 16.5.3: it fails securely."""
    assert posted(app, "/device", {"credential": credential}) == (401, None)
