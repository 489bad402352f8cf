"""Where a request goes and where it comes from: a host of ours, a page of ours or of another site."""

import logging
from ipaddress import ip_address
from urllib.parse import SplitResult

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from data import rules, settings
from pages.web import sparing

FOR_PROBES = ("/ready", "/_stcore/health")  # a container is asked under whatever name it has
REFUSAL = (
    "This address does not lead to the check-in. Open the link from your clinic again.\n\n"
    "If you run this server: set CHECKIN_PUBLIC_URL to the address that visitors use. If a proxy asks under a name of "
    "its own, let it pass the visitor's Host header on, or name its host in CHECKIN_HOSTS.\n"
)
_MISDIRECTED = 421
_USUAL = {"http": 80, "https": 443}

log = logging.getLogger("checkin.host")
log.addFilter(sparing.Sparing())


def is_known(host: str) -> bool:
    """Return whether a Host header names this server, at whatever port, a final dot aside.

    It does with the host of CHECKIN_PUBLIC_URL, those of CHECKIN_HOSTS, and this machine's own names; without a public
    URL with any IP address: a phone on the clinic's network may open what is being tried.
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
    """Return whether the page that sent this is ours, by scheme, host and port; who names no origin is no browser."""
    if (origin := connection.headers.get("origin")) is None:
        return True
    asked = rules.site(f"{connection.url.scheme.replace('ws', 'http')}://{connection.headers.get('host', '')}")
    public = rules.site(settings.current().public_url or "")
    if public and asked and _name(asked) == _name(public):
        asked = public  # behind the proxy, which ends TLS, the scheme may be another one
    return _site(rules.site(origin)) in {_site(asked), _site(public)} - {None}


class OwnHost:
    """Middleware that refuses what asks for another host, and a websocket that another site's page opens.

    Streamlit would ask a server on the internet for this machine's address first, and let everybody wait for it.
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
            log.warning("a request for the host %r was refused: to let it in, name it in CHECKIN_HOSTS", host[:80])
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
