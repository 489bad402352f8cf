"""A line that goes silent holds no server that is to stop."""

import socket
import time
from contextlib import closing

import pytest

from pages.web import lines
from tests.app import App


@pytest.fixture
def app(tmp_path):
    app = App(tmp_path)
    app.start()
    yield app
    app.kill()


def test_a_stalled_form_does_not_keep_the_server_from_stopping(app):
    with closing(socket.create_connection(("127.0.0.1", app.port))) as stalled:
        stalled.sendall(
            b"POST /plain HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: 500\r\n\r\nkey="
        )
        time.sleep(1)
        app.process.terminate()

        assert app.process.wait(lines.STOP_SECONDS + 8) is not None


def test_a_reader_who_stops_reading_does_not_keep_the_server_from_stopping(app):
    with closing(socket.socket()) as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        stalled.connect(("127.0.0.1", app.port))
        for _ in range(200):
            stalled.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(1)
        app.process.terminate()

        assert app.process.wait(lines.STOP_SECONDS + 8) is not None
