"""The tallies: counters kept in the recording transaction, for figures at a flat cost."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Integer, Select, cast, func, insert, select, update

from data.catalogue import EVERY_CODE
from data.storage import database
from data.storage.columns import ANSWERS, CELL, COUNTERS, PAIR_COLUMNS, TICKED
from data.storage.schema import COUNTS, check_ins, tallies


def bump(connection: Connection, row: Mapping[Any, Any]) -> None:
    """Count one row of `check_ins` in its cell, within the transaction of `connection`."""
    database.upsert(connection, tallies, {column: row[column] for column in CELL} | _counted(row), COUNTERS)


def replace(connection: Connection, row: Mapping[Any, Any], new: Mapping[str, int] | None) -> None:
    """Count other answers for a counted row, or none at all; the row still holds its cell and its old answers."""
    before = _counted(row)
    after = _counted(new) if new else dict.fromkeys(COUNTERS, 0)
    changed = {name: tallies.c[name] + after[name] - before[name] for name in COUNTERS if after[name] != before[name]}
    cell = (tallies.c[name] == row[name] for name in CELL)
    connection.execute(update(tallies).where(*cell).values(changed))


def _counted(answers: Mapping[Any, Any]) -> dict[str, int]:
    return {counter: int(added) for counter, added in _added(answers).items()}


def _added(answers: Mapping[Any, Any]) -> dict[str, Any]:
    """Return what answers, or the columns of them, add to each counter of their cell, in the order of `COUNTERS`."""
    pairs = {column: answers[first] * answers[second] for column, (first, second) in PAIR_COLUMNS.items()}
    ticks = sum(answers[code] for code in EVERY_CODE)
    ticked = {column: ticks == number for number, column in enumerate(TICKED, 1)}
    return {"n": 1} | {column: answers[column] for column in ANSWERS} | ticked | pairs


def _recounted() -> Select[Any]:
    """One GROUP BY over the rows gives what the tallies must be."""
    cell = [check_ins.c[name] for name in CELL]
    sums = (func.sum(cast(added, Integer)).label(counter) for counter, added in _added(dict(check_ins.c)).items())
    return select(*cell, *sums).where(COUNTS).group_by(*cell)


def count_all(connection: Connection) -> None:
    """Fill the empty tallies from the rows, after a bulk load and within its transaction."""
    database.take_time(connection)
    connection.execute(insert(tallies).from_select([*CELL, *COUNTERS], _recounted()))


def differences() -> list[str]:
    """Recount the tallies from the rows; return each difference as one line. Raises `database.Unavailable`."""
    return compared(select(*(tallies.c[name] for name in (*CELL, *COUNTERS))), _recounted(), len(CELL))


def compared(kept: Select[Any], recounted: Select[Any], width: int) -> list[str]:
    """Compare counters with their recount, in one consistent state; return each difference as one line.

    Both give rows of `width` columns that name a cell, then counters. A line names the cell, the counter, what the
    tally says and what the rows say. Raises `database.Unavailable`.
    """
    with database.reading() as connection:
        database.take_time(connection)
        said, found = (
            {tuple(row[:width]): tuple(map(int, row[width:])) for row in connection.execute(query)}
            for query in (kept, recounted)
        )
    counters = kept.selected_columns.keys()[width:]
    none = (0,) * len(counters)
    return [
        f"{', '.join(map(str, cell))}: {counter} is {in_tally} in the tally, {in_rows} in the rows"
        for cell in sorted(said.keys() | found.keys())
        for counter, in_tally, in_rows in zip(counters, said.get(cell, none), found.get(cell, none), strict=True)
        if in_tally != in_rows
    ]
