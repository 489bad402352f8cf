"""Changes that clinicians mark, such as a new antiemetic: the figures before and since can be compared."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, insert, select, update

from data import clock
from data.staff import sessions
from data.storage import database
from data.storage.schema import changes as table

LONGEST = 60  # characters


class InvalidChange(ValueError):
    """The change breaks a rule; nothing was stored. The message names the rule, never the text."""


@dataclass(frozen=True)
class Change:
    """What changed, in a few words, and the Monday of the first whole week under the new rule."""

    id: int
    week: date
    text: str


def read(connection: Connection) -> tuple[Change, ...]:
    """Return the changes that are marked, the earliest first."""
    marked = select(table.c.id, table.c.week, table.c.text).where(table.c.removed.is_(None)).order_by(table.c.week)
    return tuple(Change(row.id, date.fromisoformat(row.week), row.text) for row in connection.execute(marked))


def first_whole_week(day: date) -> date:
    """Return the Monday of the first whole week from a day on."""
    return day + timedelta(days=-day.weekday() % 7)


def add(token: str, day: date | None, text: str) -> None:
    """Mark a change from a day on, for the holder of a live session; it counts from the first whole week on.

    `text` has at most `LONGEST` characters. Raises `InvalidChange`, `sessions.SignedOut` or `database.Unavailable`.
    """
    told = " ".join(text.split())
    if not 1 <= len(told) <= LONGEST or not told.isprintable():
        raise InvalidChange(f"a change has a text of 1 to {LONGEST} characters")
    if day is None or not timedelta(weeks=-520) <= day - clock.monday(clock.now()) < timedelta(weeks=1):
        raise InvalidChange("a change begins in this week or within the ten years before it")
    week = first_whole_week(day)
    with database.writing() as connection:
        database.take_turns(connection, "changes")
        sessions.require(connection, token)  # before anything is told of other marks
        if any(change.week == week for change in read(connection)):
            raise InvalidChange("another change is marked from the same week on")
        who = sessions.record_act(connection, token, f"marked a change from the week of {week} on")
        row = {"week": week.isoformat(), "text": told, "made": clock.now(), "who": who}
        connection.execute(insert(table), row)


def remove(token: str, change: int) -> None:
    """Remove a mark; one that is unknown or removed already changes nothing. Raises what `add` raises for a session."""
    with database.writing() as connection:
        marked = (table.c.id == change, table.c.removed.is_(None))
        week = connection.scalar(update(table).where(*marked).values(removed=clock.now()).returning(table.c.week))
        sessions.record_act(connection, token, f"removed the mark of a change ({week or 'none was there'})")
