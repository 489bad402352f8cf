"""Who answered: counters of infusions, kept in each transaction that changes them, and the rate read from them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from data import clock, tallies
from data.catalogue import WINDOW_BY_CODE
from data.columns import ANSWERED, RESPONSES
from data.schema import COUNTS, check_ins, infusion_tallies, infusions
from data.selections import Selection

_CELL = ("week", "number_band")
_TALLY = infusion_tallies.c


def _per_infusion() -> Select[Any]:
    """Give what each infusion adds to its counters; one that was revoked unanswered adds nothing."""
    count = func.count(check_ins.c.id)
    in_window = (func.count(case((check_ins.c["window"] == code, 1))) for code in ANSWERED)
    counters = (
        case((or_(infusions.c.revoked.is_(None), count > 0), 1), else_=0),
        case((count > 0, 1), else_=0),
        *in_window,
    )
    return (
        select(
            *(infusions.c[column] for column in _CELL),
            *(value.label(name) for name, value in zip(RESPONSES, counters, strict=True)),
        )
        .select_from(infusions)
        .outerjoin(check_ins, (check_ins.c.infusion == infusions.c.id) & COUNTS)
        .group_by(infusions.c.id, *(infusions.c[column] for column in _CELL), infusions.c.revoked)
    )


_PER_INFUSION = _per_infusion()
_OF_ONE = _PER_INFUSION.where(infusions.c.id == bindparam("one"))
_LOCK_ONE = select(infusions.c.id).where(infusions.c.id == bindparam("one")).with_for_update()


@dataclass(frozen=True)
class Response:
    """Of `infusions` that ended from `first_day` to `last_day`, `answered` have a check-in of one window."""

    infusions: int
    answered: int
    first_day: date | None
    last_day: date | None


def count_new(connection: Connection, infusion: Mapping[str, Any]) -> None:
    """Count an infusion that has just been registered, within the transaction of `connection`."""
    cell = {column: infusion[column] for column in _CELL}
    connection.execute(_BEGIN[connection.dialect.name], cell | dict.fromkeys(RESPONSES, 0) | {"invited": 1})


@contextmanager
def kept(connection: Connection, infusion: int | None) -> Iterator[None]:
    """Keep the counters true over what the block does to an infusion, its check-ins included; None is no infusion.

    Other transactions that change the same infusion wait until this one ends.
    """
    if infusion is None:
        yield
        return
    one = {"one": infusion}
    connection.execute(_LOCK_ONE, one)
    before = connection.execute(_OF_ONE, one).mappings().one()
    yield
    after = connection.execute(_OF_ONE, one).mappings().one()
    changed = {name: _TALLY[name] + after[name] - before[name] for name in RESPONSES if after[name] != before[name]}
    if changed:
        cell = (_TALLY[column] == after[column] for column in _CELL)
        connection.execute(update(infusion_tallies).where(*cell).values(changed))


def of(connection: Connection, selection: Selection) -> Response | None:
    """Return how many infusions have a check-in of the selection's window, whenever it came.

    Counts by the week in which infusions ended, and only weeks of which no infusion is still within the window. None
    where nobody knows who could have answered: by the open link, and in one of several languages.
    """
    if selection.origin == "open" or selection.language:
        return None
    over = clock.monday(clock.now() - WINDOW_BY_CODE[selection.window].end)
    where = [*selection.where(infusion_tallies, "number_band"), _TALLY.week < over.isoformat(), _TALLY.invited > 0]
    sums = (func.coalesce(func.sum(_TALLY[name]), 0) for name in ("invited", ANSWERED[selection.window]))
    first, last, invited, answered = connection.execute(
        select(func.min(_TALLY.week), func.max(_TALLY.week), *sums).where(*where)
    ).one()
    if not first:
        return Response(0, 0, None, None)
    last_day = date.fromisoformat(last) + timedelta(days=6)
    return Response(int(invited), int(answered), date.fromisoformat(first), last_day)


def count_all(connection: Connection) -> None:
    """Fill the empty counters from the rows, after a bulk load and within its transaction."""
    connection.execute(insert(infusion_tallies).from_select([*_CELL, *RESPONSES], _recounted()))


def differences() -> list[str]:
    """Recount the counters from the rows; return each difference as one line. Raises `database.Unavailable`."""
    return tallies.compared(select(*(_TALLY[name] for name in (*_CELL, *RESPONSES))), _recounted(), len(_CELL))


def _begin_statement(dialect: Any) -> Any:
    counted = {"invited": _TALLY.invited + 1}
    return dialect.insert(infusion_tallies).on_conflict_do_update(index_elements=_CELL, set_=counted)


_BEGIN = {"sqlite": _begin_statement(sqlite), "postgresql": _begin_statement(postgresql)}


def _recounted() -> Select[Any]:
    each = _PER_INFUSION.subquery()
    cell = [each.c[column] for column in _CELL]
    return select(*cell, *(func.sum(each.c[name]).label(name) for name in RESPONSES)).group_by(*cell)
