"""What patients are told in both doors of the check-in; each sentence stands once, in English, and is translated."""

from collections.abc import Callable, Sequence

from data import answers, settings
from data.catalogue import LABELS, NONE_OF_THESE
from data.check_ins import CheckIn
from data.languages import mark

PAGE = mark("Check-in")
TITLE = mark("Check-in after your infusion")
OR = mark("or")
SEND = mark("Send to my clinic")
SAVE = mark("Save the correction")
NO_CONNECTION = mark("No connection. Your ticks are still here. You can send them when the line is back.")
LOADING = mark("The check-in is loading.")
TOO_MANY = mark("Too many attempts. Wait 15 minutes and try again.")
UNKNOWN_RECEIPT = mark("There is no check-in with this receipt. Compare each letter and digit, then try again.")

REPORTED = {
    "0-4 h": mark("You reported, less than 4 hours after your infusion"),
    "4-24 h": mark("You reported, 4 to 24 hours after your infusion"),
    "1-7 d": mark("You reported, 1 to 7 days after your infusion"),
    ">7 d": mark("You reported, more than 7 days after your infusion"),
}
_BROKEN_RULES = {
    answers.InvalidWindow: mark("Choose how long ago your infusion ended: it is the first question on this page."),
    answers.NothingTicked: mark("Nothing is ticked yet. Tick what you have now, or “%(none)s”."),
}


def heading(stored: CheckIn) -> str:
    """Return what has become of a check-in."""
    if stored.withdrawn:
        return mark("This check-in is withdrawn.")
    return mark("Sent. Your correction is saved.") if stored.corrected else mark("Sent. Thank you.")


def mistake(error: Exception, ticked: Sequence[str], _: Callable[[str], str], button: str = SEND) -> str:
    """Return what happened, what is still safe and what to do now, for answers that `button` did not store."""
    first = LABELS.get(ticked[0], "") if ticked else ""
    named = {"none": NONE_OF_THESE, "first": first, "button": button}
    values = {name: _(text) if text else "" for name, text in named.items()}
    return _(_sentence(error, ticked, button)) % (values | {"phone": settings.current().clinic_phone})


def _sentence(error: Exception, ticked: Sequence[str], button: str) -> str:
    if isinstance(error, answers.NoneWithTicks):
        if len(ticked) == 1:
            return mark("You ticked “%(none)s” and also “%(first)s”. Untick one of them.")
        return mark("You ticked “%(none)s” and also “%(first)s” and more. Untick one or the other.")
    if isinstance(error, answers.NothingTicked) and button == SAVE:
        return mark("Nothing is ticked. Tick what you had, or “%(none)s”.")
    if isinstance(error, answers.InvalidCheckIn):
        return _BROKEN_RULES.get(
            type(error), mark("Not sent. This page does not work any more. Load it anew and tick again.")
        )
    return mark(
        "Not sent yet. Your ticks are still here. Wait a minute, then tap “%(button)s” again. "
        "If it still fails, call your clinic: %(phone)s."
    )
