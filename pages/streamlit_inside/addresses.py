"""Known addresses, and where all others lead, so that nobody ever sees Streamlit's bare page."""

import re
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from data.languages import mark
from data.reports import codes
from pages.streamlit_inside import static
from pages.web import forms, rendering, visitor

OF_STREAMLIT = {"/_stcore/health", "/_stcore/host-config", *static.FILES}
_INSTEAD = {  # of what only a form opens
    "/card": "/infusions",
    "/export": "/clinic",
    "/sign-out": "/sign-in",
    "/device": "/sign-in",
    "/device/options": "/sign-in",
}
_KIOSK = re.compile(r"/+kiosk(?![\w-])", re.IGNORECASE)
# Each clinician's page tries these before it asks at the root.
_ASKED_IN_VAIN = ("/clinic/_stcore/", "/infusions/_stcore/")


class KnownAddresses:
    """Middleware that lets through our `routes` and what Streamlit's pages need, and redirects or refuses others.

    A path spelt differently leads to the right one, an address with an invitation's code to its check-in, one with a
    damaged code to the page that asks for it; all others get our 404 page. No address of the kiosk holds a code.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[Route]) -> None:
        self.app, self._methods = app, defaultdict[str, set[str]](set)
        for route in routes:
            self._methods[route.path] |= route.methods or set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = (_of_kiosk(scope) or self._answer(scope)) if scope["type"] == "http" else None
        await (answer or self.app)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        path = scope["path"]
        if path in self._methods:
            return self._known(scope)
        if path in OF_STREAMLIT or path.startswith("/media/"):
            return None
        if path.startswith(_ASKED_IN_VAIN):
            return Response(status_code=404)
        spelled = "/" + path.strip("/").lower()
        if spelled in self._methods:
            query = scope["query_string"].decode("latin-1")
            return rendering.redirect(f"{spelled}?{query}" if query else spelled, 307)
        if code := codes.in_address(_address(scope)):
            return rendering.redirect(visitor.link("/", {"i": code}), 307)
        return forms.message(
            Request(scope),
            404,
            mark("Page not found"),
            mark("There is no page at this address. Check the address your clinic gave you, or use a link below."),
            "not_found.html",
        )

    def _known(self, scope: Scope) -> Response | None:
        if scope["method"] in self._methods[scope["path"]]:
            return _invited(scope) if scope["path"] in visitor.DOORS and scope["query_string"] else None
        if scope["method"] == "GET":  # such as a tab that the browser opens again
            return rendering.redirect(_INSTEAD[scope["path"]])
        words = mark("This page cannot accept what was sent.")
        answer = forms.message(Request(scope), 405, mark("Not accepted"), words)
        answer.headers["allow"] = ", ".join(sorted(self._methods[scope["path"]]))
        return answer


def _invited(scope: Scope) -> Response | None:
    """Redirect an address that carries an invitation in a form other than ours; it never becomes the open form."""
    given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    named, code = {name.lower(): value for name, value in given}, codes.in_address(_address(scope))
    if code == "":
        asked = visitor.link("/code", {**named, "i": "", "door": scope["path"]}, link="damaged")
        return rendering.redirect(asked)
    invited = [("i", code)] if code else []
    if invited == [(name, value) for name, value in given if name == "i"] and named.keys() == dict(given).keys():
        return None
    return rendering.redirect(visitor.link(scope["path"], named | dict(invited)), 307)


def _of_kiosk(scope: Scope) -> Response | None:
    """Redirect an address of the kiosk that has more in it than a language: the next patient would find it."""
    if not _KIOSK.match(scope["path"]):
        return None
    request = Request(scope)
    right = visitor.link(visitor.KIOSK, {"language": request.query_params.get("language", "")})
    return None if f"{scope['path']}?{request.url.query}".removesuffix("?") == right else rendering.redirect(right)


def _address(scope: Scope) -> str:
    return f"{(scope.get('raw_path') or b'').decode('latin-1')}?{scope['query_string'].decode('latin-1')}"
