"""Challenges that a device answers: the browser keeps one, sealed, for 5 minutes; only answered ones are stored."""

import secrets
from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select

from data import clock
from data.staff import audit
from data.storage import database, digests
from data.storage.schema import staff_challenges as table

VALID = timedelta(minutes=5)
_KEPT = 2 * VALID  # longer than any is valid


class Refused(PermissionError):
    """The answer is not that of a device of ours to a challenge of ours, or it came too late or twice."""


def refusal(what: str) -> Refused:
    """Return the error for an answer that is refused, and count it."""
    audit.refused(what)
    return Refused(what)


def new() -> str:
    """Return a new challenge, sealed with the instant it was made."""
    return digests.seal("challenge", f"{int(clock.now().timestamp())}_{secrets.token_hex(32)}")


def read(sealed: str) -> bytes:
    """Return the challenge that a browser kept; raises `Refused` where it is not ours or has expired."""
    made, _, challenge = (digests.unseal("challenge", sealed) or "0_").partition("_")
    if clock.now().timestamp() > int(made) + VALID.total_seconds():
        raise refusal("an expired or forged challenge")
    return bytes.fromhex(challenge)


def answer(connection: Connection, sealed: str) -> None:
    """Store that a challenge is answered; raises `Refused` where it was before."""
    digest = digests.digest("challenge", sealed)
    database.take_turns(connection, f"challenge {digest}")
    if connection.scalar(select(table.c.digest).where(table.c.digest == digest)):
        raise refusal("the same answer of a device twice")
    connection.execute(delete(table).where(table.c.answered < clock.now() - _KEPT))
    connection.execute(insert(table), {"digest": digest, "answered": clock.now()})
