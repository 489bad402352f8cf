"""What the dashboard shows in place of figures: nothing yet, too few, or sides that overlap, as HTML."""

from html import escape

from data import settings
from pages.clinic import figures


def empty(place: str) -> str:
    """Return that there is no check-in in `place`, and how there will be."""
    address = settings.current().public_url or ""
    return impossible(
        f"No check-ins in {place} yet",
        f"Figures appear once there are at least {figures.least()} check-ins.",
        f'Patients check in at <a href="{address}/" target="_self">{address or "the start page"}</a>.',
    )


def too_few(what: str) -> str:
    """Return that there are figures only from the minimum group on."""
    return impossible(
        f"{what} ({escape(figures.few())})",
        "With so few, figures could identify a person and would be too uncertain to act on.",
    )


def impossible(heading: str, *sentences: str) -> str:
    """Return why there is nothing to show, and what can be done."""
    return f'<div class="nothing"><h2>{heading}</h2>{"".join(f"<p>{sentence}</p>" for sentence in sentences)}</div>'
