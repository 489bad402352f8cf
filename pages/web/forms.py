"""Our own small HTML pages: rendering them, reading their forms, refusing what is not one of them."""

from pathlib import Path
from urllib.parse import parse_qsl

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from data import database, settings
from pages.web import origin

LARGEST_FORM = 8 * 1024
NOT_KEPT = {"cache-control": "no-store"}

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Refused(Exception):
    """A request that none of our forms sends; `status` is the HTTP status, `words` say what to do."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


def rendered(template: str, **values: object) -> str:
    """Return a template filled in; the clinic's settings are there as `clinic`."""
    return _templates.get_template(template).render(clinic=settings.current(), **values)


async def page(template: str, status: int = 200, **values: object) -> Response:
    """Answer with a whole page, marked where the data are made up, and kept by no cache."""
    demonstration = await run_in_threadpool(database.is_demonstration)
    return HTMLResponse(rendered(template, demonstration=demonstration, **values), status, NOT_KEPT)


def refuse_other_sites(request: Request) -> None:
    """Raise `Refused` for a form that another site's page sent."""
    if not origin.is_ours(request.headers):
        raise Refused(403, "This form was sent from another site. Open the page here and try again.")


async def read(request: Request) -> dict[str, str]:
    """Return the fields of a small form that one of our own pages posted.

    Raises `Refused` for another site's form, another content type, more than 8 KiB, or a field that comes twice.
    """
    refuse_other_sites(request)
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/x-www-form-urlencoded":
        raise Refused(415, "This is not a form of this site. Open the page and try again.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise Refused(413, "This form is too large. Open the page and try again.")
    fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    if len(dict(fields)) < len(fields):
        raise Refused(400, "A field of this form came twice. Open the page and try again.")
    return dict(fields)


async def refused(_: Request, error: Refused) -> Response:
    """Answer a `Refused`."""
    return await page("message.html", error.status, title="Not accepted", words=error.words)


async def unavailable(_: Request, __: database.Unavailable) -> Response:
    """Answer when the database does not: without asking it whether the data are made up."""
    words = "The database does not answer. Nothing that was stored is lost. Try again in a minute."
    values = {"title": "Not available now", "words": words, "demonstration": False}
    return HTMLResponse(rendered("message.html", **values), 503, NOT_KEPT)
