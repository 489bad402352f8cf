"""The columns that tables share, and the rules of their values: text and integers only, as STRICT tables demand."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

from data.catalogue import DOORS, EVERY_CODE, NUMBER_BANDS, ORIGINS, ROLES, WINDOW_BY_CODE, WINDOWS

ANSWERS = (*EVERY_CODE, "none")
PAIRS = tuple(combinations(EVERY_CODE, 2))
PAIR_COLUMNS = {f"{first}_and_{second}": (first, second) for first, second in PAIRS}
CELL = ("week", "window", "number_band", "origin", "door", "language", "list_version")
TICKED = tuple(f"ticked_{number}" for number in range(1, len(EVERY_CODE) + 1))  # check-ins with so many ticks
COUNTERS = ("n", *ANSWERS, *TICKED, *PAIR_COLUMNS)
ANSWERED = {window.code: f"answered_from_{window.start // timedelta(hours=1)}_h" for window in WINDOWS}
TICKS = " + ".join(f'"{code}"' for code in EVERY_CODE)  # how many are ticked, in SQL
RESPONSES = ("invited", "answered", *ANSWERED.values())

Whole = BigInteger().with_variant(Integer(), "sqlite")  # SQLite's INTEGER has 64 bits, PostgreSQL's 32


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as whole microseconds since 1970 in UTC; a naive one raises `ValueError`."""

    impl = Whole
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("an instant needs a time zone")
        return round(value.timestamp() * 1_000_000)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value / 1_000_000, UTC)


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Hold a column to the codes of the catalogue."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f'"{column}" IN ({listed})', name=f"{column}_known")


def week() -> list[Any]:
    """In which week, and at which infusion of a patient: the same columns and rules wherever something is counted."""
    return [
        Column("week", Text, nullable=False),  # the Monday, YYYY-MM-DD
        Column("number_band", Text, nullable=False),
        CheckConstraint("week LIKE '____-__-__'", name="week_is_a_date"),
        one_of("number_band", NUMBER_BANDS),
    ]


def cell() -> list[Any]:
    """Where a check-in is counted: the same columns and rules in the rows and in the tallies."""
    return [
        *week(),
        *(Column(name, Text, nullable=False) for name in ("window", "origin", "door", "language")),
        Column("list_version", Integer, nullable=False),
        one_of("window", WINDOW_BY_CODE),
        one_of("origin", ORIGINS),
        one_of("door", DOORS),
        CheckConstraint("length(language) BETWEEN 2 AND 12", name="language_is_a_tag"),
        CheckConstraint("list_version >= 1", name="list_version_counts"),
    ]


def role() -> list[Any]:
    """What a person of the clinic may do."""
    return [Column("role", Text, nullable=False), one_of("role", ROLES)]


def answers() -> list[Any]:
    """What is answered: the same columns and rule in a check-in and in what a correction replaced."""
    return [
        *(Column(answer, Integer, nullable=False) for answer in ANSWERS),
        CheckConstraint(" AND ".join(f'"{answer}" IN (0, 1)' for answer in ANSWERS), name="answers_are_bits"),
    ]
