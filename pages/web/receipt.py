"""Correct or withdraw: what a patient does with a receipt, from either door of the check-in, without a script."""

from collections.abc import Collection

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from data import answers, database, languages, receipts, throttle
from pages.patient import words
from pages.web import confirmation, forms, rendering, visitor

FIELDS = ("receipt", "window", "none", "language", "action")


async def show(request: Request) -> Response:
    """Ask for the receipt."""
    answer = await _ask(request, visitor.language(request.query_params, request.headers), "")
    confirmation.forget_all(request, answer)
    return answer


async def change(request: Request) -> Response:
    """Open the check-in of a receipt, correct it or withdraw it, as the button says that was pressed."""
    form = await forms.read(request, FIELDS, repeated="ticked")
    language = visitor.language(form if "language" in form else request.query_params, request.headers)
    typed, address = form.get("receipt", ""), visitor.address(request)
    answered = {"ticked": form.getlist("ticked"), "none": "none" in form}
    opened = "window" in form  # so the form holds answers, which are kept whatever happens
    if "language" in form:
        return await (_correct(request, language, form, **answered) if opened else _ask(request, language, typed))
    try:
        if form.get("action") == "withdraw":
            stored = await run_in_threadpool(receipts.withdraw, typed, address)
        elif opened:
            stored = await run_in_threadpool(receipts.correct, typed, address, **answered)
        else:
            stored = await run_in_threadpool(receipts.find, typed, address)
            if not stored.withdrawn:
                as_stored = {"receipt": stored.receipt, "window": stored.window}
                ticks = {"ticked": stored.ticked, "none": not stored.ticked}
                return await _correct(request, language, forms.Form(as_stored), **ticks)
    except (receipts.UnknownReceipt, throttle.Throttled) as error:
        return await _ask(request, language, typed, error)
    except (answers.InvalidCheckIn, database.Unavailable) as error:
        if not opened:
            raise
        return await _correct(request, language, form, **answered, error=error)
    return confirmation.lead(request, stored)


async def _ask(request: Request, language: str, typed: str, error: Exception | None = None) -> Response:
    told = words.refusal(error) if error else ""
    query = visitor.query(request, language)
    return await rendering.page("receipt.html", forms.status(error), language, query=query, receipt=typed, error=told)


async def _correct(
    request: Request,
    language: str,
    form: forms.Form,
    *,
    ticked: Collection[str],
    none: bool,
    error: Exception | None = None,
) -> Response:
    told = words.mistake(error, ticked, languages.translator(language), words.SAVE) if error else ""
    return await rendering.page(
        "correct.html",
        forms.status(error),
        language,
        query=visitor.query(request, language),
        receipt=form.get("receipt", ""),
        window=form.get("window", ""),
        ticked=ticked,
        none_of_these=none,
        error=told,
    )
