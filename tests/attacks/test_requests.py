"""What one stranger may ask over HTTP: it holds nobody up, and lines that ask nothing are closed."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from itertools import cycle

import pytest

from pages.streamlit_inside import static
from pages.web import lines
from tests.attacks.conftest import PATIENCE, Harm


def asked(app, path, method="GET", **headers):
    """Ask and return the status."""
    with closing(HTTPConnection("127.0.0.1", app.port, timeout=6 * PATIENCE)) as connection:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/robots.txt", {"cookie": 'a="' + '\\"' * 15_000 + '"'}),
        ("/?" + "i=&" * 2_700, {}),
        ("/?" + "amp;" * 2_000, {}),
        ("/kiosk?" + "language=&" * 1_000, {}),
        ("/plain?i=" + "A1" * 4_000, {}),
        ("/", {"accept-language": "a-" * 10_000}),
        ("/", {"x-forwarded-for": "1," * 10_000}),
        ("/clinic?" + "dashboard_weeks=x&" * 400, {}),
    ],
    ids=["cookie", "empty codes", "escapes", "tablet", "long code", "languages", "addresses", "filters"],
)
def test_a_request_made_to_take_long_holds_nobody_up(app, visitor, path, headers):
    harm, began = Harm(app), time.monotonic()

    with ThreadPoolExecutor(10) as pool:
        answers = set(pool.map(lambda _: asked(app, path, **headers), range(20)))

    assert time.monotonic() - began < PATIENCE  # it was a minute and more
    assert max(answers) < 500
    assert harm.megabytes < 20
    assert len(harm.lines) <= 1


def test_forty_first_downloads_of_the_largest_script_hold_nobody_up(app, visitor):
    largest = max(static.TEXTS, key=lambda path: static.FILES[path].stat().st_size)
    harm = Harm(app)

    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda _: asked(app, largest, **{"accept-encoding": "br"}), range(40)))

    assert answers == [200] * 40
    assert harm.megabytes < 100


def test_many_probes_at_once_write_once(app, visitor):
    harm = Harm(app)

    with ThreadPoolExecutor(40) as pool:
        answers = set(pool.map(lambda _: asked(app, "/ready"), range(400)))

    assert answers == {200}
    assert harm.lines == []


def test_lines_on_which_nothing_is_asked_are_closed(app, visitor):
    harm, whole = Harm(app), b"GET /robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"

    with ExitStack() as stack:
        idle = [stack.enter_context(socket.create_connection(("127.0.0.1", app.port))) for _ in range(150)]
        for line, begun in zip(idle, cycle([b"", whole[:20], whole + whole[:20]])):
            line.sendall(begun)
            line.settimeout(2 * lines.IDLE_SECONDS + 5)
        ended = [read_to_the_end(line) for line in idle]

    assert all(ended)
    assert harm.lines == []


def read_to_the_end(line):
    try:
        while line.recv(65536):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


def test_noise_makes_one_line_in_the_log(app, visitor):
    harm = Harm(app)

    for _ in range(20):
        with closing(socket.create_connection(("127.0.0.1", app.port))) as stranger:
            stranger.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
            read_to_the_end(stranger)

    assert len(harm.lines) <= 1
