import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, text

from data.staff import hashing, throttle
from tests.app import PASSPHRASE
from tests.conftest import PRODUCTION


def sign_in(client, given=PASSPHRASE, **more):
    return client.post("/sign-in", data={"passphrase": given} | more)


def test_the_clinicians_page_leads_to_the_sign_in_and_keeps_the_filters(client):
    answer = client.get("/clinic?dashboard_window=4-24+h&x=%26")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fclinic%3Fdashboard_window%3D4-24%2Bh%26x%3D%2526"
    assert answer.headers["cache-control"] == "no-store"
    shown = client.get(answer.headers["location"]).text
    assert 'name="next" value="/clinic?dashboard_window=4-24+h&amp;x=%26"' in shown


def test_the_passphrase_sets_a_cookie_and_leads_on(client):
    answer = sign_in(client, next="/clinic?dashboard_window=4-24+h")

    assert (answer.status_code, answer.headers["location"]) == (303, "/clinic?dashboard_window=4-24+h")
    session, device = answer.headers.get_list("set-cookie")
    assert re.fullmatch(r"clinic_session=[\w-]{43}; HttpOnly; Path=/; SameSite=lax", session)
    assert re.fullmatch(r"clinic_device=\w{32}\.\w{64}; HttpOnly; Max-Age=15552000; Path=/; SameSite=lax", device)
    assert client.get("/clinic").status_code == 200
    assert client.get("/sign-in").headers["location"] == "/clinic"


def test_over_https_the_cookie_is_secure(client, configure):
    configure(**PRODUCTION | {"public_url": "https://clinic.example"})

    assert [cookie.count("; Secure") for cookie in sign_in(client).headers.get_list("set-cookie")] == [1, 1]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/clinic/../x",
        "/clinic#x",
        "/clinic?\n",
        "javascript:1",
        "",
    ],
)
def test_signing_in_never_leads_elsewhere(client, elsewhere):
    assert sign_in(client, next=elsewhere).headers["location"] == "/clinic"


def test_a_wrong_passphrase_is_refused_in_words(client):
    answer = sign_in(client, "wrong")

    assert answer.status_code == 401
    assert "This is not the passphrase." in answer.text
    assert "set-cookie" not in answer.headers


def test_too_many_attempts_are_refused_in_words(client):
    for _ in range(throttle.SIGN_IN.per_address):
        sign_in(client, "wrong")

    answer = sign_in(client)

    assert answer.status_code == 429
    assert "Wait 15 minutes" in answer.text


def test_a_browser_that_has_signed_in_before_is_not_locked_out_with_its_address(client):
    sign_in(client)
    client.post("/sign-out", headers={"origin": "http://clinic.example"})
    device = client.cookies["clinic_device"]
    client.cookies.clear()
    for _ in range(throttle.SIGN_IN.per_address):
        sign_in(client, "wrong")

    assert sign_in(client).status_code == 429
    client.cookies.set("clinic_device", device)
    assert client.get("/clinic").headers["location"].startswith("/sign-in")
    assert sign_in(client).status_code == 303


def test_patients_pages_and_a_known_browser_go_on_while_guesses_wait_for_the_hash(client, monkeypatch):
    began, hashed = threading.Event(), threading.Event()
    sign_in(client)
    device = {"cookie": f"clinic_device={client.cookies['clinic_device']}"}
    client.cookies.clear()

    def blocked(_, given):
        if given == PASSPHRASE:
            return True
        began.set()
        return not hashed.wait(30)

    monkeypatch.setattr(hashing, "matches", blocked)
    monkeypatch.setattr(throttle, "SIGN_IN", throttle.Limit("sign-in", 100, 200))
    with ThreadPoolExecutor(60) as pool:
        guesses = [pool.submit(sign_in, client, "wrong") for _ in range(60)]  # Starlette's pool has 40 threads
        began.wait(30)
        sent = client.post("/plain", data={"key": "a" * 32, "window": "4-24 h", "ticked": "headache"})
        shown = [client.get(path).status_code for path in ("/", "/plain", "/ready", "/sign-in")]
        known = client.post("/sign-in", data={"passphrase": PASSPHRASE}, headers=device).status_code
        waiting = sum(not guess.done() for guess in guesses)
        hashed.set()

    assert (sent.status_code, shown, known, waiting) == (303, [200] * 4, 303, 60)
    assert {guess.result().status_code for guess in guesses} == {401}


def test_signing_out_ends_the_session(client):
    cookie = sign_in(client).headers["set-cookie"].split(";")[0]
    answer = client.post("/sign-out", headers={"origin": "http://clinic.example"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert client.get("/clinic", headers={"cookie": cookie}).status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/set-up"])
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://clinic.example.evil.example", "http://[bad"]
)
def test_another_sites_form_is_refused(client, path, origin):
    answer = client.post(path, data={"passphrase": PASSPHRASE}, headers={"origin": origin})

    assert answer.status_code == 403
    assert "sent from another site" in answer.text


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {"passphrase": PASSPHRASE}}, 415),
        ({"data": {"passphrase": "x" * 9000}}, 413),
        (
            {"content": "passphrase=a&passphrase=b", "headers": {"content-type": "application/x-www-form-urlencoded"}},
            400,
        ),
        (
            {
                "content": b"passphrase=\xff%00%ED%A0%80",
                "headers": {"content-type": "application/x-www-form-urlencoded"},
            },
            401,
        ),
        ({"content": b"\xff\x00=%00", "headers": {"content-type": "application/x-www-form-urlencoded"}}, 400),
        ({"data": {"passphrase": PASSPHRASE, "role": "owner"}}, 400),
    ],
)
def test_what_is_not_our_form_is_refused_in_words(client, sent, status):
    answer = client.post("/sign-in", **sent)

    assert answer.status_code == status
    assert "<h1>" in answer.text


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client, method):
    assert getattr(client, method)("/sign-in").status_code == 405


def test_a_database_that_is_gone_is_said_in_words(client, configure, tmp_path):
    configure(database_url=f"sqlite:///{tmp_path / 'nowhere' / 'x.db'}", secret_key="s" * 32)

    answer = client.get("/clinic")

    assert answer.status_code == 503
    assert "The database is not responding." in answer.text
    assert client.get("/ready").status_code == 503


def test_demonstration_data_are_marked_on_every_page(client, database_file):
    engine = create_engine(database_file)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO about VALUES ('demonstration', 'x')"))
    engine.dispose()

    for path in ("/sign-in", "/set-up"):
        assert "Demonstration data." in client.get(path).text


def test_a_public_address_by_number_is_not_led_to_itself_for_ever(client, configure):
    configure(**PRODUCTION | {"public_url": "http://127.0.0.1:8501"})

    for path in ("/sign-in", "/set-up"):
        assert client.get(path, headers={"host": "127.0.0.1:8501"}).status_code == 200
