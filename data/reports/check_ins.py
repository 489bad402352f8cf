"""The one way in: validate a check-in, record it once, count it in the same transaction."""

import logging
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from data import clock, languages, settings
from data.catalogue import DOORS, LIST_VERSION, LISTS, WINDOW_BY_CODE, TickList
from data.reports import answers, codes, invitations, responses, tallies
from data.staff import throttle
from data.storage import database, digests
from data.storage.schema import check_ins

log = logging.getLogger("checkin.check_ins")

_BACK, _AHEAD = timedelta(hours=1), timedelta(days=31)
_KEY = re.compile(r"[0-9a-f]{32}(?:v([1-9][0-9]{0,3}))?", re.ASCII)


@dataclass(frozen=True)
class CheckIn:
    """A stored check-in: `ticked` holds codes in the order of its list, empty means "None of these".

    A withdrawn one has no answers: its `ticked` is empty and means nothing.
    """

    window: str
    ticked: tuple[str, ...]
    recorded: datetime
    receipt: str
    list_version: int = LIST_VERSION
    corrected: bool = False
    withdrawn: bool = False


@dataclass(frozen=True)
class Visit:
    """How a check-in arrives: the door, the language of the list, and the network address.

    The address limits the open link and guesses of codes; None is for a caller that is not limited.
    """

    door: str = "app"
    language: str = languages.SOURCE
    address: str | None = None


class CodeNeeded(answers.InvalidCheckIn):
    """The open link is closed, or too many check-ins came through it within an hour: an invitation is needed."""


NOT_STORED = (answers.InvalidCheckIn, throttle.Throttled, database.Unavailable)


def new_key() -> str:
    """Return a submission key for a new form; it ends with the version of the list that is shown, unless that is 1."""
    return codes.new_key() + (f"v{LIST_VERSION}" if LIST_VERSION > 1 else "")


def list_version(key: object) -> int | None:
    """Return the version of the list that the form with this key shows; None for a key that no form can have."""
    made = _KEY.fullmatch(key) if isinstance(key, str) else None
    version = int(made[1] or 1) if made else 0
    return version if version in LISTS else None


def asked(key: object) -> TickList:
    """Return the list that the form with this key shows; the current list for a key that no form can have."""
    return LISTS[list_version(key) or LIST_VERSION]


def record(
    *,
    key: str,
    ticked: Collection[str],
    none: bool = False,
    window: str | None = None,
    code: str = "",
    visit: Visit = Visit(),
    recorded: datetime | None = None,
) -> CheckIn:
    """Store one check-in and count it; return what is stored under `key`.

    If the key is already stored, nothing is stored or compared: the result is the check-in first sent with it, as since
    corrected or withdrawn. With an invitation's `code` the window is computed; by the open link, without one, it is
    `window`, a code of the catalogue. `ticked` are codes of the list that the form with this key shows; `recorded` is
    an aware instant, by default now. Raises one of `NOT_STORED`: a subclass of `answers.InvalidCheckIn`,
    `throttle.Throttled` for a wrong code after too many of them, or `database.Unavailable` (retry with the same key).
    """
    version = list_version(key)
    if version is None:
        raise answers.InvalidKey("the submission key is missing or malformed; expected one from new_key()")
    recorded = clock.now() if recorded is None else recorded
    with database.writing() as connection:
        database.take_turns(connection, _digest(key))  # a second tap must find the first one's check-in
        if stored := _stored(connection, key):
            return stored
        if not code and settings.current().open_link == "off":
            raise CodeNeeded("the open link is closed")
        if not code and (not isinstance(window, str) or window not in WINDOW_BY_CODE):
            known = ", ".join(WINDOW_BY_CODE)
            raise answers.InvalidWindow(f"no window has the code {window!r:.40}; there are: {known}")
        digested = {"key_digest": _digest(key), "receipt_digest": digests.digest("receipt", codes.receipt(key))}
        row = digested | _circumstances(visit, recorded) | answers.as_columns(ticked, none, version)
        row["list_version"] = version
        if code:
            counted = invitations.hold(connection, code, recorded)
        else:
            counted = _by_open_link(connection, window, visit.address)
        if counted:
            _note_a_leap(connection, recorded)
            with responses.kept(connection, counted["infusion"]):
                sent = connection.execute(insert(check_ins).returning(check_ins), row | counted).mappings().one()
                tallies.bump(connection, sent)
            return from_row(sent, codes.receipt(key))
    raise invitations.wrong(visit.address or "")  # raised within the block, it would roll back its count


def by_key(key: object) -> CheckIn | None:
    """Return the check-in stored under a submission key, None where there is none or the key is malformed.

    Raises `database.Unavailable`.
    """
    if list_version(key) is None:
        return None
    with database.reading() as connection:
        return _stored(connection, str(key))


def from_row(row: Mapping[Any, Any], receipt: str) -> CheckIn:
    changed = {"corrected": row["corrected"] is not None, "withdrawn": row["withdrawn"] is not None}
    return CheckIn(row["window"], answers.ticked(row), row["recorded"], receipt, row["list_version"], **changed)


def _stored(connection: Connection, key: str) -> CheckIn | None:
    of_key = select(check_ins).where(check_ins.c.key_digest == _digest(key))
    row = connection.execute(of_key).mappings().one_or_none()
    return None if row is None else from_row(row, codes.receipt(key))


def newest_recorded(connection: Connection) -> datetime | None:
    """Return when the check-in that was stored last was recorded."""
    return connection.scalar(select(check_ins.c.recorded).order_by(check_ins.c.id.desc()).limit(1))


def _note_a_leap(connection: Connection, recorded: datetime) -> None:
    """Log where a check-in is recorded long before or after the newest one, as by a clock that was set wrongly.

    Made-up check-ins are in no order.
    """
    newest = newest_recorded(connection)
    if newest and not newest - _BACK <= recorded <= newest + _AHEAD and not database.note(connection, "demonstration"):
        log.warning(
            "a check-in was recorded at %s, the one before it at %s: is the clock right?",
            *(at.isoformat(timespec="minutes") for at in (recorded, newest)),
        )


def _by_open_link(connection: Connection, window: str | None, address: str | None) -> dict[str, Any]:
    """Return where a check-in of the open link is counted; raises `CodeNeeded`."""
    if address is not None:
        try:
            throttle.count(connection, throttle.open_link(), address)
        except throttle.Throttled:
            log.warning("the open link takes no more for now: CHECKIN_OPEN_LIMIT is reached, and a code is asked for")
            raise CodeNeeded("too many check-ins came through the open link within an hour") from None
    return {"infusion": None, "window": window, "number_band": "unknown", "origin": "open"}


def _circumstances(visit: Visit, recorded: datetime) -> dict[str, Any]:
    if visit.door not in DOORS:
        raise answers.InvalidCheckIn(f"there is no door {visit.door!r:.40}; there are: {', '.join(DOORS)}")
    if visit.language not in languages.NAMES:
        known = ", ".join(languages.NAMES)
        raise answers.InvalidCheckIn(f"there is no language {visit.language!r:.40}; there are: {known}")
    if recorded.utcoffset() is None:
        raise answers.InvalidCheckIn("the time of the recording has no time zone; expected an aware datetime")
    return {
        "week": clock.monday(recorded).isoformat(),
        "door": visit.door,
        "language": visit.language,
        "recorded": recorded,
    }


def _digest(key: str) -> str:
    return digests.digest("submission key", key)
