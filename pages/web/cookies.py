"""Our cookies: hidden from scripts and other sites, and with HTTPS sent over it only and to this host only."""

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from data import settings

SESSION = "clinic_session"


def is_secure(url: str) -> bool:
    """Return whether the browser used HTTPS for this address, perhaps through a proxy."""
    return (settings.current().public_url or url).startswith(("https:", "wss:"))


def name(cookie: str, url: str) -> str:
    """Return a cookie's name in the browser; with `__Host-` no neighbouring host can set it."""
    return f"__Host-{cookie}" if is_secure(url) else cookie


def read(request: HTTPConnection, cookie: str) -> str | None:
    """Return what the browser sent, None where it sent no such cookie."""
    return request.cookies.get(name(cookie, str(request.url)))


def session(request: HTTPConnection) -> str:
    """Return the token of the clinician's session that the browser sent, empty where there is none."""
    return read(request, SESSION) or ""


def keep(request: Request, answer: Response, cookie: str, value: str, seconds: int | None = None) -> None:
    """Let the browser keep a value, by default until it is closed; with 0 seconds, delete it."""
    url = str(request.url)
    answer.set_cookie(name(cookie, url), value, seconds, httponly=True, samesite="lax", secure=is_secure(url))
