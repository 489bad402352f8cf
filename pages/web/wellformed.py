"""Requests as a browser writes them: what else was sent is put right before anything reads it."""

from string import printable
from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send


class WellFormed:
    """Middleware that escapes what is no ASCII in a query: Starlette would fail to read it as UTF-8.

    A cookie with a backslash, which none of ours has, is left out: Python before 3.11.10 needs minutes to read many.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "query_string" in scope:
            headers = [(name, _ours(value) if name == b"cookie" else value) for name, value in scope["headers"]]
            query = quote(scope["query_string"], safe=printable).encode()
            scope = dict(scope, query_string=query, headers=headers)
        await self.app(scope, receive, send)


def _ours(cookies: bytes) -> bytes:
    return b";".join(cookie for cookie in cookies.split(b";") if b"\\" not in cookie)
