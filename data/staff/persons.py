"""The persons of the clinic who sign in under their name: added, listed and removed by the operator."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from data import clock, settings
from data.staff import audit, links, passphrase, sessions
from data.staff.roles import BY_NAME, CLINICIAN, Role
from data.storage import database
from data.storage.schema import staff, staff_devices, staff_links

LONGEST = 60  # characters of a name
_OTHERS = {"operator", "server", "set-up link", passphrase.WHO}  # whom the audit log names beside persons


class Refused(ValueError):
    """The name is not a person's, or nobody signs in by name here; the message says which."""


@dataclass(frozen=True)
class Person:
    """A person, the number of their devices, and the hosts at which those sign in."""

    name: str
    role: Role
    added: datetime
    devices: int
    hosts: tuple[str, ...]


def read_name(given: str) -> str:
    """Return a name as it is stored; raises `Refused`."""
    name = " ".join(filter(None, unicodedata.normalize("NFKC", given).split(" ")))
    if not (1 <= len(name) <= LONGEST and name.isprintable()):
        raise Refused(f"a name is one line of 1 to {LONGEST} characters")
    if "@" in name or name.casefold() in _OTHERS:
        raise Refused(f"a name has no @ and is none of: {', '.join(sorted(_OTHERS))}")
    return name


def new_name(connection: Connection, given: str) -> str:
    """Return the name of a first person; raises `Refused` for one of a person who is known: that needs their link."""
    name = read_name(given)
    if _spelling(connection, name):
        raise Refused("this person is known: `python -m data staff add` gives a link for another device")
    return name


def add(given: str, role: Role | None = None) -> str:
    """Return the secret of a link that adds a device for a person, new or known.

    Without a role a known person keeps theirs, and a new one is a clinician. Raises `Refused` or
    `database.Unavailable`.
    """
    if settings.current().oidc_issuer:
        raise Refused("CHECKIN_OIDC_ISSUER is set, so persons sign in with their accounts: list them in CHECKIN_STAFF")
    given = read_name(given)
    with database.writing() as connection:
        name = _spelling(connection, given) or given
        has = put(connection, name, role, "operator")
        audit.note(connection, "operator", f"made a link for a device of {name}")
        return links.new(connection, name, has)


def put(connection: Connection, name: str, role: Role | None, by: str) -> Role:
    """Store a person, or another role of a known one, whose sessions then end; return the role they have now."""
    known = connection.scalar(select(staff.c.role).where(staff.c.name == name))
    has = role or BY_NAME[known or CLINICIAN.name]
    if known is None:
        connection.execute(insert(staff), {"name": name, "role": has.name, "added": clock.now()})
        audit.note(connection, by, f"added {name} as {has.name}")
    elif known != has.name:
        connection.execute(update(staff).where(staff.c.name == name).values(role=has.name))
        sessions.end_all(connection, name)
        audit.note(connection, by, f"made {name} {has.name}")
    return has


def everyone() -> list[Person]:
    """Return all persons by name; raises `database.Unavailable`."""
    with database.reading() as connection:
        devices = connection.execute(select(staff_devices.c.who, staff_devices.c.host)).all()
        persons = connection.execute(select(staff).order_by(func.lower(staff.c.name))).all()
    hosts = {row.name: [host for who, host in devices if who == row.name] for row in persons}
    return [
        Person(row.name, BY_NAME[row.role], row.added, len(hosts[row.name]), tuple(sorted(set(hosts[row.name]))))
        for row in persons
    ]


def hosts() -> list[str]:
    """Return the hosts at which devices sign in; raises `database.Unavailable`."""
    with database.reading() as connection:
        return sorted(connection.scalars(select(staff_devices.c.host).distinct()))


def remove(given: str) -> None:
    """Delete a person with their devices and links, and end their sessions at once.

    Raises `Refused` where nobody has this name, or `database.Unavailable`.
    """
    given = read_name(given)
    with database.writing() as connection:
        name = _spelling(connection, given) or given
        connection.execute(delete(staff_devices).where(staff_devices.c.who == name))
        connection.execute(delete(staff_links).where(staff_links.c.who == name))
        if not connection.execute(delete(staff).where(staff.c.name == name)).rowcount:
            raise Refused(f'nobody is called "{name}": see `python -m data staff list`')
        sessions.end_all(connection, name)
        audit.note(connection, "operator", f"removed {name}")


def _spelling(connection: Connection, name: str) -> str | None:
    """Return the name of a known person as it is stored, which differs from `name` at most in capitals."""
    known = connection.scalars(select(staff.c.name)).all()
    return next((each for each in known if each.casefold() == name.casefold()), None)
