"""The check-in's doors, in every language: what a patient does there, by what is to be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Locator, Page

from data import languages
from data.catalogue import LABELS, WINDOW_BY_CODE
from pages.web import words
from tests.app import AT_ONCE, NEVER, App, wait_for_form, wait_until_complete
from tests.browser.conftest import PHONE

# Streamlit's form, the HTML form that sends by script, and the one without a script.
PATHS = {"app": "/", "html": "/", "plain": "/plain"}
NAMES = "boxes => boxes.map((box) => box.ariaLabel ?? box.nextElementSibling.innerText)"


class Door:
    """One door in one language, as a phone of that language shows it."""

    def __init__(self, page: Page, app: App, kind: str, language: str) -> None:
        self.page, self.app, self.kind, self.path, self.language = page, app, kind, PATHS[kind], language
        self.say = languages.translator(language)

    def open(self, query: str = "") -> None:
        """Open the form and wait until it can be filled in."""
        self.page.goto(f"{self.app.url}{self.path}{query}")
        self.wait()

    def wait(self) -> None:
        """Wait until the form can be filled in."""
        wait_for_form(self.page, self.say(words.SEND), "app" if self.kind == "app" else "html")

    def fill_in(self, window: str | None, *codes: str) -> None:
        """Choose the window, None where it is not asked, and tick side effects, given by their codes."""
        if window:
            self.page.get_by_text(self.say(WINDOW_BY_CODE[window].label), exact=True).tap()
        for code in codes:
            self.page.get_by_text(self.say(LABELS[code]), exact=True).tap()

    def send(self) -> None:
        """Tap Send and wait for the confirmation."""
        self.tap(words.SEND)
        self.heading("Sent. Thank you.").wait_for()
        self.page.locator("[href*='/reminder.ics']").wait_for()  # it comes together with what was reported
        wait_until_complete(self.page)

    def tap(self, button: str) -> None:
        """Tap a button, given by its English name."""
        self.page.get_by_role("button", name=self.say(button), exact=True).tap()

    def heading(self, text: str):
        """Return the first heading of this English text."""
        return self.page.get_by_role("heading", level=1, name=self.say(text), exact=True)

    def ticked(self) -> list[str]:
        """Return the names of the ticked boxes."""
        return list(self.page.get_by_role("checkbox", checked=True).evaluate_all(NAMES))

    def reported(self) -> list[str]:
        """Return what the confirmation lists."""
        return self.page.get_by_role("listitem").all_inner_texts()

    def names(self, *codes: str) -> list[str]:
        """Return the labels of side effects in this language."""
        return [self.say(LABELS[code]) for code in codes]

    def receipt(self) -> str:
        """Return the receipt that is shown."""
        return self.page.locator(".receipt").inner_text()


def middle(element: Locator) -> tuple[float, float]:
    """Return the middle of an element: those of the two forms differ in their padding."""
    box = element.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@contextmanager
def door_to(browser: Browser, app: App, kind: str, language: str = "en", **options: Any) -> Iterator[Door]:
    """Give a door of one of the `PATHS` to a phone of a language; `options` are those of the browser's context."""
    options = PHONE | options | {"locale": language, "java_script_enabled": kind != "plain"}
    context = browser.new_context(**options)
    if kind != "plain":
        context.add_init_script(AT_ONCE if kind == "app" else NEVER)
    yield Door(context.new_page(), app, kind, language)
    context.close()
