"""A page in any engine: what a visitor does there, by what is to be read, and what is then to be read."""

import json
from abc import ABC, abstractmethod
from typing import ClassVar

from tests.engines.processes import until

SHOWN = """const shown = (e) => e.getClientRects().length && getComputedStyle(e).visibility === "visible"
    && !e.closest("[inert]");
const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);
const words = (e) => (e.innerText ?? "").trim(); // a drawing has no text
"""
# The middle of the innermost element with these words, scrolled to where nothing lies over it.
PLACE = """const found = all(selector).filter((e) => words(e) === text).pop();
const place = () => {
    const {x, y, width, height} = found.getClientRects()[0];
    const at = [x + width / 2, y + height / 2].map(Math.round), top = document.elementFromPoint(...at);
    return found.contains(top) || top?.closest("label, button, a")?.contains(found) ? at : null;
};
if (found && !place()) found.scrollIntoView({block: "center"});
return found && place();
"""
TICKED = """return all("label").filter((e) => e.querySelector("input[type=checkbox]")?.checked)
    .map((e) => words(e).split("\\n")[0]);
"""


class Page(ABC):
    """One window with cookies of its own."""

    ON_THE_WAY: ClassVar[tuple[type[Exception], ...]] = ()  # raised while one page goes and the next one comes

    @abstractmethod
    def open(self, address: str) -> None:
        """Go to an address."""

    @abstractmethod
    def begin_with(self, script: str) -> None:
        """Run a script before those of each page to come, where the engine has a way to."""

    @abstractmethod
    def run(self, script: str) -> object:
        """Return what the body of a function returns in the page, as JSON carries it."""

    @abstractmethod
    def press(self, x: int, y: int) -> None:
        """Press and release the button of the mouse at a point of the window."""

    @abstractmethod
    def type(self, text: str) -> None:
        """Type into the field that has the focus."""

    @abstractmethod
    def picture(self) -> bytes:
        """Return what the window shows, as PNG."""

    def ask(self, body: str, **values: object) -> object:
        """Run a script that knows some values by name."""
        given = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in values.items())
        return self.run(SHOWN + given + body)

    def wait(self, what: str, body: str, **values: object) -> object:
        """Return what a script returns as soon as it is something; raise `TimeoutError` where that takes too long."""
        try:
            return until(what, lambda: self.ask(body, **values), *self.ON_THE_WAY)
        except TimeoutError as error:
            error.add_note(f"The page says: {self.ask('return words(document.body)')}")
            raise

    def see(self, text: str, selector: str = "*") -> None:
        """Wait until an element with exactly these words is shown."""
        self.wait(repr(text), "return all(selector).some((e) => words(e) === text)", text=text, selector=selector)

    def tap(self, text: str, selector: str = "*") -> None:
        """Tap the element with exactly these words, once it lies still."""
        last, place = None, self._place(text, selector)
        while place != last:
            last, place = place, self._place(text, selector)
        self.press(*place)

    def read(self, selector: str) -> list[str]:
        """Return the words of all shown elements that a selector names."""
        # In brackets, as an empty list is an answer too; a document that is just being replaced gives none.
        return self.wait("a document", "return [all(selector).map(words)]", selector=selector)[0]

    def ticked(self) -> list[str]:
        """Return the names of the ticked boxes."""
        return self.wait("a document", f"return [(() => {{{TICKED}}})()]")[0]

    def _place(self, text: str, selector: str) -> list[int]:
        return self.wait(f"{text!r} to tap", PLACE, text=text, selector=selector)
