"""What patients are told in both forms of the check-in: each sentence is here once, in English, and translated."""

from collections.abc import Callable, Sequence
from datetime import datetime

from babel import Locale
from babel.dates import format_date

from data import languages, settings
from data.catalogue import EVERY_LABEL, NONE_OF_THESE
from data.languages import mark
from data.reports import answers, check_ins, invitations, receipts
from data.staff import throttle

PAGE = mark("Check-in")
TITLE = mark("Check-in after your infusion")
OR = mark("or")
SEND = mark("Send to my clinic")
SAVE = mark("Save the correction")
SENDING = mark("Sending…")
NO_CONNECTION = mark("No connection. Your ticks are still here. Tap “%(button)s” again once you are back online.")
ABOUT = mark("About your infusion on %(day)s, ended %(time)s.")
OPENS_AGAIN = mark("Your next check-in opens on %(day)s at %(time)s. Use the same link or code.")
DAY = mark("EEEE d MMMM")  # a date pattern of Unicode: Sunday 22 November
CARD = mark(
    "Scan this once today, once tomorrow, once within the week, and once after a week. It takes a minute each time."
)
CARD_CODE = mark("Or open %(address)s and type the code. It works for 30 days after the infusion.")
POSTER = mark("After your ketamine infusion: how are you now?")
POSTER_HOW = mark("Scan, tick what you have, send. No name, no account.")
CODE = mark("Code from your clinic")
DAMAGED_LINK = mark("This link is broken. Type the code your clinic gave you.")
UNKNOWN_CODE = mark("This code does not work.")
NOT_A_CODE = mark(
    "This does not look like a code. Codes have twelve letters and digits, like K7QM-4TXD-R2AB. Check your card."
)
TOO_MANY = mark("Too many attempts. Wait 15 minutes and try again.")
UNKNOWN_RECEIPT = mark("No check-in has this receipt. Check each letter and digit, then try again.")
NOT_KEPT = mark("Your browser did not keep the receipt. Type it again to open the check-in.")
NOT_A_RECEIPT = mark(
    "This does not look like a receipt. Receipts have ten letters and digits, like K7QM-4TXD-R2. Check what you wrote "
    "down."
)

REPORTED = {
    "0-4 h": mark("You reported, less than 4 hours after your infusion"),
    "4-24 h": mark("You reported, 4 to 24 hours after your infusion"),
    "1-7 d": mark("You reported, 1 to 7 days after your infusion"),
    ">7 d": mark("You reported, more than 7 days after your infusion"),
}
_BROKEN_RULES = {
    answers.InvalidWindow: mark("Choose how long ago your infusion ended: it is the first question on this page."),
    answers.NothingTicked: mark("Nothing is ticked yet. Tick what you have now, or “%(none)s”."),
    check_ins.CodeNeeded: mark(
        "Not sent yet. Your ticks are still here. You now need a code from your clinic: type it, then tap “%(button)s” "
        "again. No code? Call your clinic: %(phone)s."
    ),
    invitations.AnsweredAlready: mark(
        "Not sent: a check-in for this time has already been sent, perhaps from another phone. Your ticks are still "
        "here. You can correct that check-in with its receipt."
    ),
    invitations.UnknownInvitation: mark(
        "Not sent. Your ticks are still here. The code does not work. Call your clinic for another one: %(phone)s."
    ),
    invitations.NotACode: mark(
        "Not sent yet. Your ticks are still here. This does not look like a code: codes have twelve letters and "
        "digits, like K7QM-4TXD-R2AB. Check your card, then tap “%(button)s” again."
    ),
    throttle.Throttled: mark(
        "Not sent yet. Your ticks are still here. Too many wrong codes were entered. Try again in 15 minutes."
    ),
}
A_CODE_MENDS = (check_ins.CodeNeeded, invitations.UnknownInvitation)
_PLACES: dict[type, str] = {
    answers.InvalidWindow: "window",
    answers.NothingTicked: "list",
    answers.NoneWithTicks: "list",
    **dict.fromkeys(A_CODE_MENDS, "code"),
    invitations.NotACode: "code",
}


def refusal(error: Exception) -> str:
    """Return the message for a code or receipt that was not accepted."""
    if isinstance(error, throttle.Throttled):
        return TOO_MANY
    if isinstance(error, receipts.UnknownReceipt):
        return NOT_A_RECEIPT if isinstance(error, receipts.NotAReceipt) else UNKNOWN_RECEIPT
    return NOT_A_CODE if isinstance(error, invitations.NotACode) else UNKNOWN_CODE


def when(sentence: str, at: datetime, language: str) -> str:
    """Return a sentence of this module with day and time of an instant, as the clinic's clock shows them."""
    _, local = languages.translator(language), at.astimezone(settings.current().zone)
    day = format_date(local, _(DAY), locale=Locale.parse(language, sep="-"))
    return _(sentence) % {"day": day, "time": f"{local:%H:%M}"}


def place(error: Exception | None) -> str:
    """Return which part of the form a mistake is in: `window`, `list` or `code`; empty where it is in none."""
    return _PLACES.get(type(error), "")


def heading(stored: check_ins.CheckIn) -> str:
    """Return what has become of a check-in."""
    if stored.withdrawn:
        return mark("This check-in has been withdrawn.")
    return mark("Sent. Your correction is saved.") if stored.corrected else mark("Sent. Thank you.")


def refused(reason: invitations.Invitation | Exception) -> str:
    """Return why there is no form: the invitation is answered for now, or the code opens nothing."""
    if isinstance(reason, invitations.Invitation):
        return mark("Already sent")
    return mark("Not available now") if isinstance(reason, throttle.Throttled) else UNKNOWN_CODE


def mistake(error: Exception, ticked: Sequence[str], _: Callable[[str], str], button: str = SEND) -> str:
    """Return what happened, what is still safe and what to do now, for answers that `button` did not store."""
    first = EVERY_LABEL.get(ticked[0], "") if ticked else ""
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
    if type(error) in _BROKEN_RULES:
        return _BROKEN_RULES[type(error)]
    if isinstance(error, answers.InvalidCheckIn):
        return mark("Not sent. Something went wrong on this page. Reload it and tick again.")
    return mark(
        "Not sent yet. Your ticks are still here. Wait a minute, then tap “%(button)s” again. "
        "If it still fails, call your clinic: %(phone)s."
    )
