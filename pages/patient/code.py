"""Typing a code: how patients without a link reach the check-in of their invitation, from either form."""

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from data.reports import invitations
from data.staff import throttle
from pages.patient import confirmation
from pages.web import forms, rendering, visitor, words

_ask = partial(forms.ask, "code.html")


async def show(request: Request) -> Response:
    """Ask for the code; after a damaged link, say why."""
    why = words.DAMAGED_LINK if "link" in request.query_params else ""
    answer = await _ask(request, forms.language(request), why=why)
    confirmation.forget(request, answer)
    return answer


async def follow(request: Request) -> Response:
    """Redirect to the check-in of the code that was typed, or say why there is none."""
    form = await forms.read(request, ("code", "language"))
    language = forms.language(request, form)
    typed = form.get("code", "")
    if "language" in form:
        return await _ask(request, language, typed)
    try:
        await run_in_threadpool(invitations.find, typed, visitor.address(request))
    except (invitations.UnknownInvitation, throttle.Throttled) as error:
        return await _ask(request, language, typed, error)
    query = dict(request.query_params, i=typed)
    return rendering.redirect(visitor.link(visitor.door(query), query))
