"""Put requests into the form that browsers send, before anything reads them."""

from string import printable
from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send


class WellFormed:
    """Middleware that percent-encodes bytes beyond ASCII in a query, which Starlette cannot always read as UTF-8.

    It leaves out cookies with a backslash, which none of ours has: older Pythons take minutes to read a long one.
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
