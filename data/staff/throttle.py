"""How often something may be guessed, counted in the database, across restarts and for all servers together."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, IPv6Network

from sqlalchemy import Connection, delete, func, insert, select

from data import clock, settings
from data.storage import database, digests
from data.storage.schema import attempts

KEPT = timedelta(hours=47)  # they are deleted every hour, so none gets older than 48


@dataclass(frozen=True)
class Limit:
    """How many attempts at `what` are allowed within `period`, from one network address and from all together."""

    what: str
    per_address: int
    overall: int
    period: timedelta = timedelta(minutes=15)


SIGN_IN = Limit("sign-in", 10, 200)
DEVICE = Limit("device", 10, 200)  # a browser that has signed in before, at any address
RECEIPT = Limit("receipt", 20, 1000)  # patients in a clinic share an address, and misread what they wrote down
INVITATION = Limit("invitation", 60, 2000)


def open_link() -> Limit:
    """Return how many check-ins an hour the open link takes: CHECKIN_OPEN_LIMIT from each address."""
    limit = settings.current().open_limit
    return Limit("open link", limit, 20 * limit, timedelta(hours=1))


class Throttled(PermissionError):
    """There were too many attempts within the period of the limit; this one is not counted."""


def attempt(limit: Limit, address: str) -> None:
    """Count one attempt, or raise `Throttled` at once, without waiting for other writers."""
    with database.reading() as connection:
        _refuse_too_many(connection, limit, address)
    with database.writing() as connection:
        count(connection, limit, address)


def count(connection: Connection, limit: Limit, address: str) -> None:
    """Count one attempt from a network address, kept only as a keyed digest; raises `Throttled` without counting.

    Other attempts from the same address wait until the transaction of `connection` ends. Those from other addresses do
    not, so the overall limit may be exceeded by as many as arrive at once.
    """
    database.take_turns(connection, f"{limit.what} attempts of {_digest(address)}")
    _refuse_too_many(connection, limit, address)
    connection.execute(insert(attempts), {"what": limit.what, "address_digest": _digest(address), "at": clock.now()})


def _refuse_too_many(connection: Connection, limit: Limit, address: str) -> None:
    of_address = func.count().filter(attempts.c.address_digest == _digest(address))
    now = clock.now()  # attempts after it are from before the clock was set back
    recent = (attempts.c.what == limit.what, attempts.c.at.between(now - limit.period, now))
    here, everywhere = connection.execute(select(of_address, func.count()).where(*recent)).one()
    if here >= limit.per_address or everywhere >= limit.overall:
        raise Throttled


def forget_old() -> None:
    """Delete digests of addresses that are too old to keep; raises `database.Unavailable`."""
    with database.writing() as connection:
        now = clock.now()
        connection.execute(delete(attempts).where(~attempts.c.at.between(now - KEPT, now + KEPT)))


def forgive(connection: Connection, limit: Limit, address: str) -> None:
    """Forget the attempts of an address after a success."""
    of_address = (attempts.c.what == limit.what, attempts.c.address_digest == _digest(address))
    connection.execute(delete(attempts).where(*of_address))


def network(address: str) -> str:
    """Return the address, or for IPv6 its /64 network: whoever has one address there has them all."""
    with suppress(ValueError):
        given = IPv6Address(address)
        return str(given.ipv4_mapped or IPv6Network((given, 64), strict=False))
    return address


def _digest(address: str) -> str:
    return digests.digest("address", network(address))
