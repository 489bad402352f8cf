from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pages import front_door
from pages.streamlit_inside import static
from pages.web import visitor

CODE = "K7QM-4TXD-R2AB"
PATHS = {route.path for route in front_door.ROUTES}


def led_to(answer):
    assert answer.status_code == 307, answer.text
    parts = urlsplit(answer.headers["location"])
    return parts.path, dict(parse_qsl(parts.query, keep_blank_values=True))


@pytest.mark.parametrize(
    "query",
    [
        f"I={CODE}",
        f"x=1&amp;i={CODE}",
        f"amp;i={CODE}",
        f"i[]={CODE}",
        f"i%5B%5D={CODE}",
        f"i={CODE}.",
        f"i={CODE})",
        f"i={CODE}%22%3E",
        f"i={CODE}%20Thank%20you",
        f"i=3D{CODE}",
        f"i%3D{CODE}",
        f"i={CODE.replace('-', '%E2%80%93')}",
        f"i={CODE.replace('-', '')}",
        f"i={CODE.lower()}",
        f"i={CODE}&i={CODE}",
        f"{CODE}",
        f"utm_source=sms&u=https%3A%2F%2Fclinic.example%2F%3Fi%3D{CODE}",
        "i=" + "".join(chr(ord(sign) + 0xFEE0) for sign in CODE if sign != "-"),
    ],
)
@pytest.mark.parametrize("path", visitor.DOORS)
def test_an_address_that_carries_a_code_opens_its_check_in(client, path, query):
    assert led_to(client.get(f"{path}?{query}")) == (path, {"i": CODE})


@pytest.mark.parametrize(
    "query",
    ["i=", "i", "I", "i=K7QM", "i=K7QM-4TX", "i[]=", "amp;i=K7", f"i={CODE}&i=A2AB-4TXD-R2AB", "i=%FF%FE", "i=%00"],
)
@pytest.mark.parametrize("path", visitor.DOORS)
def test_a_damaged_address_asks_for_the_code_and_is_never_the_open_form(client, path, query):
    answer = client.get(f"{path}?{query}&language=es")

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/code?")
    asked = client.get(answer.headers["location"])
    assert asked.status_code == 200
    assert "Este enlace no funciona" in asked.text
    assert 'name="code"' in asked.text
    assert 'type="checkbox"' not in asked.text


@pytest.mark.parametrize(
    "query", ["", "language=es", "utm_source=poster&utm_campaign=fall-2026-ads1", "fbclid=IwAR0abc", "door=/plain"]
)
@pytest.mark.parametrize("path", visitor.DOORS)
def test_an_address_that_carries_no_code_is_the_open_form(client, path, query):
    assert client.get(f"{path}?{query}").status_code == 200


def test_what_is_ours_is_kept_when_an_address_is_put_right(client):
    assert led_to(client.get(f"/plain?LANGUAGE=es&I={CODE}&utm_source=x")) == ("/plain", {"i": CODE, "language": "es"})
    assert led_to(client.get("/?Language=es")) == ("/", {"language": "es"})


def test_a_right_address_is_not_led_anywhere(client):
    assert client.get(f"/?i={CODE}&language=es&utm_source=sms").status_code == 404  # of a code that opens nothing


def test_a_form_sent_to_an_address_with_a_mangled_code_is_sent_on_with_its_answers(client):
    answer = client.post(f"/plain?I={CODE}", data={"key": "0" * 32, "none": "yes"})

    assert led_to(answer) == ("/plain", {"i": CODE})  # 307: browsers send the form again


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
@example(query=f"i={CODE}&I=other")
def test_putting_an_address_right_comes_to_an_end(client, query):
    address = f"/plain?{query}"

    for _ in range(3):
        answer = client.get(address)
        if answer.status_code != 307:
            break
        address = answer.headers["location"]

    assert answer.status_code in (200, 303, 404)


@pytest.mark.parametrize(
    "path", [f"/%3Fi={CODE}", f"/i={CODE}", f"/{CODE}", f"/plain/?i={CODE}", f"/check-in?i={CODE}"]
)
def test_a_code_in_an_unknown_address_opens_its_check_in(client, path):
    where, query = led_to(client.get(path))

    assert where in visitor.DOORS
    assert query == {"i": CODE}


@pytest.mark.parametrize(
    ("asked", "right"),
    [
        ("/Code", "/code"),
        ("/PLAIN", "/plain"),
        ("/plain/", "/plain"),
        ("/Clinic?dashboard_weeks=Last+4+weeks", "/clinic?dashboard_weeks=Last+4+weeks"),
        ("/SIGN-IN", "/sign-in"),
        ("//", "/"),
    ],
)
def test_another_spelling_of_an_address_leads_to_it(client, asked, right):
    answer = client.get(f"http://clinic.example{asked}")

    assert (answer.status_code, answer.headers["location"]) == (307, right)


UNKNOWN = [
    "/nowhere",
    "/a/b",
    "/clinic/b",
    "/clinic/infusions",
    "/index.html",
    "/manifest.json",
    "/favicon.png",
    "/static/js/nothing.js",
    "/static/",
    "/static",
    "/app/static/x",
    "/component/x/index.html",
    "/_stcore/metrics",
    "/_stcore/upload_file/a/b",
    "/_stcore/agent/interact",
    "/_stcore/agent/mcp",
    "/_stcore/script-health-check",
    "/_stcore/bidi-components/x",
    "/_stcore/stream",
    "/_stcore/",
    "/auth/login",
    "/oauth2callback",
    "/.env",
    "/..%2f..%2fetc/passwd",
    "/%00",
    "/wp-login.php",
    "/é",
]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_address_is_our_own_page_with_the_way_on(client, method, path):
    answer = client.request(method, path, headers={"accept-language": "es"})

    assert answer.status_code == 404
    assert "No hay ninguna página en esta dirección." in answer.text
    assert 'href="/"' in answer.text
    assert 'href="/code"' in answer.text
    assert len(answer.content) < 10_000
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/clinic/_stcore/health", "/clinic/_stcore/host-config", "/infusions/_stcore/health"])
def test_what_streamlit_asks_for_in_vain_costs_nothing(client, path):
    answer = client.get(path)

    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize(("asked", "led"), [("/card", "/infusions"), ("/export", "/clinic"), ("/sign-out", "/sign-in")])
def test_what_only_a_form_opens_leads_a_restored_tab_on(client, asked, led):
    answer = client.get(asked)

    assert (answer.status_code, answer.headers["location"]) == (303, led)


def test_another_method_is_refused_in_words_at_every_address(client):
    for route in front_door.ROUTES:
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
            answer = client.request(method, route.path)

            assert answer.status_code == 405
            assert "This page cannot accept what was sent." in answer.text
            assert set(answer.headers["allow"].split(", ")) >= route.methods


def test_robots_are_kept_out_of_everything(client):
    assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"


def test_the_icon_is_there_for_browsers_that_look_for_it(client):
    answer = client.get("/favicon.ico")

    assert answer.status_code == 200
    assert answer.content[:4] == b"\0\0\1\0"


def test_every_known_path_is_let_through(client):
    streamlits = {"/_stcore/health", "/_stcore/host-config", "/media/0123.csv", *static.FILES}

    for path in streamlits - static.TEXTS - static.FONTS:
        assert client.get(path).text == "Not Found"  # by Starlette: there is no Streamlit behind
    for path in PATHS:
        assert client.get(path).status_code != 404 or path == "/sent"
