"""How often something may be guessed: counted in the database, so that restarts and several servers change nothing."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, IPv6Network

from sqlalchemy import Connection, delete, func, insert, select

from data import clock, database, digests, settings
from data.schema import attempts

_KEPT = timedelta(hours=48)


@dataclass(frozen=True)
class Limit:
    """How many attempts at `what` one network address, and all of them, may make within `period`."""

    what: str
    per_address: int
    overall: int
    period: timedelta = timedelta(minutes=15)


SIGN_IN = Limit("sign-in", 10, 200)
RECEIPT = Limit("receipt", 20, 1000)  # a clinic's patients share one address, and misread what they wrote down
INVITATION = Limit("invitation", 60, 2000)


def open_link() -> Limit:
    """Return how many check-ins an hour come through the open link: CHECKIN_OPEN_LIMIT from each address."""
    limit = settings.current().open_limit
    return Limit("open link", limit, 20 * limit, timedelta(hours=1))


class Throttled(PermissionError):
    """Too many attempts within the period of the limit; nothing was compared."""


def refuse_too_many(connection: Connection, limit: Limit, address: str, *, overall: bool = True) -> None:
    """Raise `Throttled` where the limit of this address, or `overall` that of all, is reached.

    Others wait until `connection` ends.
    """
    database.take_turns(connection, f"{limit.what} attempts")
    recent = select(func.count()).where(attempts.c.what == limit.what, attempts.c.at > clock.now() - limit.period)
    of_address = connection.scalar(recent.where(attempts.c.address_digest == _digest(address))) or 0
    if of_address >= limit.per_address or (overall and (connection.scalar(recent) or 0) >= limit.overall):
        raise Throttled


def count(connection: Connection, limit: Limit, address: str) -> None:
    """Count one attempt from a network address, kept only as a keyed digest and for 48 hours."""
    now = clock.now()
    connection.execute(delete(attempts).where(attempts.c.at < now - _KEPT))
    connection.execute(insert(attempts), {"what": limit.what, "address_digest": _digest(address), "at": now})


def forgive(connection: Connection, limit: Limit, address: str) -> None:
    """Forget the attempts of an address, after a success there."""
    of_address = (attempts.c.what == limit.what, attempts.c.address_digest == _digest(address))
    connection.execute(delete(attempts).where(*of_address))


def _digest(address: str) -> str:
    """Return the digest of an address, of IPv6 that of its /64: whoever has one address there has them all."""
    with suppress(ValueError):
        given = IPv6Address(address)
        address = str(given.ipv4_mapped or IPv6Network((given, 64), strict=False))
    return digests.digest("address", address)
