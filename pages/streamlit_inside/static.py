"""Files that never change, sent with fewer bytes: text compressed once and kept, no fonts for patients."""

import gzip
import mimetypes
from collections.abc import Callable

import brotli
from anyio import CapacityLimiter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.streamlit_inside.bundle import STATIC
from pages.web import cookies, rendering, scripts
from pages.web.headers import FOR_EVER

FILES = {f"/static/{path.relative_to(STATIC / 'static').as_posix()}": path for path in (STATIC / "static").rglob("*.*")}
TEXTS = {path for path, file in FILES.items() if file.suffix in (".js", ".css", ".json", ".svg")}
_kept: dict[tuple[str, str], bytes] = {}
_COMPRESSING = CapacityLimiter(1)
FONTS = {path for path in FILES if "/MaterialSymbols" in path or "/Source" in path}  # the icons alone are 375 kB

# Brotli first, which saves most; every browser that takes zstd takes it too. Its quality 10 needs a second for all the
# files of a first load, once; 11 would need three and save 2 % more.
_COMPRESSED: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda text: brotli.compress(text, mode=brotli.MODE_TEXT, quality=10),
    "gzip": lambda text: gzip.compress(text, compresslevel=9, mtime=0),
}


def squeeze(answer: Response, request: Request) -> None:
    """Compress an answer made for one request: faster, and less, than a text that is kept."""
    answer.headers.add_vary_header("Accept-Encoding")
    encoding = _encoding(request.headers)
    if encoding == "br":
        answer.body = brotli.compress(answer.body, quality=5, lgwin=14)
    elif encoding == "gzip":
        answer.body = gzip.compress(answer.body, compresslevel=6, mtime=0)
    if encoding:
        answer.headers["content-encoding"], answer.headers["content-length"] = encoding, str(len(answer.body))


async def _compressed(path: str, encoding: str) -> bytes:
    """Return a text, compressed at its first download; one at a time, so that a check-in never waits for a thread."""
    async with _COMPRESSING:
        if (path, encoding) not in _kept:
            text = scripts.SERVED.get(path) or FILES[path].read_bytes()
            _kept[path, encoding] = await run_in_threadpool(lambda: _COMPRESSED[encoding](text))
    return _kept[path, encoding]


def _encoding(headers: Headers) -> str | None:
    """Return the best encoding that a browser accepts, None where it names none that we have."""
    accepted = headers.get("accept-encoding", "")
    named = dict(part.replace(" ", "").lower().partition(";q=")[::2] for part in accepted.split(","))
    return next(
        (name for name in _COMPRESSED if name in named and named[name] not in ("0", "0.0", "0.00", "0.000")), None
    )


class LeanStatic:
    """Middleware that answers GET of a script or another static text, compressed once, as the browser accepts it.

    The bundled fonts are served only with a session's cookie: patients' pages use the fonts of the phone. Everything
    else passes through; an uncompressed text carries the same `Vary` as a compressed one, so that no cache mixes them
    up.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if path in FONTS and not cookies.session(Request(scope)):
            await Response(status_code=404, headers=rendering.NOT_KEPT)(scope, receive, send)
            return
        if path not in TEXTS and path not in scripts.SERVED:
            await self.app(scope, receive, send)
            return
        encoding = _encoding(Headers(scope=scope))
        if scope["method"] != "GET" or encoding is None:
            await self.app(scope, receive, _varying(send))
            return
        headers = FOR_EVER | {"content-encoding": encoding, "vary": "Accept-Encoding"}
        body = _kept.get((path, encoding)) or await _compressed(path, encoding)
        await Response(body, headers=headers, media_type=mimetypes.guess_type(path)[0])(scope, receive, send)


def _varying(send: Send) -> Send:
    async def send_with_vary(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).add_vary_header("Accept-Encoding")
        await send(message)

    return send_with_vary
