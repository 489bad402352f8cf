"""Signing in and out, and setting the first passphrase: HTML forms, before any Streamlit is loaded."""

import re
from collections.abc import Callable
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from data.staff import hashing, links, passphrase, sessions, throttle
from pages.web import cookies, forms, rendering, visitor, words

DEVICE = "clinic_device"
_DEVICE_KEPT = 180 * 24 * 3600  # seconds
# Separate threads: only one hashes at a time, and a known browser does not queue behind strangers' guesses.
_STRANGERS, _KNOWN = CapacityLimiter(2), CapacityLimiter(2)
_NEXT = re.compile(r"/(clinic|infusions)(\?[!-~]*)?")


async def show(request: Request) -> Response:
    """Show the sign-in form, or redirect whoever is signed in."""
    if await run_in_threadpool(sessions.is_live, cookies.session(request)):
        return rendering.redirect(_next(request.query_params.get("next", "")))
    return await _form(request.query_params.get("next", ""))


async def sign_in(request: Request) -> Response:
    """Begin a session and redirect to `next`; 401 for another passphrase, 429 after too many attempts."""
    form = await forms.read(request, ("passphrase", "next"))
    device = cookies.read(request, DEVICE) or ""
    try:
        limiter = _KNOWN if passphrase.is_device(device) else _STRANGERS
        given, before = form.get("passphrase", ""), cookies.session(request)
        begun = await _hashing(limiter, passphrase.sign_in, given, visitor.address(request), device, before)
    except passphrase.WrongPassphrase:
        return await _form(form.get("next", ""), 401, "This is not the passphrase. Check it and try again.")
    except throttle.Throttled:
        return await _form(form.get("next", ""), 429, words.TOO_MANY)
    answer = rendering.redirect(_next(form.get("next", "")))
    cookies.keep(request, answer, cookies.SESSION, begun)
    cookies.keep(request, answer, DEVICE, passphrase.new_device(), _DEVICE_KEPT)
    return answer


async def sign_out(request: Request) -> Response:
    """End the session in every tab."""
    forms.refuse_other_sites(request)
    await run_in_threadpool(sessions.sign_out, cookies.session(request))
    answer = rendering.redirect("/sign-in")
    cookies.keep(request, answer, cookies.SESSION, "", 0)
    return answer


async def show_set_up(_: Request) -> Response:
    """Show the form that sets the first passphrase; the link's secret is in the fragment, which no server sees."""
    return await _set_up_form("")


async def set_up(request: Request) -> Response:
    form = await forms.read(request, ("link", "passphrase", "again"))
    link = form.get("link", "")
    if form.get("passphrase") != form.get("again"):
        return await _set_up_form(link, 400, "The two passphrases differ. Type the same one twice.")
    try:
        await _hashing(_STRANGERS, passphrase.set_up, link, form.get("passphrase", ""))
    except hashing.WeakPassphrase:
        weak = f"Use at least {hashing.SHORTEST} characters. Four or five unusual words work well."
        return await _set_up_form(link, 400, weak)
    except links.Refused:
        used = "This link has been used or has expired. If a passphrase is already set, sign in; "
        return await _set_up_form("", 403, f"{used}otherwise restart the server.")
    return rendering.redirect("/sign-in")


async def _hashing(limiter: CapacityLimiter, work: Callable[..., Any], *given: str) -> Any:
    """Run work that hashes a passphrase; waiting for it takes no thread that a patient may need."""
    return await to_thread.run_sync(work, *given, limiter=limiter)


async def _form(then: str, status: int = 200, error: str = "") -> Response:
    is_set = await run_in_threadpool(passphrase.is_set)
    return await rendering.page("sign_in.html", status, next=_next(then), error=error, passphrase_is_set=is_set)


async def _set_up_form(link: str, status: int = 200, error: str = "") -> Response:
    return await rendering.page("set_up.html", status, link=link, error=error, shortest=hashing.SHORTEST)


def _next(path: str) -> str:
    return path if _NEXT.fullmatch(path) else "/clinic"
