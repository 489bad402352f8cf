import asyncio
import socket
from contextlib import closing

import pytest
import uvicorn
from starlette.applications import Starlette

from pages import front_door
from pages.web import housekeeping


async def asked(listening, visitor):
    """Serve on a socket, to a visitor who was waiting before; return the answer and the delay on the server's side."""
    app = Starlette(routes=front_door.ROUTES, lifespan=housekeeping.lifespan)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    visitor.sendall(b"GET /robots.txt HTTP/1.1\r\nhost: localhost\r\n\r\n")
    answer = await asyncio.to_thread(visitor.recv, 100)
    [line] = (each.transport.get_extra_info("socket") for each in server.server_state.connections)
    delayed = line.family != socket.AF_UNIX and not line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    server.should_exit = True
    await serving
    return answer, delayed


@pytest.mark.parametrize(
    ("family", "address"),
    [(socket.AF_INET, ("127.0.0.1", 0)), (socket.AF_INET6, ("::1", 0)), (socket.AF_UNIX, "socket")],
)
def test_no_answer_waits_until_the_one_before_is_acknowledged(database_file, tmp_path, monkeypatch, family, address):
    monkeypatch.chdir(tmp_path)
    with closing(socket.socket(family)) as listening, closing(socket.socket(family)) as visitor:
        listening.bind(address)  # as Streamlit does: nothing tells asyncio that it is TCP
        listening.listen()
        visitor.connect(listening.getsockname())

        answer, delayed = asyncio.run(asked(listening, visitor))

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert not delayed
