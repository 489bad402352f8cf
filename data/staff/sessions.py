"""The session of a person who is signed in, and the check before every read of figures or of the list of infusions."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update

from data import clock
from data.staff import audit, ways
from data.staff.roles import BY_NAME, CLINICIAN, Role, end
from data.storage import database, digests
from data.storage.schema import staff_sessions as table


class SignedOut(PermissionError):
    """There is no live session, so nothing is given."""


class NotForThisRole(PermissionError):
    """The session lives, but its role may not do this."""


@dataclass(frozen=True)
class Holder:
    """Who holds a live session: a person's name or address, or "passphrase" where nobody is named."""

    who: str
    role: Role


def begin(
    connection: Connection, who: str, role: Role, way: str, *, before: str = "", last: datetime | None = None
) -> str:
    """Begin a session and return its token, which only the browser keeps.

    The session whose token came along, `before`, ends. `last` is when this one ends at the latest, an aware instant,
    where that is earlier than its role has it.
    """
    now = clock.now()
    if ended := _end(connection, _live(connection, before)):
        audit.note(connection, ended[0], "signed out by a new sign-in")
    connection.execute(delete(table).where(table.c.ends < now))
    token, ends = secrets.token_urlsafe(32), end(role, now)
    row = {"token_digest": _digest(connection, token), "who": who, "role": role.name, "way": way}
    connection.execute(insert(table), row | {"began": now, "seen": now, "ends": min(last or ends, ends)})
    audit.note(connection, who, f"signed in as {role.name} by {way}")
    return token


def holder(token: str) -> Holder | None:
    """Return who holds a live session, without renewing it, or None; raises `database.Unavailable`."""
    with database.reading() as connection:
        return _holder(connection, token)


def is_live(token: str) -> bool:
    """Return whether the session lives, without renewing it; raises `database.Unavailable`."""
    return holder(token) is not None


def require(connection: Connection, token: str, role: Role = CLINICIAN) -> Holder:
    """Return the holder of a live session of a role that may do this, without renewing it.

    Every read of figures begins with it. Raises `SignedOut` or `NotForThisRole`.
    """
    found = _holder(connection, token)
    if found is None:
        raise SignedOut
    if role.sees_figures and not found.role.sees_figures:
        raise refusal(found)
    return found


def refusal(holder: Holder) -> NotForThisRole:
    """Return the error for a holder who asks for figures without the role for it, and count it."""
    audit.refused(f"figures for {holder.who} ({holder.role.name})")
    return NotForThisRole()


def record_view(token: str, what: str, role: Role = CLINICIAN) -> None:
    """Let the holder of a live session see `what`: renew the session and write into the audit log who saw it.

    A page calls this when it is opened or changed, not when it refreshes by itself. Raises `SignedOut`,
    `NotForThisRole` or `database.Unavailable`.
    """
    with database.writing() as connection:
        record_act(connection, token, f"saw {what}", role)


def record_act(connection: Connection, token: str, did: str, role: Role = CLINICIAN) -> str:
    """Do the same within a transaction that does what `did` says; return who does it.

    Raises `SignedOut` or `NotForThisRole`, and nothing is done.
    """
    found = require(connection, token, role)
    connection.execute(update(table).where(_live(connection, token)).values(seen=clock.now()))
    audit.note(connection, found.who, did)
    return found.who


def sign_out(token: str, *, everywhere: bool = False) -> None:
    """End the session at once, in every tab, or all sessions of its person; an unknown token does nothing.

    Raises `database.Unavailable`.
    """
    with database.writing() as connection:
        if found := _holder(connection, token):
            end_all(connection, found.who) if everywhere else _end(connection, _live(connection, token))
            audit.note(connection, found.who, "signed out everywhere" if everywhere else "signed out")


def end_all(connection: Connection, who: str) -> None:
    """End every session of a person."""
    _end(connection, and_(table.c.who == who, table.c.ended.is_(None)))


def _end(connection: Connection, which: ColumnElement[bool]) -> list[str]:
    ended = update(table).where(which).values(ended=clock.now()).returning(table.c.who)
    return list(connection.scalars(ended))


def _holder(connection: Connection, token: str) -> Holder | None:
    row = connection.execute(select(table.c.who, table.c.role).where(_live(connection, token))).one_or_none()
    return row and Holder(row.who, BY_NAME[row.role])


def _live(connection: Connection, token: str) -> ColumnElement[bool]:
    session, now = table.c, clock.now()
    used = or_(*(and_(session.role == role.name, session.seen > now - role.idle) for role in BY_NAME.values()))
    of_token = session.token_digest == _digest(connection, token)
    return and_(of_token, session.ended.is_(None), session.ends > now, used, ways.allows())


def _digest(connection: Connection, token: str) -> str:
    """Return a digest that depends on the passphrase in force: changing the passphrase ends every session."""
    return digests.digest("session", f"{ways.passphrase_hash(connection)}\0{token}")
