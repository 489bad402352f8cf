import re

import pytest

from data.reports import codes
from data.storage import digests


def test_the_same_key_always_gives_the_same_receipt(configure):
    configure(secret_key="s" * 32)

    assert codes.receipt("ab" * 16) == codes.receipt("ab" * 16)
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}", codes.receipt("ab" * 16))


def test_a_receipt_holds_the_first_fifty_bits_of_the_keyed_digest(configure):
    configure(secret_key="s" * 32)

    letters = codes.receipt("ab" * 16).replace("-", "")
    bits = "".join(f"{codes.ALPHABET.index(letter):05b}" for letter in letters)

    whole = f"{int(digests.digest('receipt of submission key', 'ab' * 16), 16):0256b}"
    assert bits == whole[:50]


def test_another_secret_key_gives_other_receipts(configure):
    configure(secret_key="s" * 32)
    before = codes.receipt("ab" * 16)
    configure(secret_key="t" * 32)

    assert codes.receipt("ab" * 16) != before


def test_purposes_do_not_share_digests(configure):
    configure(secret_key="s" * 32)

    assert digests.digest("a", "b") != digests.digest("b", "a")


def test_a_missing_key_file_is_said_with_what_to_do(configure, tmp_path):
    configure(database_url=f"sqlite:///{tmp_path / 'x.db'}")

    with pytest.raises(digests.SecretKeyMissing, match="Put it back from the backup"):
        digests.digest("a", "b")


def test_a_damaged_key_file_is_said_with_what_to_do(configure, tmp_path):
    configure(database_url=f"sqlite:///{tmp_path / 'x.db'}")
    (tmp_path / "x.db.key").write_bytes(b"\xff" * 64)

    with pytest.raises(digests.SecretKeyMissing, match="Put it back from the backup"):
        digests.digest("a", "b")
