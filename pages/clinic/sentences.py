"""What the dashboard says around every view, as HTML: what the figures are of, how many answered, how it was asked."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape

from babel.lists import format_list

from data import languages, settings, views, weeks
from data.catalogue import LIST_VERSION, QUESTION, WINDOW_BY_CODE
from data.frequencies import Frequencies
from data.responses import Response
from data.selections import Selection
from data.views import Shown, View
from pages.clinic import figures

_ASKED = {None: "any origin", "invited": "by invitation", "open": "by the open link"}
_BANDS = {
    None: "any infusion number",
    "1st": "1st infusions",
    "2nd-6th": "2nd to 6th infusions",
    "later": "7th and later infusions",
    "unknown": "infusion number not known",
}

CAVEATS = (
    f'<p class="quiet">Solicited tick list, list version {LIST_VERSION}, asked: “{QUESTION}” '
    "What came and went between two check-ins is not seen. Reports are not proof of a cause. They say nothing about "
    "people who did not answer. The list is not a validated instrument. By invitation an infusion counts once in a "
    "window, also one that was registered late or revoked after an answer; several can be one patient’s, so rows are "
    "not independent. By the open link the time since the infusion is what the patient chose.</p>"
)


def updated(now: datetime) -> str:
    """Return when the figures were read, and that they are read again."""
    at = now.astimezone(settings.current().zone)
    return f'<p class="quiet">Updated {at:%H:%M:%S} · refreshes every 30 s</p>'


def sentence(shown: Shown) -> str:
    """Return in words what the figures below are of, how many answered and, of one group, how many ticked none."""
    groups, of, name = shown.groups, shown.groups[0], shown.view.name
    if name == views.COMPARE:
        sides = (
            f'<p class="selection"><strong>{side}: {count(group)}</strong>, '
            f"{within(group.selection)}{_span([group])}</p>"
            for side, group in zip("AB", groups, strict=True)
        )
        return "".join(sides) + _responses(shown)
    many = " · ".join(_few() if one.check_ins is None else str(one.check_ins) for one in groups)
    counted = count(of) if len(groups) == 1 else f"{many} check-ins"
    none = "" if len(groups) > 1 or of.none is None else f" · {_none(of)}"
    capped = f", at most {weeks.MOST_WEEKS} weeks" if name == views.WEEKS and not shown.view.selection.first else ""
    return (
        f'<p class="selection"><strong>{counted}</strong>, {within(of.selection, name)}{_span(groups)}{capped}</p>'
        f"{_responses(shown, none)}"
    )


def count(group: Frequencies) -> str:
    """Return the denominator of a group."""
    return _few() if group.check_ins is None else figures.check_ins(group.check_ins)


def _few() -> str:
    return f"n &lt; {figures.least()}"


def within(of: Selection, name: str = views.FREQUENCIES) -> str:
    """Return the filters in words; what stands side by side in a view is named as such."""
    window = "in the four windows" if name == views.SINCE else WINDOW_BY_CODE[of.window].after
    band = "of 1st, 2nd to 6th, and later infusions" if name == views.NUMBER else _BANDS[of.number_band]
    return f"{window}, {_ASKED[of.origin]}, {band}"


def _span(groups: Sequence[Frequencies]) -> str:
    """Return days and languages of what is counted; of nothing, those that were asked for."""
    asked = groups[0].selection
    tags = sorted({tag for group in groups for tag in group.languages}) or [tag for tag in [asked.language] if tag]
    days = _days(groups)
    if not days and asked.first and asked.last:
        today = datetime.now(settings.current().zone).date()
        days = f", {figures.days(asked.first, min(asked.last + timedelta(days=6), today))}"
    if not tags:
        return days
    named = format_list([languages.name(tag, languages.SOURCE) for tag in tags], locale=languages.SOURCE)
    return f"{days}, in {named}"


def _days(groups: Sequence[Frequencies]) -> str:
    counted = [(group.first_day, group.last_day) for group in groups if group.first_day]
    if not counted:
        return ""
    first, last = zip(*counted, strict=True)
    return f", {figures.days(min(first), max(last))}"


def _none(of: Frequencies) -> str:
    none = of.none
    return (
        f"<strong>None of these: {none['reported']} of {none['check_ins']}</strong> "
        f"({figures.percent(none['share'])} %, {figures.interval(none['low'], none['high'])})"
    )


def _responses(shown: Shown, none: str = "") -> str:
    if len(shown.groups) == 1:
        return f'<p class="response">{_response(shown.groups[0])}{none}</p>'
    rates = (f"{name}: {_rate(group)}" for name, group in zip(names(shown.view), shown.groups, strict=True))
    of = escape(" · ".join(rates))
    return f'<p class="response">Infusions with a check-in, of those whose window is over: {of}.</p>'


def names(view: View) -> list[str]:
    """Return what a view's groups are called."""
    if view.name == views.COMPARE:
        return [f"{side} ({figures.dashed(name)})" for side, name in zip("AB", view.sides, strict=True)]
    return [figures.dashed(label) for label in view.labels]


def _rate(group: Frequencies) -> str:
    of = group.response
    if of is None or not of.infusions:
        return "not known"
    return "too few" if of.infusions < figures.least() else _answered(of)


def _answered(of: Response) -> str:
    if of.answered < figures.least():
        return f"fewer than {figures.least()} of {of.infusions}"
    return f"{of.answered} of {of.infusions} ({figures.percent(of.answered / of.infusions)} %)"


def _response(of: Frequencies) -> str:
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


def title(subject: str, *denominator: str, more: int = 0) -> str:
    """Return the title of a figure: subject, denominator, and that it is internal, with room for `more` lines."""
    return (
        f'<div class="title" style="--more: {more}"><h2>{subject}</h2><p>{escape(" ".join(denominator))}</p>'
        "<p>Internal: for the clinic’s own use.</p></div>"
    )


def after(shown: Shown) -> str:
    """Return how long after the infusion the check-ins of the first group came."""
    return WINDOW_BY_CODE[shown.groups[0].selection.window].after


def of(shown: Shown) -> str:
    """Return of what a view's shares are, for a title: denominator, time since the infusion, filters and days."""
    if shown.view.name in (views.SINCE, views.NUMBER):
        among = shown.groups[0].selection
        window = [] if shown.view.name == views.SINCE else _window(among)
        chosen = [*window, *_chosen(among, shown.view.name)]
        return ", ".join(["of the check-ins of each group", *chosen]) + _days(shown.groups)
    each = [
        ", ".join([f"of {count(group)}", *_window(group.selection), *_chosen(group.selection)]) + _days([group])
        for group in shown.groups
    ]
    return each[0] if len(each) == 1 else f"A: {each[0]}. B: {each[1]}"


def _window(selection: Selection) -> list[str]:
    return [f"{figures.dashed(selection.window)} after the infusion"]


def _chosen(selection: Selection, name: str = views.FREQUENCIES) -> list[str]:
    """Return the filters that are set, but for the window and what stands side by side."""
    band = None if name == views.NUMBER else selection.number_band
    names = [_ASKED[selection.origin] if selection.origin else "", _BANDS[band] if band else ""]
    language = f"in {languages.name(selection.language, languages.SOURCE)}" if selection.language else ""
    return [name for name in (*names, language) if name]


OVERLAPPING = (
    '<div class="nothing"><h2>A and B overlap</h2><p>One check-in could stand on both sides, and a difference would '
    "mean nothing. Choose two that exclude each other, such as two windows, two infusion numbers, or weeks and those "
    "before.</p></div>"
)


def nothing_to_show(shown: Shown) -> str:
    """Return the empty state, or that there are too few, without saying how many."""
    view = shown.view
    if all(group.check_ins == 0 for group in shown.groups):
        address = settings.current().public_url or ""
        place = "this selection"
        if view.selection == Selection(view.selection.window):
            own = {views.SINCE: "any window", views.WEEKS: f"the last {weeks.MOST_WEEKS} weeks"}
            place = own.get(view.name, "this window")
        place = {views.COMPARE: "A or B", views.NUMBER: f"{place} with a known infusion number"}.get(view.name, place)
        return (
            f'<div class="nothing"><h2>No check-ins in {place} yet</h2>'
            f"<p>They appear here when patients send them: figures stand here from {figures.least()} check-ins on.</p>"
            f'<p>Patients check in at <a href="{address}/" target="_self">{address or "the start page"}</a>.</p></div>'
        )
    return too_few("Too few to show")


def too_few(what: str) -> str:
    """Return that there are figures only from the minimum group on."""
    return (
        f'<div class="nothing"><h2>{what} (n &lt; {figures.least()})</h2>'
        "<p>Figures of so few could point to a person, and their intervals would be too wide to decide from.</p></div>"
    )
