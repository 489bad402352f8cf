"""Check-ins row by row: as a stream, as a table, and a dictionary that explains its columns."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, RowMapping, Text, case, func, select

from data import VERSION, clock, languages, settings
from data.catalogue import (
    CODES,
    DOORS,
    LABELS,
    LIST_VERSION,
    NONE_OF_THESE,
    NUMBER_BANDS,
    ORIGINS,
    QUESTION,
    WINDOWS,
)
from data.files import cells
from data.storage import database
from data.storage.columns import Instant
from data.storage.schema import COUNTS, check_ins

ANSWERS = (*CODES, "none")
COLUMNS = tuple(column for column in check_ins.c if not column.name.endswith("_digest"))
_EVERY = select(
    # A withdrawn check-in has no answers: its zeros would be counted as such.
    *(case((COUNTS, column)).label(column.name) if column.name in ANSWERS else column for column in COLUMNS)
).order_by(check_ins.c.id)
_TYPES = {Instant: "instant, ISO 8601 in UTC", Text: "text"}


def count(connection: Connection) -> int:
    """Return how many check-ins `stream` yields in the same transaction, including withdrawn ones."""
    return connection.scalar(select(func.count()).select_from(check_ins)) or 0


@contextmanager
def stream(connection: Connection) -> Iterator[Iterable[RowMapping]]:
    """Give every check-in in the order of `id`, fetched a thousand at a time, without digests.

    The answers of a withdrawn one are None.
    """
    with connection.execute(_EVERY, execution_options={"yield_per": 1_000}) as result:
        yield result.mappings()


def table(rows: Iterable[RowMapping]) -> Iterator[str]:
    """Yield the lines of a CSV file with a heading and one row for each check-in."""
    yield cells.line(column.name for column in COLUMNS)
    for row in rows:
        yield cells.line(row.values())


def dictionary() -> Iterator[str]:
    """Yield the lines of a CSV file that explains each column of `table`, and says when and by what it was exported."""
    explained = _explained()
    yield cells.line(("column", "meaning", "type", "allowed values"))
    for column in COLUMNS:
        meaning, allowed = explained[column.name]
        yield cells.line((column.name, meaning, _TYPES.get(type(column.type), "whole number"), allowed))


def _explained() -> dict[str, tuple[str, str]]:
    """Return the meaning and allowed values of each column; a column must be explained here to be exported."""
    made_up = ", made up for a demonstration" if database.is_demonstration() else ""
    windows = " | ".join(f"{window.code} = {window.label}" for window in WINDOWS)
    asked = f'Version of the list; version {LIST_VERSION} asks "{QUESTION}"'
    answer = "0 = not ticked | 1 = ticked | empty = withdrawn"
    return {
        "id": (f"Number of the check-in in this database, the same in every export{made_up}", "1 or more"),
        "week": (f"Monday of the week of the recording in {settings.current().timezone}", "YYYY-MM-DD"),
        "window": ("Time from the end of the infusion to the recording", windows),
        "number_band": ("Which infusion of the patient it was", " | ".join(NUMBER_BANDS)),
        "origin": ("By the open link (the patient chose the window) or by an invitation", " | ".join(ORIGINS)),
        "door": ("Page (app) or HTML form (plain) through which it came", " | ".join(DOORS)),
        "language": ("Language in which the list was shown", f"tag such as {' | '.join(languages.NAMES)}"),
        "list_version": (asked, "1 or more"),
        **{code: (label, answer) for code, label in LABELS.items()},
        "none": (f"{NONE_OF_THESE}: excludes every tick", answer),
        "recorded": (f"When it was sent; exported by release {VERSION} at {clock.now().isoformat()}", "never empty"),
        "withdrawn": ("When the patient withdrew it; its answers were deleted", "empty = not withdrawn"),
        "corrected": ("When the patient corrected it last; the row has the corrected answers", "empty = as sent"),
        "infusion": ("Number of the infusion in this database", "1 or more | empty = by the open link"),
    }
