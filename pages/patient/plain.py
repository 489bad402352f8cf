"""The check-in as an HTML form, at `/` and `/plain`: for any phone and any connection, complete without a script."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from data import languages, settings
from data.reports import answers, check_ins, invitations
from data.storage import database
from pages.patient import confirmation
from pages.streamlit_inside import bundle, guard, static
from pages.web import forms, rendering, visitor, words

FIELDS = ("key", "window", "none", "language", "code")


async def show(request: Request) -> Response:
    """Show the empty form, or ask for a code where the open link is switched off.

    The browser may keep it, so that Back after a lost connection restores its key and its ticks, until something was
    sent from this browser: then the device may be in the next patient's hands.
    """
    if settings.current().open_link == "off" and not request.query_params.get("i"):
        return rendering.redirect(visitor.link("/code", visitor.query(request)))
    answer = await _form(request, forms.language(request), forms.Form())
    if confirmation.was_shown(request):
        confirmation.forget(request, answer)
    else:
        answer.headers["cache-control"] = "private, no-cache"
    answer.headers["vary"] = "Accept-Language"
    static.squeeze(answer, request)
    return answer


async def check(request: Request) -> None:
    """Raise if the form cannot be shown in one of the languages."""
    for language in languages.NAMES:
        await _form(Request({**request.scope, "path": "/", "query_string": b""}), language, forms.Form())


async def send(request: Request) -> Response:
    """Store a check-in and redirect to its confirmation, or show the form again with what was ticked."""
    form = await forms.read(request, FIELDS, repeated="ticked")
    language = forms.language(request, form)
    if "language" in form:
        return await _form(request, language, form)
    ticked = form.getlist("ticked")
    try:
        stored = await run_in_threadpool(
            check_ins.record,
            key=form.get("key", ""),
            ticked=ticked,
            none="none" in form,
            window=form.get("window", ""),
            code=form.get("code") or request.query_params.get("i", ""),
            visit=check_ins.Visit("plain", language, visitor.address(request)),
        )
    except check_ins.NOT_STORED as error:
        if forms.is_by_script(request):
            return forms.mistake(error, words.mistake(error, ticked, languages.translator(language)))
        return await _form(request, language, form, error)
    return confirmation.lead(request, stored)


async def _form(request: Request, language: str, form: forms.Form, error: Exception | None = None) -> Response:
    query, invitation = visitor.query(request, language), None
    try:
        if code := query.get("i"):
            invitation = await run_in_threadpool(invitations.find, code, visitor.address(request))
    except check_ins.NOT_STORED as refusal:
        if not form:  # else what is ticked matters more
            return await _refused(query, refusal)
    if invitation and invitation.answered and not form:
        return await _refused(query, invitation)
    return await forms.show(
        "plain.html",
        request,
        language,
        error,
        address=visitor.door(query),
        more=bundle.MORE if _may_become_the_app(request) else "",
        forgetful=confirmation.was_shown(request),
        invitation=invitation,
        invited=query.get("i"),
        **filled_in(form, language, error),
    )


def filled_in(form: forms.Form, language: str, error: Exception | None) -> dict[str, Any]:
    """Return what the template shows of a form: what was chosen and ticked, the mistake, and its key or a new one."""
    key = (form.get("key") if not isinstance(error, answers.InvalidKey) else "") or check_ins.new_key()
    ticked, _ = form.getlist("ticked"), languages.translator(language)
    return {
        "key": key,
        "asked": check_ins.asked(key),
        "window": form.get("window"),
        "ticked": ticked,
        "none_of_these": "none" in form,
        "wrong": words.place(error),
        "needs_code": "code" in form or isinstance(error, words.A_CODE_MENDS),
        "code": form.get("code", ""),
        "error": words.mistake(error, ticked, _) if error else "",
        "failed": words.mistake(database.Unavailable(), (), _),
    }


def _may_become_the_app(request: Request) -> bool:
    """Return whether Streamlit's form may take the place of this one: nobody has begun, and there is room for it."""
    return request.method == "GET" and request.url.path == "/" and guard.crowd.has_room(visitor.address(request))


async def _refused(query: dict[str, str], reason: invitations.Invitation | Exception) -> Response:
    if isinstance(reason, database.Unavailable):
        raise reason
    status = 200 if isinstance(reason, invitations.Invitation) else forms.status(reason)
    return await rendering.page("plain_refused.html", status, query["language"], query=query, reason=reason)
