"""Withdrawals: the one way in which answers are deleted and no longer count, whoever asks for it."""

from collections.abc import Collection, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, func, select, update

from data import clock
from data.reports import responses, tallies
from data.staff import audit
from data.storage import database
from data.storage.columns import ANSWERS
from data.storage.schema import COUNTS, check_ins, corrections

LONGEST = timedelta(days=7)
_PORTION = 1_000  # rows a statement
_EMPTIED = dict.fromkeys(ANSWERS, 0)

Which = ColumnElement[bool]


class InvalidSpan(ValueError):
    """A span to discard is empty, reversed, longer than `LONGEST` or not over yet; nothing was changed."""


def recorded_in(origin: str, start: datetime, end: datetime) -> Which:
    """Return the condition of check-ins of an origin that were recorded from `start` until just before `end`.

    Raises `InvalidSpan`.
    """
    if not timedelta(0) < end - start <= LONGEST:
        raise InvalidSpan(f"expected a span that ends after it begins, and at most {LONGEST.days} days later")
    if end > clock.now():
        raise InvalidSpan("expected a span that is over: otherwise check-ins come in while you decide")
    return (check_ins.c.origin == origin) & (check_ins.c.recorded >= start) & (check_ins.c.recorded < end)


def of_infusion(infusion: int, window: str) -> Which:
    """Return the condition of the check-in of an infusion and a window."""
    return (check_ins.c.infusion == infusion) & (check_ins.c["window"] == window)


def found(which: Which) -> dict[str, int]:
    """Return how many check-ins that count meet a condition, by window; raises `database.Unavailable`."""
    window = check_ins.c["window"]
    with database.reading() as connection:
        database.take_time(connection)
        rows = connection.execute(select(window, func.count()).where(which, COUNTS).group_by(window)).all()
    return dict(map(tuple, rows))


def by_operator(which: Which, did: str, what: str) -> int:
    """Withdraw every check-in that meets a condition, or none of them; return how many.

    The audit log says what the operator `did` with so many check-ins, and `what` these are: "discarded" 17 "by the open
    link, …". Raises `database.Unavailable`.
    """
    with database.writing() as connection:
        database.take_time(connection)
        database.take_turns(connection, responses.SEVERAL)
        locked = select(check_ins.c.id, check_ins.c.infusion).where(which, COUNTS).order_by(check_ins.c.id)
        rows = connection.execute(locked.with_for_update()).all()
        withdraw(connection, [row.id for row in rows], {row.infusion for row in rows} - {None})
        if rows:
            audit.note(connection, "operator", f"{did} {counted(len(rows))} {what}")
    return len(rows)


def counted(number: int) -> str:
    return f"{number} check-in" if number == 1 else f"{number} check-ins"


def withdraw(connection: Connection, ids: Sequence[int], infusions: Collection[int]) -> None:
    """Delete the answers of check-ins that count, also those before a correction, and stop counting them.

    `infusions` are theirs. The transaction of `connection` holds the rows, so that nobody corrects them meanwhile; the
    counters change last. Emptied rows stay, so that the same form sent again stores nothing.
    """
    gone: dict[str, Any] = _EMPTIED | {"withdrawn": clock.now()}
    counted: list[RowMapping] = []
    with ExitStack() as responses_kept:
        for infusion in sorted(infusions):
            responses_kept.enter_context(responses.kept(connection, infusion))
        for first in range(0, len(ids), _PORTION):
            portion = ids[first : first + _PORTION]
            counted += tallies.of(connection, portion)
            connection.execute(update(corrections).where(corrections.c.check_in.in_(portion)).values(_EMPTIED))
            connection.execute(update(check_ins).where(check_ins.c.id.in_(portion)).values(gone))
        tallies.subtract(connection, counted)
