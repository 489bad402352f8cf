"""What was opened while signed in is asked again when the session is over, or by somebody else (ASVS 5.0, 7.4.1)."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from pages.streamlit_inside import guard
from tests.app import PASSPHRASE, App
from tests.attacks.conftest import FORM

OVER = {
    "signed out": "from data.staff import sessions; sessions.sign_out({token!r})",
    "expired": (
        "from datetime import timedelta; from sqlalchemy import update; from data import clock\n"
        "from data.storage import database; from data.storage.schema import staff_sessions as table\n"
        "with database.writing() as connection:\n"
        "    connection.execute(update(table).values(seen=clock.now() - timedelta(minutes=21)))"
    ),
}
EXPORTS = "audit WHERE did LIKE 'exported%'"
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


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    app = App(tmp_path_factory.mktemp("app"))
    app.make_up_check_ins()
    app.start()
    yield app
    app.stop()


def posted(app, path, fields, cookie=""):
    connection = HTTPConnection("localhost", app.port)
    connection.request("POST", path, urlencode(fields), FORM | {"cookie": cookie})
    answer = connection.getresponse()
    told = answer.status, answer.headers, answer.read().decode()
    connection.close()
    return told


@pytest.fixture
def token(app):
    _, headers, _ = posted(app, "/sign-in", {"passphrase": PASSPHRASE})
    return next(one for one in headers.get_all("set-cookie") if "session" in one).partition(";")[0].partition("=")[2]


def number(app, what):
    """Count rows in the file of the database, past the code under test."""
    with closing(sqlite3.connect(f"file:{app.folder / 'checkins.db'}?mode=ro", uri=True)) as connection:
        return connection.execute(f"SELECT count(*) FROM {what}").fetchone()[0]


@pytest.mark.parametrize("way", OVER)
def test_a_fragment_that_is_asked_again_shows_no_figure(app, token, way):
    with opened(app, f"clinic_session={token}") as page:
        page.run("clinic", urlencode({"dashboard_view": "Frequencies"}))
        assert page.kinds & OF_FIGURES
        fragments = set(page.fragments)
        assert fragments

        app.run(OVER[way].format(token=token))
        for fragment in fragments:
            page.run("clinic", fragment=fragment)
            assert page.kinds & OF_FIGURES == set()

        page.run("clinic", urlencode({"dashboard_view": "Compare"}))
        assert page.kinds & OF_FIGURES == set()
        assert "You are signed out." in page.text


@pytest.mark.parametrize("way", OVER)
def test_a_button_that_is_pressed_again_does_nothing(app, token, way):
    with opened(app, f"clinic_session={token}") as page:
        page.run("infusions")
        before = number(app, "infusions")

        app.run(OVER[way].format(token=token))
        page.run("infusions", pressed="Make invitation")

        assert "You are signed out." in page.text
        assert number(app, "infusions") == before


@pytest.mark.parametrize("way", OVER)
def test_a_file_that_is_asked_for_again_is_not_given(app, token, way):
    asked, cookie = {"view": "Frequencies", "use": "clinic"}, f"clinic_session={token}"
    assert "Side effect" in posted(app, "/export", asked, cookie)[2]
    before = number(app, EXPORTS)

    app.run(OVER[way].format(token=token))
    status, headers, told = posted(app, "/export", asked, cookie)

    assert (status, headers["location"].partition("?")[0], told) == (303, "/sign-in", "")
    assert number(app, EXPORTS) == before


def test_a_stolen_session_of_streamlits_shows_nothing_without_the_cookie(app, token):
    with opened(app, f"clinic_session={token}") as page:
        page.run("clinic", urlencode({"dashboard_view": "Frequencies"}))
        stolen, fragments = page.session, set(page.fragments)
    assert stolen

    with opened(app, "", "x", stolen) as thief:
        for fragment in fragments:
            thief.run("clinic", fragment=fragment)
            assert thief.kinds & OF_FIGURES == set()
        thief.run("clinic", urlencode({"dashboard_view": "Frequencies"}))

    assert thief.kinds & OF_FIGURES == set()
    assert "You are signed out." in thief.text


def guess(app):
    return posted(app, "/sign-in", {"passphrase": "a wrong guess of it"})[0]


def test_guesses_are_counted_across_a_restart(tmp_path):
    app = App(tmp_path)
    app.start()
    told = [guess(app) for _ in range(6)]
    app.kill()
    app.start()
    told += [guess(app) for _ in range(5)]
    app.stop()

    assert told == [401] * 10 + [429]


def test_guesses_are_counted_for_several_servers_together(tmp_path, database_url):
    if database_url.startswith("sqlite"):
        database_url = f"sqlite:///{tmp_path / 'checkins.db'}"
    servers = [App(tmp_path, database_url=database_url, secret_key="k" * 32) for _ in "ab"]
    for server in servers:
        server.start()
    told = [guess(servers[turn % 2]) for turn in range(11)]
    for server in servers:
        server.stop()

    assert told == [401] * 10 + [429]
