"""Signing in and out: HTML forms, before any Streamlit is loaded."""

import re
from collections.abc import Callable
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from data import languages
from data.staff import passphrase, sessions, throttle, ways
from pages.web import cookies, forms, rendering, visitor, words

DEVICE = "clinic_device"
_DEVICE_KEPT = 180 * 24 * 3600  # seconds
# Separate threads: only one hashes at a time, and a known browser does not queue behind strangers' guesses.
STRANGERS, _KNOWN = CapacityLimiter(2), CapacityLimiter(2)
_TABLETS = {visitor.link(visitor.KIOSK, {"language": language}) for language in ("", *languages.NAMES)}
_NEXT = re.compile(r"/(clinic|infusions)(\?[!-~]*)?")


async def show(request: Request) -> Response:
    """Show the ways to sign in here, or redirect whoever is signed in."""
    if by_name := visitor.by_name(request):
        return rendering.redirect(by_name)
    then, token = request.query_params.get("next", ""), cookies.session(request)
    if await run_in_threadpool(sessions.is_live, token):
        return rendering.redirect(await _following(then, token))
    return await ask(request, then)


async def sign_in(request: Request) -> Response:
    """Begin a session and redirect to `next`; 401 for another passphrase, 429 after too many attempts."""
    form = await forms.read(request, ("passphrase", "next"))
    device = cookies.read(request, DEVICE) or ""
    try:
        limiter = _KNOWN if passphrase.is_device(device) else STRANGERS
        given, before = form.get("passphrase", ""), cookies.session(request)
        begun = await in_turn(limiter, passphrase.sign_in, given, visitor.address(request), device, before)
    except passphrase.WrongPassphrase:
        return await ask(request, form.get("next", ""), 401, "This is not the passphrase. Check it and try again.")
    except throttle.Throttled:
        return await ask(request, form.get("next", ""), 429, words.TOO_MANY)
    answer = await lead_in(request, begun, form.get("next", ""))
    cookies.keep(request, answer, DEVICE, passphrase.new_device(), _DEVICE_KEPT)
    return answer


async def sign_out(request: Request) -> Response:
    """End the session in every tab; with the field `everywhere`, every session of this person.

    The browser forgets what it kept of the pages, and may become the clinic's tablet.
    """
    forms.refuse_other_sites(request)
    form = await forms.read(request, ("everywhere", "next")) if "content-type" in request.headers else forms.Form()
    await run_in_threadpool(sessions.sign_out, cookies.session(request), everywhere="everywhere" in form)
    answer = rendering.redirect(form["next"] if form.get("next") in _TABLETS else "/sign-in")
    answer.headers["clear-site-data"] = '"cache"'
    cookies.keep(request, answer, cookies.SESSION, "", 0)
    return answer


async def not_for_this_role(_request: Request, _: sessions.NotForThisRole) -> Response:
    """Say to reception, in place of figures, whom they are for."""
    return await rendering.page("not_for_reception.html", 403)


async def ask(request: Request, then: str, status: int = 200, error: str = "") -> Response:
    """Show the ways to sign in here, perhaps again because of an error."""
    there = await run_in_threadpool(ways.open_at, visitor.host(request))
    then = then if _NEXT.fullmatch(then) else ""
    return await rendering.page("sign_in.html", status, next=then, error=error, ways=there)


async def lead_in(request: Request, begun: str, then: str = "") -> Response:
    """Let the browser keep the token of a session that has begun, and redirect to the page that was asked for."""
    answer = rendering.redirect(await _following(then, begun))
    cookies.keep(request, answer, cookies.SESSION, begun)
    return answer


async def in_turn(limiter: CapacityLimiter, work: Callable[..., Any], *given: str) -> Any:
    """Run work that hashes a passphrase; waiting for it takes no thread that a patient may need."""
    return await to_thread.run_sync(work, *given, limiter=limiter)


async def _following(then: str, token: str) -> str:
    if _NEXT.fullmatch(then):
        return then
    holder = await run_in_threadpool(sessions.holder, token)
    return "/clinic" if holder is None or holder.role.sees_figures else "/infusions"
