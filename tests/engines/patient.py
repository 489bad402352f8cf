"""A patient at the check-in, in any engine and language."""

from data import languages
from data.catalogue import LABELS, NONE_OF_THESE, WINDOW_BY_CODE
from pages.patient import words
from tests.engines.page import Page

FORM = """return all("label:has(input[type=checkbox])").length === 15 && all("button").some((e) => words(e) === send)
    && !document.querySelector(".stApp:not([data-test-script-state=notRunning])");
"""
ALONE = {"none": NONE_OF_THESE}


class Patient:
    """Somebody with one page, who reads one language and taps what the catalogue's codes name."""

    def __init__(self, page: Page, address: str, language: str = "en") -> None:
        self.page, self.address, self.say = page, address, languages.translator(language)

    def open(self, query: str = "") -> None:
        """Open the form and wait until it can be filled in."""
        self.page.open(self.address + query)
        self.wait()

    def wait(self) -> None:
        """Wait until the form can be filled in."""
        self.page.wait("the form", FORM, send=self.say(words.SEND))

    def choose(self, window: str) -> None:
        """Tap a window."""
        self.page.tap(self.say(WINDOW_BY_CODE[window].label))

    def tick(self, *codes: str) -> None:
        """Tap side effects, or "none"."""
        for name in self.names(*codes):
            self.page.tap(name)

    def tap(self, button: str) -> None:
        """Tap a button, given by its English name."""
        self.page.tap(self.say(button), "button")

    def told(self, mistake: Exception, *ticked: str) -> None:
        """Wait until an alert says what was wrong with what was sent."""
        self.page.see(words.mistake(mistake, ticked, self.say), "[role=alert]")

    def heading(self, text: str) -> None:
        """Wait for a heading, given by its English text."""
        self.page.see(self.say(text), "h1")

    def names(self, *codes: str) -> list[str]:
        """Return the names of side effects, and of "none", in the patient's language."""
        return [self.say((LABELS | ALONE)[code]) for code in codes]

    def wait_for_line(self) -> None:
        """Wait until Streamlit has its line again."""
        self.page.wait("the line", "return all('.stApp[data-test-connection-state=CONNECTED]').length")
