"""An app that is attacked, the attacker's sockets, and the visitor who wants to check in meanwhile."""

import secrets
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from typing import Self
from urllib.parse import urlencode

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.app import App, running
from tests.browser.conftest import browser, phone

__all__ = ["browser", "phone"]

PATIENCE = 10  # seconds after which a visitor gives up
FORM = {"content-type": "application/x-www-form-urlencoded"}


class Visitor:
    """Somebody on another phone, who asks whether the server is ready and sends check-ins, one after the other."""

    def __init__(self, app: App) -> None:
        self.app, self.waited, self.sent, self.failed = app, [0.0], 0, 0
        self._left = threading.Event()
        self._visits = threading.Thread(target=self._visit, daemon=True)

    def __enter__(self) -> Self:
        self._visits.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._visits.join()

    @property
    def longest(self) -> float:
        """The longest wait for one answer so far, in seconds."""
        return max(self.waited)

    def _visit(self) -> None:
        while not self._left.wait(0.05):
            check_in = urlencode({"key": secrets.token_hex(16), "window": "0-4 h", "none": "yes"})
            ready = self._answer("GET", "/ready") == 200
            if ready and self._answer("POST", "/plain", check_in, FORM) == 303:
                self.sent += 1
            else:
                self.failed += 1

    def _answer(self, *request: object) -> int:
        began = time.monotonic()
        try:
            with closing(HTTPConnection("127.0.0.1", self.app.port, timeout=PATIENCE)) as connection:
                connection.request(*request)
                return connection.getresponse().status
        except (OSError, HTTPException):
            return 0
        finally:
            self.waited.append(time.monotonic() - began)


class Harm:
    """What an attack did to the app: memory that it still takes, in MB, and lines in its log."""

    def __init__(self, app: App) -> None:
        self._app, self._memory, self._lines = app, self._megabytes(app), self._logged(app)

    @property
    def megabytes(self) -> float:
        """Memory more than before."""
        return self._megabytes(self._app) - self._memory

    @property
    def lines(self) -> list[str]:
        """Lines that were logged since."""
        return self._logged(self._app)[len(self._lines) :]

    @staticmethod
    def _megabytes(app: App) -> float:
        command = ["ps", "-o", "rss=", "-p", str(app.process.pid)]
        return int(subprocess.run(command, check=True, capture_output=True).stdout) / 1024

    @staticmethod
    def _logged(app: App) -> list[str]:
        return app.console.read_text(encoding="utf-8").splitlines()


@contextmanager
def socket_of(app: App) -> Iterator[ClientConnection]:
    """Open a socket as our own page does, without a browser; what comes back is read, however much it is."""
    address = f"ws://localhost:{app.port}/_stcore/stream"
    more = {"open_timeout": 30, "close_timeout": 2, "max_queue": None}
    with connect(address, subprotocols=["streamlit"], origin=app.url, **more) as opened:
        yield opened


def answer_to_opening(app: App, path: str = "/_stcore/stream", **headers: str) -> int:
    """Return the status with which the server answers somebody who wants to open a socket; 101 is an open one."""
    upgrade = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
    with closing(HTTPConnection("127.0.0.1", app.port, timeout=PATIENCE)) as connection:
        connection.request("GET", path, headers=upgrade | {"sec-websocket-key": "c3RyYW5nZXIgc3RyYW5nZQ=="} | headers)
        return connection.getresponse().status


def closed_with(connection: ClientConnection) -> int | None:
    """Wait until the server ends a socket; return its code, None where it stays open."""
    try:
        while True:
            connection.recv(timeout=5)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 0
    except TimeoutError:
        return None


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """Give one app for all attacks of a module: none may leave it worse for the next."""
    with running(tmp_path_factory.mktemp("app"), open_limit="100000") as started:
        yield started


@pytest.fixture
def visitor(app):
    with Visitor(app) as visits:
        yield visits
        before, gives_up = visits.sent, time.monotonic() + PATIENCE
        while visits.sent < before + 2 and time.monotonic() < gives_up:
            time.sleep(0.05)
    assert visits.sent >= before + 2
    assert visits.failed == 0
