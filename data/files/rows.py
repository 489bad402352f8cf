"""Check-ins row by row: as a stream, as a table, and a dictionary that explains its columns."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, RowMapping, Text, case, func, select

from data import VERSION, clock, languages, settings
from data.catalogue import DOORS, EVERY_LABEL, LISTS, NONE_OF_THESE, NUMBER_BANDS, ORIGINS, WINDOWS
from data.files import cells
from data.storage import database
from data.storage.columns import ANSWERS, Instant
from data.storage.schema import COUNTS, check_ins

COLUMNS = tuple(column for column in check_ins.c if not column.name.endswith("_digest"))


def _told(column: Column[Any]) -> ColumnElement[Any]:
    """Return the column, empty where an answer was withdrawn or not asked: its zero would be counted as an answer."""
    if column.name not in ANSWERS:
        return column
    asking = [version for version, asked in LISTS.items() if column.name in (*asked.codes, "none")]
    return case((COUNTS & check_ins.c.list_version.in_(asking), column)).label(column.name)


_EVERY = select(*map(_told, COLUMNS)).order_by(check_ins.c.id)
_TYPES = {Instant: "instant, ISO 8601 in UTC", Text: "text"}


def count(connection: Connection) -> int:
    """Return how many check-ins `stream` yields in the same transaction, including withdrawn ones."""
    return connection.scalar(select(func.count()).select_from(check_ins)) or 0


@contextmanager
def stream(connection: Connection) -> Iterator[Iterable[RowMapping]]:
    """Give every check-in in the order of `id`, fetched a thousand at a time, without digests.

    The answers of a withdrawn one are None, and so are those to what its list did not ask.
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
    asked = "; ".join(f'version {version} asks "{asked.question}"' for version, asked in LISTS.items())
    answer = "0 = not ticked | 1 = ticked | empty = withdrawn, or not asked by this version of the list"
    return {
        "id": (f"Number of the check-in in this database, the same in every export{made_up}", "1 or more"),
        "week": (f"Monday of the week of the recording in {settings.current().timezone}", "YYYY-MM-DD"),
        "window": ("Time from the end of the infusion to the recording", windows),
        "number_band": (
            "Which infusion of the patient it was; later = 7th or later, not told apart",
            " | ".join(NUMBER_BANDS),
        ),
        "origin": ("By the open link (the patient chose the window) or by an invitation", " | ".join(ORIGINS)),
        "door": (
            "Through the page (app), the HTML form (plain) or a tablet of the clinic (kiosk)",
            " | ".join(DOORS),
        ),
        "language": ("Language in which the list was shown", f"tag such as {' | '.join(languages.NAMES)}"),
        "list_version": (f"Version of the list; {asked}", "1 or more"),
        **{code: (label, answer) for code, label in EVERY_LABEL.items()},
        "none": (f"{NONE_OF_THESE}: excludes every tick", answer),
        "recorded": (f"When it was sent; exported by release {VERSION} at {clock.now().isoformat()}", "never empty"),
        "withdrawn": ("When the patient or the clinic withdrew it; its answers were deleted", "empty = not withdrawn"),
        "corrected": ("When the patient corrected it last; the row has the corrected answers", "empty = as sent"),
        "infusion": ("Number of the infusion in this database", "1 or more | empty = by the open link"),
    }
