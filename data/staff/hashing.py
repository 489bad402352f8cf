"""Hashing passphrases with argon2id, one at a time and behind all other work."""

import os
import sys
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from zxcvbn import zxcvbn

from data import settings

SHORTEST, LONGEST = 15, 1000  # characters; OWASP ASVS 5.0, 6.2.1
_WELL_MIXED = 3  # of zxcvbn's scores 0 to 4: more than 10^8 guesses
_LOOKED_AT = 72  # characters: it takes time that grows with their square
_OURS = ("ketamine", "infusion", "checkin", "check-in", "clinic", "dashboard", "side effects")  # easy to guess here

_hasher = PasswordHasher()


class WeakPassphrase(ValueError):
    """The new passphrase is too short, too long or too common; the message says which, without quoting it."""


def hashed(passphrase: str) -> str:
    """Return the argon2id hash of a new passphrase of 15 to 1000 characters; raises `WeakPassphrase`."""
    if not SHORTEST <= len(passphrase) <= LONGEST:
        raise WeakPassphrase(f"a passphrase needs {SHORTEST} to {LONGEST} characters; this one has {len(passphrase)}")
    guessed_first = [settings.current().clinic_name, *_OURS]
    if zxcvbn(passphrase[:_LOOKED_AT], guessed_first)["score"] < _WELL_MIXED:
        raise WeakPassphrase("this passphrase would be guessed among the first: take four or five unusual words")
    return _hashing.submit(_hasher.hash, _bytes(passphrase)).result()


def matches(argon2id: str | None, passphrase: str) -> bool:
    """Return whether `passphrase` is the one hashed; without a hash, none is."""
    if argon2id is None or len(passphrase) > LONGEST:
        return False
    try:
        return _hashing.submit(_hasher.verify, argon2id, _bytes(passphrase)).result()
    except VerificationError:
        return False


def _step_back() -> None:
    """Run this thread, and those that argon2 starts from it, only when no other thread has work to do."""
    if sys.platform == "linux":  # elsewhere a priority applies to the whole process
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)


# One at a time, because each takes 64 MiB and every processor: a burst of attempts must not delay patients.
_hashing = ThreadPoolExecutor(1, "hashing", _step_back)


def _bytes(passphrase: str) -> bytes:
    # The same passphrase typed on two keyboards can arrive as different code points (NIST SP 800-63B).
    return unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
