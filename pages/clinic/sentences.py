"""What the dashboard says around every view, as HTML: what the figures are of, and how it was asked."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from html import escape

from babel.lists import format_list

from data import clock, languages, settings
from data.catalogue import LIST_VERSION, WINDOW_BY_CODE
from data.figures.frequencies import FEW, Frequencies
from data.figures.response_rates import Response
from pages.clinic import figures

INTERNAL = "Internal: for the clinic’s own use"
_BANDS = {"unknown": "infusion number not known", "later": "7th and later infusions, not told apart"}
_DEVICES = {"own": "from patients’ own devices", "tablet": "from a clinic tablet"}


def updated(now: datetime) -> str:
    """Return when the figures were read, and that they are read again."""
    at = now.astimezone(settings.current().zone)
    return f'<p class="quiet">Updated {at:%H:%M:%S}<span class="live"> · refreshes every 30 s</span></p>'


def selection(lines: Iterable[tuple[str, str]]) -> str:
    """Return what the figures are of and, on paper alone, that they are internal."""
    told = ((escape(number), escape(which)) for number, which in lines)
    shown = "".join(f'<p class="selection"><strong>{number}</strong> {which}</p>' for number, which in told)
    return f'<p class="printed">{INTERNAL}.</p>{shown}'


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
    """Return how many check-ins groups have, and from where and when; `names` are the windows that are side by side."""
    window = WINDOW_BY_CODE[groups[0].selection.window].after
    return _number(groups), f"sent {names if beside == 'window' else window}{_parts(groups)}"


def _number(groups: Sequence[Frequencies]) -> str:
    of = {"invited": "invited ", "open": "open-link "}.get(groups[0].selection.origin or "", "")
    counts = [group.check_ins for group in groups]
    if len(counts) > 1:
        return f"{' · '.join(figures.few() if count is None else str(count) for count in counts)} {of}check-ins"
    return figures.check_ins(counts[0], of).capitalize()


def _parts(groups: Sequence[Frequencies]) -> str:
    """Return how many came by invitation and how many by the open link, where both are counted."""
    (group, *others), fewer = groups, f"fewer than {figures.least()}"
    if others or group.selection.origin or not group.check_ins:
        return ""
    if isinstance(part := group.by_open_link, str):
        return f" ({fewer} {'by the open link' if part == FEW else 'by invitation'})"
    return f" ({group.check_ins - part} by invitation, {part} by the open link)"


def chosen(groups: Sequence[Frequencies], beside: str = "") -> str:
    """Return what else the figures have in common, for the foot of a picture: filters, languages and days."""
    asked = groups[0].selection
    band = _BANDS.get(asked.number_band or "", f"{figures.dashed(asked.number_band or '')} infusions")
    tags = sorted({tag for group in groups for tag in group.languages}) or [tag for tag in [asked.language] if tag]
    named = format_list([languages.name(tag, languages.SOURCE) for tag in tags], locale=languages.SOURCE)
    version = "" if asked.list_version == LIST_VERSION else f"list version {asked.list_version}"
    words = {
        "number": band if asked.number_band else "",
        "language": named,
        "device": _DEVICES.get(asked.device or ""),
        "list": version,
        "days": _days(groups),
    }
    return ", ".join(word for name, word in words.items() if word and name != beside)


def _days(groups: Sequence[Frequencies]) -> str:
    """Return the days of what is counted; of nothing, those that were asked for."""
    spans = [(group.first_day, group.last_day) for group in groups if group.first_day and group.last_day]
    asked = groups[0].selection
    if asked.first and asked.last and not spans:
        today = clock.now().astimezone(settings.current().zone).date()
        spans = [(asked.first, min(asked.last + timedelta(days=6), today))]
    return figures.days(min(first for first, _ in spans), max(last for _, last in spans)) if spans else ""


def title(subject: str, *notes: str) -> str:
    """Return the title of a table."""
    lines = "".join(f"<p>{escape(note)}</p>" for note in notes)
    return f'<div class="title"><h2>{escape(subject)}</h2>{lines}</div>'


def response(groups: Sequence[Frequencies], names: Sequence[str]) -> str:
    """Return how many of those who could have answered did, and of which days they are."""
    if len(groups) == 1 or all(group.response is None for group in groups):
        return f'<p class="response">{_rate(groups[0])}</p>'
    rates = " · ".join(f"{name}: {short(group.response)}" for name, group in zip(names, groups, strict=True))
    return f'<p class="response">Answered, of the infusions whose window has closed: {escape(rates)}.</p>'


def response_in_heads(groups: Sequence[Frequencies]) -> str:
    """Return what the response rates are of that are in the heads of groups side by side."""
    if all(group.response is None for group in groups):
        return f'<p class="response">{_rate(groups[0])}</p>'
    days = ended_once(groups)
    told = f"that ended {days} were answered" if days else "were answered, and when these had ended"
    return f'<p class="response">Below each n: how many of the infusions {told}.</p>'


def ended_once(groups: Sequence[Frequencies]) -> str:
    """Return when the infusions ended that response rates are of, where that is the same for all groups."""
    spans = [(of.first_day, of.last_day) for group in groups if (of := group.response) and of.first_day and of.last_day]
    if not spans or len({group.selection.window for group in groups}) > 1:
        return ""
    return figures.days(min(first for first, _ in spans), max(last for _, last in spans))


def short(of: Response | None, *, days: bool = True) -> str:
    """Return a response rate as a table's head has room for it."""
    if of is None or of.infusions == 0:
        return "not known"
    if not of.infusions:
        return "too few"
    return f"{_answered(of)}, {_ended(of)}" if days else _answered(of)


def _answered(of: Response, what: str = "") -> str:
    if of.rate is None:
        return f"fewer than {figures.least()} of {of.infusions}{what}"
    return f"{of.answered} of {of.infusions}{what} ({figures.percent(of.rate)} %)"


def _ended(of: Response) -> str:
    return figures.days(of.first_day, of.last_day) if of.first_day and of.last_day else ""


def _rate(group: Frequencies) -> str:
    of = group.response
    if of is None:
        if group.selection.origin == "open":
            return "No response rate: nobody knows how many people saw the open link."
        asked = group.selection
        what = "language" if asked.language else "device" if asked.device else "list version"
        return f"No response rate by {what}: only those who answered have one."
    if of.infusions == 0:
        which = "infusion of these weeks" if group.selection.first else "registered infusion"
        return f"No response rate: no {which} has completed this window yet."
    if not of.infusions:
        return "Too few infusions have completed this window to show a response rate."
    still_open = f"fewer than {figures.least()}" if of.still_open is None else of.still_open
    also = f" (and {still_open} of infusions whose window is still open)" if still_open else ""
    return f"Answered: {_answered(of, ' infusions')} that ended {_ended(of)}{also}."
