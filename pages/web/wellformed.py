"""Addresses as a browser writes them: what else was sent is put right before anything reads it."""

from string import printable
from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send


class WellFormed:
    """Middleware that escapes what is no ASCII in a query: Starlette would fail to read it as UTF-8."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "query_string" in scope:
            scope = dict(scope, query_string=quote(scope["query_string"], safe=printable).encode())
        await self.app(scope, receive, send)
