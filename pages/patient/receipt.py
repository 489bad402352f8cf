"""Correct or withdraw: what a patient does with a receipt, from either form of the check-in."""

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from data import languages
from data.catalogue import LIST_VERSION, LISTS
from data.reports import answers, check_ins, receipts
from data.staff import throttle
from data.storage import database
from pages.patient import confirmation
from pages.web import forms, visitor, words

FIELDS = ("receipt", "window", "list", "none", "language", "action", "cookies")
_LISTS = {str(version): asked for version, asked in LISTS.items()}  # as a form names them
_OPEN = {"step": "correct"}  # in the address of an opened check-in, so that Back can lead there
_ask = partial(forms.ask, "receipt.html")


async def show(request: Request) -> Response:
    """Ask for the receipt, or show the check-in that was opened in this browser.

    A browser that blocks cookies is asked once more; the answer to that form is the check-in itself.
    """
    language = forms.language(request)
    opened = _OPEN.items() <= request.query_params.items()
    if opened and (stored := await confirmation.kept(request)):
        if stored.withdrawn:
            return confirmation.lead(request, stored)
        return await _correct(request, language, _filled_in(stored))
    if opened and not confirmation.was_shown(request):
        return await _ask(request, language, why=words.NOT_KEPT, cookies=False)
    answer = await _ask(request, language, cookies=True)
    confirmation.forget(request, answer)
    return answer


async def change(request: Request) -> Response:
    """Open, correct or withdraw the check-in of a receipt, depending on the button that was pressed."""
    form = await forms.read(request, FIELDS, repeated="ticked")
    language = forms.language(request, form)
    typed, cookies = form.get("receipt", ""), "cookies" not in form
    opened = "window" in form  # so the form holds answers, which are kept whatever happens
    if "language" in form:
        return await (_correct(request, language, form) if opened else _ask(request, language, typed, cookies=cookies))
    try:
        stored = await run_in_threadpool(_done, form, visitor.address(request))
    except (receipts.UnknownReceipt, throttle.Throttled) as error:
        return await _ask(request, language, typed, error, cookies=cookies)
    except (answers.InvalidCheckIn, database.Unavailable) as error:
        if not opened:
            raise
        return await _correct(request, language, form, error)
    if opened or stored.withdrawn:
        return confirmation.lead(request, stored)
    if cookies:
        return confirmation.lead(request, stored, "/receipt", **_OPEN)
    return await _correct(request, language, _filled_in(stored))


def _done(form: forms.Form, address: str) -> check_ins.CheckIn:
    """Do what the pressed button says; return what is stored afterwards."""
    typed = form.get("receipt", "")
    if form.get("action") == "withdraw":
        return receipts.withdraw(typed, address)
    if "window" in form:
        return receipts.correct(typed, address, ticked=form.getlist("ticked"), none="none" in form)
    return receipts.find(typed, address)


def _filled_in(stored: check_ins.CheckIn) -> forms.Form:
    """Return the form as it would send what is stored."""
    ticks = [("ticked", code) for code in stored.ticked] or [("none", "yes")]
    asked = [("window", stored.window), ("list", str(stored.list_version))]
    return forms.Form([("receipt", stored.receipt), *asked, *ticks])


async def _correct(request: Request, language: str, form: forms.Form, error: Exception | None = None) -> Response:
    ticked, version = form.getlist("ticked"), form.get("list")
    version = version if version in _LISTS else str(LIST_VERSION)
    told = partial(words.mistake, ticked=ticked, _=languages.translator(language), button=words.SAVE)
    if error and forms.is_by_script(request):
        return forms.mistake(error, told(error))
    return await forms.show(
        "correct.html",
        request,
        language,
        error,
        receipt=form.get("receipt", ""),
        window=form.get("window", ""),
        list=version,
        asked=_LISTS[version],
        ticked=ticked,
        none_of_these="none" in form,
        error=told(error) if error else "",
        wrong=words.place(error),
        failed=told(database.Unavailable()),
    )
