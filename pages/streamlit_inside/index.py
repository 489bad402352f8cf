"""The clinicians' documents that Streamlit's browser code starts from, with our splash in them."""

import re
from functools import cache
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from data.staff import sessions
from pages.streamlit_inside import bundle, guard
from pages.web import cookies, forms, rendering, scripts, visitor

scripts.add("clinic", "web/page.js", "streamlit_inside/hooks.js", "streamlit_inside/infusions.js")


async def clinic(request: Request) -> Response:
    """Serve a clinician's page to the holder of a live session; redirect everybody else to the sign-in."""
    if not await run_in_threadpool(sessions.is_live, cookies.session(request)):
        return RedirectResponse(_sign_in(request), 303, headers=rendering.NOT_KEPT)
    if not guard.crowd.has_room(visitor.address(request), guard.FOR_STAFF):
        full = "Too many pages are open at the moment. Close any you do not need, then reload this page."
        return forms.message(request, HTTPStatus.SERVICE_UNAVAILABLE, "Not available now", full)
    return HTMLResponse(documents()[request.url.path], headers=rendering.NOT_KEPT)


def _sign_in(request: Request) -> str:
    """Return the sign-in that leads back to the page that was asked for, its filters included."""
    query = f"?{request.url.query}" if request.url.query else ""
    return f"/sign-in?{urlencode({'next': request.url.path + query})}"


@cache
def documents() -> dict[str, str]:
    """Return the document of each clinician's page, by its path; raises `AnotherStreamlit`."""
    return {"/clinic": _document("Dashboard"), "/infusions": _document("Infusions")}


def _document(title: str) -> str:
    ours = f"<style>{rendering.rendered('tokens.css')}</style>"
    ours += "".join(f'<script src="{scripts.ADDRESSES[name]}" defer></script>' for name in ("engine", "clinic"))
    splash, too_old = rendering.rendered("splash.html", title=title), rendering.rendered("too_old.html")
    changes = {
        "<title>Streamlit</title>": f"<title>{title}</title>",
        '<link rel="shortcut icon".*?/>': rendering.rendered("icon.html"),
        '<div id="root"></div>': f'<div id="root">{splash}</div>{too_old}',
        "</head>": f"{ours}</head>",
        "<noscript>.*?</noscript>": "",
        '<link rel="service-desc".*?/>': "",
    }
    document = bundle.INDEX
    for old, new in changes.items():
        document = document.replace(bundle.only(re.findall(old, bundle.INDEX, re.DOTALL), old), new)
    return document
