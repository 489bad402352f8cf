"""Where a request goes and where it comes from: a host of ours, a page of ours or of another site."""

import logging
from ipaddress import ip_address
from urllib.parse import SplitResult

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from data import settings
from data.settings import rules
from pages.web import logs

FOR_PROBES = ("/ready", "/_stcore/health")  # containers are probed under any name
REFUSAL = (
    "This address does not lead to the check-in. Open the link from your clinic again.\n\n"
    "If you run this server: set CHECKIN_PUBLIC_URL to the address that visitors use. If a proxy sends a Host header "
    "of its own, make it pass on the visitor's, or add its host name to CHECKIN_HOSTS.\n"
)
_MISDIRECTED = 421
_USUAL = {"http": 80, "https": 443}

log = logging.getLogger("checkin.host")
log.addFilter(logs.Sparing())


def is_known(host: str) -> bool:
    """Return whether a Host header names this server, at any port and with or without a final dot.

    These do: the host of CHECKIN_PUBLIC_URL, those in CHECKIN_HOSTS, localhost and its addresses; without a public URL
    also any IP address, so that a phone on the clinic's network can try the product.
    """
    site, public = rules.site(f"http://{host}"), rules.site(settings.current().public_url or "")
    if site is None:
        return False
    name = _name(site)
    if name in {"localhost", *settings.current().other_hosts} or (public and name == _name(public)):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return public is None or address.is_loopback


def is_ours(connection: HTTPConnection) -> bool:
    """Return whether the page that sent this is ours, by scheme, host and port; without an Origin it is no browser."""
    if (origin := connection.headers.get("origin")) is None:
        return True
    asked = rules.site(f"{connection.url.scheme.replace('ws', 'http')}://{connection.headers.get('host', '')}")
    public = rules.site(settings.current().public_url or "")
    if public and asked and _name(asked) == _name(public):
        asked = public  # behind a proxy that ends TLS, the scheme here may differ
    if _site(rules.site(origin)) in {_site(asked), _site(public)} - {None}:
        return True
    log.warning("refused what a page of %r sent to the host %r", origin[:80], connection.headers.get("host", "")[:80])
    return False


def proxy(connection: HTTPConnection) -> str:
    """Return whether a proxy says whose request this is: "none" does, or it is "trusted", or "not trusted".

    uvicorn puts the visitor's address in the place of a trusted proxy's, with port 0.
    """
    if "x-forwarded-for" not in connection.headers:
        return "none"
    return "trusted" if connection.client and connection.client.port == 0 else "not trusted"


class OwnHost:
    """Middleware that refuses requests for another host, and websockets opened by another site's page.

    Otherwise Streamlit first asks a server on the internet for this machine's address, and everybody waits.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        connection, over_http = HTTPConnection(scope), scope["type"] == "http"
        host = connection.headers.get("host", "")
        known = is_known(host) or (over_http and scope["path"] in FOR_PROBES)
        if not known:
            log.warning("refused a request for the host %r: if it is yours, add it to CHECKIN_HOSTS", host[:80])
        if known and (over_http or is_ours(connection)):
            await self.app(scope, receive, send)
        elif over_http:
            await PlainTextResponse(REFUSAL, _MISDIRECTED)(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1008})


def _name(parts: SplitResult) -> str:
    return (parts.hostname or "").removesuffix(".")


def _site(parts: SplitResult | None) -> tuple[str, str, int] | None:
    return parts and (parts.scheme, _name(parts), parts.port or _USUAL[parts.scheme])
