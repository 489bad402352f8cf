"""Keyed digests: what is stored in place of submission keys, receipts, session tokens and addresses."""

import hashlib
import hmac
import os
import secrets
from functools import cache
from pathlib import Path

from data import settings

KEY_DIGITS = 64


class SecretKeyMissing(RuntimeError):
    """There is a database but not the secret key that belongs to it; the message says what to do."""


def key_file() -> Path | None:
    """Return where the secret key of an embedded database is kept, None where CHECKIN_SECRET_KEY is set."""
    current = settings.current()
    file = current.database_file
    if current.secret_key or file is None:
        return None
    return file.with_name(file.name + ".key")


def make_key_file() -> None:
    """Make the secret key of a new embedded database, readable by its owner only; an existing one is never replaced."""
    if path := key_file():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_DIGITS // 2))
            file.flush()
            os.fsync(file.fileno())


def fingerprint(key: str | None = None) -> str:
    """Return what tells this secret key, or `key`, from another one; the database keeps it.

    Raises `SecretKeyMissing`.
    """
    return _digest(_secret_key() if key is None else key.encode(), "fingerprint", "")


@cache
def _secret_key() -> bytes:
    path = key_file()
    if path is None:
        return str(settings.current().secret_key).encode()
    try:
        key = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        key = ""
    if len(key) < KEY_DIGITS:
        raise SecretKeyMissing(
            f"{path} is missing or truncated: without it, receipts, invitations and sessions cannot be recognised. "
            "Put it back from the backup. If it is lost for good, set CHECKIN_SECRET_KEY to a new one and run "
            "`python -m data accept-key`."
        )
    return key.encode()


def digest(purpose: str, text: str) -> str:
    """Return the HMAC-SHA256 of `text` under CHECKIN_SECRET_KEY as 64 hex digits; purposes never collide."""
    return _digest(_secret_key(), purpose, text)


def _digest(key: bytes, purpose: str, text: str) -> str:
    return hmac.digest(key, f"{purpose}\0{text}".encode("utf-8", "surrogatepass"), hashlib.sha256).hex()


def seal(purpose: str, text: str) -> str:
    """Return a text that a browser may keep, with the proof that it is ours; `text` holds no full stop."""
    return f"{text}.{digest(purpose, text)}"


def unseal(purpose: str, sealed: str) -> str | None:
    """Return the text of a `seal`, None where it is not ours."""
    text = sealed.partition(".")[0]
    genuine = hmac.compare_digest(seal(purpose, text).encode("utf-8", "replace"), sealed.encode("utf-8", "replace"))
    return text if genuine else None
