"""The one way in: validate a check-in, record it once, count it in the same transaction."""

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, MappingResult, RowMapping, func, select
from sqlalchemy.dialects import postgresql, sqlite

from data import database, digests, settings, tallies
from data.catalogue import CODES, LIST_VERSION, WINDOW_BY_CODE
from data.schema import check_ins

_KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)


class InvalidCheckIn(ValueError):
    """The check-in breaks a rule of the list; nothing was stored. The message names value, rule and choices."""


class InvalidKey(InvalidCheckIn):
    """The submission key is missing or malformed."""


class InvalidWindow(InvalidCheckIn):
    """The window is missing or not one of the four."""


class UnknownSideEffect(InvalidCheckIn):
    """A ticked code is not in the catalogue, or is ticked twice."""


class NoneWithTicks(InvalidCheckIn):
    """Both ticks and "None of these" came."""


class NothingTicked(InvalidCheckIn):
    """Neither a side effect nor "None of these" is ticked."""


class NaiveTime(InvalidCheckIn):
    """The time of the recording has no time zone."""


@dataclass(frozen=True)
class CheckIn:
    """A stored check-in: `ticked` holds codes in the catalogue's order, empty means "None of these"."""

    window: str
    ticked: tuple[str, ...]
    recorded: datetime
    receipt: str


def new_key() -> str:
    """Return a fresh submission key: 128 random bits as 32 hex digits, made with each form, held by the browser."""
    return secrets.token_hex(16)


def record(
    *,
    key: str,
    window: str,
    ticked: Collection[str],
    none: bool = False,
    recorded: datetime | None = None,
) -> CheckIn:
    """Store one check-in of the open link and count it; return what is stored under `key`.

    Where the key is known already nothing is stored or compared: the answer is the check-in of its first arrival.
    `window` and `ticked` are codes of the catalogue, `recorded` an aware instant, now by default. Raises a subclass of
    `InvalidCheckIn` (nothing is stored) or `database.Unavailable` (ask again with the same key).
    """
    _require_key(key)
    recorded = datetime.now(UTC) if recorded is None else recorded
    with database.writing() as connection:
        if stored := _stored(connection, key):
            return stored
        row = _row(key, window, ticked, none, recorded)
        inserted = connection.scalar(_INSERT[connection.dialect.name], row)
        if inserted:  # None: another server stored the same key at the same moment
            tallies.bump(connection, row)
        return _check_in(key, _found(connection, key).one())


def by_key(key: object) -> CheckIn | None:
    """Return the check-in stored under a submission key, None where there is none or the key is malformed.

    Raises `database.Unavailable`.
    """
    if not _is_key(key):
        return None
    with database.reading() as connection:
        return _stored(connection, str(key))


def count() -> int:
    """Return the number of check-ins that count, withdrawn ones left out; raises `database.Unavailable`."""
    with database.reading() as connection:
        return connection.scalar(select(func.count()).where(check_ins.c.withdrawn.is_(None))) or 0


def monday(recorded: datetime) -> date:
    """Return the first day of the ISO week of an instant, in the clinic's time zone."""
    day = recorded.astimezone(settings.current().zone).date()
    return day - timedelta(days=day.weekday())


def _insert_statement(dialect: Any) -> Any:
    return dialect.insert(check_ins).on_conflict_do_nothing(index_elements=["key_digest"]).returning(check_ins.c.id)


_INSERT = {"sqlite": _insert_statement(sqlite), "postgresql": _insert_statement(postgresql)}
_BY_KEY = select(*(check_ins.c[column] for column in ("window", "recorded", *CODES)))


def _found(connection: Connection, key: str) -> MappingResult:
    return connection.execute(_BY_KEY.where(check_ins.c.key_digest == _digest(key))).mappings()


def _stored(connection: Connection, key: str) -> CheckIn | None:
    row = _found(connection, key).first()
    return None if row is None else _check_in(key, row)


def _check_in(key: str, row: RowMapping) -> CheckIn:
    return CheckIn(row["window"], tuple(code for code in CODES if row[code]), row["recorded"], digests.receipt(key))


def _row(key: str, window: object, ticked: Collection[object], none: object, recorded: datetime) -> dict[str, Any]:
    if not isinstance(window, str) or window not in WINDOW_BY_CODE:
        raise InvalidWindow(f"no window has the code {window!r:.40}; there are: {', '.join(WINDOW_BY_CODE)}")
    for code in ticked:
        if not isinstance(code, str) or code not in CODES:
            raise UnknownSideEffect(f"no side effect has the code {code!r:.40}; the catalogue has: {', '.join(CODES)}")
    if len(set(ticked)) < len(ticked):
        raise UnknownSideEffect("a side effect is ticked twice; each code may come once")
    if none and ticked:
        raise NoneWithTicks("'None of these' excludes ticks: send either")
    if not none and not ticked:
        raise NothingTicked("nothing is ticked: send at least one side effect, or 'None of these'")
    if recorded.utcoffset() is None:
        raise NaiveTime("the time of the recording has no time zone; expected an aware datetime")
    return {
        "key_digest": _digest(key),
        "receipt_digest": digests.digest("receipt", digests.receipt(key)),
        "week": monday(recorded).isoformat(),
        "window": window,
        "number_band": "unknown",
        "origin": "open",
        "door": "app",
        "language": "en",
        "list_version": LIST_VERSION,
        **{code: int(code in ticked) for code in CODES},
        "none": int(bool(none)),
        "recorded": recorded,
    }


def _is_key(key: object) -> bool:
    return isinstance(key, str) and _KEY.fullmatch(key) is not None


def _require_key(key: object) -> None:
    if not _is_key(key):
        raise InvalidKey("the submission key is missing or malformed; expected 32 hex digits from new_key()")


def _digest(key: str) -> str:
    return digests.digest("submission key", key)
