"""How often a passphrase may be tried: counted in the database, so that restarts and several servers change nothing."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from data import database, digests
from data.schema import sign_in_attempts

PERIOD = timedelta(minutes=15)
PER_ADDRESS = 10
OVERALL = 200
_KEPT = timedelta(hours=48)


class Throttled(PermissionError):
    """Too many attempts within 15 minutes; nothing was compared."""


def count_attempt(address: str) -> None:
    """Count one attempt from a network address, kept only as a keyed digest and for 48 hours.

    Raises `Throttled` where 10 of this address or 200 of all came within 15 minutes (such a one is not counted), or
    `database.Unavailable`.
    """
    digest, now = _digest(address), datetime.now(UTC)
    attempts = sign_in_attempts.c
    recent = select(func.count()).where(attempts.at > now - PERIOD)
    with database.writing() as connection:
        database.take_turns(connection, "sign-in attempts")
        of_address = connection.scalar(recent.where(attempts.address_digest == digest)) or 0
        if of_address >= PER_ADDRESS or (connection.scalar(recent) or 0) >= OVERALL:
            raise Throttled
        connection.execute(delete(sign_in_attempts).where(attempts.at < now - _KEPT))
        connection.execute(insert(sign_in_attempts), {"address_digest": digest, "at": now})


def forgive(connection: Connection, address: str) -> None:
    """Forget the attempts of an address, after a success there."""
    connection.execute(delete(sign_in_attempts).where(sign_in_attempts.c.address_digest == _digest(address)))


def _digest(address: str) -> str:
    return digests.digest("address", address)
