"""A line between a phone and the server that a test can cut: a TCP relay on this machine."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Line:
    """Relays `port` to the server's; while it is cut nothing comes through and nobody is let on.

    With `answers` False what the server says is lost, and what it is told still arrives. Sockets are let through, or
    `refused`, or `swallowed`, as networks do that know web pages alone; `asked` counts those that were not let through.
    """

    def __init__(self, server_port: int) -> None:
        self.server_port, self.port, self.answers = server_port, 0, True
        self.sockets, self.asked = "let through", 0
        self._whole = True
        self._writers: set[asyncio.StreamWriter] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        self._ready.wait(10)

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        self._whole = False
        self._loop.call_soon_threadsafe(self._break)

    def mend(self) -> None:
        """Let new connections through again, both ways."""
        self._whole = self.answers = True

    def close(self) -> None:
        """End for good."""
        self.cut()
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        async with await asyncio.start_server(self._relay, "127.0.0.1", 0) as server:
            self.port = server.sockets[0].getsockname()[1]
            self._ready.set()
            await self._ended.wait()

    def _break(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole:
            writer.transport.abort()
            return
        first = await reader.read(65536)
        if self.sockets != "let through" and b"upgrade: websocket" in first.lower():
            await self._keep_off(reader, writer)
            return
        onward_reader, onward = await asyncio.open_connection("127.0.0.1", self.server_port)
        onward.write(first)
        self._writers |= {writer, onward}
        with suppress(asyncio.CancelledError):  # at the end
            await asyncio.gather(self._pump(reader, onward), self._pump(onward_reader, writer, back=True))
        self._writers -= {writer, onward}

    async def _keep_off(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        if self.sockets == "refused":
            writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
        else:
            with suppress(OSError, asyncio.CancelledError):
                await reader.read()
        writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, back: bool = False) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if self.answers or not back:
                    writer.write(data)
                    await writer.drain()
        writer.close()


@contextmanager
def line_to(server_port: int) -> Iterator[Line]:
    """Lay a line for the length of a block."""
    line = Line(server_port)
    try:
        yield line
    finally:
        line.close()
