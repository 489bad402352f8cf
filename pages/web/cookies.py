"""Our cookies: hidden from scripts, kept from other sites, and over HTTPS sent by it alone and to this host alone."""

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from data import settings


def is_secure(url: str) -> bool:
    """Return whether the browser that asked for this address came by HTTPS, maybe through a proxy."""
    return (settings.current().public_url or url).startswith(("https:", "wss:"))


def name(cookie: str, url: str) -> str:
    """Return the name that a browser knows a cookie by; no neighbour of this host can set one that begins like that."""
    return f"__Host-{cookie}" if is_secure(url) else cookie


def read(request: HTTPConnection, cookie: str) -> str | None:
    """Return what the browser sent, None where it sent nothing."""
    return request.cookies.get(name(cookie, str(request.url)))


def keep(request: Request, answer: Response, cookie: str, value: str, seconds: int | None = None) -> None:
    """Let the browser keep a value, by default until it is closed; for 0 seconds, forget it."""
    url = str(request.url)
    secure = is_secure(url)
    answer.set_cookie(name(cookie, url), value, seconds, httponly=True, samesite="lax", secure=secure)
