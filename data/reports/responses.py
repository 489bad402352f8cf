"""Who answered: counters of infusions, kept in each transaction that changes them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, func, insert, or_, select, update

from data.reports import retention, tallies
from data.storage import database
from data.storage.columns import ANSWERED, RESPONSES
from data.storage.schema import COUNTS, check_ins, infusion_tallies, infusions

# Transactions that change more than one cell take turns at it: otherwise each could wait for the other.
SEVERAL = "several cells of infusions"
_CELL = ("week", "number_band")
_TALLY = infusion_tallies.c

_COUNT = func.count(check_ins.c.id)
# What an infusion adds to each counter; one that was revoked unanswered adds nothing.
_ADDED = {
    "invited": case((or_(infusions.c.revoked.is_(None), _COUNT > 0), 1), else_=0),
    "answered": case((_COUNT > 0, 1), else_=0),
    **{name: func.count(case((check_ins.c["window"] == code, 1))) for code, name in ANSWERED.items()},
}
_PER_INFUSION = (
    select(*(infusions.c[name] for name in _CELL), *(added.label(name) for name, added in _ADDED.items()))
    .outerjoin_from(infusions, check_ins, (check_ins.c.infusion == infusions.c.id) & COUNTS)
    .group_by(infusions.c.id)
)
_OF_ONE = _PER_INFUSION.where(infusions.c.id == bindparam("one"))
_LOCK_ONE = select(infusions.c.id).where(infusions.c.id == bindparam("one")).with_for_update()


def count_new(connection: Connection, infusion: Mapping[Any, Any]) -> None:
    """Count an infusion that has just been registered, within the transaction of `connection`."""
    cell = {column: infusion[column] for column in _CELL}
    database.upsert(connection, infusion_tallies, cell | dict.fromkeys(RESPONSES, 0) | {"invited": 1}, RESPONSES)


@contextmanager
def kept(connection: Connection, infusion: int | None) -> Iterator[None]:
    """Update the counters by what the block changes about an infusion or its check-ins; None is no infusion.

    Other transactions that change the same infusion wait until this one ends. Where check-ins of the infusion may have
    been deleted for their age, it stays invited and answered.
    """
    if infusion is None:
        yield
        return
    one = {"one": infusion}
    connection.execute(_LOCK_ONE, one)
    before = connection.execute(_OF_ONE, one).mappings().one()
    yield
    after = connection.execute(_OF_ONE, one).mappings().one()
    if any(before[column] != after[column] for column in _CELL):  # corrected, before it was answered
        _add(connection, before, {"invited": -before["invited"]})
        count_new(connection, after)
        return
    changed = {name: after[name] - before[name] for name in RESPONSES}
    if after["invited"] < before["invited"] or after["answered"] < before["answered"]:
        is_old = after["week"] < retention.retained_from(connection)
        changed = {name: more for name, more in changed.items() if not is_old or name in ANSWERED.values()}
    _add(connection, after, changed)


def _add(connection: Connection, infusion: Mapping[Any, Any], more: Mapping[str, int]) -> None:
    """Add to the counters of the cell in which an infusion is counted."""
    if values := {name: _TALLY[name] + number for name, number in more.items() if number}:
        cell = (_TALLY[column] == infusion[column] for column in _CELL)
        connection.execute(update(infusion_tallies).where(*cell).values(values))


def count_all(connection: Connection) -> None:
    """Fill the empty counters from the rows, after a bulk load and within its transaction."""
    connection.execute(insert(infusion_tallies).from_select([*_CELL, *RESPONSES], _recounted()))


def differences(where: Connection | None = None) -> list[str]:
    """Recount the counters, in the database or `where`; return each difference as one line.

    Raises `database.Unavailable`.
    """
    return tallies.compared(select(*(_TALLY[name] for name in (*_CELL, *RESPONSES))), _recounted(), len(_CELL), where)


def _recounted() -> Select[Any]:
    each = _PER_INFUSION.subquery()
    cell = [each.c[column] for column in _CELL]
    return select(*cell, *(func.sum(each.c[name]).label(name) for name in RESPONSES)).group_by(*cell)
