"""The one fixed safety block: the same for everybody, whatever is ticked."""

from html import escape

from data import settings


def in_one_line() -> str:
    """Return the block for the top of the form, as HTML."""
    clinic = settings.current()
    return (
        '<p class="inset"><strong>Nobody is watching these answers as they arrive.</strong> Unwell or unsure: call '
        f"{_call(clinic.clinic_phone)}. Emergency: {_call(clinic.emergency_number)}.</p>"
    )


def in_full() -> str:
    """Return the block for the sent page, as HTML."""
    clinic = settings.current()
    return (
        '<div class="inset"><p><strong>Nobody is watching these answers as they arrive.</strong></p>'
        f"<p>If you are unsure or unwell, call {escape(clinic.clinic_name)}: {_call(clinic.clinic_phone)}, "
        f"{escape(clinic.clinic_hours)}.</p>"
        f"<p>In an emergency call {_call(clinic.emergency_number)}. When in doubt, call.</p>"
        "<p>Talk to your healthcare provider before making any change to your medication.</p></div>"
    )


def _call(number: str) -> str:
    dialled = "".join(character for character in number if character in "+0123456789")
    return f'<a href="tel:{dialled}">{escape(number)}</a>'
