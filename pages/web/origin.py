"""Where a request comes from: our own pages, or another site's."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from data import settings


def is_ours(headers: Headers) -> bool:
    """Return whether the page that sent this is ours; who names no origin is no browser."""
    origin = headers.get("origin")
    ours = {headers.get("host"), urlsplit(settings.current().public_url or "").netloc} - {"", None}
    return origin is None or origin.partition("://")[2] in ours


class OwnWebsockets:
    """Middleware that refuses a websocket which another site's page opens.

    Streamlit would ask a server on the internet for this machine's address first, and let everybody wait for it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and not is_ours(Headers(scope=scope)):
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await self.app(scope, receive, send)
