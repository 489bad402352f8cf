"""Cells of CSV files that a spreadsheet may open: what begins like a formula must not run as one."""

import csv
from collections.abc import Iterable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_written = csv.writer(SimpleNamespace(write=lambda line: line)).writerow  # a writer returns what its file's write does


def neutralised(text: str) -> str:
    """Return the text, behind an apostrophe where a spreadsheet would take it for a formula.

    Source: OWASP, "CSV Injection".
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def line(values: Iterable[Any]) -> str:
    """Return a line of a CSV file: text neutralised, instants in ISO 8601, nothing for None."""
    return str(_written([_cell(value) for value in values]))


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return neutralised(value)
    return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value
