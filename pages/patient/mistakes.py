"""What a patient is told when sending did not work: what happened, what is still safe, what to do now."""

from collections.abc import Sequence

from data import check_ins, settings
from data.catalogue import LABELS, NONE_OF_THESE

NO_CONNECTION = "No connection. Your ticks are still here. You can send them when the line is back."
_WORDS = {
    check_ins.InvalidWindow: "Choose how long ago your infusion ended: it is the first question on this page.",
    check_ins.NothingTicked: f"Nothing is ticked yet. Tick what you have now, or “{NONE_OF_THESE}”.",
}


def in_words(error: Exception, ticked: Sequence[str]) -> str:
    """Return one or two sentences for a check-in that was not stored."""
    if isinstance(error, check_ins.NoneWithTicks):
        first = f"You ticked “{NONE_OF_THESE}” and also “{LABELS[ticked[0]]}”"
        return f"{first}. Untick one of them." if len(ticked) == 1 else f"{first} and more. Untick one or the other."
    if type(error) in _WORDS:
        return _WORDS[type(error)]
    if isinstance(error, check_ins.InvalidCheckIn):
        return "Not sent. This page does not work any more. Load it anew and tick again."
    return (
        "Not sent yet. Your ticks are still here. Wait a minute, then tap “Send to my clinic” again. "
        f"If it still fails, call your clinic: {settings.current().clinic_phone}."
    )
