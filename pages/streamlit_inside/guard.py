"""Guard the websockets: only what our pages send reaches Streamlit, and no visitor takes the room or time of others."""

import asyncio
import logging
import time
from collections import Counter, defaultdict
from contextlib import suppress

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.staff import sessions, throttle
from data.storage import database
from pages.streamlit_inside import messages
from pages.web import cookies, logs, open_files

PATH = "/_stcore/stream"
MESSAGES, SECONDS = 60, 10  # a socket
RATE, BURST = 20, 200  # messages a second from one address, and how many may come at once before they wait
SOCKETS = 100  # of one address: a clinic and its patients share one
FOR_STAFF = 20  # beyond these, for those who are signed in
FILES = 4  # per open page
RESERVED = 640  # files kept for everything else, mostly for closed pages: Streamlit keeps up to 128 sessions

log = logging.getLogger("checkin.guard")
log.addFilter(logs.Sparing())


class Crowd:
    """The open sockets of each network, and when its next message is due."""

    def __init__(self) -> None:
        self._sockets: Counter[str] = Counter()
        self._turn: defaultdict[str, float] = defaultdict(float)

    def has_room(self, address: str, more: int = 0) -> bool:
        """Return whether one more socket of a network address may be opened, beyond the usual number up to `more`."""
        address = throttle.network(address)
        here, everywhere = self._sockets[address], self._sockets.total()
        return here < SOCKETS + more and everywhere < (open_files.most() - RESERVED) // FILES

    def enter(self, network: str) -> None:
        self._sockets[network] += 1
        past = time.monotonic() - BURST / RATE  # a turn outlives its sockets; otherwise opening new ones would reset it
        self._turn = defaultdict(float, {one: turn for one, turn in self._turn.items() if turn > past})

    def leave(self, network: str) -> None:
        self._sockets -= Counter([network])  # which forgets a network without a socket

    async def take_turn(self, network: str) -> None:
        """Wait until a message of a network is due; each socket has at most one waiting, so none waits long."""
        now = time.monotonic()
        self._turn[network] = max(self._turn[network] + 1 / RATE, now - BURST / RATE)
        if (wait := self._turn[network] - now) > 0:
            await asyncio.sleep(wait)


crowd = Crowd()


class Guard:
    """Middleware that opens a socket only where there is room, and closes one that sends what our pages do not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        address = (scope.get("client") or ("",))[0]
        if scope["path"] != PATH or not (crowd.has_room(address) or await _is_of_staff(scope, address)):
            log.warning("websockets refused: %s", "at another path" if scope["path"] != PATH else "too many are open")
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        network = throttle.network(address)
        crowd.enter(network)
        try:
            guarded = _Guarded(network, receive, send)
            await self.app(scope, guarded.receive, guarded.send)
        except Exception as error:  # noqa: BLE001 - otherwise strangers could add 70 lines to the log as often as they like
            log.warning("websockets failed: %s", type(error).__name__)
        finally:
            crowd.leave(network)


async def _is_of_staff(scope: Scope, address: str) -> bool:
    """Return whether a socket is a signed-in clinician's, for whom some room is kept."""
    token = cookies.session(HTTPConnection(scope))
    with suppress(database.Unavailable):
        return crowd.has_room(address, FOR_STAFF) and await run_in_threadpool(sessions.is_live, token)
    return False


class _Guarded:
    """One socket, as Streamlit sees it."""

    def __init__(self, network: str, receive: Receive, send: Send) -> None:
        self._network, self._receive, self._send = network, receive, send
        self._began, self._messages, self._closed = time.monotonic(), 0, False

    async def receive(self) -> Message:
        """Return the next message; close the socket at one that our pages do not send."""
        message = await self._receive()
        if message["type"] == "websocket.receive" and (reason := self._objection(message)):
            log.warning("websockets closed: %s", reason)
            self._closed = True
            await self._send({"type": "websocket.close", "code": 1008})
            return {"type": "websocket.disconnect", "code": 1008}
        if message["type"] != "websocket.disconnect":
            await crowd.take_turn(self._network)
        return message

    def _objection(self, message: Message) -> str:
        if (now := time.monotonic()) - self._began > SECONDS:
            self._began, self._messages = now, 0
        self._messages += 1
        if self._messages > MESSAGES:
            return "too many messages"
        return "" if messages.is_ours(message.get("bytes")) else "a message that no page sends"

    async def send(self, message: Message) -> None:
        """Pass a message on, but none after the end: Streamlit may still be drawing, and would log a fault."""
        with suppress(OSError):
            if not self._closed:
                await self._send(message)
