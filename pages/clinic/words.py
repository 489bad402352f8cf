"""What the dashboard says beside its figures, as HTML."""

from datetime import datetime
from urllib.parse import quote

from babel.lists import format_list

from data import clock, languages, settings
from data.catalogue import LIST_VERSION, QUESTION, WINDOW_BY_CODE
from data.frequencies import Frequencies
from data.infusions import Infusion
from pages.clinic import figures

SIGN_OUT = '<form method="post" action="/sign-out"><button>Sign out</button></form>'

_ASKED = {None: "any origin", "invited": "by invitation", "open": "by the open link"}
_BANDS = {
    None: "any infusion number",
    "1st": "1st infusions",
    "2nd-6th": "2nd to 6th infusions",
    "later": "7th and later infusions",
    "unknown": "infusion number not known",
}

INVITATIONS = (
    '<p class="quiet">No name and no note: the clinic’s own records say who is who. The invitation works until 30 '
    "days after the infusion, once in each window. If the number is not known, choose none.</p>"
)

POSTER = (
    '<p class="quiet"><a href="/poster" target="_blank">Poster of the open link</a>, for patients without an '
    "invitation.</p>"
)

REVOKING = (
    "<p>The link stops working at once, for good. What was sent by it stays counted. A wrong time or number is mended "
    "by revoking the invitation and making a new one.</p>"
)

NO_INFUSIONS = '<p class="quiet">The infusions you register stand here, with the windows that are answered.</p>'

CAVEATS = (
    f'<p class="quiet">Solicited tick list, list version {LIST_VERSION}, asked: “{QUESTION}” '
    "What came and went between two check-ins is not seen. Reports are not proof of a cause. They say nothing about "
    "people who did not answer. The list is not a validated instrument. By invitation an infusion counts once in a "
    "window, also one that was registered late or revoked after an answer; several can be one patient’s, so rows are "
    "not independent. By the open link the time since the infusion is what the patient chose.</p>"
)


def signed_out(path: str) -> str:
    """Return the way back for whose session has ended."""
    return (
        '<div class="notice"><p><strong>You are signed out.</strong> This page is for signed-in clinicians only.</p>'
        f'<p><a href="/sign-in?next={quote(path, safe="")}" target="_self">Sign in</a></p></div>'
    )


def unavailable(what: str) -> str:
    """Return that the database does not answer, so that `what` cannot be read."""
    return (
        '<div class="notice bad" role="alert">'
        f"<p><strong>The {what} cannot be read: the database does not answer.</strong></p>"
        "<p>What was stored before is safe. Load this page again in a minute. "
        "If it lasts, tell whoever runs the server.</p></div>"
    )


def at_clinic(at: datetime) -> str:
    """Return an instant as the clinic's wall clock shows it."""
    return f"{at.astimezone(settings.current().zone):%-d %b, %H:%M}"


def ended_hint() -> str:
    """Return what an end that is left as it is means, and which clock counts."""
    zone = settings.current().timezone
    return f'<p class="quiet">Now at the clinic ({zone}). Left as it is, the moment of your tap counts.</p>'


def invitation(infusion: Infusion) -> str:
    """Return whose invitation is shown, by time and number."""
    of = f"{at_clinic(infusion.ended)} ({figures.ordinal(infusion.number)})"
    return f"Invitation for the infusion of {of}, no. {infusion.id}"


def named(infusion: Infusion) -> str:
    """Return what tells an infusion from others in a list."""
    ended, made = at_clinic(infusion.ended), at_clinic(infusion.registered)
    day, _, time = made.partition(", ")
    when = time if ended.startswith(day) else made
    return f"No. {infusion.id}: {ended} ({figures.ordinal(infusion.number)}), made {when}"


def not_registered(error: ValueError, now: datetime) -> str:
    """Return why an infusion was not registered, and what to do."""
    if isinstance(error, clock.UnclearTime):
        return (
            "Not registered: give day and time. Where the clocks were changed then, so that this time was there twice "
            "or not at all, take the nearest one that was there once."
        )
    return (
        "Not registered: an infusion must have ended within the last 30 days and not in the future. "
        f"At the clinic it is {at_clinic(now)} now."
    )


def selection(shown: Frequencies) -> str:
    """Return in words what the figures below are of, how many answered, and how many ticked none."""
    none = shown.none
    return (
        f'<p class="selection"><strong>{figures.check_ins(shown.check_ins)}</strong>, '
        f"{WINDOW_BY_CODE[shown.window].after}, {figures.days(shown.first_day, shown.last_day)}, "
        f"{_ASKED[shown.origin]}, {_BANDS[shown.number_band]}, {_in_languages(shown.languages)}</p>"
        f'<p class="response">{_response(shown)} · '
        f"<strong>None of these: {none['reported']} of {none['check_ins']}</strong> "
        f"({figures.percent(none['share'])} %, 95 % interval {figures.interval(none['low'], none['high'])})</p>"
    )


def _response(shown: Frequencies) -> str:
    """Return how many of those who could have answered did."""
    if shown.response is None:
        return "Response rate unknown: nobody knows how many saw the open link."
    if not shown.response.infusions:
        return "Response rate unknown: no infusion is registered whose window is over."
    by_open_link = ""
    if 0 < shown.by_open_link < settings.current().min_group:
        by_open_link = " A few came by the open link: response rate unknown."
    elif shown.by_open_link:
        by_open_link = f" {figures.check_ins(shown.by_open_link)} by the open link: response rate unknown."
    if shown.response.infusions < settings.current().min_group:
        return f"Too few infusions whose window is over to tell how many answer.{by_open_link}"
    of, days = shown.response, figures.days(shown.response.first_day, shown.response.last_day)
    window = shown.window.replace("-", "–").replace(">", "&gt;")
    return (
        f"Of {of.infusions} infusions that ended {days}, {of.answered} "
        f"({figures.percent(of.answered / of.infusions)} %) have a check-in from {window}.{by_open_link}"
    )


def _in_languages(tags: tuple[str, ...]) -> str:
    """Return which languages of the list are counted together, such as `in English and Spanish`."""
    return f"in {format_list([languages.name(tag, languages.SOURCE) for tag in tags], locale=languages.SOURCE)}"


def response(shown: Frequencies) -> str:
    """Return the response line alone, for a selection without figures."""
    return f'<p class="response">{_response(shown)}</p>'


def denominator(shown: Frequencies) -> str:
    """Return of what the shares are: how many check-ins, and the filters that are set."""
    chosen = [names[code] for names, code in ((_ASKED, shown.origin), (_BANDS, shown.number_band)) if code]
    return ", ".join([figures.check_ins(shown.check_ins), *chosen])


def title_of_table(shown: Frequencies, order: str) -> str:
    """Return subject and denominator of the table."""
    return (
        f'<div class="title"><h2>Side effects reported {WINDOW_BY_CODE[shown.window].after}</h2>'
        f"<p>Share of {denominator(shown)}. {order}.</p>"
        "<p>Internal: for the clinic’s own use.</p></div>"
    )


def alternative(shown: Frequencies) -> str:
    """Return what the plot shows, for those who do not see it."""
    most = shown.table.sort_values("reported", ascending=False, kind="stable").iloc[0]
    return (
        f"Dot plot of the fourteen side effects reported {WINDOW_BY_CODE[shown.window].after}. Most often: "
        f"{most['side_effect']}, {most['reported']} of {denominator(shown)} "
        f"({figures.percent(most['share'])} %, 95 % interval {figures.interval(most['low'], most['high'])}). "
        "The table has the same figures."
    )


def nothing_to_show(shown: Frequencies) -> str:
    """Return the empty state, or that there are too few, without saying how many."""
    least = settings.current().min_group
    if shown.check_ins == 0:
        address = settings.current().public_url or ""
        selected = "selection" if shown.origin or shown.number_band else "window"
        return (
            f'<div class="nothing"><h2>No check-ins in this {selected} yet</h2>'
            f"<p>They appear here when patients send them: figures stand here from {least} check-ins on.</p>"
            f'<p>Patients check in at <a href="{address}/" target="_self">{address or "the start page"}</a>.</p></div>'
        )
    return (
        f'<div class="nothing"><h2>Too few to show (n &lt; {least})</h2>'
        "<p>Figures of so few could point to a person, and their intervals would be too wide to decide from.</p></div>"
    )
