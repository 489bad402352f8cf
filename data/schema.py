"""The tables: text and integers only, every range held by a CHECK, the same on SQLite and PostgreSQL."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

from data.catalogue import CODES, DOORS, NUMBER_BANDS, ORIGINS, WINDOW_BY_CODE

SCHEMA_VERSION = 2
PAIRS = tuple(combinations(CODES, 2))
PAIR_COLUMNS = {f"{first}_and_{second}": (first, second) for first, second in PAIRS}
CELL = ("week", "window", "number_band", "origin", "door", "language", "list_version")
COUNTERS = ("n", "none", *CODES, *PAIR_COLUMNS)

metadata = MetaData()
Whole = BigInteger().with_variant(Integer(), "sqlite")  # SQLite's INTEGER has 64 bits, PostgreSQL's 32


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as whole microseconds since 1970 in UTC; a naive one raises `ValueError`."""

    impl = Whole
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Give what is stored."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("an instant needs a time zone")
        return round(value.timestamp() * 1_000_000)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Give the stored instant back in UTC."""
        return None if value is None else datetime.fromtimestamp(value / 1_000_000, UTC)


def _one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f'"{column}" IN ({listed})', name=f"{column}_known")


def _cell_columns() -> list[Any]:
    """Where a check-in is counted: the same columns and rules in the rows and in the tallies."""
    return [
        Column("week", Text, nullable=False),  # the Monday, YYYY-MM-DD
        Column("window", Text, nullable=False),
        Column("number_band", Text, nullable=False),
        Column("origin", Text, nullable=False),
        Column("door", Text, nullable=False),
        Column("language", Text, nullable=False),
        Column("list_version", Integer, nullable=False),
        CheckConstraint("week LIKE '____-__-__'", name="week_is_a_date"),
        _one_of("window", WINDOW_BY_CODE),
        _one_of("number_band", NUMBER_BANDS),
        _one_of("origin", ORIGINS),
        _one_of("door", DOORS),
        CheckConstraint("length(language) BETWEEN 2 AND 12", name="language_is_a_tag"),
        CheckConstraint("list_version >= 1", name="list_version_counts"),
    ]


def _answer_columns() -> list[Any]:
    """What is answered: the same columns and rule in a check-in and in what a correction replaced."""
    return [
        *(Column(code, Integer, nullable=False) for code in CODES),
        Column("none", Integer, nullable=False),
        CheckConstraint(" AND ".join(f'"{column}" IN (0, 1)' for column in (*CODES, "none")), name="answers_are_bits"),
    ]


_TICKS = " + ".join(f'"{code}"' for code in CODES)

check_ins = Table(
    "check_ins",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("key_digest", Text, nullable=False, unique=True),
    Column("receipt_digest", Text, nullable=False),
    *_cell_columns(),
    *_answer_columns(),
    Column("recorded", Instant, nullable=False),
    Column("withdrawn", Instant),  # a withdrawn check-in is an emptied row that no tally counts
    Column("corrected", Instant),  # the last correction
    CheckConstraint(
        f'CASE WHEN withdrawn IS NULL THEN ("none" = 1) = ({_TICKS} = 0) ELSE "none" + {_TICKS} = 0 END',
        name="none_excludes_ticks",
    ),
    CheckConstraint("length(key_digest) = 64 AND length(receipt_digest) = 64", name="digests_are_sha256"),
    Index("check_ins_by_receipt", "receipt_digest"),
    sqlite_strict=True,
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("check_in", Whole, ForeignKey(check_ins.c.id), nullable=False),
    Column("replaced", Instant, nullable=False),
    *_answer_columns(),  # as they were until then; a withdrawal empties them
    CheckConstraint(f'"none" * ({_TICKS}) = 0', name="none_excludes_ticks"),
    Index("corrections_by_check_in", "check_in"),
    sqlite_strict=True,
)

tallies = Table(
    "tallies",
    metadata,
    *_cell_columns(),
    *(Column(counter, Whole, nullable=False) for counter in COUNTERS),
    PrimaryKeyConstraint(*CELL),
    CheckConstraint(" AND ".join(f'"{counter}" BETWEEN 0 AND n' for counter in COUNTERS), name="counters_within_n"),
    sqlite_strict=True,
)

staff_passphrase = Table(
    "staff_passphrase",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_passphrase"), primary_key=True, autoincrement=False),
    Column("argon2id", Text, nullable=False),
    Column("changed", Instant, nullable=False),
    sqlite_strict=True,
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_digest", Text, primary_key=True),
    Column("who", Text, nullable=False),
    Column("began", Instant, nullable=False),
    Column("seen", Instant, nullable=False),
    Column("ended", Instant),
    sqlite_strict=True,
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("what", Text, nullable=False),
    Column("address_digest", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("attempts_at", "at"),
    sqlite_strict=True,
)

audit = Table(
    "audit",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("did", Text, nullable=False),
    sqlite_strict=True,
)

about = Table(
    "about",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_strict=True,
)
