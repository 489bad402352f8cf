"""The clinicians' documents that Streamlit's browser code starts from, with our splash in them."""

import re
from functools import cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from data.staff import sessions
from pages.streamlit_inside import bundle, guard
from pages.web import cookies, forms, rendering, scripts, visitor

scripts.add(
    "clinic", "web/page.js", "streamlit_inside/hooks.js", "streamlit_inside/infusions.js", "streamlit_inside/tabs.js"
)


async def clinic(request: Request) -> Response:
    """Serve a clinician's page to the holder of a live session; redirect everybody else to the sign-in.

    Raises `sessions.NotForThisRole` where reception asks for figures.
    """
    holder = await run_in_threadpool(sessions.holder, cookies.session(request))
    if holder is None:
        query = f"?{request.url.query}" if request.url.query else ""
        return rendering.sign_in(request.url.path + query)
    if request.url.path == "/clinic" and not holder.role.sees_figures:
        raise sessions.refusal(holder)
    if not guard.crowd.has_room(visitor.address(request), guard.FOR_STAFF):
        full = "Too many pages are open at the moment. Close any you do not need, then reload this page."
        return forms.message(request, 503, "Not available now", full)
    return HTMLResponse(documents()[request.url.path], headers=rendering.NOT_KEPT)


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
