"""Streamlit's static text files, compressed once and kept: Streamlit itself sends them as they are."""

import gzip
import mimetypes
from functools import cache

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.web.headers import STREAMLIT_STATIC

TEXT = (".js", ".css", ".json", ".svg")
_FILES = {
    f"/static/{path.relative_to(STREAMLIT_STATIC / 'static').as_posix()}": path
    for path in (STREAMLIT_STATIC / "static").rglob("*")
    if path.suffix in TEXT
}


@cache
def _compressed(path: str) -> bytes:
    return gzip.compress(_FILES[path].read_bytes(), compresslevel=9, mtime=0)


class CompressedStatic:
    """Middleware that answers GET of a static text file with its kept gzip form where the browser accepts it.

    Everything else passes through; the uncompressed answer carries the same `Vary`, so that no cache mixes them up.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in _FILES:
            await self.app(scope, receive, send)
            return
        if scope["method"] == "GET" and "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            path = scope["path"]
            headers = {
                "cache-control": "public, immutable, max-age=31536000",  # the names hold a hash of the content
                "content-encoding": "gzip",
                "vary": "Accept-Encoding",
            }
            body = await run_in_threadpool(_compressed, path)
            await Response(body, headers=headers, media_type=mimetypes.guess_type(path)[0])(scope, receive, send)
            return

        async def send_with_vary(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).add_vary_header("Accept-Encoding")
            await send(message)

        await self.app(scope, receive, send_with_vary)
