"""Who may see figures: signing in, the session, and the check before every read of aggregate data."""

import secrets
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from data import clock
from data.staff import audit, passphrase, throttle
from data.storage import database, digests
from data.storage.schema import staff_sessions

IDLE = timedelta(minutes=20)
ABSOLUTE = timedelta(hours=8)
_WHO = "passphrase"


class SignedOut(PermissionError):
    """There is no live session, so no figure is given."""


class WrongPassphrase(PermissionError):
    """The passphrase is not the one in force."""


def new_device() -> str:
    """Return the mark of a browser that has signed in; it gives access to nothing by itself.

    A device cookie: https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
    """
    return digests.seal("device", secrets.token_hex(16))


def is_device(device: str) -> bool:
    """Return whether this mark came from `new_device`."""
    return digests.unseal("device", device) is not None


def sign_in(given: str, address: str, device: str = "") -> str:
    """Begin a session and return its token, which only the browser keeps.

    The attempt is counted before anything is hashed: against the limit of a `device` from `new_device`, so that
    strangers cannot lock it out, or, without one or beyond that limit, against the limit of the address. Raises
    `throttle.Throttled`, `WrongPassphrase` or `database.Unavailable`.
    """
    counted = _count(address, device)
    with database.reading() as connection:
        argon2id = passphrase.current(connection)
    matches = passphrase.matches(argon2id, given)
    token, now = secrets.token_urlsafe(32), clock.now()
    with database.writing() as connection:
        right = matches and argon2id == passphrase.current(connection)  # it may just have been replaced
        audit.note(connection, _WHO, "signed in" if right else "failed to sign in")
        if right:
            throttle.forgive(connection, *counted)
            connection.execute(delete(staff_sessions).where(staff_sessions.c.began < now - ABSOLUTE))
            digest = _digest(connection, token)
            session = {"token_digest": digest, "who": _WHO, "began": now, "seen": now}
            connection.execute(insert(staff_sessions), session)
    if not right:
        raise WrongPassphrase
    return token


def is_live(token: str) -> bool:
    """Return whether the session lives, without renewing it; raises `database.Unavailable`."""
    with database.reading() as connection:
        return _who(connection, token) is not None


def require(connection: Connection, token: str) -> None:
    """Raise `SignedOut` unless the session lives, without renewing it; every read of figures begins with it."""
    if _who(connection, token) is None:
        raise SignedOut


def record_view(token: str, what: str) -> None:
    """Let the holder of a live session see `what`: renew the session and write into the audit log who saw it.

    A page calls this when it is opened or changed, not when it refreshes by itself. Raises `SignedOut` or
    `database.Unavailable`.
    """
    with database.writing() as connection:
        record_act(connection, token, f"saw {what}")


def record_act(connection: Connection, token: str, did: str) -> str:
    """Do the same within a transaction that does what `did` says; return who does it.

    Raises `SignedOut`, and nothing is done.
    """
    renewed = update(staff_sessions).where(_live(connection, token)).values(seen=clock.now())
    who = connection.scalar(renewed.returning(staff_sessions.c.who))
    if who is None:
        raise SignedOut
    audit.note(connection, who, did)
    return str(who)


def sign_out(token: str) -> None:
    """End the session at once, in every tab; an unknown token does nothing. Raises `database.Unavailable`."""
    with database.writing() as connection:
        ended = update(staff_sessions).where(_live(connection, token)).values(ended=clock.now())
        if who := connection.scalar(ended.returning(staff_sessions.c.who)):
            audit.note(connection, who, "signed out")


def _count(address: str, device: str) -> tuple[throttle.Limit, str]:
    """Count an attempt to sign in; return the limit and the source it was counted against."""
    if is_device(device):
        with suppress(throttle.Throttled):  # a locked device counts as a stranger: a thief could also drop the cookie
            throttle.attempt(throttle.DEVICE, device)
            return throttle.DEVICE, device
    throttle.attempt(throttle.SIGN_IN, address)
    return throttle.SIGN_IN, address


def _who(connection: Connection, token: str) -> str | None:
    return connection.scalar(select(staff_sessions.c.who).where(_live(connection, token)))


def _live(connection: Connection, token: str) -> ColumnElement[bool]:
    session, now = staff_sessions.c, clock.now()
    return and_(
        session.token_digest == _digest(connection, token),
        session.ended.is_(None),
        session.seen > now - IDLE,
        session.began > now - ABSOLUTE,
    )


def _digest(connection: Connection, token: str) -> str:
    """Return a digest that depends on the passphrase in force: changing the passphrase ends every session."""
    return digests.digest("session", f"{passphrase.current(connection)}\0{token}")
