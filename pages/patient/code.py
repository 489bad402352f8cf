"""Typing a code: the way to the check-in of an invitation for patients without a link, from either form."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from data import languages
from data.reports import codes, invitations
from data.staff import throttle
from pages.patient import confirmation
from pages.web import forms, rendering, visitor, words


async def show(request: Request) -> Response:
    """Ask for the code; after a damaged link, say why."""
    told = words.DAMAGED_LINK if "link" in request.query_params else ""
    answer = await _ask(request, visitor.language(request.query_params, request.headers), "", told=told)
    confirmation.forget(request, answer)
    return answer


async def follow(request: Request) -> Response:
    """Lead to the check-in of the code that was typed."""
    form = await forms.read(request, ("code", "language"))
    language = visitor.language(form if "language" in form else request.query_params, request.headers)
    typed = form.get("code", "")
    if "language" in form:
        return await _ask(request, language, typed)
    try:
        await run_in_threadpool(invitations.find, typed, visitor.address(request))
    except (invitations.UnknownInvitation, throttle.Throttled) as error:
        return await _ask(request, language, typed, error)
    query = dict(request.query_params, i=codes.read_invitation(typed))
    return RedirectResponse(visitor.link(visitor.door(query), query), 303, headers=rendering.NOT_KEPT)


async def _ask(request: Request, language: str, typed: str, error: Exception | None = None, told: str = "") -> Response:
    told = words.refusal(error) if error else told
    return await rendering.page(
        "code.html",
        forms.status(error),
        language,
        query=visitor.query(request, language),
        code=typed,
        error=languages.translator(language)(told) if told else "",
    )
