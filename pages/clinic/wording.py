"""What the infusions page says; longer words are in the templates."""

import re
from datetime import datetime

from data import clock, settings
from data.catalogue import WINDOWS, Window
from data.reports.infusions import Infusion, NotLive
from data.reports.registration import MOST, Answered, InvalidNumber


def named(infusion: Infusion) -> str:
    """Return what tells an infusion from others."""
    return f"No. {infusion.id}: {ended(infusion)} ({numbered(infusion)})"


def ended(infusion: Infusion) -> str:
    return _at_clinic(infusion.ended)


def revoked(infusion: Infusion) -> str:
    return _at_clinic(infusion.revoked) if infusion.revoked else ""


def numbered(infusion: Infusion) -> str:
    """Return which of its patient's infusions it was, and that its invitation is revoked."""
    return f"{_ordinal(infusion)}{', revoked' if infusion.revoked else ''}"


def states(infusion: Infusion, now: datetime) -> list[tuple[str, str, str]]:
    """Return of each window that was or will be open its name, its state without spaces, and what became of it."""
    told = [(window, infusion.state(window, now)) for window in WINDOWS]
    return [
        (window.code.replace("-", "–"), state.replace(" ", "-"), _state(infusion, window, state, now))
        for window, state in told
        if state
    ]


def _state(infusion: Infusion, window: Window, state: str, now: datetime) -> str:
    if state == "open":
        return f"○ open until {_soon(infusion.ended + window.end, now)}"
    if state == "later":
        return f"opens {_soon(infusion.ended + window.start, now)}"
    return {"sent": "● sent", "no answer": "– no answer"}[state]


def _at_clinic(at: datetime) -> str:
    return f"{at.astimezone(settings.current().zone):%-d %b, %H:%M}"


def _ordinal(infusion: Infusion) -> str:
    """Return which of a patient's infusions it was, such as `2nd`; some earlier ones were kept as seventh or later."""
    if infusion.number is None:
        return "number not known"
    if infusion.number_band == "later":
        return "7th or later"
    is_teen = infusion.number % 100 in (11, 12, 13)
    return f"{infusion.number}{'th' if is_teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(infusion.number % 10, 'th')}"


def _soon(at: datetime, now: datetime) -> str:
    """Return an instant by the clinic's clock, without the day where it is today."""
    zone = settings.current().zone
    is_today = at.astimezone(zone).date() == now.astimezone(zone).date()
    return f"{at.astimezone(zone):%H:%M}" if is_today else _at_clinic(at)


def number(typed: str) -> int | None:
    """Return the registration number that was typed, such as `281` or `No. 281`, None where it is none."""
    found = re.fullmatch(r"\s*(?:no\.?)?\s*([0-9]{1,9})\s*", typed, re.IGNORECASE)
    return int(found[1]) if found else None


def refused(error: ValueError, now: datetime, what: str = "Not registered") -> str:
    """Return why an infusion was not registered or changed, and what to do."""
    if isinstance(error, Answered):
        return f"{what}: the patient has just sent a check-in, so the time and number stay as they are."
    if isinstance(error, NotLive):
        return f"{what}: this invitation no longer works."
    if isinstance(error, clock.UnclearTime):
        return (
            f"{what}: enter a day and a time. If the clocks changed then, this time occurred twice or not at "
            "all. Choose the nearest time that occurred once."
        )
    if isinstance(error, InvalidNumber):
        return (
            f"{what}: the infusion number must be a whole number from 1 to {MOST}. "
            "If it is not known, leave the field empty."
        )
    return (
        f"{what}: an infusion must have ended within the last 30 days and not in the future. "
        f"At the clinic it is now {_at_clinic(now)}."
    )
