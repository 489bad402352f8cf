"""A view as a CSV file that says what it shows; the audit log records it before it leaves."""

from collections.abc import Iterable
from hashlib import sha256
from math import isnan

from data import VERSION, clock, languages, settings
from data.catalogue import EVERY_LABEL, NONE_OF_THESE, WINDOW_BY_CODE, WINDOWS
from data.figures import views
from data.figures.disclosure import CLINIC, SHARING, Rule
from data.figures.frequencies import Frequencies
from data.figures.response_rates import Response
from data.figures.selections import DEVICES_BY_NAME, NUMBERS, ORIGINS_BY_NAME
from data.figures.view import View
from data.figures.views import Shown
from data.files import cells
from data.staff import sessions
from data.storage import database

_FOR_SHARING = (
    "for sharing: counts of 0 to {last} are blank, all others rounded to the nearest 5; shares and intervals are "
    "computed from these, in whole per cents, from {least} check-ins on"
)
_LANGUAGES = {tag: languages.name(tag, languages.SOURCE) for tag in languages.NAMES}
_BANDS = {band: f"infusion number {name}" for name, band in NUMBERS.items()}
_ORIGINS = {origin or "both": name for name, origin in ORIGINS_BY_NAME.items()}
_DEVICES = {device: name for name, device in DEVICES_BY_NAME.items()}
_AFTER = {window.code: window.after for window in WINDOWS}
_LABELS = {**_AFTER, **_BANDS, **_ORIGINS, **_DEVICES, **_LANGUAGES, **EVERY_LABEL, "none": NONE_OF_THESE}


class NothingToExport(ValueError):
    """There are too few check-ins for any figure."""


def as_csv(token: str, view: View, *, sharing: bool) -> bytes:
    """Return what a view shows as CSV, once the audit log has who, when, of what, and the file's SHA-256.

    Comments say what the figures are of; the columns are those of `dictionary`. Raises `NothingToExport`, and what
    `views.read` raises; then nothing leaves.
    """
    rule = SHARING if sharing else CLINIC
    shown = views.read(token, view, rule)
    if shown.table is None:
        raise NothingToExport("there are too few check-ins for any figure")
    table = shown.table.replace({"group": {code: window.label for code, window in WINDOW_BY_CODE.items()}})
    rows = [[_cell(value) for value in row] for row in table.itertuples(index=False)]
    file = _encoded([*_header(shown, rule), cells.line(table.columns), *map(cells.line, rows)])
    with database.writing() as connection:
        purpose = "for sharing" if sharing else "for the clinic"
        sessions.record_act(connection, token, f"exported {view}; CSV {purpose}, SHA-256 {sha256(file).hexdigest()}")
    return file


def dictionary() -> bytes:
    """Return the meaning of every column as CSV."""
    meanings = {column: meaning for view in views.VIEWS for column, meaning in view.columns.items()}
    return _encoded(cells.line(line) for line in [("column", "meaning"), *meanings.items()])


def _encoded(lines: Iterable[str]) -> bytes:
    return "".join(lines).encode("utf-8-sig")  # the mark tells spreadsheets the encoding


def _header(shown: Shown, rule: Rule) -> list[str]:
    of, now = shown.view.selection, clock.now().astimezone(settings.current().zone)
    use = "internal: for the clinic's own use"
    if rule != CLINIC:
        use = _FOR_SHARING.format(last=rule.smallest - 1, least=rule.shares_from)
    told = {
        "Side effects after ketamine infusions": settings.current().clinic_name,
        "Data": "made up for a demonstration" if database.is_demonstration() else "as sent by patients",
        "View": ", ".join(_LABELS.get(word, word) for word in shown.view.words),
        "Use": use,
        "Asked": f"solicited tick list, list version {of.list_version}: {of.asked.question}",
        "Exported by": f"Infusion check-in {VERSION}",
        "Read at": now.isoformat(timespec="seconds"),
        **{f"Group {number}": _described(group) for number, group in enumerate(shown.groups, 1)},
        "Empty": f"fewer than {rule.least} check-ins, or blanked",
        "Note": "Reports are not proof of a cause and say nothing about people who did not answer.",
    }
    return [cells.comment(f"{name}: {value}") for name, value in told.items()]


def _described(group: Frequencies) -> str:
    of = group.selection
    band = _BANDS[of.number_band] if of.number_band else "any infusion number"
    origin = _ORIGINS[of.origin or "both"].lower()
    device = f", {_DEVICES[of.device].lower()}" if of.device else ""
    chosen = f"{_AFTER[of.window]}, {band}, origin {origin}{device}"
    if group.table is None:
        return f"{chosen}: too few check-ins for figures"
    named = " and ".join(_LANGUAGES.get(tag, tag) for tag in group.languages)
    others = f"; {group.left_out or 'few'} with another list are not included" if group.left_out != 0 else ""
    days = f"{group.first_day} to {group.last_day}"
    parts = "" if of.origin else f", {group.by_open_link} of them by the open link"
    counted = f"{group.check_ins} check-ins{parts}; {_answered(group.response)}{others}"
    return f"{chosen}, in {named}, sent in weeks of {days}: {counted}"


def _answered(of: Response | None) -> str:
    if not of or not of.infusions:
        return "response rate unknown"
    also = f", and {of.still_open} whose window is still open" if of.still_open else ""
    return (
        f"of {of.infusions} infusions that ended {of.first_day} to {of.last_day} {of.answered or 'few'} have a "
        f"check-in of this window{also}"
    )


def _cell(value: object) -> object:
    """Return a number to four decimals, whole where it is, a missing one empty; all else as it is."""
    if not isinstance(value, float):
        return value
    if isnan(value):
        return None
    rounded = round(value, 4) + 0.0
    return int(rounded) if rounded.is_integer() else rounded
