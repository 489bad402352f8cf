"""Taking the dashboard's figures away: a file, or the page on paper."""

from types import ModuleType
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from data.staff import sessions
from pages.web import cookies, forms, rendering

_CSV = "text/csv; charset=utf-8"


async def csv(request: Request) -> Response:
    """Answer with what a view shows as CSV, which the audit records first."""
    comparisons, downloads, views = await run_in_threadpool(_figures)
    fields = await forms.read(request, (*views.options(), "use"))
    if fields.get("use") not in ("clinic", "sharing"):
        return _refused(request, "Choose a file for the clinic or one for sharing.")
    sharing = fields["use"] == "sharing"
    try:
        view = views.chosen(fields)
        file = await run_in_threadpool(downloads.as_csv, cookies.session(request), view, sharing=sharing)
    except sessions.SignedOut:
        back = urlencode({f"dashboard_{name}": value for name, value in fields.items() if name != "use"})
        return rendering.sign_in(f"/clinic?{back}")
    except downloads.NothingToExport:
        return _refused(request, "There are too few check-ins for any figure, so there is no file.")
    except comparisons.Overlapping:
        return _refused(request, "A and B overlap. Choose two groups that have no check-in in common.")
    except ValueError:
        return _refused(request, "This form has a filter we do not recognise. Open the dashboard and try again.")
    name = f"{view.name.lower().replace(' ', '-')}{'-for-sharing' if sharing else '-internal'}.csv"
    return _file(file, name)


async def dictionary(_request: Request) -> Response:
    _, downloads, _ = await run_in_threadpool(_figures)
    return _file(downloads.dictionary(), "data-dictionary.csv")


def _figures() -> tuple[ModuleType, ModuleType, ModuleType]:
    """Import what needs pandas, which takes a moment and which no patient's page needs."""
    from data.figures import comparisons, views  # noqa: PLC0415 - see above
    from data.files import downloads  # noqa: PLC0415 - see above

    return comparisons, downloads, views


def _file(content: bytes, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', **rendering.NOT_KEPT}
    return Response(content, media_type=_CSV, headers=headers)


def _refused(request: Request, words: str) -> Response:
    return forms.message(request, 422, "Not available now", words)
