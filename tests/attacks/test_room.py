"""What our own pages send and get leaves the limits far away: nobody honest ever meets one."""

from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
import streamlit as st
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from data.figures import views
from pages.streamlit_inside import guard, messages
from tests.app import PASSPHRASE, App, open_check_in, show_view, sign_in
from tests.attacks.conftest import FORM
from tests.browser.conftest import DESK

LIMIT = 1_000_000  # bytes: server.maxMessageSize


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """Give an app with 100,000 check-ins."""
    app = App(tmp_path_factory.mktemp("app"))
    app.make_up_check_ins(100_000)
    app.start()
    yield app
    app.stop()


@pytest.fixture(scope="module")
def session(app):
    """Give the cookies of a clinician who is signed in."""
    connection = HTTPConnection("localhost", app.port)
    connection.request("POST", "/sign-in", urlencode({"passphrase": PASSPHRASE}), FORM)
    given = connection.getresponse().headers.get_all("set-cookie")
    connection.close()
    return "; ".join(cookie.partition(";")[0] for cookie in given)


@pytest.mark.parametrize("view", views.names())
def test_the_largest_answer_of_a_view_of_many_check_ins_is_far_below_the_limit(app, session, view):
    asked = BackMsg()
    asked.rerun_script.page_name = "clinic"
    asked.rerun_script.query_string = urlencode({"dashboard_view": view})
    sizes, kinds = [], set()

    with connect(
        f"ws://localhost:{app.port}{guard.PATH}",
        subprotocols=["streamlit"],
        origin=app.url,
        additional_headers={"cookie": session},
    ) as socket:
        socket.send(asked.SerializeToString())
        while "script_finished" not in kinds:
            data = socket.recv(timeout=30)
            forward = ForwardMsg.FromString(data)
            sizes.append(len(data))
            kinds |= {forward.WhichOneof("type"), forward.delta.new_element.WhichOneof("type")}

    assert st.get_option("server.maxMessageSize") * LIMIT == LIMIT
    drawn = {"html", "markdown"} if view == "Overview" else {"vega_lite_chart", "arrow_vega_lite_chart"}
    assert kinds & drawn
    assert max(sizes) < LIMIT / 10


def test_what_the_pages_send_is_far_below_the_limits(app, browser):
    context = browser.new_context(**DESK)
    desk, sent = context.new_page(), []
    desk.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))  # noqa: PLW0108 - wraps it

    open_check_in(desk, app)
    desk.get_by_role("radio", name="4 to 24 hours").click()
    for box in desk.get_by_role("checkbox").all()[:14]:
        box.check(force=True)
    desk.get_by_role("button", name="Send to my clinic").click()
    desk.get_by_role("heading", name="Sent").wait_for()
    sign_in(desk, app)
    for name in views.names():
        expect(show_view(desk, name).get_by_text("check-ins").first).to_be_visible()
    desk.goto(f"{app.url}/infusions")
    desk.get_by_role("button", name="Make invitation").click()
    desk.locator(".invitation .code").wait_for()
    context.close()

    parsed = [BackMsg.FromString(data) for data in sent if isinstance(data, bytes)]
    assert len(parsed) > len(views.names())
    assert all(messages.is_ours(data) for data in sent if isinstance(data, bytes))
    assert max(map(len, sent)) < messages.LARGEST / 10
    assert max(len(message.rerun_script.widget_states.widgets) for message in parsed) < messages.MOST_WIDGETS / 3
