"""The files of Streamlit's browser code that the check-in needs, in the installed release."""

import json
import re
from pathlib import Path

import streamlit

from pages.web import scripts

STATIC = Path(streamlit.__file__).parent / "static"
INDEX = (STATIC / "index.html").read_text(encoding="utf-8")
INLINE = tuple(re.findall(r"<script>(.*?)</script>", INDEX, re.DOTALL))

# The elements of the check-in, whose code the browser would ask for only when the first run of the page arrives.
ELEMENTS = ("Html", "Button", "TextInput", "ButtonGroup", "Checkbox")
_SCRIPTS = STATIC / "static" / "js"
_ENTRY = re.compile(r'<script type="module" crossorigin src="\.(/static/js/[^"]+)">')
_SHEET = re.compile(r'<link rel="stylesheet" crossorigin href="\.(/static/css/[^"]+)">')
_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["']\./([\w.-]+\.js)["']""")


class AnotherStreamlit(SystemExit):
    """The installed Streamlit is not as this product expects: a start ends with one line that says what differs."""

    def __init__(self, differs: str) -> None:
        super().__init__(f"The check-in does not start: it does not fit Streamlit {streamlit.__version__}: {differs}.")


def only(found: list[str], what: str) -> str:
    """Return the one that was found; raise `AnotherStreamlit` where there is none, or more."""
    if len(found) != 1:
        raise AnotherStreamlit(f"expected one {what}, found {len(found)}")
    return found[0]


def files() -> dict[str, str | list[str]]:
    """Return the addresses of the style sheet, the entry, the `parts` that it imports, and the `late` ones.

    Each part comes after those that it imports. The late ones belong to the elements and import the entry.
    Raises `AnotherStreamlit`.
    """
    entry = only(_ENTRY.findall(INDEX), "entry")
    sheet = only(_SHEET.findall(INDEX), "style sheet")
    found: list[str] = []
    seen: set[str] = set()
    _collect(entry.rpartition("/")[2], found, seen)
    parts = found[:-1]
    for element in ELEMENTS:
        _collect(_file(element), found, seen)
    return {"sheet": sheet, "entry": entry, "parts": parts, "late": found[len(parts) + 1 :]}


def _collect(name: str, found: list[str], seen: set[str]) -> None:
    """Append the address of a script to those found, after those that it imports and that were not seen yet."""
    seen.add(name)
    for imported in _IMPORT.findall((_SCRIPTS / name).read_text(encoding="utf-8")):
        if imported not in seen:
            _collect(imported, found, seen)
    found.append(f"/static/js/{name}")


def _file(element: str) -> str:
    """Return the name of an element's script, whose middle part changes with each release of Streamlit."""
    return only([file.name for file in _SCRIPTS.glob(f"{element}.*.js")], element)


# What brings Streamlit's form in place of the HTML form.
MORE = scripts.add(
    "more",
    *(f"streamlit_inside/{name}.js" for name in ("hooks", "same", "more", "app")),
    known=f"const STREAMLIT = {json.dumps(files())};\n",
)
