"""Cells and comments of CSV files, written so that a spreadsheet runs none of them as a formula."""

import csv
import re
from collections.abc import Iterable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PART = re.compile(r"([,;] *)(?=[=+@-])")  # begins where a spreadsheet divides a line that has no quotation marks

_written = csv.writer(SimpleNamespace(write=lambda line: line)).writerow  # a writer returns what its file's write does


def neutralised(text: str) -> str:
    """Return the text, after an apostrophe if a spreadsheet would take it for a formula.

    Source: OWASP, "CSV Injection".
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def line(values: Iterable[Any]) -> str:
    """Return one line of a CSV file: text neutralised, instants in ISO 8601, None empty."""
    return str(_written([_cell(value) for value in values]))


def comment(text: str) -> str:
    """Return a line that begins with `#`, which programs that know comments skip.

    None of its parts is a formula. It has no break and no quotation mark, which would let it go on in the next line.
    """
    words = " ".join(text.replace('"', "\u201d").split())
    return "# " + _PART.sub(r"\1'", words) + "\r\n"


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return neutralised(value)
    return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value
