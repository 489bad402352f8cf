"""The documents that Streamlit's browser code starts from, with our splash in them."""

import re
from functools import cache
from html import escape
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from data import access, languages, settings
from pages.patient import words
from pages.web import confirmation, forms, guard, rendering, sign_in, visitor
from pages.web.headers import STREAMLIT_INDEX, STREAMLIT_STATIC

# The elements of the check-in, whose code the browser would ask for only when the first run of the page arrives.
ELEMENTS = ("Html", "Button", "TextInput", "ButtonGroup", "Checkbox")
_SCRIPTS = STREAMLIT_STATIC / "static" / "js"
_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["']\./([\w.-]+\.js)["']""")

_NOSCRIPT = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)
_SERVICE = re.compile(r'<link rel="service-desc".*?/>')
_FONT = re.compile(r'<link\s+rel="preload"[^>]*as="font"[^>]*/>')
_SIMPLE = "/plain?"  # stands in the kept document for the address that keeps the invitation code


class AnotherIndex(RuntimeError):
    """The installed Streamlit has an index.html in which our splash finds no place."""


async def check_in(request: Request) -> Response:
    """Serve the patient's page in the visitor's language, with a way to the plain door before any script has run."""
    if settings.current().open_link == "off" and not request.query_params.get("i"):
        return RedirectResponse(visitor.link("/code", request.query_params), 303, headers=rendering.NOT_KEPT)
    if not guard.crowd.has_room(visitor.address(request)):
        return RedirectResponse(
            visitor.link("/plain", request.query_params, room="none"), 303, headers=rendering.NOT_KEPT
        )
    language = visitor.language(request.query_params, request.headers)
    simple = escape(visitor.link("/plain", request.query_params))
    document = _check_in(language).replace(_SIMPLE, simple)
    answer = HTMLResponse(document, headers=rendering.NOT_KEPT | {"vary": "Accept-Language"})
    confirmation.forget(request, answer)
    return answer


def make_all() -> None:
    """Make the patients' page in every language, which is then kept."""
    for language in languages.NAMES:
        _check_in(language)


async def clinic(request: Request) -> Response:
    """Serve a clinician's page to the holder of a live session; lead everybody else to the sign-in."""
    if not await run_in_threadpool(access.is_signed_in, sign_in.token(request)):
        return RedirectResponse(sign_in.url(request), 303, headers=rendering.NOT_KEPT)
    if not guard.crowd.has_room(visitor.address(request), guard.FOR_STAFF):
        full = "Too many pages are open at the moment. Close any you do not need, then reload this page."
        return forms.message(request, HTTPStatus.SERVICE_UNAVAILABLE, "Not available now", full)
    return HTMLResponse(_clinic(request.url.path), headers=rendering.NOT_KEPT)


@cache
def _check_in(language: str) -> str:
    _ = languages.translator(language)
    late = "".join(f'<link rel="modulepreload" crossorigin href="./static/js/{name}">' for name in _late())
    own = {_only(_FONT): "", '<html lang="en">': f'<html lang="{language}">'}
    return _document(_(words.PAGE), _(words.LOADING), language, simple=_SIMPLE, head=late, own=own)


@cache
def _clinic(path: str) -> str:
    title = "Infusions" if path == "/infusions" else "Dashboard"
    return _document(title, f"{title}: loading.", languages.SOURCE)


def _document(
    title: str, loading: str, language: str, *, simple: str = "", head: str = "", own: dict[str, str] | None = None
) -> str:
    splash = rendering.rendered("splash.html", language, loading=loading, simple=simple)
    way = rendering.rendered("way.html", language, simple=simple) if simple else rendering.rendered("too_old.html")
    changes = {
        "<title>Streamlit</title>": f"<title>{title}</title>",
        '<link rel="shortcut icon" href="./favicon.png" />': rendering.rendered("icon.html"),
        '<div id="root"></div>': f'<div id="root">{splash}</div>{way}',
        "</head>": f'{head}<script src="/engine.js" defer></script><script src="/page.js" defer></script></head>',
        _only(_NOSCRIPT): "",
        _only(_SERVICE): "",
    } | (own or {})
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


def _late() -> list[str]:
    """Return the scripts of the check-in's elements and all they import, but for those the document names already."""
    wanted, found = [_file(element) for element in ELEMENTS], []
    while wanted:
        name = wanted.pop()
        if name not in found and name not in STREAMLIT_INDEX:
            found.append(name)
            wanted += _IMPORT.findall((_SCRIPTS / name).read_text(encoding="utf-8"))
    return found


def _file(element: str) -> str:
    """Return the name of an element's script, whose middle part changes with each release of Streamlit."""
    found = [file.name for file in _SCRIPTS.glob(f"{element}.*.js")]
    if len(found) != 1:
        raise AnotherIndex(f"{element} is there {len(found)} times, expected once")
    return found[0]
