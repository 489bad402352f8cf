"""The check-in on a tablet of the clinic, at `/kiosk`: patients use it in turn, and none finds anything of another.

Each GET begins a visit. Its random number is in a cookie and in the forms of its pages; a form with another number is
an old page that somebody came back to, and nothing in it is stored or shown. Codes and receipts are in no address.
"""

import secrets
from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from data import languages, settings
from data.reports import check_ins, codes, invitations
from data.staff import sessions, throttle
from pages.patient import confirmation, plain
from pages.streamlit_inside import static
from pages.web import cookies, forms, qr, rendering, visitor, words

FIELDS = (*plain.FIELDS, "visit", "shown_in", "invitation", "open", "more")
SHOWN_FOR, MORE, LONGEST = 20, 60, 600  # seconds; the last for a form where no script sees whether anybody is there
_COOKIE = "kiosk"


async def show(request: Request) -> Response:
    """Begin a visit; 403 where the browser is signed in, 503 where it asks before anybody wants to see the page."""
    if "prefetch" in request.headers.get("sec-purpose", request.headers.get("purpose", "")):
        return Response(status_code=503, headers=rendering.NOT_KEPT)  # the visit of whoever is there would end
    if await _is_signed_in(request):
        return await _ask_to_sign_out()
    return await _begin(request, forms.language(request))


async def go(request: Request) -> Response:
    """Take the next step of a visit, towards "Sent"; from a page of another visit, redirect to a new one."""
    if await _is_signed_in(request):
        return await _ask_to_sign_out()
    form = await forms.read(request, FIELDS, repeated="ticked")
    chosen = form.get("language") or form.get("shown_in") or request.query_params.get("language", "")
    language = visitor.language({"language": chosen}, request.headers)
    number = cookies.read(request, _COOKIE)
    if not number:
        return await _begin(request, language, words.NO_COOKIES)
    if form.get("visit") != number:
        return rendering.redirect(_start(request))
    if "key" not in form:
        return await _open(request, language, form)
    if "language" in form:
        return await _form(request, language, form)
    return await _send(request, language, form)


async def _is_signed_in(request: Request) -> bool:
    token = cookies.session(request)
    return bool(token) and await run_in_threadpool(sessions.is_live, token)


async def _ask_to_sign_out() -> Response:
    return await rendering.page("kiosk/signed_in.html", 403, start=visitor.KIOSK)


async def _begin(request: Request, language: str, why: str = "") -> Response:
    number = secrets.token_urlsafe(16)
    answer = await _ask(request, language, number, why=why, seconds=0)
    cookies.keep(request, answer, _COOKIE, number)
    confirmation.forget(request, answer)
    return answer


async def _ask(
    request: Request, language: str, number: str, typed: str = "", *, why: Exception | str = "", seconds: int = LONGEST
) -> Response:
    """Ask for a code, and say `why`: what was typed is not accepted, or a sentence."""
    _, error = languages.translator(language), why if isinstance(why, Exception) else None
    told = words.refusal(why) if isinstance(why, Exception) else why
    shown: dict[str, Any] = {"visit": number, "typed": typed, "seconds": seconds, "failed": _(words.TRY_AGAIN)}
    return await _page("kiosk/start.html", request, language, error, error=_(told) if told else "", **shown)


async def _open(request: Request, language: str, form: forms.Form) -> Response:
    """Show the form of the code that was typed, or the open one; or say why there is none."""
    number, typed = form["visit"], form.get("code", "")
    if "language" in form:
        return await _ask(request, language, number, typed)
    if "open" in form and settings.current().open_link == "on":
        return await _form(request, language, forms.Form({"visit": number}))
    try:
        found = await run_in_threadpool(invitations.find, typed, visitor.address(request))
    except (invitations.UnknownInvitation, throttle.Throttled) as error:
        return await _ask(request, language, number, typed, why=error)
    if found.answered:
        again = {"code": typed}
        return await _page(
            "kiosk/answered.html", request, language, visit=number, seconds=MORE, reason=found, again=again
        )
    invited = {"visit": number, "invitation": codes.read_invitation(typed) or ""}
    return await _form(request, language, forms.Form(invited))


async def _form(request: Request, language: str, form: forms.Form, error: Exception | None = None) -> Response:
    code = form.get("invitation", "")
    shown = {"invited": code, "invitation": await _invitation(request, code)} | plain.filled_in(form, language, error)
    return await _page("kiosk/form.html", request, language, error, visit=form["visit"], seconds=LONGEST, **shown)


async def _send(request: Request, language: str, form: forms.Form) -> Response:
    """Store a check-in and show what is stored; or show the form again with what was ticked."""
    code = form.get("code") or form.get("invitation", "")
    try:
        stored = await run_in_threadpool(
            check_ins.record,
            key=form["key"],
            ticked=form.getlist("ticked"),
            none="none" in form,
            window=form.get("window", ""),
            code=code,
            visit=check_ins.Visit("kiosk", language, visitor.address(request)),
        )
    except check_ins.NOT_STORED as error:
        return await _form(request, language, form, error)
    invitation = await _invitation(request, code)
    return await _page(
        "kiosk/sent.html",
        request,
        language,
        visit=form["visit"],
        seconds=MORE if "more" in form else SHOWN_FOR,
        stored=stored,
        opens_again=invitation and invitation.opens_again,
        qr=qr.image(stored.receipt, languages.translator(language)(words.RECEIPT_QR)),
        site=visitor.base(str(request.url)).partition("://")[2],
        again={"key": form["key"], "invitation": code},
    )


async def _invitation(request: Request, code: str) -> invitations.Invitation | None:
    """Return the invitation of a code, None without one and where it cannot be told: whatever is sent will tell."""
    with suppress(*check_ins.NOT_STORED):
        return await run_in_threadpool(invitations.find, code, visitor.address(request)) if code else None
    return None


def _start(request: Request) -> str:
    """Return the address of the tablet's first page, in the language it was set up with."""
    return visitor.link(visitor.KIOSK, {"language": request.query_params.get("language", "")})


async def _page(
    template: str, request: Request, language: str, because: Exception | None = None, **values: object
) -> Response:
    start = _start(request)
    shown = {"start": start, "address": visitor.KIOSK, "forgetful": True} | values
    query = {"language": request.query_params.get("language", "")}
    answer = await rendering.page(template, forms.status(because), language, query=query, **shown)
    if seconds := values["seconds"]:
        answer.headers["refresh"] = f"{seconds}; url={start}"
    static.squeeze(answer, request)
    return answer
