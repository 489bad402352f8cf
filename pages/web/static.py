"""Streamlit's static files, sent with fewer bytes: text compressed once and kept, no icon font for patients."""

import gzip
import mimetypes
from functools import cache

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.web.forms import NOT_KEPT
from pages.web.headers import STREAMLIT_STATIC
from pages.web.sign_in import token

_FILES = {
    f"/static/{path.relative_to(STREAMLIT_STATIC / 'static').as_posix()}": path
    for path in (STREAMLIT_STATIC / "static").rglob("*.*")
}
TEXTS = {path for path, file in _FILES.items() if file.suffix in (".js", ".css", ".json", ".svg")}
ICONS = [path for path in _FILES if "/MaterialSymbols" in path]  # 375 kB that every page fetches, used by clinicians


@cache
def _compressed(path: str) -> bytes:
    return gzip.compress(_FILES[path].read_bytes(), compresslevel=9, mtime=0)


class LeanStatic:
    """Middleware that answers GET of a static text with its kept gzip form where the browser accepts it.

    The icon font is there only for who carries a session's cookie. Everything else passes through; an uncompressed
    text carries the same `Vary` as a compressed one, so that no cache mixes them up.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if path in ICONS and not token(Request(scope)):
            await Response(status_code=404, headers=NOT_KEPT)(scope, receive, send)
        elif path not in TEXTS:
            await self.app(scope, receive, send)
        elif scope["method"] == "GET" and "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            headers = {
                "cache-control": "public, immutable, max-age=31536000",  # the names hold a hash of the content
                "content-encoding": "gzip",
                "vary": "Accept-Encoding",
            }
            body = await run_in_threadpool(_compressed, path)
            await Response(body, headers=headers, media_type=mimetypes.guess_type(path)[0])(scope, receive, send)
        else:
            await self.app(scope, receive, _varying(send))


def _varying(send: Send) -> Send:
    async def send_with_vary(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).add_vary_header("Accept-Encoding")
        await send(message)

    return send_with_vary
