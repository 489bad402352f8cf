"""The clinic's passphrase, for clinics without devices or accounts: it signs a clinician in who has no name."""

import secrets
from contextlib import suppress

from sqlalchemy import Connection, delete, insert

from data import clock, settings
from data.staff import audit, hashing, links, sessions, throttle, ways
from data.staff.roles import CLINICIAN
from data.storage import database, digests
from data.storage.schema import staff_passphrase, staff_sessions

WHO = "passphrase"


class SetElsewhere(RuntimeError):
    """CHECKIN_PASSPHRASE_HASH or CHECKIN_OIDC_ISSUER is set and overrides any stored passphrase."""


class WrongPassphrase(PermissionError):
    """The passphrase is not the one in force."""


def store(passphrase: str) -> None:
    """Store the hash of `passphrase` in place of any earlier one, and end every session.

    Raises `hashing.WeakPassphrase`, `SetElsewhere` or `database.Unavailable`.
    """
    argon2id = hashing.hashed(passphrase)
    with database.writing() as connection:
        clear(connection)
        _insert(connection, argon2id, "operator")


def clear(connection: Connection) -> None:
    """Delete the stored passphrase, if there is one, and end every session; raises `SetElsewhere`."""
    if settings.current().passphrase_hash or settings.current().oidc_issuer:
        raise SetElsewhere("CHECKIN_PASSPHRASE_HASH or CHECKIN_OIDC_ISSUER overrides a stored passphrase: change that")
    if connection.execute(delete(staff_passphrase)).rowcount:
        audit.note(connection, "operator", "deleted the stored passphrase")
    connection.execute(delete(staff_sessions))


def set_up(link: str, passphrase: str) -> None:
    """Store the first passphrase by a link, where browsers do without passkeys: at an address without HTTPS.

    Raises `links.Refused` (also where a passphrase is set, or where the link does not fit),
    `hashing.WeakPassphrase` (the link stays valid) or `database.Unavailable`.
    """
    links.look(link)  # before anything is hashed
    argon2id = hashing.hashed(passphrase)
    with database.writing() as connection:
        used = links.use(connection, link)
        if ways.passphrase_hash(connection) or not fits(used):
            raise links.refusal()
        _insert(connection, argon2id, used.who or "set-up link")


def fits(link: links.Link) -> bool:
    """Return whether this link may set the passphrase: it signs a clinician in, so it is not for reception."""
    return link.role is CLINICIAN and not (settings.current().public_url or "").startswith("https")


def sign_in(given: str, address: str, device: str = "", before: str = "") -> str:
    """Begin a clinician's session and return its token, which only the browser keeps; the session `before` ends.

    The attempt is counted before anything is hashed: against the limit of a `device` from `new_device`, so that
    strangers cannot lock it out, or, without one or beyond that limit, against the limit of the address. Raises
    `throttle.Throttled`, `WrongPassphrase` or `database.Unavailable`.
    """
    try:
        counted = _count(address, device)
    except throttle.Throttled:
        audit.refused("a passphrase, after too many attempts")
        raise
    with database.reading() as connection:
        argon2id = ways.passphrase_hash(connection)
    matches = hashing.matches(argon2id, given)
    with database.writing() as connection:
        if matches and argon2id == ways.passphrase_hash(connection):  # it may just have been replaced
            throttle.forgive(connection, *counted)
            return sessions.begin(connection, WHO, CLINICIAN, ways.PASSPHRASE, before=before)
    audit.refused("a wrong passphrase")
    raise WrongPassphrase


def new_device() -> str:
    """Return the mark of a browser that has signed in; it gives access to nothing by itself.

    A device cookie: https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
    """
    return digests.seal("device", secrets.token_hex(16))


def is_device(device: str) -> bool:
    """Return whether this mark came from `new_device`."""
    return digests.unseal("device", device) is not None


def _count(address: str, device: str) -> tuple[throttle.Limit, str]:
    """Count an attempt to sign in; return the limit and the source it was counted against."""
    if is_device(device):
        with suppress(throttle.Throttled):  # a locked device counts as a stranger: a thief could also drop the cookie
            throttle.attempt(throttle.DEVICE, device)
            return throttle.DEVICE, device
    throttle.attempt(throttle.SIGN_IN, address)
    return throttle.SIGN_IN, address


def _insert(connection: Connection, argon2id: str, who: str) -> None:
    connection.execute(insert(staff_passphrase), {"id": 1, "argon2id": argon2id, "changed": clock.now()})
    audit.note(connection, who, "set the passphrase")
