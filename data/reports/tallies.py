"""The tallies: counters kept in the recording transaction, for figures at a flat cost."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from sqlalchemy import Connection, Integer, RowMapping, Select, bindparam, cast, func, insert, select, update

from data.catalogue import EVERY_CODE
from data.reports import retention
from data.storage import database
from data.storage.columns import ANSWERS, CELL, COUNTERS, PAIR_COLUMNS, TICKED
from data.storage.schema import COUNTS, check_ins, tallies


def bump(connection: Connection, row: Mapping[Any, Any]) -> None:
    """Count one row of `check_ins` in its cell, within the transaction of `connection`."""
    database.upsert(connection, tallies, {column: row[column] for column in CELL} | _counted(row), COUNTERS)


def replace(connection: Connection, row: Mapping[Any, Any], new: Mapping[str, int]) -> None:
    """Count other answers for a counted row; the row still holds its cell and its old answers."""
    before, after = _counted(row), _counted(new)
    _add(connection, [row[name] for name in CELL], {name: after[name] - before[name] for name in COUNTERS})


def of(connection: Connection, ids: Sequence[int]) -> Sequence[RowMapping]:
    """Return what some rows that count add to each cell."""
    return connection.execute(_OF_SOME, {"some": ids}).mappings().all()


def subtract(connection: Connection, counted: Iterable[Mapping[Any, Any]]) -> None:
    """Count no longer what `of` returned; others that count in the same cells wait until the transaction ends."""
    by_cell: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for row in counted:
        by_cell[tuple(row[name] for name in CELL)].subtract({name: int(row[name]) for name in COUNTERS})
    for cell, added in sorted(by_cell.items()):
        _add(connection, cell, added)


def _add(connection: Connection, cell: Sequence[Any], added: Mapping[str, int]) -> None:
    changed = {name: tallies.c[name] + number for name, number in added.items() if number}
    here = (tallies.c[name] == value for name, value in zip(CELL, cell, strict=True))
    connection.execute(update(tallies).where(*here).values(changed))


def _counted(answers: Mapping[Any, Any]) -> dict[str, int]:
    return {counter: int(added) for counter, added in _added(answers).items()}


def _added(answers: Mapping[Any, Any]) -> dict[str, Any]:
    """Return what answers, or the columns of them, add to each counter of their cell, in the order of `COUNTERS`."""
    pairs = {column: answers[first] * answers[second] for column, (first, second) in PAIR_COLUMNS.items()}
    ticks = sum(answers[code] for code in EVERY_CODE)
    ticked = {column: ticks == number for number, column in enumerate(TICKED, 1)}
    return {"n": 1} | {column: answers[column] for column in ANSWERS} | ticked | pairs


_RECOUNTED = (  # one GROUP BY over the rows gives what the tallies must be
    select(
        *(check_ins.c[name] for name in CELL),
        *(func.sum(cast(added, Integer)).label(counter) for counter, added in _added(dict(check_ins.c)).items()),
    )
    .where(COUNTS)
    .group_by(*(check_ins.c[name] for name in CELL))
)
_OF_SOME = _RECOUNTED.where(check_ins.c.id.in_(bindparam("some", expanding=True)))


def count_all(connection: Connection) -> None:
    """Fill the empty tallies from the rows, after a bulk load and within its transaction."""
    database.take_time(connection)
    connection.execute(insert(tallies).from_select([*CELL, *COUNTERS], _RECOUNTED))


def differences(where: Connection | None = None) -> list[str]:
    """Recount the tallies from the rows; return each difference as one line. Raises `database.Unavailable`.

    `where` is a connection to a copy; else it is the database.
    """
    return compared(select(*(tallies.c[name] for name in (*CELL, *COUNTERS))), _RECOUNTED, len(CELL), where)


def compared(kept: Select[Any], recounted: Select[Any], width: int, where: Connection | None) -> list[str]:
    """Compare counters with their recount, in one consistent state; return each difference as one line.

    Both give rows of `width` columns that name a cell, its week first, then counters. Weeks whose rows were deleted are
    left out. A line names the cell, the counter, what the tally says and what the rows say. Raises
    `database.Unavailable`.
    """
    with nullcontext(where) if where else database.reading() as connection:
        database.take_time(connection)
        since = retention.retained_from(connection)
        said, found = (
            {tuple(row[:width]): tuple(map(int, row[width:])) for row in connection.execute(query)}
            for query in (each.where(each.selected_columns[0] >= since) for each in (kept, recounted))
        )
    counters = kept.selected_columns.keys()[width:]
    none = (0,) * len(counters)
    return [
        f"{', '.join(map(str, cell))}: {counter} is {in_tally} in the tally, {in_rows} in the rows"
        for cell in sorted(said.keys() | found.keys())
        for counter, in_tally, in_rows in zip(counters, said.get(cell, none), found.get(cell, none), strict=True)
        if in_tally != in_rows
    ]
