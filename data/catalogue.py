"""What is asked: the fourteen side effects, the question, the windows, and the version of all of them.

The labels are the source article's words and stand in its order. Codes are stored, labels are shown; a code is
never reused. Any change to a label, the order or the question is a new `LIST_VERSION`. What is marked is shown in the
patient's language.
"""

from dataclasses import dataclass
from datetime import timedelta

from data.languages import mark

LIST_VERSION = 1
QUESTION = mark("Which of these do you have now? Select all that apply.")
NONE_OF_THESE = mark("None of these")
WINDOW_QUESTION = mark("How long ago did your infusion end?")


@dataclass(frozen=True)
class SideEffect:
    """One item of the list; `gloss` explains the label in plain words where that is needed."""

    code: str
    label: str
    gloss: str = ""


SIDE_EFFECTS = (
    SideEffect("nausea", mark("Nausea or vomiting")),
    SideEffect("heart_rate", mark("Increased heart rate or blood pressure")),
    SideEffect("vision", mark("Changes in vision, such as blurriness or double vision")),
    SideEffect("dizziness", mark("Dizziness or lightheadedness")),
    SideEffect("headache", mark("Headache")),
    SideEffect("dry_mouth", mark("Increased salivation or dry mouth")),
    SideEffect("tremor", mark("Muscle tremors or twitches")),
    SideEffect("anxiety", mark("Anxiety or restlessness")),
    SideEffect("hallucinations", mark("Hallucinations")),
    SideEffect("dissociation", mark("Dissociation"), mark("Feeling detached from yourself or your surroundings.")),
    SideEffect("fatigue", mark("Fatigue or drowsiness")),
    SideEffect("sleep", mark("Insomnia or changes in sleep patterns")),
    SideEffect("appetite", mark("Appetite changes")),
    SideEffect("bladder", mark("Bladder problems")),
)
CODES = tuple(side_effect.code for side_effect in SIDE_EFFECTS)
LABELS = {side_effect.code: side_effect.label for side_effect in SIDE_EFFECTS}


@dataclass(frozen=True)
class Window:
    """Time from the end of the infusion to the check-in, half-open: `start` belongs to it, `end` does not.

    `label` answers "How long ago did your infusion end?".
    """

    code: str
    label: str
    start: timedelta
    end: timedelta

    @property
    def after(self) -> str:
        """The label as it reads on from "side effects reported …"."""
        return f"{self.label[0].lower()}{self.label[1:]} after the infusion"


WINDOWS = (
    Window("0-4 h", mark("Less than 4 hours"), timedelta(0), timedelta(hours=4)),
    Window("4-24 h", mark("4 to 24 hours"), timedelta(hours=4), timedelta(hours=24)),
    Window("1-7 d", mark("1 to 7 days"), timedelta(days=1), timedelta(days=7)),
    Window(">7 d", mark("More than 7 days"), timedelta(days=7), timedelta(days=30)),
)
WINDOW_BY_CODE = {window.code: window for window in WINDOWS}

NUMBER_BANDS = ("1st", "2nd-6th", "later", "unknown")
ORIGINS = ("open", "invited")
DOORS = ("app", "plain")
