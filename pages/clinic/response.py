"""The response line: of how many infusions there is an answer, as HTML."""

from collections.abc import Sequence
from html import escape

from data.figures.frequencies import FEW, MOST, Frequencies
from data.figures.response_rates import Response
from pages.clinic import figures


def line(groups: Sequence[Frequencies], names: Sequence[str]) -> str:
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
        return "No response rate by language: only those who answered have one."
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
    told = {FEW: f"Plus fewer than {figures.least()} check-ins", MOST: "Most check-ins came"}.get(
        str(group.by_open_link), f"Plus {group.by_open_link} check-ins"
    )
    return f" {told} by the open link, for which no rate can be known."


def _none(group: Frequencies) -> str:
    if group.none is None:
        return ""
    return (
        f" · <strong>None of these: {group.none['reported']} of {group.none['check_ins']}</strong> "
        f"({figures.percent(group.none['share'])} %, {figures.interval(group.none['low'], group.none['high'])})"
    )
