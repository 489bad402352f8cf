"""How the clinic's staff may sign in here: by passkey, by an account of the clinic, or by the passphrase."""

from sqlalchemy import ColumnElement, Connection, and_, false, or_, select

from data import settings
from data.storage import database
from data.storage.schema import staff_devices, staff_passphrase, staff_sessions

PASSKEY, ACCOUNT, PASSPHRASE = "passkey", "account", "passphrase"


def open_at(host: str) -> frozenset[str]:
    """Return the ways in which somebody can sign in at this host now; none before the first person is added.

    Where CHECKIN_OIDC_ISSUER is set, accounts are the only way. Raises `database.Unavailable`.
    """
    if settings.current().oidc_issuer:
        return frozenset({ACCOUNT})
    with database.reading() as connection:
        has_device = connection.scalar(select(staff_devices.c.who).where(staff_devices.c.host == host).limit(1))
        ways = {PASSKEY: has_device, PASSPHRASE: passphrase_hash(connection)}
    return frozenset(way for way, is_there in ways.items() if is_there)


def passphrase_hash(connection: Connection) -> str | None:
    """Return the hash in force: CHECKIN_PASSPHRASE_HASH if set, or the stored one, or None; with accounts, None."""
    current = settings.current()
    if current.oidc_issuer:
        return None
    return current.passphrase_hash or connection.scalar(select(staff_passphrase.c.argon2id))


def allows() -> ColumnElement[bool]:
    """Select the sessions that began in a way that is still open, and that still have the role they began with.

    So whoever is taken off CHECKIN_STAFF, or given another role there, is out with the restart that reads it.
    """
    session, current = staff_sessions.c, settings.current()
    if not current.oidc_issuer:
        return session.way != ACCOUNT
    listed = [and_(session.who == who, session.role == role) for who, role in current.staff_roles.items()]
    return and_(session.way == ACCOUNT, or_(false(), *listed))
