"""What the dashboard says around every view, as HTML: what the figures are of, and how it was asked."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from html import escape

from babel.lists import format_list

from data import clock, languages, settings
from data.catalogue import LIST_VERSION, WINDOW_BY_CODE
from data.figures.frequencies import Frequencies
from data.figures.selections import Selection
from pages.clinic import figures

_FILTERS = {
    "invited": "by invitation",
    "open": "by the open link",
    "1st": "1st infusions",
    "2nd-6th": "2nd to 6th infusions",
    "later": "7th and later infusions",
    "unknown": "infusion number not known",
}


def caveats(of: Selection) -> str:
    """Return how it was asked, and what figures of such answers cannot say."""
    return (
        f'<p class="quiet">Patients ticked a list (version {of.list_version}): “{of.asked.question}” What came and '
        "went between two check-ins is not seen. Reports are not proof of a cause. They say nothing about people who "
        "did not answer. The list is not a validated instrument. Each invited infusion counts once per window. One "
        "patient can have several infusions, so the intervals are somewhat too narrow. For the open link, the time "
        "since the infusion is the patient’s own answer.</p>"
    )


def updated(now: datetime) -> str:
    """Return when the figures were read, and that they are read again."""
    at = now.astimezone(settings.current().zone)
    return f'<p class="quiet">Updated {at:%H:%M:%S} · refreshes every 30 s</p>'


def selection(lines: Iterable[tuple[str, str]]) -> str:
    """Return what the figures below are of."""
    told = ((escape(number), escape(which)) for number, which in lines)
    return "".join(f'<p class="selection"><strong>{number}</strong> {which}</p>' for number, which in told)


def left_out(groups: Sequence[Frequencies]) -> str:
    """Return how many check-ins are of another list than that of the figures; nothing where all are of one."""
    numbers = [group.left_out for group in groups]
    if not any(number != 0 for number in numbers):
        return ""
    told = "Some check-ins" if None in numbers else figures.check_ins(sum(number or 0 for number in numbers))
    told = f"Fewer than {figures.least()} check-ins" if numbers == [None] else told
    which = "an earlier" if groups[0].selection.list_version == LIST_VERSION else "another"
    return f'<p class="response">{told} with {which} list {"is" if told[:2] == "1 " else "are"} not included.</p>'


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
    return f"Fewer than {figures.least()} check-ins" if counts[0] is None else figures.check_ins(counts[0])


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
