"""What both pages for clinicians say, and the one for infusions, as HTML."""

from datetime import datetime
from html import escape
from urllib.parse import quote

from data import clock, settings
from data.reports.infusions import Infusion
from pages.clinic import figures

SIGN_OUT = '<form method="post" action="/sign-out"><button>Sign out</button></form>'

INVITATIONS = (
    '<p class="quiet">No name and no note: your own records say who is who. The invitation works for 30 days after '
    "the infusion, once in each time window.</p>"
)

POSTER = (
    '<p class="quiet"><a href="/poster" target="_blank">Poster of the open link</a>, for patients without an '
    "invitation.</p>"
)

REVOKING = (
    "<p>The link stops working at once, for good. Check-ins already sent still count. Wrong time or number? Revoke the "
    "invitation and make a new one.</p>"
)

NO_INFUSIONS = '<p class="quiet">Infusions you register appear here, with the check-ins that were sent.</p>'


def misread(asked: list[str]) -> str:
    """Return the note for an address that asks for something the filters do not offer."""
    return f'<p role="status">Not recognised in this address, so ignored: {escape(", ".join(asked))}.</p>'


def signed_out(path: str) -> str:
    """Return the way back to a page for a clinician whose session has ended."""
    return (
        '<div class="notice"><p><strong>You are signed out.</strong> This page is for signed-in clinicians only.</p>'
        f'<p><a href="/sign-in?next={quote(path, safe="")}" target="_self">Sign in</a></p></div>'
    )


def unavailable(what: str) -> str:
    """Return that the database does not answer, so that `what` cannot be read."""
    return (
        '<div class="notice bad" role="alert">'
        f"<p><strong>The {what} cannot be read: the database does not answer.</strong></p>"
        "<p>What was stored before is safe. Reload this page in a minute. "
        "If it still fails, tell whoever runs the server.</p></div>"
    )


def ended_hint() -> str:
    """Return which clock counts, and what it means not to change the time shown."""
    zone = settings.current().timezone
    return f'<p class="quiet">Clinic time ({zone}). Leave it to use the moment you tap the button.</p>'


def invitation(infusion: Infusion) -> str:
    """Return whose invitation is shown, by time and number."""
    of = f"{figures.at_clinic(infusion.ended)} ({figures.ordinal(infusion.number)})"
    return f"Invitation for the infusion of {of}, no. {infusion.id}"


def named(infusion: Infusion) -> str:
    """Return what tells an infusion from others in a list."""
    ended, made = figures.at_clinic(infusion.ended), figures.at_clinic(infusion.registered)
    day, _, time = made.partition(", ")
    when = time if ended.startswith(day) else made
    return f"No. {infusion.id}: {ended} ({figures.ordinal(infusion.number)}), made {when}"


def not_registered(error: ValueError, now: datetime) -> str:
    """Return why an infusion was not registered, and what to do."""
    if isinstance(error, clock.UnclearTime):
        return (
            "Not registered: enter a day and a time. If the clocks changed then, this time occurred twice or not at "
            "all. Choose the nearest time that occurred once."
        )
    return (
        "Not registered: an infusion must have ended within the last 30 days and not in the future. "
        f"At the clinic it is now {figures.at_clinic(now)}."
    )
