import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from data import settings
from data.reports import check_ins
from pages.web import headers
from tests.app import PASSPHRASE
from tests.conftest import PRODUCTION


@pytest.fixture
def by_https(client, configure):
    """Give a browser behind a proxy that ends TLS."""
    configure(**PRODUCTION, database_url=settings.current().database_url)
    headers.headers.cache_clear()
    client.base_url = "https://checkin.example.org"
    yield client
    headers.headers.cache_clear()


def set_by(answer):
    return answer.headers.get_list("set-cookie")


def test_over_https_every_cookie_is_bound_to_this_host_and_goes_by_https_alone(by_https):
    signed = by_https.post("/sign-in", data={"passphrase": PASSPHRASE})
    sent = by_https.post("/plain", data={"key": check_ins.new_key(), "window": "0-4 h", "none": "yes"})

    assert [re.sub("=[^;]+", "=…", cookie, count=1) for cookie in (*set_by(signed), *set_by(sent))] == [
        "__Host-clinic_session=…; HttpOnly; Path=/; SameSite=lax; Secure",
        "__Host-clinic_device=…; HttpOnly; Max-Age=15552000; Path=/; SameSite=lax; Secure",
        "__Host-sent=…; HttpOnly; Max-Age=3600; Path=/; SameSite=lax; Secure",
    ]


def test_over_https_a_cookie_that_a_neighbour_could_have_set_is_not_read(by_https):
    by_https.post("/sign-in", data={"passphrase": PASSPHRASE})
    session = by_https.cookies["__Host-clinic_session"]
    assert by_https.get("/clinic").status_code == 200

    by_https.cookies.clear()
    by_https.cookies.set("clinic_session", session)

    assert by_https.get("/clinic").status_code == 303


def test_a_neighbours_cookie_that_would_take_minutes_to_read_is_left_out(client):
    client.post("/sign-in", data={"passphrase": PASSPHRASE})
    session = client.cookies["clinic_session"]
    client.cookies.clear()

    opened = client.get("/clinic", headers={"cookie": f'a="{chr(92)}";clinic_session={session}; b="{chr(92)}101"'})

    assert opened.status_code == 200


def test_signing_out_forgets_the_cookie(by_https):
    by_https.post("/sign-in", data={"passphrase": PASSPHRASE})

    out = by_https.post("/sign-out")

    assert set_by(out)[0].startswith('__Host-clinic_session=""; ')
    assert "Max-Age=0" in set_by(out)[0]
    assert "__Host-clinic_session" not in by_https.cookies


def test_over_https_streamlits_own_cookies_go_by_it_alone(by_https):
    async def answer(_):
        answer = PlainTextResponse("")
        answer.headers.append("set-cookie", "_streamlit_xsrf=2|a; Path=/; SameSite=Lax")
        answer.headers.append("set-cookie", "already=1; Path=/; secure")
        return answer

    streamlit = Starlette(routes=[Route("/", answer)], middleware=[Middleware(headers.SecurityHeaders, inline=())])
    with TestClient(streamlit) as asked:
        assert set_by(asked.get("/")) == [
            "_streamlit_xsrf=2|a; Path=/; SameSite=Lax; Secure",
            "already=1; Path=/; secure",
        ]
