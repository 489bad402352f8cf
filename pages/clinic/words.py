"""What the dashboard says beside its figures, as HTML."""

from babel.lists import format_list

from data import languages, settings
from data.catalogue import LIST_VERSION, QUESTION, WINDOW_BY_CODE
from data.frequencies import Frequencies
from pages.clinic import figures

SIGN_OUT = '<form method="post" action="/sign-out"><button>Sign out</button></form>'

SIGNED_OUT = (
    '<div class="notice"><p><strong>You are signed out.</strong> Figures are shown to signed-in clinicians only.</p>'
    '<p><a href="/sign-in?next=%2Fclinic" target="_self">Sign in</a></p></div>'
)

UNAVAILABLE = (
    '<div class="notice bad" role="alert">'
    "<p><strong>The figures cannot be read: the database does not answer.</strong></p>"
    "<p>What was sent before is stored. Load this page again in a minute. "
    "If it lasts, tell whoever runs the server.</p></div>"
)

CAVEATS = (
    f'<p class="quiet">Solicited tick list, list version {LIST_VERSION}, asked: “{QUESTION}” '
    "What came and went between two check-ins is not seen. Reports are not proof of a cause. They say nothing about "
    "people who did not answer. The list is not a validated instrument. Several check-ins can come from one patient, "
    "so rows are not independent. By the open link the time since the infusion is what the patient chose.</p>"
)


def selection(shown: Frequencies) -> str:
    """Return in words what the figures below are of, how many answered, and how many ticked none."""
    none = shown.none
    return (
        f'<p class="selection"><strong>{figures.check_ins(shown.check_ins)}</strong>, '
        f"{WINDOW_BY_CODE[shown.window].after}, {figures.days(shown.first_day, shown.last_day)}, "
        f"any infusion number, {_in_languages(shown.languages)}</p>"
        '<p class="response">Response rate unknown: infusions without a check-in are not counted here. · '
        f"<strong>None of these: {none['reported']} of {none['check_ins']}</strong> "
        f"({figures.percent(none['share'])} %, 95 % interval {figures.interval(none['low'], none['high'])})</p>"
    )


def _in_languages(tags: tuple[str, ...]) -> str:
    """Return which languages of the list are counted together, such as `in English and Spanish`."""
    return f"in {format_list([languages.name(tag, languages.SOURCE) for tag in tags], locale=languages.SOURCE)}"


def title_of_table(shown: Frequencies, order: str) -> str:
    """Return subject and denominator of the table."""
    return (
        f'<div class="title"><h2>Side effects reported {WINDOW_BY_CODE[shown.window].after}</h2>'
        f"<p>Share of {figures.check_ins(shown.check_ins)}. {order}.</p>"
        "<p>Internal: for the clinic’s own use.</p></div>"
    )


def alternative(shown: Frequencies) -> str:
    """Return what the plot shows, for those who do not see it."""
    most = shown.table.sort_values("reported", ascending=False, kind="stable").iloc[0]
    return (
        f"Dot plot of the fourteen side effects reported {WINDOW_BY_CODE[shown.window].after}. Most often: "
        f"{most['side_effect']}, {most['reported']} of {figures.check_ins(shown.check_ins)} "
        f"({figures.percent(most['share'])} %, 95 % interval {figures.interval(most['low'], most['high'])}). "
        "The table has the same figures."
    )


def nothing_to_show(shown: Frequencies) -> str:
    """Return the empty state, or that there are too few, without saying how many."""
    least = settings.current().min_group
    if shown.check_ins == 0:
        address = settings.current().public_url or ""
        return (
            '<div class="nothing"><h2>No check-ins in this window yet</h2>'
            f"<p>They appear here when patients send them: figures stand here from {least} check-ins on.</p>"
            f'<p>Patients check in at <a href="{address}/" target="_self">{address or "the start page"}</a>.</p></div>'
        )
    return (
        f'<div class="nothing"><h2>Too few to show (n &lt; {least})</h2>'
        "<p>Figures of so few could point to a person, and their intervals would be too wide to decide from.</p></div>"
    )
