"""Short codes that people read and type: receipts and invitations."""

import secrets

from data import digests

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: https://www.crockford.com/base32.html
_RECEIPT_BITS = 50
_INVITATION_BITS = 60
_LONGEST = 40  # characters typed, dashes and spaces included
_LOOK_ALIKES = str.maketrans("OIL", "011")


def receipt(submission_key: str) -> str:
    """Return the receipt of a submission key, as XXXX-XXXX-XX: the first 50 bits of its HMAC.

    The same key always gives the same receipt, so that it need not be stored in clear.
    """
    digest = int(digests.digest("receipt of submission key", submission_key), 16)
    return _written(digest >> (4 * digests.KEY_DIGITS - _RECEIPT_BITS), _RECEIPT_BITS)


def new_invitation() -> str:
    """Return a fresh invitation code of 60 random bits, as XXXX-XXXX-XXXX."""
    return _written(secrets.randbits(_INVITATION_BITS), _INVITATION_BITS)


def as_written(typed: str) -> str:
    """Return a typed code as it is shown: `k7qm 4txd r2` is `K7QM-4TXD-R2`, and the letter O is a zero."""
    shown = "".join(character for character in typed[:_LONGEST].upper() if character.isalnum())
    return _in_fours(shown.translate(_LOOK_ALIKES))


def _written(number: int, bits: int) -> str:
    return _in_fours("".join(ALPHABET[number >> shift & 31] for shift in range(bits - 5, -1, -5)))


def _in_fours(characters: str) -> str:
    return "-".join(characters[start : start + 4] for start in range(0, len(characters), 4))
