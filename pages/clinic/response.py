"""The response line: of how many infusions there is an answer, as HTML. Below the minimum group it tells no count."""

from html import escape

from data.figures.frequencies import Frequencies
from data.figures.response_rates import Response
from data.figures.views import Shown
from pages.clinic import figures


def line(shown: Shown) -> str:
    """Return how many of those who could have answered did and, of one group with figures, how many ticked none."""
    if len(shown.groups) == 1:
        (of,) = shown.groups
        return f'<p class="response">{_rate_in_words(of)}{"" if of.none is None else f" · {_none(of)}"}</p>'
    rates = (f"{name}: {_rate(group)}" for name, group in zip(figures.names(shown.view), shown.groups, strict=True))
    of = escape(" · ".join(rates))
    return f'<p class="response">Infusions with a check-in, of those whose window is over: {of}.</p>'


def _none(of: Frequencies) -> str:
    none = of.none
    return (
        f"<strong>None of these: {none['reported']} of {none['check_ins']}</strong> "
        f"({figures.percent(none['share'])} %, {figures.interval(none['low'], none['high'])})"
    )


def _rate(group: Frequencies) -> str:
    of = group.response
    if of is None or not of.infusions:
        return "not known"
    return "too few" if of.infusions < figures.least() else _answered(of)


def _answered(of: Response) -> str:
    if of.answered < figures.least():
        return f"fewer than {figures.least()} of {of.infusions}"
    return f"{of.answered} of {of.infusions} ({figures.percent(of.answered / of.infusions)} %)"


def _rate_in_words(of: Frequencies) -> str:
    """Return how many of those who could have answered did."""
    if of.selection.origin == "open":
        return "Response rate unknown: nobody knows how many saw the open link."
    if of.response is None:
        return "Response rate unknown: an infusion without a check-in has no language."
    if not of.response.infusions:
        weeks_chosen = " of these weeks" if of.selection.first else ""
        return f"Response rate unknown: no infusion{weeks_chosen} is registered whose window is over."
    least, by_open_link = figures.least(), ""
    if of.by_open_link:
        few = f"Fewer than {least}" if of.by_open_link < least else figures.check_ins(int(of.by_open_link))
        if 0 < of.check_ins - of.by_open_link < least:  # the rest would follow
            few = "Most"
        by_open_link = f" {few} by the open link: response rate unknown."
    if of.response.infusions < least:
        return f"Too few infusions whose window is over to tell how many answer.{by_open_link}"
    days = figures.days(of.response.first_day, of.response.last_day)
    window = escape(figures.dashed(of.selection.window))
    return f"Infusions that ended {days}: {_answered(of.response)} have a check-in from {window}.{by_open_link}"
