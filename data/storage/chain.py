"""The rows of the audit log, each chained to the one before, so that a row that is edited, removed or added shows.

Like a hash chain of Haber and Stornetta (1991), with a keyed digest: who has the database but not CHECKIN_SECRET_KEY
cannot make a row that fits.
"""

import hashlib
import json
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from data import clock
from data.storage import database, digests
from data.storage.schema import about, audit

_END, _KEY = "audit_end", "audit_key"
_ANOTHER_KEY = "another secret key: a new chain begins; SHA-256 of the {} rows before: {}"
_APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER IF NOT EXISTS audit_no_{name} BEFORE {event} BEGIN "
        "SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        for name, event in {
            "update": "UPDATE ON audit",
            "delete": "DELETE ON audit",
            # REPLACE deletes without asking the trigger above.
            "replace": "INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)",
        }.items()
    ],
    "postgresql": [
        """CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN RAISE EXCEPTION ''the audit log is append-only''; END'""",
        "DROP TRIGGER IF EXISTS audit_append_only ON audit",
        """CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
        FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()""",
    ],
}


def append(connection: Connection, who: str, did: str) -> None:
    """Add a row, as the last statements of a transaction: others that add rows wait for its end."""
    database.take_turns(connection, audit.name)
    last, key = end(connection), _fingerprint()
    if (noted := database.note(connection, _KEY)) != key:
        database.upsert(connection, about, {"name": _KEY, "value": key})
        if noted:
            before = _ANOTHER_KEY.format(last[0], _sha256(connection, last[0]))
            last = _add(connection, (last[0], ""), clock.now(), "operator", before)
    _add(connection, last, clock.now(), who, did)


def end(connection: Connection) -> tuple[int, str]:
    """Return number and digest of the newest row, as they were noted with it; 0 and "" before the first."""
    number, _, mac = (database.note(connection, _END) or "0 ").partition(" ")
    return int(number), mac


def fault(connection: Connection, noted: tuple[int, str] | None = None) -> str | None:
    """Return the first thing that is wrong with the rows; None where all are as they were written.

    `noted` is an `end` that was written down elsewhere. Without it nobody can find that the newest rows were removed
    and what `end` returns put back.
    """
    with closing(_faults(connection, noted)) as found:
        return next(found, None)


def _faults(connection: Connection, noted: tuple[int, str] | None) -> Generator[str]:
    if database.note(connection, _KEY) not in (None, _fingerprint()):
        yield "it was written under another secret key: start the server, which begins a new chain under this one"
    begun, number, mac = _begun(connection), 0, ""
    if begun:
        number = begun.id - 1
        if begun.did != _ANOTHER_KEY.format(number, _sha256(connection, number)):
            yield f"rows up to number {number} are not as they were when the secret key changed"
    for row in rows(connection, number + 1 if begun else None):
        number += 1
        if row.id != number:
            yield f"row {number} is missing, or one was put before it"
        if row.mac != _mac(mac, row.id, row.at, row.who, row.did):
            yield f"row {number} is not as it was written"
        mac = row.mac
        if noted and noted[0] == number and noted[1] != mac:
            yield f"row {number} is not the one that was noted"
    if (number, mac) != end(connection) or (noted and noted[0] > number):
        yield f"rows after number {number} are missing"


def rows(connection: Connection, first: int | None = None) -> Iterator[Any]:
    """Yield id, at, who, did and mac of the rows from a number on, in their order, as a stream."""
    asked = select(audit.c.id, audit.c.at, audit.c.who, audit.c.did, audit.c.mac).order_by(audit.c.id)
    asked = asked if first is None else asked.where(audit.c.id >= first)
    with connection.execution_options(yield_per=1000).execute(asked) as streamed:
        yield from streamed


def protect(connection: Connection) -> None:
    """Let the database itself refuse to change or remove a row; safe to repeat."""
    for statement in _APPEND_ONLY[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def take_over(connection: Connection) -> None:
    """Chain the rows of an earlier release, which had no digests, and number them without gaps."""
    earlier, last = connection.execute(select(audit).order_by(audit.c.id)).all(), (0, "")
    connection.execute(delete(audit))
    for row in earlier:
        last = _add(connection, last, row.at, row.who, row.did)
    database.upsert(connection, about, {"name": _KEY, "value": _fingerprint()})


def _add(connection: Connection, last: tuple[int, str], at: datetime, who: str, did: str) -> tuple[int, str]:
    """Add the row after `last`, which is its number and digest; return those of the new one."""
    number = last[0] + 1
    mac = _mac(last[1], number, at, who, did)
    connection.execute(insert(audit), {"id": number, "at": at, "who": who, "did": did, "mac": mac})
    database.upsert(connection, about, {"name": _END, "value": f"{number} {mac}"})
    return number, mac


def _mac(before: str, number: int, at: datetime, who: str, did: str) -> str:
    return digests.digest("audit", json.dumps([before, number, at.isoformat(), who, did]))


def _fingerprint() -> str:
    """Return what tells one secret key from another, without telling the key."""
    return digests.digest("audit key", "")


def _begun(connection: Connection) -> Row[Any] | None:
    """Return the row that began the chain under this secret key, None where it is the only key."""
    asked = select(audit).where(audit.c.did.startswith(_ANOTHER_KEY.partition("{")[0])).order_by(audit.c.id.desc())
    found = connection.execute(asked).all()
    return next((row for row in found if row.mac == _mac("", row.id, row.at, row.who, row.did)), None)


def _sha256(connection: Connection, last: int) -> str:
    """Return the digest, without a key, of the rows up to a number."""
    summed = hashlib.sha256()
    for row in connection.execute(select(audit).where(audit.c.id <= last).order_by(audit.c.id)):
        summed.update(json.dumps([row.id, row.at.isoformat(), row.who, row.did, row.mac]).encode())
    return summed.hexdigest()
