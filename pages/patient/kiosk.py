"""The check-in on a tablet of the clinic, at `/kiosk`: used in turn, and none finds anything of the one before.

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
from data.storage import database
from pages.patient import confirmation, plain, tablet
from pages.streamlit_inside import static
from pages.web import cookies, forms, qr, rendering, visitor

FIELDS = (*plain.FIELDS, "visit", "shown_in", "invitation", "open", "more")
_COOKIE = "kiosk"


async def show(request: Request) -> Response:
    """Begin a visit; 403 where the browser is signed in, 503 to a browser that only prefetches."""
    if "prefetch" in request.headers.get("sec-purpose", request.headers.get("purpose", "")):
        return Response(status_code=503, headers=rendering.NOT_KEPT)  # the visit of whoever is there would end
    if await _is_signed_in(request):
        return await _ask_to_sign_out(request)
    return await _begin(request, forms.language(request))


async def go(request: Request) -> Response:
    """Take the next step of a visit, towards "Sent"; from a page of another visit, begin a new one and say so."""
    if await _is_signed_in(request):
        return await _ask_to_sign_out(request)
    form = await forms.read(request, FIELDS, repeated="ticked")
    chosen = form.get("language") or form.get("shown_in") or request.query_params.get("language", "")
    language = visitor.language({"language": chosen}, request.headers)
    number = cookies.read(request, _COOKIE)
    if not number or form.get("visit") != number:
        why = tablet.CLEARED if number or "key" in form else tablet.NO_COOKIES  # without them, nobody reaches a form
        return await _begin(request, language, "" if "more" in form else why)
    if "key" not in form:
        return await _open(request, language, form)
    if "language" in form:
        return await _form(request, language, form)
    return await _send(request, language, form)


async def _is_signed_in(request: Request) -> bool:
    token = cookies.session(request)
    return bool(token) and await run_in_threadpool(sessions.is_live, token)


async def _ask_to_sign_out(request: Request) -> Response:
    return await rendering.page("kiosk/signed_in.html", 403, start=_start(request))


async def _begin(request: Request, language: str, why: str = "") -> Response:
    """Show the first page of a new visit; where it says `why`, that too is cleared."""
    shown: dict[str, Any] = {"visit": secrets.token_urlsafe(16), "seconds": tablet.LONGEST if why else 0, "typed": ""}
    told = languages.translator(language)(why) if why else ""
    answer = await _page("kiosk/start.html", request, language, error=told, **shown)
    confirmation.forget(request, answer)
    return answer


async def _open(request: Request, language: str, form: forms.Form) -> Response:
    """Show the form of the code that was typed, or the open one where none was; or say why there is none."""
    typed, without = form.get("code", ""), "open" in form and settings.current().open_link == "on"
    shown: dict[str, Any] = {"visit": form["visit"], "seconds": tablet.LONGEST, "typed": typed, "error": ""}
    if "language" in form:
        return await _page("kiosk/start.html", request, language, **shown)
    if without and not typed.strip():
        return await _form(request, language, forms.Form({"visit": form["visit"]}))
    try:
        found = await run_in_threadpool(invitations.find, typed, visitor.address(request))
    except (invitations.UnknownInvitation, throttle.Throttled) as error:
        shown["error"] = tablet.refusal(error, languages.translator(language), without=without)
        return await _page("kiosk/start.html", request, language, error, **shown)
    if found.answered:
        shown |= {"seconds": tablet.MORE, "reason": found, "again": {"code": typed}}
        return await _page("kiosk/answered.html", request, language, **shown)
    invited = {"visit": form["visit"], "invitation": codes.read_invitation(typed) or ""}
    return await _form(request, language, forms.Form(invited))


async def _form(request: Request, language: str, form: forms.Form, error: Exception | None = None) -> Response:
    code, _ = form.get("invitation", ""), languages.translator(language)
    guessed = isinstance(error, (invitations.UnknownInvitation, throttle.Throttled))  # it would count twice
    shown = plain.filled_in(form, language, error) | {
        "visit": form["visit"],
        "seconds": tablet.LONGEST,
        "invited": code,
        "invitation": None if guessed else await _invitation(request, code),
        "error": tablet.mistake(error, form.getlist("ticked"), _) if error else "",
        "failed": tablet.mistake(database.Unavailable(), (), _),
    }
    return await _page("kiosk/form.html", request, language, error, **shown)


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
        seconds=tablet.MORE if "more" in form else tablet.SHOWN_FOR,
        stored=stored,
        opens_again=invitation and invitation.opens_again,
        qr=qr.image(stored.receipt, languages.translator(language)(tablet.RECEIPT_QR)),
        site=visitor.base(str(request.url)).partition("://")[2],
        again={"key": form["key"], "invitation": code},
    )


async def _invitation(request: Request, code: str) -> invitations.Invitation | None:
    """Return the invitation of a code, None without a code, or where it opens nothing; sending says why."""
    with suppress(*check_ins.NOT_STORED):
        return await run_in_threadpool(invitations.find, code, visitor.address(request)) if code else None
    return None


def _start(request: Request) -> str:
    """Return the address of the tablet's first page, in the language it was set up with."""
    return visitor.link(visitor.KIOSK, {"language": request.query_params.get("language", "")})


async def _page(
    template: str, request: Request, language: str, because: Exception | None = None, **values: Any
) -> Response:
    query = {"language": request.query_params.get("language", "")}
    shown = {"start": _start(request), "address": visitor.KIOSK, "query": query, "kiosk": tablet, "forgetful": True}
    answer = await rendering.page(template, forms.status(because), language, **(shown | values))
    seconds, by_script, visit = values["seconds"], forms.is_by_script(request), values["visit"]
    if seconds:
        answer.headers["refresh"] = f"{seconds}; url={shown['start']}"
    if not by_script or visit != cookies.read(request, _COOKIE):  # else it ends when the page is cleared
        cookies.keep(request, answer, _COOKIE, visit, tablet.LONGEST if seconds and not by_script else None)
    static.squeeze(answer, request)
    return answer
