"""What the dashboard shows in place of figures: nothing yet, too few, or sides that overlap, as HTML."""

from data import settings
from data.figures import views, weeks
from data.figures.selections import Selection
from data.figures.views import Shown
from pages.clinic import figures

OVERLAPPING = (
    '<div class="nothing"><h2>A and B overlap</h2><p>One check-in could stand on both sides, and a difference would '
    "mean nothing. Choose two that exclude each other, such as two windows, two infusion numbers, or weeks and those "
    "before.</p></div>"
)


def nothing_to_show(shown: Shown) -> str:
    """Return the empty state, or that there are too few, without saying how many."""
    view = shown.view
    nothing = [group.check_ins == 0 for group in shown.groups]
    if all(nothing) or (view.name == views.COMPARE and any(nothing)):
        address = settings.current().public_url or ""
        place = "this selection"
        if view.selection == Selection(view.selection.window):
            own = {views.SINCE: "any window", views.WEEKS: f"the last {weeks.MOST_WEEKS} weeks"}
            place = own.get(view.name, "this window")
        sides = " or ".join(side for side, none in zip("AB", nothing, strict=False) if none)
        place = {views.COMPARE: sides, views.NUMBER: f"{place} with a known infusion number"}.get(view.name, place)
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
