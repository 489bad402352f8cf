"""A browser can send anything: forged websocket messages store nothing, fill no log and disturb nobody else."""

import secrets

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from data.catalogue import LABELS
from tests.app import fill_in, open_check_in, running, send
from tests.session import Session


class Socket(Session):
    """One session at the app door."""

    def filled_in(self, **changed):
        """Return a message as a browser sends it at the tap on Send, with other values by widget and kind of value."""
        usual = {"key": ("string_value", secrets.token_hex(16)), "send": ("trigger_value", True)}
        usual |= {"headache": ("bool_value", True), "window": ("string_array_value", ["1 to 7 days"])}
        return self.message(usual | changed)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """Give one app for all: what is forged must leave nothing behind."""
    with running(tmp_path_factory.mktemp("app")) as started:
        yield started


@pytest.fixture
def socket(app):
    address = f"ws://localhost:{app.port}/_stcore/stream"
    with connect(address, subprotocols=["streamlit"], origin=app.url) as connection:
        yield Socket(connection)


def test_an_unforged_message_is_stored(app, socket):
    before = app.check_ins()

    told = socket.run(socket.filled_in())

    assert told[-1] == "Sent. Thank you."
    assert app.check_ins() == [*before, ("1-7 d", ("headache",))]


@pytest.mark.parametrize(
    ("forged", "says"),
    [
        ({"key": ("string_value", "")}, "Not sent. Something went wrong on this page."),
        ({"key": ("string_value", "\x00" * 32)}, "Not sent. Something went wrong on this page."),
        ({"key": ("string_value", "' OR 1=1 --")}, "Not sent. Something went wrong on this page."),
        ({"window": ("string_array_value", ["0-5 h"])}, "Choose how long ago your infusion ended"),
        ({"window": ("string_array_value", [])}, "Choose how long ago your infusion ended"),
        ({"window": ("string_array_value", ["1 to 7 days\x00"])}, "Choose how long ago your infusion ended"),
        ({"window": ("string_value", "1 to 7 days")}, "Something went wrong on this page. Reload it"),
        ({"none": ("bool_value", True)}, "You ticked “None of these” and also “Headache”."),
        ({"headache": ("bool_value", False)}, "Nothing is ticked yet."),
    ],
)
def test_a_forged_message_is_refused_in_words_and_stores_nothing(app, socket, phone, forged, says):
    before = app.check_ins()
    open_check_in(phone, app)

    told = socket.run(socket.filled_in(**forged))

    assert told[-1].startswith(says)
    assert app.check_ins() == before
    fill_in(phone, "4 to 24 hours", "Dissociation")
    send(phone)
    phone.get_by_role("heading", name="Sent").wait_for()
    assert app.check_ins() == [*before, ("4-24 h", ("dissociation",))]
    assert_nothing_is_told_to_the_console(app)


def test_a_replayed_message_stores_nothing_more(app, socket):
    before = app.check_ins()
    message = socket.filled_in()
    socket.run(message)

    told = socket.run(message)

    assert told == ["Sent. Thank you."]
    assert app.check_ins() == [*before, ("1-7 d", ("headache",))]


def test_an_unknown_widget_is_passed_over(app, socket):
    before = app.check_ins()

    socket.run(socket.filled_in(fever=("bool_value", True)))

    assert app.check_ins() == [*before, ("1-7 d", ("headache",))]


@pytest.mark.parametrize(
    "forged",
    [
        lambda whole: b"\xff\xff\xff",
        lambda whole: whole.replace(b"1 to 7 days", b"1 to 7 \xed\xa0\x80s"),  # a lone surrogate
        lambda whole: whole[:-3],
        lambda whole: whole + b"\x00" * 2_000_000,
        lambda whole: whole.replace(b"\x18\x01", b"\x28\x0e"),  # a tick that is a number
    ],
    ids=["noise", "lone surrogate", "cut short", "oversized", "number"],
)
def test_what_is_no_message_ends_its_own_connection_only(app, socket, phone, forged):
    before = app.check_ins()
    open_check_in(phone, app)

    with pytest.raises(ConnectionClosed):
        socket.send(forged(socket.filled_in().SerializeToString()))

    fill_in(phone, "4 to 24 hours", "Dissociation")
    send(phone)
    phone.get_by_role("heading", name="Sent").wait_for()
    assert app.check_ins() == [*before, ("4-24 h", ("dissociation",))]
    assert_nothing_is_told_to_the_console(app)


def assert_nothing_is_told_to_the_console(app):
    printed = app.console.read_text(encoding="utf-8")
    assert "Traceback" not in printed
    assert not [label for code, label in LABELS.items() if code in printed or label in printed]
