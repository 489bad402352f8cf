"""What the dashboard says around every view, as HTML: what the figures are of, and how it was asked."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape

from babel.lists import format_list

from data import clock, languages, settings
from data.catalogue import LIST_VERSION, QUESTION, WINDOW_BY_CODE
from data.figures import views, weeks
from data.figures.frequencies import Frequencies
from data.figures.selections import Selection
from data.figures.views import Shown
from pages.clinic import figures, response

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
        return "".join(sides) + response.line(shown)
    many = " · ".join(_few() if one.check_ins is None else str(one.check_ins) for one in groups)
    counted = count(of) if len(groups) == 1 else f"{many} check-ins"
    capped = f", at most {weeks.MOST_WEEKS} weeks" if name == views.WEEKS and not shown.view.selection.first else ""
    return (
        f'<p class="selection"><strong>{counted}</strong>, {within(of.selection, name)}{_span(groups)}{capped}</p>'
        f"{response.line(shown)}"
    )


def count(group: Frequencies) -> str:
    """Return the denominator of a group."""
    return _few() if group.check_ins is None else figures.check_ins(group.check_ins)


def _few() -> str:
    return escape(figures.few())


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
        today = clock.now().astimezone(settings.current().zone).date()
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
