"""Those who visit a server through its proxy, without a browser."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2

PATIENCE = 30  # seconds
PING, PONG = b"\x89\x80\0\0\0\0", b"\x8a\0"
SENT = "Sent. Thank you."
NO_ANSWER = (
    "The check-in is not answering. If you have just sent it, go back and send it again: it is stored only once."
)


def wait_for(condition: object) -> None:
    """Wait until a condition holds; fail after half a minute."""
    gives_up = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < gives_up, "it did not happen"
        time.sleep(0.1)


def visitor(url: str, address: str = "127.0.0.1") -> httpx2.Client:
    """Return somebody who visits from an address of this machine, with cookies and without scripts."""
    transport = httpx2.HTTPTransport(verify=False, local_address=address)
    return httpx2.Client(transport=transport, base_url=url, timeout=PATIENCE)


def check_in(who: httpx2.Client) -> str:
    """Fill in the HTML form and send it; return the heading of the page this leads to."""
    return heading(send(who, filled_in(who)))


def filled_in(who: httpx2.Client) -> dict[str, str]:
    """Open the HTML form and tick one side effect."""
    page = who.get("/plain").raise_for_status().text
    key = re.search(r'name="key" value="(\w+)"', page)[1]
    return {"key": key, "window": "0-4 h", "ticked": "headache"}


def send(who: httpx2.Client, form: dict[str, str]) -> httpx2.Response:
    """Send the form; return the page this leads to."""
    return who.post("/plain", data=form, follow_redirects=True)


def heading(page: httpx2.Response) -> str:
    """Return the heading of a page."""
    return re.search("<h1[^>]*>(.*?)</h1>", page.text)[1]


@contextmanager
def open_socket(who: httpx2.Client) -> Iterator[Callable[[], bool]]:
    """Open a websocket, as a browser on our page does; give what asks the server whether it is still open."""
    upgrade = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
    asks = upgrade | {"sec-websocket-key": "c3RyYW5nZXIgc3RyYW5nZQ==", "origin": str(who.base_url).rstrip("/")}
    with who.stream("GET", "/_stcore/stream", headers=asks) as answer:
        assert answer.status_code == 101
        stream = answer.extensions["network_stream"]

        def pinged() -> bool:
            stream.write(PING)
            return bool(stream.read(len(PONG), PATIENCE) == PONG)

        yield pinged


def wrong_passphrases(who: httpx2.Client, number: int) -> list[int]:
    """Return the answers to wrong passphrases from a visitor who claims another address each time."""
    claims = ({"x-forwarded-for": f"192.0.2.{n}", "forwarded": f"for=192.0.2.{n}"} for n in range(number))
    return [who.post("/sign-in", data={"passphrase": "wrong"}, headers=claim).status_code for claim in claims]
