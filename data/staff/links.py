"""Links that let one person add a device, or set the passphrase: each works once, for 30 minutes."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select

from data import clock
from data.staff import audit, ways
from data.staff.roles import BY_NAME, CLINICIAN, Role
from data.storage import database, digests
from data.storage.schema import staff_links as table

VALID = timedelta(minutes=30)


class Refused(PermissionError):
    """The link is used, expired or unknown, or what it is for is done already."""


@dataclass(frozen=True)
class Link:
    """Whom a link is for; None where it is for the first person, who is asked for a name."""

    who: str | None
    role: Role


def new(connection: Connection, who: str | None, role: Role) -> str:
    """Return the secret of a new link, of which only a digest is stored; earlier ones for `who` are invalid now."""
    secret = secrets.token_urlsafe(32)
    connection.execute(delete(table).where(table.c.who.is_(None) if who is None else table.c.who == who))
    row = {"digest": _digest(secret), "who": who, "role": role.name, "expires": clock.now() + VALID}
    connection.execute(insert(table), row)
    return secret


def first(host: str) -> str | None:
    """Return the secret of a link for the first person; None where somebody can sign in at this host.

    Raises `database.Unavailable`.
    """
    if ways.open_at(host):
        return None
    with database.writing() as connection:
        return new(connection, None, CLINICIAN)


def look(secret: str) -> Link:
    """Return whom a link is for, without using it; raises `Refused` or `database.Unavailable`."""
    with database.reading() as connection:
        return read(connection, secret)


def read(connection: Connection, secret: str) -> Link:
    """Do the same within a transaction; raises `Refused`."""
    valid = (table.c.digest == _digest(secret), table.c.expires > clock.now())
    row = connection.execute(select(table.c.who, table.c.role).where(*valid)).one_or_none()
    if row is None:
        raise refusal()
    return Link(row.who, BY_NAME[row.role])


def use(connection: Connection, secret: str) -> Link:
    """Do the same; once the transaction is stored, neither this link works any more nor one for a first person."""
    link = read(connection, secret)
    if not connection.execute(delete(table).where(table.c.digest == _digest(secret))).rowcount:
        raise refusal()  # another transaction was faster
    connection.execute(delete(table).where(table.c.who.is_(None)))
    return link


def refusal() -> Refused:
    """Return the error for a link that is refused, and count it."""
    audit.refused("a link that is used, expired, unknown or not for this")
    return Refused()


def _digest(secret: str) -> str:
    return digests.digest("staff link", secret)
