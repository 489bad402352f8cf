"""The plain door: the check-in as an HTML form, for any phone and any line, without a script."""

from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from data import answers, check_ins, database, languages, receipts
from data.check_ins import CheckIn
from pages.patient import words
from pages.web import forms, rendering, visitor

FIELDS = ("key", "window", "none", "language")
_COOKIE = "sent"
_FORGOTTEN = "forgotten"
_SHOWN_FOR = 3600  # seconds


async def show(request: Request) -> Response:
    """Show the empty form. The browser may keep it: Back after a lost line gives its key and its ticks back.

    Once something was sent from this browser it must keep nothing: the device may be in the next patient's hands.
    """
    answer = await _form(request, visitor.language(request.query_params, request.headers), forms.Form())
    answer.headers["cache-control"] = "private, no-cache"
    forget(request, answer)
    return answer


async def send(request: Request) -> Response:
    """Store a check-in and lead to the page that confirms it, or show the form again with what was ticked."""
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
    return confirmation(request, stored)


async def sent(request: Request) -> Response:
    """Show what became of the check-in that this browser has just sent, as the database has it."""
    language = visitor.language(request.query_params, request.headers)
    stored = await run_in_threadpool(receipts.by_seal, request.cookies.get(_COOKIE, ""))
    found = HTTPStatus.OK if stored else HTTPStatus.NOT_FOUND
    return await rendering.page("sent.html", found, language, stored=stored, door="/plain", query=request.query_params)


def confirmation(request: Request, stored: CheckIn) -> Response:
    """Lead to the page that shows a check-in; no symptom and no receipt stands in its address."""
    answer = RedirectResponse(visitor.link("/sent", request.query_params), 303, headers=rendering.NOT_KEPT)
    _set_cookie(request, answer, receipts.seal(stored.receipt))
    return answer


def forget(request: Request, answer: Response) -> None:
    """Let this browser show no earlier check-in, neither the sent one nor the filled-in form that Back leads to."""
    if _COOKIE in request.cookies:
        _set_cookie(request, answer, _FORGOTTEN)
        answer.headers["clear-site-data"] = '"cache"'


def _set_cookie(request: Request, answer: Response, value: str) -> None:
    answer.set_cookie(_COOKIE, value, _SHOWN_FOR, httponly=True, samesite="lax", secure=forms.is_https(request))


def query(request: Request, language: str) -> dict[str, str]:
    """Return the words of the address, with the language in which this page is shown now."""
    return dict(request.query_params) | {"language": language}


def status(error: Exception | None) -> HTTPStatus:
    """Return the HTTP status of a form that is shown because of an error, or of none."""
    if error is None:
        return HTTPStatus.OK
    gone = isinstance(error, database.Unavailable)
    return HTTPStatus.SERVICE_UNAVAILABLE if gone else HTTPStatus.UNPROCESSABLE_ENTITY


async def _form(request: Request, language: str, form: forms.Form, error: Exception | None = None) -> Response:
    key = form.get("key", "")
    if not key or isinstance(error, answers.InvalidKey):
        key = check_ins.new_key()
    ticked = form.getlist("ticked")
    return await rendering.page(
        "plain.html",
        status(error),
        language,
        query=query(request, language),
        forgetful=_COOKIE in request.cookies,
        key=key,
        window=form.get("window"),
        ticked=ticked,
        none_of_these="none" in form,
        error=words.mistake(error, ticked, languages.translator(language)) if error else "",
    )
