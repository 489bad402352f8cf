"""Reception asks for figures at every address and over every socket, and is given none (ASVS 5.0, 8.2.1 and 8.3.1)."""

from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from data.figures import views
from pages.streamlit_inside import guard
from tests.app import App
from tests.attacks.conftest import FORM

BEGIN = (
    "from data.staff import roles, sessions, ways; from data.storage import database\n"
    "with database.writing() as connection:\n"
    "    print(sessions.begin(connection, 'Eva', roles.{role}, ways.PASSKEY))"
)
REFUSED = "Figures are for clinicians"
OF_FIGURES = {"table", "arrow_data_frame", "arrow_table", "arrow_vega_lite_chart", "vega_lite_chart"}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    app = App(tmp_path_factory.mktemp("app"))
    app.make_up_check_ins()
    app.start()
    yield app
    app.stop()


@pytest.fixture(scope="module")
def cookie(app):
    """Give what the browser of a role sends."""
    return {role: f"clinic_session={app.run(BEGIN.format(role=role)).strip()}" for role in ("RECEPTION", "CLINICIAN")}


def asked(app, cookie, method, path, fields=None):
    connection = HTTPConnection("localhost", app.port)
    connection.request(method, path, fields and urlencode(fields), {"cookie": cookie} | (FORM if fields else {}))
    answer = connection.getresponse()
    told = answer.status, answer.read().decode()
    connection.close()
    return told


def run(app, cookie, page, query=""):
    """Return the kinds of elements that a page of Streamlit's sends, and all its text."""
    message = BackMsg()
    message.rerun_script.page_name, message.rerun_script.query_string = page, query
    kinds, text = set(), ""
    address = f"ws://localhost:{app.port}{guard.PATH}"
    with connect(address, subprotocols=["streamlit"], origin=app.url, additional_headers={"cookie": cookie}) as socket:
        socket.send(message.SerializeToString())
        while "script_finished" not in kinds:
            forward = ForwardMsg.FromString(socket.recv(timeout=30))
            kinds |= {forward.WhichOneof("type"), forward.delta.new_element.WhichOneof("type")}
            text += str(forward)
    return kinds, text


@pytest.mark.parametrize("view", views.names())
def test_no_view_shows_reception_a_figure_at_its_address_as_a_file_or_over_a_socket(app, cookie, view):
    query = urlencode({"dashboard_view": view})
    status, page = asked(app, cookie["RECEPTION"], "GET", f"/clinic?{query}")
    assert (status, REFUSED in page) == (403, True)

    status, page = asked(app, cookie["RECEPTION"], "POST", "/export", {"view": view, "use": "clinic"})
    assert (status, REFUSED in page) == (403, True)

    kinds, text = run(app, cookie["RECEPTION"], "clinic", query)
    assert REFUSED in text
    assert kinds & OF_FIGURES == set()
    assert "new antiemetic" not in text  # not even what can be chosen

    assert REFUSED not in run(app, cookie["CLINICIAN"], "clinic", query)[1]


def test_reception_sees_infusions_and_no_way_to_the_figures(app, cookie):
    assert asked(app, cookie["RECEPTION"], "GET", "/infusions")[0] == 200

    kinds, text = run(app, cookie["RECEPTION"], "infusions")
    assert "Latest infusions" in text
    assert "page_link" not in kinds
    assert "page_link" in run(app, cookie["CLINICIAN"], "infusions")[0]
