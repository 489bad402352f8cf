"""What is asked: the side effects, the question, the windows, and the version of the list.

The first list has the source article's words in the article's order. Codes are stored, labels are shown. Whatever is
marked is shown in the patient's language.

To change an item, a label, the order or the question:

1. Leave the lists in `LISTS` as they are: they say what earlier answers mean. Add the next version below them:

    LISTS[2] = TickList(LISTS[1].question, (*LISTS[1].side_effects, SideEffect("itch", mark("Itching"))))

   Give a new item a code of lower-case letters and `_` that no list has used. To drop an item, leave it out: its
   earlier answers stay.
2. Translate the new words in `data/languages`.
3. Stop every server, make a backup, start again. The database is copied, then its tables get the new columns.

Earlier check-ins are still shown, corrected, exported and counted by the list they answered. A form that was open
during the change is stored under the list it shows.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from data.languages import mark

NONE_OF_THESE = mark("None of these")
WINDOW_QUESTION = mark("How long ago did your infusion end?")


@dataclass(frozen=True)
class SideEffect:
    """One item of the list; `gloss` explains the label in plain words where that is needed."""

    code: str
    label: str
    gloss: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch("[a-z_]+", self.code):
            raise ValueError(f"the code {self.code!r} names columns: it may have lower-case letters and _ only")


@dataclass(frozen=True)
class TickList:
    """One version of the list: the question, and the side effects in the order in which they are asked."""

    question: str
    side_effects: tuple[SideEffect, ...]

    @cached_property
    def labels(self) -> dict[str, str]:
        return {side_effect.code: side_effect.label for side_effect in self.side_effects}

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(self.labels)


LISTS = {
    1: TickList(
        mark("Which of these do you have now? Select all that apply."),
        (
            SideEffect("nausea", mark("Nausea or vomiting")),
            SideEffect("heart_rate", mark("Increased heart rate or blood pressure")),
            SideEffect("vision", mark("Changes in vision, such as blurriness or double vision")),
            SideEffect("dizziness", mark("Dizziness or lightheadedness")),
            SideEffect("headache", mark("Headache")),
            SideEffect("dry_mouth", mark("Increased salivation or dry mouth")),
            SideEffect("tremor", mark("Muscle tremors or twitches")),
            SideEffect("anxiety", mark("Anxiety or restlessness")),
            SideEffect("hallucinations", mark("Hallucinations")),
            SideEffect(
                "dissociation", mark("Dissociation"), mark("Feeling detached from yourself or your surroundings.")
            ),
            SideEffect("fatigue", mark("Fatigue or drowsiness")),
            SideEffect("sleep", mark("Insomnia or changes in sleep patterns")),
            SideEffect("appetite", mark("Appetite changes")),
            SideEffect("bladder", mark("Bladder problems")),
        ),
    ),
}

LIST_VERSION = max(LISTS)
QUESTION, SIDE_EFFECTS = LISTS[LIST_VERSION].question, LISTS[LIST_VERSION].side_effects
CODES, LABELS = LISTS[LIST_VERSION].codes, LISTS[LIST_VERSION].labels
EVERY_LABEL = {code: label for asked in LISTS.values() for code, label in asked.labels.items()}
EVERY_CODE = tuple(EVERY_LABEL)


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
    def lag(self) -> int:
        """Whole weeks after which every infusion of an earlier week is beyond this window."""
        return self.end // timedelta(weeks=1)

    @property
    def after(self) -> str:
        """The label as it reads on from "side effects reported …"."""
        if not self.start:
            return f"within {self.end // timedelta(hours=1)} hours of the infusion"
        return f"{self.label[0].lower()}{self.label[1:]} after the infusion"


WINDOWS = (
    Window("0-4 h", mark("Less than 4 hours"), timedelta(0), timedelta(hours=4)),
    Window("4-24 h", mark("4 to 24 hours"), timedelta(hours=4), timedelta(hours=24)),
    Window("1-7 d", mark("1 to 7 days"), timedelta(days=1), timedelta(days=7)),
    Window(">7 d", mark("More than 7 days"), timedelta(days=7), timedelta(days=30)),
)
WINDOW_BY_CODE = {window.code: window for window in WINDOWS}

# Of which of a patient's infusions, by the first number of each band. Release 1.0 told those from the seventh on not
# apart: its check-ins keep the band "later".
FIRST_OF_BAND = {"1st": 1, "2nd-6th": 2, "7th-12th": 7, "13th-24th": 13, "25th+": 25}
NUMBER_BANDS = (*FIRST_OF_BAND, "later", "unknown")
ORIGINS = ("open", "invited")
DOORS = ("app", "plain", "kiosk")  # Streamlit's form, the HTML form, and a tablet of the clinic
ROLES = ("clinician", "reception")  # of the clinic's staff: with figures, and without
