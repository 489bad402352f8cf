import pytest
from starlette.testclient import WebSocketDenialResponse, WebSocketDisconnect

from tests.conftest import PRODUCTION


def refused(client, **headers):
    with (
        pytest.raises((WebSocketDisconnect, WebSocketDenialResponse)) as closed,
        client.websocket_connect("/x", headers=headers),
    ):
        pass
    return getattr(closed.value, "code", None) == 1008


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://clinic.example.evil.example", "http://[bad", ""]
)
def test_a_websocket_of_another_sites_page_is_refused_before_streamlit_sees_it(client, origin):
    assert refused(client, origin=origin)


def test_a_websocket_of_our_own_page_is_passed_on(client):
    assert not refused(client, origin="http://testserver")  # no Streamlit behind: closed, but not by us


def test_the_public_address_counts_as_ours(client, configure):
    configure(**PRODUCTION)

    assert not refused(client, origin="https://checkin.example.org")
