"""Reading the forms of our own HTML pages, and refusing what is not one of them."""

import asyncio
from collections.abc import Collection
from urllib.parse import parse_qsl

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from data import languages
from data.languages import mark
from data.reports import check_ins, invitations, receipts
from data.staff import throttle
from data.storage import database
from pages.web import origin, rendering, visitor, words

LARGEST_FORM = 8 * 1024
PATIENCE = 60  # seconds for a form to arrive

Form = ImmutableMultiDict[str, str]


class Refused(Exception):
    """A request that none of our forms sends; `status` is the HTTP status, `words` say what to do, in English."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


def refuse_other_sites(request: Request) -> None:
    """Raise `Refused` for a form that another site's page sent."""
    if not origin.is_ours(request):
        raise Refused(403, mark("This form was sent from another site. Open the page here and try again."))


async def read(request: Request, fields: Collection[str], *, repeated: str = "") -> Form:
    """Return the fields of a small form that one of our own pages posted; only `repeated` may come more than once.

    Raises `Refused` for another site's form, another content type, more than 8 KiB, one that takes longer than a minute
    to arrive, a field that is none of `fields`, or one that comes twice.
    """
    refuse_other_sites(request)
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/x-www-form-urlencoded":
        raise Refused(415, mark("This form is not from this site. Open the page and try again."))
    try:
        async with asyncio.timeout(PATIENCE):  # a silent connection must not be waited for indefinitely
            body = await _body(request)
    except TimeoutError:
        raise Refused(408, mark("The connection was too slow, so nothing was sent. Go back and try again.")) from None
    form = Form(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if not form.keys() <= {*fields, repeated}:
        raise Refused(400, mark("This form has a field we do not recognise. Open the page and try again."))
    if any(len(form.getlist(field)) > 1 for field in form if field != repeated):
        raise Refused(400, mark("This form has the same field twice. Open the page and try again."))
    return form


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise Refused(413, mark("This form is too large. Open the page and try again."))
    return body


def status(error: Exception | None) -> int:
    """Return the HTTP status of a form that is shown because of an error, or of none."""
    if error is None:
        return 200
    if isinstance(error, database.Unavailable):
        return 503
    if isinstance(error, (throttle.Throttled, check_ins.CodeNeeded)):
        return 429
    return 404 if isinstance(error, (invitations.UnknownInvitation, receipts.UnknownReceipt)) else 422


async def refused(request: Request, error: Refused) -> Response:
    return message(request, error.status, mark("Not accepted"), error.words)


async def unavailable(request: Request, _: database.Unavailable) -> Response:
    told = mark("The database is not responding. Anything already sent is safe. Try again in a minute.")
    return message(request, 503, mark("Not available now"), told)


def is_by_script(request: Request) -> bool:
    """Return whether our script sent the form: it is answered in JSON, and shows a mistake without leaving the page."""
    return request.headers.get("x-check-in") == "fetch"


def language(request: Request, form: Form | None = None) -> str:
    """Return the language that a form is switched to, else that of its page."""
    return visitor.language(form if form and "language" in form else request.query_params, request.headers)


async def show(
    template: str, request: Request, language: str, because: Exception | None = None, **values: object
) -> Response:
    """Show a form of the patient's, perhaps again because of an error."""
    return await rendering.page(template, status(because), language, query=visitor.query(request, language), **values)


async def ask(
    template: str, request: Request, language: str, typed: str = "", why: Exception | str = "", **values: object
) -> Response:
    """Ask for a code or a receipt, and say `why`: what was typed is not accepted, or a sentence."""
    error, told = (None, why) if isinstance(why, str) else (why, words.refusal(why))
    told = languages.translator(language)(told) if told else ""
    if error and is_by_script(request):
        return mistake(error, told)
    return await show(template, request, language, error, typed=typed, error=told, **values)


def lead(request: Request, address: str) -> Response:
    """Redirect to the page that follows a form; our script does that itself."""
    if is_by_script(request):
        return JSONResponse({"location": address}, headers=rendering.NOT_KEPT)
    return rendering.redirect(address)


def mistake(error: Exception, sentence: str) -> Response:
    """Tell our script what is wrong, in which part of the form, and whether a code is needed."""
    told = {"sentence": sentence, "place": words.place(error), "code": isinstance(error, words.A_CODE_MENDS)}
    return JSONResponse(told, status(error), rendering.NOT_KEPT)


def message(request: Request, status: int, title: str, told: str, template: str = "message.html") -> Response:
    """Answer with a page of one sentence, without asking the database whether the data are made up."""
    language = visitor.language(request.query_params, request.headers)
    _ = languages.translator(language)
    if is_by_script(request):
        return JSONResponse({"sentence": _(told)}, status, rendering.NOT_KEPT)
    values = {"title": _(title), "told": _(told), "query": request.query_params, "demonstration": False}
    on_tablet = request.url.path == visitor.KIOSK  # where nobody may be there to go on
    values["check_in"] = visitor.KIOSK if on_tablet else "/"
    refresh = {"refresh": f"60; url={visitor.link(visitor.KIOSK, request.query_params)}"} if on_tablet else {}
    return HTMLResponse(rendering.rendered(template, language, **values), status, rendering.NOT_KEPT | refresh)
