"""The clinicians' pages without a browser: what their runs send, and what their addresses answer."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from pages.streamlit_inside import guard
from tests.attacks.conftest import FORM

OF_FIGURES = {"table", "arrow_data_frame", "arrow_table", "arrow_vega_lite_chart", "vega_lite_chart"}


class Page:
    """A page of Streamlit's without a browser: what its runs sent, and how to ask it again."""

    def __init__(self, connection) -> None:
        self.connection, self.session, self.fragments, self.widgets = connection, "", set(), {}
        self.kinds, self.text = set(), ""

    def run(self, name="", query="", *, fragment="", pressed="") -> None:
        """Ask for a whole run, for a fragment's, or as whoever presses a button does; wait for its end."""
        message = BackMsg()
        message.rerun_script.page_name, message.rerun_script.query_string = name, query
        message.rerun_script.fragment_id = fragment
        if pressed:
            message.rerun_script.widget_states.widgets.add(id=self.widgets[pressed], trigger_value=True)
        self.connection.send(message.SerializeToString())
        self.kinds, self.text = set(), ""
        while "script_finished" not in self.kinds:
            forward = ForwardMsg.FromString(self.connection.recv(timeout=30))
            element = forward.delta.new_element
            kind = element.WhichOneof("type")
            self.kinds |= {forward.WhichOneof("type"), kind}
            self.text += str(forward)
            self.session = forward.new_session.initialize.session_id or self.session
            self.fragments |= {forward.delta.fragment_id, forward.auto_rerun.fragment_id} - {""}
            if kind == "button":
                self.widgets[element.button.label] = element.button.id


@contextmanager
def opened(app, cookie: str, *taken_over: str) -> Iterator[Page]:
    address = f"ws://localhost:{app.port}{guard.PATH}"
    protocols = ["streamlit", *taken_over]
    with connect(address, subprotocols=protocols, origin=app.url, additional_headers={"cookie": cookie}) as connection:
        yield Page(connection)


def asked(app, path, cookie="", fields=None):
    """Ask for an address, or post a form; return status, headers and text of the answer."""
    with closing(HTTPConnection("localhost", app.port)) as connection:
        form = fields and urlencode(fields)
        connection.request("POST" if fields else "GET", path, form, {"cookie": cookie} | (FORM if fields else {}))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
