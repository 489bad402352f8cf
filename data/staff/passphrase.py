"""The clinic's passphrase: its argon2id hash, and the link that sets it at the first start."""

import hmac
import os
import secrets
import sys
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection, delete, insert, select

from data import clock, settings
from data.staff import audit
from data.storage import database
from data.storage.schema import staff_passphrase, staff_sessions

SHORTEST, LONGEST = 12, 1000
SET_UP_LINK = timedelta(minutes=30)

_hasher = PasswordHasher()
_set_up_links: dict[str, datetime] = {}  # at most one, with the instant at which it expires


class WeakPassphrase(ValueError):
    """The new passphrase is too short or too long."""


class SetElsewhere(RuntimeError):
    """CHECKIN_PASSPHRASE_HASH is set and overrides any stored passphrase."""


class SetUpRefused(PermissionError):
    """The set-up link is used, expired or unknown, or a passphrase is already set."""


def hashed(passphrase: str) -> str:
    """Return the argon2id hash of a new passphrase; raises `WeakPassphrase` outside 12 to 1000 characters."""
    if not SHORTEST <= len(passphrase) <= LONGEST:
        raise WeakPassphrase(f"a passphrase needs {SHORTEST} to {LONGEST} characters; this one has {len(passphrase)}")
    return _hashing.submit(_hasher.hash, _bytes(passphrase)).result()


def matches(argon2id: str | None, passphrase: str) -> bool:
    """Return whether `passphrase` is the one hashed; without a hash, none is."""
    if argon2id is None or len(passphrase) > LONGEST:
        return False
    try:
        return _hashing.submit(_hasher.verify, argon2id, _bytes(passphrase)).result()
    except VerificationError:
        return False


def current(connection: Connection) -> str | None:
    """Return the hash in force: CHECKIN_PASSPHRASE_HASH if set, or the stored one, or None."""
    return settings.current().passphrase_hash or connection.scalar(select(staff_passphrase.c.argon2id))


def is_set() -> bool:
    """Return whether anybody can sign in; raises `database.Unavailable`."""
    with database.reading() as connection:
        return current(connection) is not None


def store(passphrase: str) -> None:
    """Store the hash of `passphrase` in place of any earlier one, and end every session.

    Raises `WeakPassphrase`, `SetElsewhere` or `database.Unavailable`.
    """
    if settings.current().passphrase_hash:
        raise SetElsewhere("CHECKIN_PASSPHRASE_HASH is set and overrides a stored passphrase: change that setting")
    argon2id = hashed(passphrase)
    with database.writing() as connection:
        connection.execute(delete(staff_passphrase))
        connection.execute(delete(staff_sessions))
        _insert(connection, argon2id, "operator")


def new_set_up_link() -> str | None:
    """Return the secret of a set-up link that works once, for 30 minutes; None if a passphrase is already set.

    Only this process knows it, so a restart makes it invalid. Raises `database.Unavailable`.
    """
    if is_set():
        return None
    secret = secrets.token_urlsafe(32)
    _set_up_links.clear()
    _set_up_links[secret] = clock.now() + SET_UP_LINK
    return secret


def set_up(secret: str, passphrase: str) -> None:
    """Store the first passphrase; that is all a set-up link can do.

    Raises `SetUpRefused`, `WeakPassphrase` (the link stays valid) or `database.Unavailable`.
    """
    known = [link for link in _set_up_links if hmac.compare_digest(link.encode(), _bytes(secret))]
    if not known or _set_up_links[known[0]] < clock.now():
        raise SetUpRefused
    argon2id = hashed(passphrase)
    with database.writing() as connection:
        if current(connection):
            raise SetUpRefused
        _insert(connection, argon2id, "set-up link")
    _set_up_links.clear()


def _step_back() -> None:
    """Run this thread, and those that argon2 starts from it, only when no other thread has work to do."""
    if sys.platform == "linux":  # elsewhere a priority applies to the whole process
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)


# One at a time, because each takes 64 MiB and every processor: a burst of attempts must not delay patients.
_hashing = ThreadPoolExecutor(1, "hashing", _step_back)


def _insert(connection: Connection, argon2id: str, who: str) -> None:
    connection.execute(insert(staff_passphrase), {"id": 1, "argon2id": argon2id, "changed": clock.now()})
    audit.note(connection, who, "set the passphrase")


def _bytes(passphrase: str) -> bytes:
    # The same passphrase typed on two keyboards can arrive as different code points (NIST SP 800-63B).
    return unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
