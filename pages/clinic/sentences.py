"""What the dashboard says around every view, as HTML: what the figures are of, and how it was asked."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from html import escape

from babel.lists import format_list

from data import clock, languages, settings
from data.catalogue import LIST_VERSION, WINDOW_BY_CODE
from data.figures.frequencies import FEW, MOST, Frequencies
from data.figures.response_rates import Response
from pages.clinic import figures

_FILTERS = {
    "invited": "by invitation",
    "open": "by the open link",
    "1st": "1st infusions",
    "2nd-6th": "2nd to 6th infusions",
    "later": "7th and later infusions",
    "unknown": "infusion number not known",
}


def updated(now: datetime) -> str:
    """Return when the figures were read, and that they are read again."""
    at = now.astimezone(settings.current().zone)
    return f'<p class="quiet">Updated {at:%H:%M:%S} · refreshes every 30 s</p>'


def selection(lines: Iterable[tuple[str, str]]) -> str:
    told = ((escape(number), escape(which)) for number, which in lines)
    return "".join(f'<p class="selection"><strong>{number}</strong> {which}</p>' for number, which in told)


def left_out(groups: Sequence[Frequencies]) -> str:
    """Return how many check-ins are of another list than that of the figures; nothing where all are of one."""
    numbers = [group.left_out for group in groups]
    if not any(number != 0 for number in numbers):
        return ""
    told = "Some check-ins" if None in numbers else figures.check_ins(sum(number or 0 for number in numbers))
    told = figures.check_ins(None).capitalize() if numbers == [None] else told
    which = "an earlier" if groups[0].selection.list_version == LIST_VERSION else "another"
    return f'<p class="response">{told} with {which} list {"is" if told.startswith("1 ") else "are"} not included.</p>'


def counted(groups: Sequence[Frequencies], beside: str = "", names: str = "") -> tuple[str, str]:
    """Return how many check-ins groups have, and what they have in common; what was not chosen is not said.

    `names` are the choices of the filter `beside` that are side by side.
    """
    asked = groups[0].selection
    window, origin, band = WINDOW_BY_CODE[asked.window].after, asked.origin, _FILTERS.get(asked.number_band or "")
    window = f"{names} after the infusion" if beside == "window" else window
    band = f"{names} infusions" if beside == "number" else band
    tags = sorted({tag for group in groups for tag in group.languages}) or [tag for tag in [asked.language] if tag]
    named = format_list([languages.name(tag, languages.SOURCE) for tag in tags], locale=languages.SOURCE)
    words = [f"sent {window}", _FILTERS.get(origin or ""), band, _days(groups)]
    return _number(groups), ", ".join(word for word in words if word) + (f" ({named})" if tags else "")


def _number(groups: Sequence[Frequencies]) -> str:
    counts = [group.check_ins for group in groups]
    if len(counts) > 1:
        return f"{' · '.join(figures.few() if count is None else str(count) for count in counts)} check-ins"
    return figures.check_ins(counts[0]).capitalize()


def _days(groups: Sequence[Frequencies]) -> str:
    """Return the days of what is counted; of nothing, those that were asked for."""
    spans = [(group.first_day, group.last_day) for group in groups if group.first_day and group.last_day]
    asked = groups[0].selection
    if asked.first and asked.last and not spans:
        today = clock.now().astimezone(settings.current().zone).date()
        spans = [(asked.first, min(asked.last + timedelta(days=6), today))]
    return figures.days(min(first for first, _ in spans), max(last for _, last in spans)) if spans else ""


def title(subject: str, *notes: str, more: int = 0) -> str:
    """Return the title of a table, and that it is internal, with room for `more` lines."""
    lines = "".join(f"<p>{escape(note)}</p>" for note in (*notes, "Internal: for the clinic’s own use."))
    return f'<div class="title" style="--more: {more}"><h2>{escape(subject)}</h2>{lines}</div>'


def response(groups: Sequence[Frequencies], names: Sequence[str]) -> str:
    """Return how many of those who could have answered did and, of one group with figures, how many ticked none."""
    if len(groups) == 1:
        return f'<p class="response">{_rate(groups[0])}{_by_open_link(groups[0])}{_none(groups[0])}</p>'
    rates = " · ".join(f"{name}: {_short(group.response)}" for name, group in zip(names, groups, strict=True))
    return f'<p class="response">Answered, of the infusions whose window has closed: {escape(rates)}.</p>'


def _short(of: Response | None) -> str:
    if of is None or of.infusions == 0:
        return "not known"
    return _answered(of) if of.infusions else "too few"


def _answered(of: Response, what: str = "") -> str:
    if not of.answered or not of.infusions:
        return f"fewer than {figures.least()} of {of.infusions}{what}"
    return f"{of.answered} of {of.infusions}{what} ({figures.percent(of.answered / of.infusions)} %)"


def _rate(group: Frequencies) -> str:
    of, weeks_chosen = group.response, group.selection.first
    if of is None:
        if group.selection.origin == "open":
            return "No response rate: nobody knows how many people saw the open link."
        what = "language" if group.selection.language else "list version"
        return f"No response rate by {what}: only those who answered have one."
    if of.infusions == 0:
        which = "infusion of these weeks" if weeks_chosen else "registered infusion"
        return f"No response rate: no {which} has completed this window yet."
    if not (of.infusions and of.first_day and of.last_day):
        return "Too few infusions have completed this window to show a response rate."
    days = figures.days(of.first_day, of.last_day) if weeks_chosen else f"up to {figures.day(of.last_day)}"
    return f"Answered: {_answered(of, ' registered infusions')}, {days}."


def _by_open_link(group: Frequencies) -> str:
    if not group.by_open_link or not group.response:
        return ""
    if group.by_open_link == MOST:
        told = "Most check-ins came"
    else:
        number = figures.check_ins(None if group.by_open_link == FEW else int(group.by_open_link))
        told = f"Plus {number}" if group.response.infusions else number.capitalize()
    return f" {told} by the open link, for which no rate can be known."


def _none(group: Frequencies) -> str:
    if group.none is None:
        return ""
    return (
        f" · <strong>None of these: {group.none['reported']} of {group.none['check_ins']}</strong> "
        f"({figures.percent(group.none['share'])} %, {figures.interval(group.none['low'], group.none['high'])})"
    )
