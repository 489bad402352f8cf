"""Our HTML: whole pages, and the pieces that both forms of the check-in share."""

from functools import cache, partial
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from data import catalogue, languages, settings
from data.settings import telephone
from data.staff import throttle
from data.storage import database
from pages.web import scripts, visitor, words

TEMPLATES = sorted(Path(__file__).parent.parent.glob("*/templates"))
NOT_KEPT = {"cache-control": "no-store"}


def rendered(template: str, language: str = languages.SOURCE, **values: object) -> str:
    """Return a template filled in, in one of the patient's languages; the clinic's settings are there as `clinic`."""
    return _templates(language).get_template(template).render(clinic=settings.current(), **values)


async def page(template: str, status: int = 200, language: str = languages.SOURCE, **values: object) -> Response:
    """Answer with a whole page, marked where the data are made up, and kept by no cache."""
    made_up = await run_in_threadpool(is_demonstration)
    return HTMLResponse(rendered(template, language, demonstration=made_up, **values), status, NOT_KEPT)


def redirect(address: str, status: int = 303) -> Response:
    """Redirect to another address; no cache keeps the answer."""
    return RedirectResponse(address, status, NOT_KEPT)


def sign_in(back: str) -> Response:
    """Redirect to the sign-in, which leads `back` to the page that was asked for, its filters included."""
    return redirect(f"/sign-in?{urlencode({'next': back})}")


def is_demonstration() -> bool:
    """Return whether the data are made up, False where the database is not responding."""
    try:
        return database.is_demonstration()
    except database.Unavailable:
        return False  # the page itself says what does not work


@cache
def _empty_list(language: str, asked: catalogue.TickList) -> Markup:
    """Return the list with nothing ticked, which is half of what a page takes to render."""
    return Markup(rendered("list.html", language, asked=asked, ticked=(), none_of_these=False, wrong=""))  # noqa: S704 - our template


@cache
def _templates(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(languages.translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters["call"] = _call
    environment.tests["throttled"] = lambda error: isinstance(error, throttle.Throttled)
    environment.globals.update(
        language=language,
        languages=languages.NAMES,
        catalogue=catalogue,
        words=words,
        link=visitor.link,
        door=visitor.door,
        scripts=scripts.ADDRESSES,
        empty_list=partial(_empty_list, language),
        kiosk=None,  # on the clinic's tablet, its sentences and times
    )
    return environment


@pass_context
def _call(context: Context, number: str) -> Markup:
    """Return a telephone number that a tap dials, except on the clinic's tablet, which it would lead away from."""
    if context["kiosk"]:
        return Markup('<span class="number" translate="no">{}</span>').format(number)
    return Markup('<a href="tel:{}" translate="no">{}</a>').format(telephone.dialled(number), number)
