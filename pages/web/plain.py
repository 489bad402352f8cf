"""The plain door: the check-in as an HTML form, for any phone and any line, without a script."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from data import answers, check_ins, database, languages
from pages.patient import words
from pages.web import confirmation, forms, rendering, visitor

FIELDS = ("key", "window", "none", "language")


async def show(request: Request) -> Response:
    """Show the empty form.

    The browser may keep it, so that Back after a lost line gives its key and its ticks back; but no more once
    something was sent from it: the device may be in the next patient's hands.
    """
    answer = await _form(request, visitor.language(request.query_params, request.headers), forms.Form())
    if confirmation.was_shown(request):
        confirmation.forget_all(request, answer)
    else:
        answer.headers["cache-control"] = "private, no-cache"
    return answer


async def send(request: Request) -> Response:
    """Store a check-in and lead to its confirmation, or show the form again with what was ticked."""
    form = await forms.read(request, FIELDS, repeated="ticked")
    language = visitor.language(form if "language" in form else request.query_params, request.headers)
    if "language" in form:
        return await _form(request, language, form)
    given = {"key": form.get("key", ""), "window": form.get("window", ""), "ticked": form.getlist("ticked")}
    try:
        stored = await run_in_threadpool(
            check_ins.record, **given, none="none" in form, door="plain", language=language
        )
    except (answers.InvalidCheckIn, database.Unavailable) as error:
        return await _form(request, language, form, error)
    return confirmation.lead(request, stored)


async def _form(request: Request, language: str, form: forms.Form, error: Exception | None = None) -> Response:
    key = form.get("key", "")
    if not key or isinstance(error, answers.InvalidKey):
        key = check_ins.new_key()
    ticked = form.getlist("ticked")
    return await rendering.page(
        "plain.html",
        forms.status(error),
        language,
        query=visitor.query(request, language),
        forgetful=confirmation.was_shown(request),
        key=key,
        window=form.get("window"),
        ticked=ticked,
        none_of_these="none" in form,
        error=words.mistake(error, ticked, languages.translator(language)) if error else "",
    )
