"""What one stranger may send to the socket: it stops nobody, tells nothing, and fills neither memory nor log."""

import struct
import time
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed

from pages.streamlit_inside import guard, messages
from tests.app import PASSPHRASE, fill_in, open_check_in, send
from tests.attacks.conftest import FORM, PATIENCE, Harm, answer_to_opening, closed_with, socket_of


def message(kind="rerun_script", **fields):
    """Return a message of one of Streamlit's kinds; a flag is set, of the others `fields` are."""
    made = BackMsg()
    if BackMsg.DESCRIPTOR.fields_by_name[kind].message_type is None:
        setattr(made, kind, True)
    else:
        getattr(made, kind).SetInParent()
        for name, value in fields.items():
            if isinstance(value, list):
                getattr(getattr(made, kind), name).extend(value)
            else:
                setattr(getattr(made, kind), name, value)
    return made.SerializeToString()


def with_a_widget(**value):
    made = BackMsg()
    widget = made.rerun_script.widget_states.widgets.add(id="$$ID-0-check_in_key")
    for name, content in value.items():
        setattr(widget, name, content)
    return made.SerializeToString()


def with_widgets(number):
    made = BackMsg()
    for _ in range(number):
        made.rerun_script.widget_states.widgets.add()
    return made.SerializeToString()


KINDS = [field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields]
NOT_OURS = {kind: message(kind) for kind in KINDS if kind not in messages.TYPES} | {
    "nothing": b"",
    "text": "rerun_script",
    "noise": b"\xff\xff\xff",
    "300,000 names of files": message("file_urls_request", file_names=[""] * 300_000),
    "more than our pages send": message(query_string="x" * messages.LARGEST),
    "no JSON": with_a_widget(json_value="{no"),
    "bytes": with_a_widget(bytes_value=b"\0" * 1000),
    "a number": with_a_widget(int_value=7),
    "thirty thousand widgets": with_widgets(30_000),
}


@pytest.mark.parametrize("data", NOT_OURS.values(), ids=NOT_OURS)
def test_a_message_that_no_page_of_ours_sends_ends_its_socket_and_nothing_else(app, visitor, data):
    harm = Harm(app)

    for _ in range(10):
        with socket_of(app) as stranger:
            stranger.send(data)
            assert closed_with(stranger) == 1008

    assert harm.megabytes < 20
    assert len(harm.lines) <= 1


@pytest.mark.parametrize("times", [1000, 3000])
def test_a_thousand_messages_at_once_hold_nobody_up(app, visitor, times):
    harm = Harm(app)

    with socket_of(app) as stranger:
        with suppress(ConnectionClosed):
            for _ in range(times):
                stranger.send(message(query_string="x" * 60))
        assert closed_with(stranger) == 1008

    assert harm.megabytes < 20
    assert len(harm.lines) <= 1


def test_many_sockets_of_one_address_take_turns(app, visitor):
    harm = Harm(app)

    with ExitStack() as stack:
        strangers = [stack.enter_context(socket_of(app)) for _ in range(20)]
        began = time.monotonic()
        for _ in range(20):
            for stranger in strangers:
                stranger.send(message())
        answered = 0
        while answered < 400 and time.monotonic() - began < 5:
            for stranger in strangers:
                with suppress(TimeoutError):
                    answered += ForwardMsg.FromString(stranger.recv(timeout=0.01)).WhichOneof("type") == "new_session"

    assert answered <= guard.BURST + guard.RATE * 6
    assert harm.megabytes < 60
    assert harm.lines == []


def test_opening_and_closing_sockets_gains_no_time(app, visitor):
    began, opened = time.monotonic(), 0

    while time.monotonic() - began < 15:
        with suppress(TimeoutError), socket_of(app) as stranger:
            stranger.send(message())
            opened += 1

    assert opened <= (guard.BURST + guard.RATE * (time.monotonic() - began)) / 2 + 1  # opening counts as a message does


def test_ten_unfinished_messages_take_no_memory(app, visitor):
    harm = Harm(app)

    with ExitStack() as stack:
        for _ in range(10):
            stranger = stack.enter_context(socket_of(app))
            head = bytes([0x02, 0x80 | 127]) + struct.pack("!Q", 19_000_000) + bytes(4)
            with suppress(OSError):
                stranger.socket.sendall(head + bytes(19_000_000))
        time.sleep(1)
        held = harm.megabytes

    assert held < 30
    assert len(harm.lines) <= 1


@pytest.mark.parametrize("path", ["/_stcore/upload_file/session/{}", "/plain", "/nowhere"])
def test_sixty_uploads_are_kept_nowhere(app, visitor, path):
    harm = Harm(app)

    answers = set()
    for number in range(60):
        connection = HTTPConnection("127.0.0.1", app.port, timeout=PATIENCE)
        with closing(connection), suppress(BrokenPipeError, ConnectionResetError):  # it is answered before all is sent
            connection.request("PUT", path.format(number), bytes(1_000_000))
            answers.add(connection.getresponse().status)

    assert answers <= {404, 405}
    assert harm.megabytes < 20
    assert harm.lines == []


def test_an_address_has_room_for_a_clinic_and_not_for_more(app, visitor):
    harm = Harm(app)

    with ExitStack() as stack:
        for _ in range(guard.SOCKETS):
            stack.enter_context(socket_of(app)).send(message())
        answers = {answer_to_opening(app) for _ in range(252 - guard.SOCKETS)}
        with closing(HTTPConnection("127.0.0.1", app.port)) as asked:
            asked.request("GET", "/")
            page = asked.getresponse().read()

    assert answers == {403}
    assert page.count(b'type="checkbox"') == 15
    assert b"data-more" not in page  # nothing of Streamlit is asked for where it has no room
    assert harm.megabytes < 60
    assert len(harm.lines) <= 1


def test_after_all_that_a_patient_checks_in(app, phone):
    before = len(app.check_ins())
    open_check_in(phone, app)

    fill_in(phone, "4 to 24 hours", "Dissociation")
    send(phone)

    phone.get_by_role("heading", name="Sent").wait_for()
    assert app.check_ins()[before:] == [("4-24 h", ("dissociation",))]


@pytest.mark.parametrize(
    ("opened", "answer"),
    [
        ({}, 101),
        ({"path": "/"}, 403),
        ({"path": "/clinic/_stcore/stream"}, 403),
        ({"path": "/_stcore/other"}, 403),
        ({"path": "/_stcore/stream/"}, 403),
        ({"host": "evil.example"}, 403),
    ],
)
def test_there_is_one_socket_under_names_of_our_own(app, opened, answer):
    assert answer_to_opening(app, **opened) == answer


def frame(opcode, data=b"", *, last=True):
    return bytes([(0x80 if last else 0) | opcode, 0x80 | len(data)]) + bytes(4) + data


@pytest.mark.parametrize(
    "frames",
    [
        frame(0x9, bytes(125)) * 200,
        frame(0x2, b"\xff", last=False) + frame(0x0, last=False) * 5_000,
        frame(0x1, b"\xff"),
    ],
    ids=["pings", "pieces of a message", "a text that is none"],
)
def test_what_the_guard_does_not_see_is_few(app, visitor, frames):
    harm = Harm(app)

    for _ in range(10):
        with socket_of(app) as stranger, suppress(OSError):
            stranger.socket.sendall(frames)
            assert closed_with(stranger) is not None

    assert harm.megabytes < 20
    assert len(harm.lines) <= 1


def test_a_signed_in_clinician_finds_room_where_strangers_took_it_all(app, visitor):
    connection = HTTPConnection("127.0.0.1", app.port)
    connection.request("POST", "/sign-in", urlencode({"passphrase": PASSPHRASE}), FORM)
    cookie = "; ".join(c.partition(";")[0] for c in connection.getresponse().headers.get_all("set-cookie"))
    connection.close()

    with ExitStack() as stack:
        for _ in range(guard.SOCKETS):
            stack.enter_context(socket_of(app))
        strangers, staff = answer_to_opening(app), answer_to_opening(app, cookie=cookie)

    assert (strangers, staff) == (403, 101)
