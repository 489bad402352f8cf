"""What is different on the clinic's tablet: after how many seconds a page clears itself, and what it says.

Staff are near, so nobody is told to call them.
"""

from collections.abc import Callable, Sequence

from data.languages import mark
from data.reports import check_ins, invitations
from data.storage import database
from pages.web import words

SHOWN_FOR = 20  # "Sent", whatever is touched
MORE = 60  # "More time"
IDLE, WARNED = 60, 20  # a page that nobody touches; the warning takes the last of them
LONGEST = 600  # a form where no script sees whether anybody is there

NO_COOKIES = mark(
    "Nothing was sent. The browser of this tablet seems to block cookies. Ask a member of staff to allow them."
)
CLEARED = mark("Not sent. This page had been cleared. Start again, or tell a member of staff.")
LEFT = mark("Not sent. Nobody touched the last page, so it was cleared. Start again, or tell a member of staff.")
TRY_AGAIN = mark("That did not work. Wait a moment, then tap again. If it still fails, tell a member of staff.")
NO_CONNECTION = mark(
    "No connection. Your ticks are still here. Tap “%(button)s” again once you are back online. If it still fails, "
    "tell a member of staff."
)
OFFLINE = mark("No connection. This tablet will be ready again once it is back online.")
MOMENT = mark("One moment…")
RECEIPT_QR = mark("QR code of the receipt")
_UNKNOWN_CODE = mark("This code does not work. Ask a member of staff for another one.")
_EMPTY_IT = mark("To check in without a code, empty the field first.")
_MISTAKES: dict[type, str] = {
    check_ins.CodeNeeded: mark(
        "Not sent yet. Your ticks are still here. You now need a code from your clinic: type it, then tap “%(button)s” "
        "again. No code? Ask a member of staff."
    ),
    invitations.UnknownInvitation: mark(
        "Not sent. Your ticks are still here. The code does not work. Ask a member of staff for another one."
    ),
    database.Unavailable: mark(
        "Not sent yet. Your ticks are still here. Wait a minute, then tap “%(button)s” again. If it still fails, tell "
        "a member of staff."
    ),
}


def refusal(error: Exception, _: Callable[[str], str], *, without: bool) -> str:
    """Return why a code was not accepted; `without`, also how to go on without one."""
    told = _(_UNKNOWN_CODE if type(error) is invitations.UnknownInvitation else words.refusal(error))
    return f"{told} {_(_EMPTY_IT)}" if without else told


def mistake(error: Exception, ticked: Sequence[str], _: Callable[[str], str]) -> str:
    """Return what happened, what is still safe and what to do now, as `words.mistake` does."""
    told = _MISTAKES.get(type(error))
    return _(told) % {"button": _(words.SEND)} if told else words.mistake(error, ticked, _)
