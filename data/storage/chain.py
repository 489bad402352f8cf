"""The rows of the audit log, each chained to the one before, so that a row that is edited, removed or added shows.

Like a hash chain of Haber and Stornetta (1991), with a keyed digest: who has the database but not CHECKIN_SECRET_KEY
cannot make a row that fits.
"""

import hashlib
import json
import logging
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from data import clock
from data.storage import database, digests
from data.storage.schema import about, audit

log = logging.getLogger("checkin.audit")

_END = "audit_end"
_BEGINS = "another secret key: a new chain begins; SHA-256 of the {} rows before: {}"


def append(connection: Connection, who: str, did: str) -> None:
    """Add a row, as the last statements of a transaction: others that add rows wait for its end.

    Raises `database.Unavailable` where the end is not noted under this secret key; see `begin_again`.
    """
    noted = _noted(connection, in_turn=True)
    if not _is_ours(noted):
        log.error("the end of the audit log is not noted under CHECKIN_SECRET_KEY: restart the server, then verify it")
        raise database.Unavailable("the audit log has another CHECKIN_SECRET_KEY: restart the server with the new one")
    _add(connection, _parsed(noted), clock.now(), who, did)


def begin_again(connection: Connection) -> None:
    """Begin a new chain where none can go on, with a row that covers all rows before.

    That is where the end is not noted under this secret key, or rows were put after it. Only a start does it: if every
    process did, whoever spoils the note could have edited rows covered at once.
    """
    noted = _noted(connection, in_turn=True)
    if _is_ours(noted) and (connection.scalar(select(func.max(audit.c.id))) or 0) <= _parsed(noted)[0]:
        return
    summed, number = hashlib.sha256(), 0
    for row in rows(connection):
        summed.update(_content(row))
        number = row.id
    number, _ = _add(connection, (number, ""), clock.now(), "operator", _BEGINS.format(number, summed.hexdigest()))
    log.warning("CHECKIN_SECRET_KEY was changed, or the audit log: a new chain of it begins with row %d", number)


def has_another_key(connection: Connection) -> bool:
    """Return whether the end is noted, but not under this secret key."""
    noted = _noted(connection)
    return bool(noted) and not _is_ours(noted)


def end(connection: Connection) -> tuple[int, str]:
    """Return number and digest of the newest row, as they were noted with it; 0 and "" before the first."""
    return _parsed(_noted(connection))


def fault(connection: Connection, noted: tuple[int, str] | None = None) -> str | None:
    """Return the first thing that is wrong with the rows; None where all are as they were written.

    `noted` is an `end` that was written down elsewhere. Without it nobody can find that the newest rows were removed
    and an older note of the end put back.
    """
    with closing(_faults(connection)) as found:
        first, last = next(found, None), end(connection)[0]
    if first or noted is None:
        return first
    if last < noted[0]:
        return f"rows after number {last} are missing"
    mac = connection.scalar(select(audit.c.mac).where(audit.c.id == noted[0]))
    return None if mac == noted[1] else f"row {noted[0]} is not the one that was noted"


def _faults(connection: Connection) -> Generator[str]:
    number, mac, summed = 0, "", hashlib.sha256()
    fits, unfit = False, 0  # whether a row of this chain fits the secret key, and the first that does not
    for row in rows(connection):
        number += 1
        if row.id != number:
            yield f"row {number} is missing, or one was put before it"
        if begins := row.did.startswith(_BEGINS.partition("{")[0]):
            mac, fits, unfit = "", False, 0
        if row.mac == _mac(mac, row.id, row.at, row.who, row.did):
            fits = True
            if begins and row.did != _BEGINS.format(number - 1, summed.hexdigest()):
                yield f"rows up to number {number - 1} are not as they were when the secret key changed"
        else:
            unfit = unfit or number
        if fits and unfit:  # where none fits, the whole chain has an earlier key
            yield f"row {unfit} is not as it was written"
        mac = row.mac
        summed.update(_content(row))
    if not _is_ours(_noted(connection)):
        yield f"its end, row {number} or a later one, is not noted under this secret key: if it is a new one, restart"
    if unfit:
        yield f"row {unfit} is not as it was written"
    if (number, mac) != end(connection):
        yield f"rows after number {number} are missing"


def beginnings(connection: Connection) -> list[int]:
    """Return the numbers of the rows with which a new chain begins: the secret key was changed, or so it looked."""
    asked = select(audit.c.id).where(audit.c.did.startswith(_BEGINS.partition("{")[0])).order_by(audit.c.id)
    return list(connection.scalars(asked))


def rows(connection: Connection) -> Iterator[Any]:
    """Yield all rows in their order, as a stream."""
    with connection.execute(select(audit).order_by(audit.c.id).execution_options(yield_per=1000)) as streamed:
        yield from streamed


def take_over(connection: Connection) -> None:
    """Chain the rows of an earlier release, which had no digests, and number them without gaps."""
    made, mac = [], ""
    for number, row in enumerate(rows(connection), 1):
        mac = _mac(mac, number, row.at, row.who, row.did)
        made.append({"id": number, "at": row.at, "who": row.who, "did": row.did, "mac": mac})
    connection.execute(delete(audit))
    if made:
        connection.execute(insert(audit), made)
    _note(connection, (len(made), mac))


def _add(connection: Connection, last: tuple[int, str], at: datetime, who: str, did: str) -> tuple[int, str]:
    """Add the row after `last`, which is its number and digest; return those of the new one."""
    number = last[0] + 1
    mac = _mac(last[1], number, at, who, did)
    connection.execute(insert(audit), {"id": number, "at": at, "who": who, "did": did, "mac": mac})
    _note(connection, (number, mac))
    return number, mac


def _note(connection: Connection, last: tuple[int, str]) -> None:
    noted = f"{last[0]} {last[1]}"
    database.upsert(connection, about, {"name": _END, "value": digests.seal(_END, noted)})


def _noted(connection: Connection, *, in_turn: bool = False) -> str:
    asked = select(about.c.value).where(about.c.name == _END)
    return connection.scalar(asked.with_for_update() if in_turn else asked) or ""


def _is_ours(noted: str) -> bool:
    return digests.unseal(_END, noted) is not None


def _parsed(noted: str) -> tuple[int, str]:
    number, _, mac = (digests.unseal(_END, noted) or "0 ").partition(" ")
    return int(number), mac


def _mac(before: str, number: int, at: datetime, who: str, did: str) -> str:
    return digests.digest("audit", json.dumps([before, number, at.isoformat(), who, did]))


def _content(row: Any) -> bytes:
    return json.dumps([row.id, row.at.isoformat(), row.who, row.did, row.mac]).encode()
