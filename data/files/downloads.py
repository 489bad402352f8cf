"""A view as a CSV file that says what it shows; the audit log records it before it leaves."""

from collections.abc import Iterable
from hashlib import sha256

from data import VERSION, clock, settings
from data.figures import views
from data.figures.disclosure import CLINIC, Rule
from data.figures.frequencies import Frequencies
from data.figures.view import View
from data.figures.views import Shown
from data.files import cells
from data.staff import sessions
from data.storage import database

_FOR_SHARING = (
    "for sharing: counts of {first} to {last} are blank, all others rounded to the nearest 5; shares, intervals and "
    "all else are computed from these, from {least} check-ins on"
)


class NothingToExport(ValueError):
    """There are too few check-ins for any figure."""


def as_csv(token: str, view: View, *, sharing: bool) -> bytes:
    """Return what a view shows as CSV, once the audit log has who, when, of what, and the file's SHA-256.

    Lines that begin with `#` say what the figures are of; the columns are those of `dictionary`. Raises
    `NothingToExport`, and what `views.read` raises; then nothing leaves.
    """
    rule = view.for_sharing if sharing else CLINIC
    shown = views.read(token, view, rule)
    if shown.table is None:
        raise NothingToExport("there are too few check-ins for any figure")
    lines = [*_header(shown, rule), [], shown.table.columns, *shown.table.map(_cell).to_numpy()]
    file = _encoded(lines)
    with database.writing() as connection:
        purpose = "for sharing" if sharing else "for the clinic"
        sessions.record_act(connection, token, f"exported {view}; CSV {purpose}, SHA-256 {sha256(file).hexdigest()}")
    return file


def dictionary() -> bytes:
    """Return the meaning of every column as CSV."""
    meanings = {column: meaning for view in views.VIEWS for column, meaning in view.columns.items()}
    return _encoded([("column", "meaning"), *meanings.items()])


def _encoded(lines: Iterable[Iterable[str]]) -> bytes:
    return "".join(cells.line(line) for line in lines).encode("utf-8-sig")  # the mark tells spreadsheets the encoding


def _header(shown: Shown, rule: Rule) -> list[list[str]]:
    of, now = shown.view.selection, clock.now().astimezone(settings.current().zone)
    use = "internal: for the clinic's own use"
    if rule != CLINIC:
        use = _FOR_SHARING.format(first=int(rule.zero), last=rule.smallest - 1, least=rule.shares_from)
    told = {
        "Side effects after ketamine infusions": settings.current().clinic_name,
        "Data": "made up for a demonstration" if database.is_demonstration() else "as sent by patients",
        "View": str(shown.view),
        "Use": use,
        "Asked": f"solicited tick list, list version {of.list_version}: {of.asked.question}",
        "Exported by": f"Infusion check-in {VERSION}",
        "Read at": now.isoformat(timespec="seconds"),
        **{f"Group {number}": _described(group) for number, group in enumerate(shown.groups, 1)},
        "Minus": "written as \u2212, so that no cell begins like a formula",
        "Empty": f"fewer than {rule.least} check-ins, or blanked",
        "Note": "Reports are not proof of a cause and say nothing about people who did not answer.",
    }
    return [[f"# {name}", value] for name, value in told.items()]


def _described(group: Frequencies) -> str:
    of, response = group.selection, group.response
    chosen = f"window {of.window}, infusion number {of.number_band or 'any'}, origin {of.origin or 'any'}"
    if group.table is None:
        return f"{chosen}: too few check-ins for figures"
    others = f"; {group.left_out or 'few'} with another list are not included" if group.left_out != 0 else ""
    answers = "response rate unknown"
    if response and response.infusions:
        answers = (
            f"of {response.infusions} infusions that ended {response.first_day} to {response.last_day} "
            f"{response.answered or 'few'} have a check-in of this window"
        )
    return (
        f"{chosen}, languages {' '.join(group.languages)}, {group.first_day} to {group.last_day}: "
        f"{group.check_ins} check-ins, {group.by_open_link} of them by the open link, "
        f"{answers}{others}"
    )


def _cell(value: object) -> str:
    """Return a cell as text: numbers to four decimals, a missing one empty."""
    if isinstance(value, float):
        return "" if value != value else format(round(value, 4) + 0.0, ".10g").replace("-", "\u2212")  # noqa: PLR0124
    return str(value)
