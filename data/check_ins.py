"""The one way in: validate a check-in, record it once, count it in the same transaction."""

import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, MappingResult, func, select
from sqlalchemy.dialects import postgresql, sqlite

from data import answers, database, digests, languages, settings, tallies
from data.catalogue import CODES, DOORS, LIST_VERSION, WINDOW_BY_CODE
from data.schema import check_ins

_KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True)
class CheckIn:
    """A stored check-in: `ticked` holds codes in the catalogue's order, empty means "None of these".

    Of a withdrawn one nothing was kept: its `ticked` is empty and means nothing.
    """

    window: str
    ticked: tuple[str, ...]
    recorded: datetime
    receipt: str
    corrected: bool = False
    withdrawn: bool = False


def new_key() -> str:
    """Return a fresh submission key: 128 random bits as 32 hex digits, made with each form, held by the browser."""
    return secrets.token_hex(16)


def record(
    *,
    key: str,
    window: str,
    ticked: Collection[str],
    none: bool = False,
    door: str = "app",
    language: str = languages.SOURCE,
    recorded: datetime | None = None,
) -> CheckIn:
    """Store one check-in of the open link and count it; return what is stored under `key`.

    Where the key is known already nothing is stored or compared: the answer is the check-in of its first arrival, as
    it was corrected or withdrawn since. `window`, `ticked` and `door` are codes of the catalogue, `language` the one
    the list was shown in, `recorded` an aware instant, now by default. Raises a subclass of `answers.InvalidCheckIn`
    (nothing is stored) or `database.Unavailable` (ask again with the same key).
    """
    if not _is_key(key):
        raise answers.InvalidKey("the submission key is missing or malformed; expected 32 hex digits from new_key()")
    recorded = datetime.now(UTC) if recorded is None else recorded
    with database.writing() as connection:
        if stored := _stored(connection, key):
            return stored
        cell = _cell(window, door, language, recorded)
        digested = {"key_digest": _digest(key), "receipt_digest": digests.digest("receipt", digests.receipt(key))}
        row = digested | cell | answers.as_columns(ticked, none) | {"recorded": recorded}
        inserted = connection.scalar(_INSERT[connection.dialect.name], row)
        if inserted:  # None: another server stored the same key at the same moment
            tallies.bump(connection, row)
        return from_row(_found(connection, key).one(), digests.receipt(key))


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


def from_row(row: Mapping[Any, Any], receipt: str) -> CheckIn:
    """Return the check-in of a row with the columns `SHOWN`."""
    changed = {"corrected": row["corrected"] is not None, "withdrawn": row["withdrawn"] is not None}
    return CheckIn(row["window"], answers.ticked(row), row["recorded"], receipt, **changed)


def monday(recorded: datetime) -> date:
    """Return the first day of the ISO week of an instant, in the clinic's time zone."""
    day = recorded.astimezone(settings.current().zone).date()
    return day - timedelta(days=day.weekday())


def _insert_statement(dialect: Any) -> Any:
    return dialect.insert(check_ins).on_conflict_do_nothing(index_elements=["key_digest"]).returning(check_ins.c.id)


_INSERT = {"sqlite": _insert_statement(sqlite), "postgresql": _insert_statement(postgresql)}
SHOWN = tuple(check_ins.c[column] for column in ("window", "recorded", "corrected", "withdrawn", *CODES))
_BY_KEY = select(*SHOWN)


def _found(connection: Connection, key: str) -> MappingResult:
    return connection.execute(_BY_KEY.where(check_ins.c.key_digest == _digest(key))).mappings()


def _stored(connection: Connection, key: str) -> CheckIn | None:
    row = _found(connection, key).first()
    return None if row is None else from_row(row, digests.receipt(key))


def _cell(window: object, door: str, language: str, recorded: datetime) -> dict[str, Any]:
    if not isinstance(window, str) or window not in WINDOW_BY_CODE:
        raise answers.InvalidWindow(f"no window has the code {window!r:.40}; there are: {', '.join(WINDOW_BY_CODE)}")
    if door not in DOORS:
        raise answers.InvalidCheckIn(f"there is no door {door!r:.40}; there are: {', '.join(DOORS)}")
    if language not in languages.NAMES:
        raise answers.InvalidCheckIn(f"there is no language {language!r:.40}; there are: {', '.join(languages.NAMES)}")
    if recorded.utcoffset() is None:
        raise answers.InvalidCheckIn("the time of the recording has no time zone; expected an aware datetime")
    return {
        "week": monday(recorded).isoformat(),
        "window": window,
        "number_band": "unknown",
        "origin": "open",
        "door": door,
        "language": language,
        "list_version": LIST_VERSION,
    }


def _is_key(key: object) -> bool:
    return isinstance(key, str) and _KEY.fullmatch(key) is not None


def _digest(key: str) -> str:
    return digests.digest("submission key", key)
