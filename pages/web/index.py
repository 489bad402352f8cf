"""The clinicians' documents that Streamlit's browser code starts from, with our splash in them."""

import re
from functools import cache
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from data import access
from pages.web import forms, guard, rendering, scripts, sign_in, visitor
from pages.web.headers import STREAMLIT_INDEX

_NOSCRIPT = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)
_SERVICE = re.compile(r'<link rel="service-desc".*?/>')


class AnotherIndex(RuntimeError):
    """The installed Streamlit has an index.html in which our splash finds no place."""


async def clinic(request: Request) -> Response:
    """Serve a clinician's page to the holder of a live session; lead everybody else to the sign-in."""
    if not await run_in_threadpool(access.is_signed_in, sign_in.token(request)):
        return RedirectResponse(sign_in.url(request), 303, headers=rendering.NOT_KEPT)
    if not guard.crowd.has_room(visitor.address(request), guard.FOR_STAFF):
        full = "Too many pages are open at the moment. Close any you do not need, then reload this page."
        return forms.message(request, HTTPStatus.SERVICE_UNAVAILABLE, "Not available now", full)
    return HTMLResponse(_clinic(request.url.path), headers=rendering.NOT_KEPT)


@cache
def _clinic(path: str) -> str:
    title = "Infusions" if path == "/infusions" else "Dashboard"
    return _document(title, f"{title}: loading.")


def _document(title: str, loading: str) -> str:
    ours = "".join(f'<script src="{scripts.ADDRESSES[name]}" defer></script>' for name in ("engine", "page"))
    splash, too_old = rendering.rendered("splash.html", loading=loading), rendering.rendered("too_old.html")
    changes = {
        "<title>Streamlit</title>": f"<title>{title}</title>",
        '<link rel="shortcut icon" href="./favicon.png" />': rendering.rendered("icon.html"),
        '<div id="root"></div>': f'<div id="root">{splash}</div>{too_old}',
        "</head>": f"{ours}</head>",
        _only(_NOSCRIPT): "",
        _only(_SERVICE): "",
    }
    document = STREAMLIT_INDEX
    for old, new in changes.items():
        if document.count(old) != 1:
            raise AnotherIndex(f"{old!r} is there {document.count(old)} times, expected once")
        document = document.replace(old, new)
    return document


def _only(pattern: re.Pattern[str]) -> str:
    found = pattern.findall(STREAMLIT_INDEX)
    if len(found) != 1:
        raise AnotherIndex(f"{pattern.pattern!r} is there {len(found)} times, expected once")
    return str(found[0])
