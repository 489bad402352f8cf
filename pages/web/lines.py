"""Limits on the server's connections that uvicorn has no setting for."""

import asyncio
import signal
import socket
import time
from typing import Any

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

STOP_SECONDS = 10
IDLE_SECONDS = 20
FRAMES, FRAME_SECONDS = 20, 10


class Prompt(asyncio.Protocol):
    """A connection on which no answer waits for the client to acknowledge the previous one, which takes about 40 ms.

    asyncio does this where a socket names TCP as its protocol; Streamlit's does not. Set on the listening socket, the
    option would miss connections from before the server is ready, such as a proxy's.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        line = transport.get_extra_info("socket")
        if line.family in (socket.AF_INET, socket.AF_INET6):
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)


class Socket(WebSocketsSansIOProtocol):
    """A websocket that closes at a flood of what the guard does not see: pings, and pieces of a message.

    No browser sends either; a proxy may send an occasional ping. A text is passed on as bytes.
    """

    _began, _frames = 0.0, 0

    def handle_ping(self) -> None:
        if self._is_no_flood():
            super().handle_ping()

    def handle_cont(self, event: Frame) -> None:
        if self._is_no_flood():
            super().handle_cont(event)

    def handle_text(self, event: Frame) -> None:
        self.handle_bytes(event)

    def _is_no_flood(self) -> bool:
        if (now := time.monotonic()) - self._began > FRAME_SECONDS:
            self._began, self._frames = now, 0
        self._frames += 1
        if self._frames > FRAMES:
            self.transport.abort()
        return self._frames <= FRAMES


def limit() -> None:
    """Let the running server use `Prompt` and `Socket`, and at a stop not wait for a silent connection for ever."""
    if not (server := _server()):
        return
    server.config.http_protocol_class = type("Line", (Prompt, server.config.http_protocol_class), {})
    if server.config.ws_protocol_class is WebSocketsSansIOProtocol:
        server.config.ws_protocol_class = Socket
    if server.config.timeout_graceful_shutdown is None:
        server.config.timeout_graceful_shutdown = STOP_SECONDS


async def close_idle() -> None:
    """Keep closing connections without a request for `IDLE_SECONDS`: each takes an open file."""
    idle: set[Any] = set()
    while server := _server():
        waiting = {line for line in server.server_state.connections if _is_waited_for(line)}
        for line in idle & waiting:
            line.transport.abort()
        idle = waiting
        await asyncio.sleep(IDLE_SECONDS)


def _is_waited_for(line: Any) -> bool:
    """Return whether a connection's first request is awaited; uvicorn itself closes those that have made one."""
    if not hasattr(line, "cycle"):  # a socket
        return False
    return line.cycle is None or (line.cycle.response_complete and line.timeout_keep_alive_task is None)


def _server() -> uvicorn.Server | None:
    """Return the server of this process, which Streamlit makes; it is found as the handler of the signal to stop."""
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return server if isinstance(server, uvicorn.Server) else None
