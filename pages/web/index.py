"""The documents that Streamlit's browser code starts from, with our splash in them."""

import re
from functools import cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from data import access
from pages.web import forms, sign_in
from pages.web.headers import STREAMLIT_INDEX

_NOSCRIPT = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)
_SERVICE = re.compile(r'<link rel="service-desc".*?/>')


class AnotherIndex(RuntimeError):
    """The installed Streamlit has an index.html in which our splash finds no place."""


async def check_in(_: Request) -> Response:
    """Serve the patient's page."""
    return HTMLResponse(_document("Check-in", "The check-in is loading."), headers=forms.NOT_KEPT)


async def clinic(request: Request) -> Response:
    """Serve the clinician's page to the holder of a live session; lead everybody else to the sign-in."""
    if not await run_in_threadpool(access.is_signed_in, sign_in.token(request)):
        return RedirectResponse(sign_in.url(request), 303, headers=forms.NOT_KEPT)
    return HTMLResponse(_document("Dashboard", "The dashboard is loading."), headers=forms.NOT_KEPT)


@cache
def _document(title: str, loading: str) -> str:
    splash = forms.rendered("splash.html", loading=loading)
    changes = {
        "<title>Streamlit</title>": f"<title>{title}</title>",
        '<link rel="shortcut icon" href="./favicon.png" />': forms.rendered("icon.html"),
        '<div id="root"></div>': f'<div id="root">{splash}</div>',
        "</head>": '<script src="/page.js" defer></script></head>',
        _only(_NOSCRIPT): "<noscript>This page needs JavaScript.</noscript>",
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
