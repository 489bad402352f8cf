"""Short codes that people read and type: receipts and invitations."""

import re
import secrets
from base64 import b32encode

from data.reports import spellings
from data.storage import digests

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: https://www.crockford.com/base32.html
_CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET)
_RECEIPT, _INVITATION = (4, 4, 2), (4, 4, 4)  # characters, as they are grouped
_LOOK_ALIKES = str.maketrans("OIL", "011")


def new_key() -> str:
    """Return a fresh key of a form, which the browser holds, or seed of a code: 128 random bits as 32 hex digits."""
    return secrets.token_hex(16)


def receipt(submission_key: str) -> str:
    """Return the receipt of a submission key, as XXXX-XXXX-XX: the first 50 bits of its HMAC.

    The same key always gives the same receipt, so that it need not be stored in clear.
    """
    return _derived("receipt of submission key", submission_key, _RECEIPT)


def invitation(seed: str) -> str:
    """Return the invitation code of a random seed, as XXXX-XXXX-XXXX: 60 such bits."""
    return _derived("invitation of seed", seed, _INVITATION)


def read_invitation(typed: str) -> str | None:
    """Return the invitation code in what was typed or pasted, as it is written: `k7qm 4txd r2ab` is `K7QM-4TXD-R2AB`.

    Other text may surround it: a whole link, a sentence, quotes, the escapes of mails and links. Dashes, spaces or dots
    may separate its groups. The letter O counts as zero, I and L as one. None where nothing looks like a code, or where
    several different codes do.
    """
    return _the_only(spellings.runs(typed, _INVITATION))


def read_receipt(typed: str) -> str | None:
    """Return the receipt in what was typed or pasted, as it is written; None as for `read_invitation`."""
    return _the_only(spellings.runs(typed, _RECEIPT))


def in_address(address: str) -> str | None:
    """Return the invitation code that a path with its query carries, however it was escaped or renamed on its way.

    `address` is as it was requested, still percent-encoded. The empty string means that it carries something like an
    invitation, but not one whole code: a parameter `i`, in any case, with brackets or after a left-over `amp;`, that
    is empty, incomplete or contradicted by another. A dashed code counts wherever it is. None means nothing like it.
    """
    found = spellings.in_address(address, _INVITATION)
    return None if found is None else _the_only(found) or ""


def _the_only(runs: list[str]) -> str | None:
    found = {_in_fours(run) for run in runs}
    return found.pop() if len(found) == 1 else None


def _derived(purpose: str, key: str, groups: spellings.Groups) -> str:
    characters = b32encode(bytes.fromhex(digests.digest(purpose, key))).decode()
    return _in_fours(characters[: sum(groups)].translate(_CROCKFORD))


def _in_fours(characters: str) -> str:
    return "-".join(re.findall(".{1,4}", characters.upper().translate(_LOOK_ALIKES)))
