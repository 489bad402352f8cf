"""A patient at the check-in, in any engine and language."""

from data import languages
from data.catalogue import LABELS, NONE_OF_THESE, WINDOW_BY_CODE
from pages.web import words
from tests.app import AT_ONCE, NEVER
from tests.engines.page import Page

# Each form's path, and what decides which one it stays; to the one "alone" Streamlit's comes, but cannot take over.
FORMS = {"html": ("/", NEVER), "plain": ("/plain", ""), "app": ("/", AT_ONCE), "alone": ("/", AT_ONCE)}
FORM = """return document.documentElement.dataset.form === form && all("label:has(input[type=checkbox])").length === 15
    && all("button").some((e) => words(e) === send)
    && !document.querySelector(".stApp:not([data-test-script-state=notRunning])");
"""
BESIDE_SEND = """const [alert] = all("[role=alert]").filter((e) => words(e) === text);
const above = alert?.getBoundingClientRect(), below = all("button").pop().getBoundingClientRect();
return alert && above.top >= 0 && above.bottom <= below.top && below.top - above.bottom < 40
    && below.bottom <= innerHeight;
"""
ALONE = {"none": NONE_OF_THESE}


class Patient:
    """Somebody with one page, who reads one language and taps what the catalogue's codes name."""

    def __init__(self, page: Page, address: str, form: str, language: str = "en") -> None:
        self.page, self.say = page, languages.translator(language)
        path, self.begin = FORMS[form]
        self.address, self.form = address + path, "app" if form == "app" else "html"

    def open(self, query: str = "") -> None:
        """Open the form for the first time and wait until it can be filled in."""
        self.page.begin_with(self.begin)
        self.page.open(self.address + query)
        self.wait()

    def wait(self, form: str = "") -> None:
        """Wait until the form can be filled in; it is the one that was opened, or another."""
        self.page.wait("the form", FORM, form=form or self.form, send=self.say(words.SEND))

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

    def told(self, sentence: str) -> None:
        """Wait until an alert beside Send says a sentence."""
        self.page.wait(f"{sentence!r} beside Send", BESIDE_SEND, text=sentence)

    def told_of(self, mistake: Exception, *ticked: str) -> None:
        """Wait until an alert beside Send says what was wrong with what was sent."""
        self.told(words.mistake(mistake, ticked, self.say))

    def heading(self, text: str) -> None:
        """Wait for a heading, given by its English text."""
        self.page.see(self.say(text), "h1")

    def names(self, *codes: str) -> list[str]:
        """Return the names of side effects, and of "none", in the patient's language."""
        return [self.say((LABELS | ALONE)[code]) for code in codes]
