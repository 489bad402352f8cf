"""The confirmation of the HTML form: what became of the check-in this browser has just sent, opened or corrected.

A cookie with a sealed receipt says which one that is. No address holds an answer or a receipt.
"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from data.reports import check_ins, receipts
from pages.streamlit_inside import static
from pages.web import cookies, forms, rendering, visitor

_COOKIE = "sent"
_FORGOTTEN = "forgotten"  # something was sent from this browser, which no longer knows what
_SHOWN_FOR = 3600  # seconds


async def show(request: Request) -> Response:
    """Show the check-in of this browser, as the database has it now."""
    stored = await kept(request)
    status, query = 200 if stored else 404, request.query_params
    answer = await rendering.page("sent.html", status, forms.language(request), stored=stored, query=query)
    static.squeeze(answer, request)
    return answer


def lead(request: Request, stored: check_ins.CheckIn, path: str = "/sent", **more: str) -> Response:
    """Redirect to the confirmation of a check-in, or to another page that shows what this browser keeps."""
    answer = forms.lead(request, visitor.link(path, visitor.query(request), **more))
    cookies.keep(request, answer, _COOKIE, receipts.seal(stored.receipt), _SHOWN_FOR)
    return answer


async def kept(request: Request) -> check_ins.CheckIn | None:
    """Return the check-in of this browser, None where it keeps none."""
    return await run_in_threadpool(receipts.by_seal, cookies.read(request, _COOKIE) or "")


def was_shown(request: Request) -> bool:
    """Return whether something was sent from this browser within the hour: the next patient may hold it now."""
    return cookies.read(request, _COOKIE) is not None


def forget(request: Request, answer: Response) -> None:
    """Make this browser forget the check-in it showed, and the filled-in form that Back would lead to."""
    if cookies.read(request, _COOKIE) not in (None, _FORGOTTEN):
        answer.headers["clear-site-data"] = '"cache"'
        cookies.keep(request, answer, _COOKIE, _FORGOTTEN, _SHOWN_FOR)
