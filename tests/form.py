"""A check-in's form as its browser holds it, sent by any door without a browser."""

import json
import random
import re
import socket
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import urlencode

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from data.catalogue import CODES, WINDOWS, Window
from data.reports import check_ins
from tests.app import App
from tests.session import Session

NO_ANSWER = (OSError, HTTPException, WebSocketException)
PATIENCE = 60  # seconds, longer than any page waits
_RECEIPT = re.compile(r'class="receipt"[^>]*>([^<]+)<')


class Line(HTTPConnection):
    """One visitor's line; each visitor has an address of its own, if the server believes such headers."""

    def __init__(self, app: App, visitor: int = 1, encodings: str = "identity") -> None:
        super().__init__("localhost", app.port, timeout=PATIENCE)
        self.usual = {"accept-encoding": encodings, "x-forwarded-for": f"192.0.2.{visitor}"}

    def ask(
        self, method: str, path: str, form: dict[str, str | list[str]] | None = None, **more: str
    ) -> tuple[HTTPResponse, bytes]:
        """Return an answer and its content."""
        headers = self.usual | {name.replace("_", "-"): value for name, value in more.items()}
        if form:
            headers["content-type"] = "application/x-www-form-urlencoded"
        self.request(method, path, urlencode(form, doseq=True) if form else None, headers)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)  # a browser's six lines wait for none
        answer = self.getresponse()
        return answer, answer.read()


def _some_codes() -> tuple[str, ...]:
    chosen = random.sample(CODES, random.randint(0, 4))
    return tuple(code for code in CODES if code in chosen)


@dataclass
class Form:
    """A form: its key and answers stay as they are, however often it is sent; no code is "None of these"."""

    door: str
    visitor: int = 1
    key: str = field(default_factory=check_ins.new_key)
    window: Window = field(default_factory=lambda: random.choice(WINDOWS))
    ticked: tuple[str, ...] = field(default_factory=_some_codes)
    receipt: str = ""  # as the page says it that says "Sent"
    attempts: int = 0

    def send(self, app: App) -> str:
        """Tap Send; return what the page then says, nothing where the answer is not ours. Raises one of `NO_ANSWER`."""
        try:
            send = {"app": self._by_socket, "plain": self._as_html, "kiosk": self._at_kiosk}[self.door]
            told, page = send(app)
            if told.startswith("Sent."):
                self.receipt = _RECEIPT.search(page)[1]
            return told
        finally:
            self.attempts += 1

    def _as_html(self, app: App) -> tuple[str, str]:
        """Send as the page's script does, which then opens the confirmation."""
        with closing(Line(app, self.visitor)) as line:
            answer, content = line.ask("POST", "/", self._fields, x_check_in="fetch")
            told = json.loads(content) if answer.headers["content-type"] == "application/json" else {}
            if "location" not in told:
                return told.get("sentence", ""), ""
            cookie = answer.headers["set-cookie"].partition(";")[0]
            page = line.ask("GET", told["location"], cookie=cookie)[1].decode()
        return "".join(re.findall("<h1[^>]*>([^<]*)<", page)), page

    def _at_kiosk(self, app: App) -> tuple[str, str]:
        """Send as the tablet's script does, which shows the answer in the place of the form."""
        visit = {"visit": self.key}
        with closing(Line(app, self.visitor)) as line:
            sent = line.ask("POST", "/kiosk", self._fields | visit, x_check_in="fetch", cookie=f"kiosk={self.key}")
        page = sent[1].decode()
        error, heading = (re.search(rf"<{tag}[^>]*>([^<]+)<", page) for tag in ('p class="error"', "h1"))
        told = error or heading
        return told[1] if told and "data-kiosk" in page else "", page

    @property
    def _fields(self) -> dict[str, str | list[str]]:
        answers: dict[str, str | list[str]] = {"ticked": list(self.ticked)} if self.ticked else {"none": "yes"}
        return answers | {"key": self.key, "window": self.window.code}

    def _by_socket(self, app: App) -> tuple[str, str]:
        """Send as Streamlit's page does."""
        address, more = f"ws://localhost:{app.port}/_stcore/stream", {"x-forwarded-for": f"192.0.2.{self.visitor}"}
        waits = {"open_timeout": PATIENCE, "close_timeout": 1}
        with connect(address, subprotocols=["streamlit"], origin=app.url, additional_headers=more, **waits) as line:
            session = Session(line)
            chosen = {"key": ("string_value", self.key), "window": ("string_array_value", [self.window.label])}
            ticks = dict.fromkeys(self.ticked or ("none",), ("bool_value", True))
            told = session.run(session.message(chosen | ticks | {"send": ("trigger_value", True)}))
        return (told or [""])[-1], session.html
