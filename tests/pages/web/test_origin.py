import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import WebSocketDenialResponse, WebSocketDisconnect

from data import settings
from pages.web import origin
from tests.conftest import PRODUCTION


def refused(client, **headers):
    with (
        pytest.raises((WebSocketDisconnect, WebSocketDenialResponse)) as closed,
        client.websocket_connect("/_stcore/stream", headers=headers),
    ):
        pass
    return getattr(closed.value, "code", None) == 1008


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://clinic.example",
        "http://clinic.example:8501",
        "null",
        "http://clinic.example.evil.example",
        "http://evil@clinic.example",
        "http://[bad",
        "http://clinic.example:99999",
        "ftp://clinic.example",
        "",
    ],
)
def test_a_websocket_of_another_sites_page_is_refused_before_streamlit_sees_it(client, origin):
    assert refused(client, origin=origin, host="clinic.example")


@pytest.mark.parametrize("origin", ["http://clinic.example", "http://CLINIC.example", "http://clinic.example:80"])
def test_a_websocket_of_our_own_page_is_passed_on(client, origin):
    assert not refused(client, origin=origin, host="clinic.example")  # no Streamlit behind: closed, but not by us


@pytest.mark.parametrize(
    ("host", "origin", "ours"),
    [
        ("checkin.example.org", "https://checkin.example.org", True),  # though the proxy asks by http
        ("checkin.example.org.", "https://checkin.example.org.", True),
        ("checkin.example.org:443", "https://checkin.example.org", True),
        ("app:8501", "https://checkin.example.org", True),
        ("app:8501", "http://app:8501", True),
        ("localhost:8501", "http://localhost:8501", True),
        ("checkin.example.org", "http://checkin.example.org", False),
        ("checkin.example.org", "https://checkin.example.org:8443", False),
        ("localhost:8501", "http://localhost:8502", False),
        ("localhost:8501", "https://localhost:8501", False),
    ],
)
def test_with_a_public_address_its_pages_are_ours_by_its_scheme(client, configure, host, origin, ours):
    configure(**PRODUCTION, hosts="app:8501")

    assert refused(client, origin=origin, host=host) != ours


@pytest.mark.parametrize(
    ("host", "without", "with_public"),
    [
        ("localhost", True, True),
        ("localhost:8501", True, True),
        ("LOCALHOST.", True, True),
        ("127.0.0.1:8501", True, True),
        ("127.1.2.3", True, True),
        ("[::1]:8501", True, True),
        ("192.168.1.20:8501", True, False),  # a phone that scans a trial's QR code
        ("[fe80::1]:8501", True, False),
        ("203.0.113.9", True, False),
        ("checkin.example.org", False, True),
        ("checkin.example.org.", False, True),
        ("CheckIn.example.org:443", False, True),
        ("app:8501", True, True),
        ("app", True, True),
        ("app.", True, True),
        ("application", False, False),
        ("evil.example", False, False),
        ("checkin.example.org.evil.example", False, False),
        ("evil.example/checkin.example.org", False, False),
        ("evil.example#checkin.example.org", False, False),
        ("checkin.example.org@evil.example", False, False),
        ("checkin.example.org:99999", False, False),
        ("127.0.0.1.evil.example", False, False),
        ("localhost, evil.example", False, False),
        ("[::1", False, False),
        ("", False, False),
        (":8501", False, False),
        (".", False, False),
        ("é.example", False, False),
    ],
)
def test_a_host_is_known_by_the_settings(configure, host, without, with_public):
    configure(hosts="app:8501, other.internal")
    assert origin.is_known(host) == without

    configure(**PRODUCTION)
    assert origin.is_known(host) == with_public


@given(host=st.text(max_size=60))
def test_any_host_is_known_or_not(host):
    assert origin.is_known(host) in (True, False)


def test_a_request_for_another_host_is_told_how_to_let_it_in(client, caplog):
    answers = [client.get(path, headers={"host": "evil.example"}) for path in ("/", "/clinic", "/static/x", "/nowhere")]

    assert {answer.status_code for answer in answers} == {421}
    assert all("CHECKIN_PUBLIC_URL" in answer.text and "CHECKIN_HOSTS" in answer.text for answer in answers)
    assert "evil" not in answers[0].text
    assert answers[0].headers["x-content-type-options"] == "nosniff"
    assert caplog.messages == ["refused a request for the host 'evil.example': if it is yours, add it to CHECKIN_HOSTS"]


def test_a_form_of_another_sites_page_is_told_with_both_names(client, caplog):
    answer = client.post("/plain", data={"key": "x"}, headers={"origin": "https://evil.example"})

    assert answer.status_code == 403
    assert caplog.messages == ["refused what a page of 'https://evil.example' sent to the host 'clinic.example'"]


def test_a_form_for_another_host_stores_nothing(client):
    form = {"key": "0" * 32, "window": "0-4 h", "none": "yes"}

    assert client.post("/plain", data=form, headers={"host": "evil.example"}).status_code == 421


@pytest.mark.parametrize("host", ["10.0.0.7:8501", "evil.example", ""])
def test_a_probe_may_ask_under_any_name(client, configure, host):
    configure(**PRODUCTION, database_url=settings.current().database_url)

    assert client.get("/ready", headers={"host": host}).status_code == 200
