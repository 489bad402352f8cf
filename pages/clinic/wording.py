"""What the infusions page says; longer words are in the templates."""

from datetime import datetime

from data import clock
from data.reports.infusions import MOST, Infusion, InvalidNumber
from pages.clinic import figures


def invitation(infusion: Infusion) -> str:
    of = f"{figures.at_clinic(infusion.ended)} ({figures.ordinal(infusion)})"
    return f"Invitation for the infusion of {of}, no. {infusion.id}"


def named(infusion: Infusion) -> str:
    """Return what tells an infusion from others in a list."""
    ended, made = figures.at_clinic(infusion.ended), figures.at_clinic(infusion.registered)
    day, _, time = made.partition(", ")
    when = time if ended.startswith(day) else made
    return f"No. {infusion.id}: {ended} ({figures.ordinal(infusion)}), made {when}"


def not_registered(error: ValueError, now: datetime) -> str:
    """Return why an infusion was not registered, and what to do."""
    if isinstance(error, clock.UnclearTime):
        return (
            "Not registered: enter a day and a time. If the clocks changed then, this time occurred twice or not at "
            "all. Choose the nearest time that occurred once."
        )
    if isinstance(error, InvalidNumber):
        return (
            f"Not registered: the infusion number must be a whole number from 1 to {MOST}. "
            "If it is not known, leave the field empty."
        )
    return (
        "Not registered: an infusion must have ended within the last 30 days and not in the future. "
        f"At the clinic it is now {figures.at_clinic(now)}."
    )
