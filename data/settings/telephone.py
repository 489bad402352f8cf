"""Telephone numbers as people write them, and as phones dial them."""

import re
import unicodedata

_LONGEST = 40
_FEWEST_DIGITS, _MOST_DIGITS = 2, 17  # 15 in France; 15 digits of E.164 after 00
_WRITTEN = re.compile(
    r"(?P<number>\(?\+?[\d ().·/‐–—−-]+?)"
    r"(?:[ ,;]*(?:extensión|extension|extn?|x)[.:= ]*(?P<extension>\d{1,7}))?",
    re.IGNORECASE,
)
# The 0 that callers from abroad leave out, as in +44 (0)20; calling Italy or San Marino, they dial it.
_ZERO_AT_HOME = re.compile(r"^(\(?(?:\+|00)(?! *(?:39|378)\b)[^(]*)\( *0 *\)")


def number(text: str) -> str:
    """Return a telephone number as it will be shown; raises `ValueError` if nobody can dial it."""
    shown = text.strip()
    written = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", shown[: _LONGEST + 1]))
    if (
        not written
        or re.match(r"[^+0(].*?(?: /|/ )", shown)  # two numbers, not one behind its area code
        or len(shown) > _LONGEST
        or not _FEWEST_DIGITS <= len(_digits(written["number"])) <= _MOST_DIGITS
    ):
        raise ValueError(
            "is not one telephone number: write it in digits, such as (555) 123-4567 or +34 912 345 678 ext. 12"
        )
    return shown


def dialled(shown: str) -> str:
    """Return what a phone dials for a `number`, as in a `tel:` link; without a country code, just its digits.

    An extension follows after a pause (a comma): Android's dialler turns the `;ext=12` of RFC 3966 into 39812.
    """
    written = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", shown))
    if not written:
        raise ValueError("is not a telephone number")
    local = _ZERO_AT_HOME.sub(r"\1", written["number"])
    extension = written["extension"]
    return ("+" if "+" in local else "") + _digits(local) + (f",{_digits(extension)}" if extension else "")


def _digits(text: str) -> str:
    return "".join(str(unicodedata.digit(character)) for character in text if character.isdecimal())
