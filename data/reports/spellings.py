"""Find a code of given groups in what was typed or pasted, whatever is beside it."""

import html
import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote

Groups = tuple[int, int, int]  # characters

_LONGEST = 8192  # characters that are read
_TYPED = "[0-9A-TV-Za-tv-z]"  # the alphabet in either case, and the look-alikes O, I and L
_MIXED = "(?:[0-9][A-Za-z]|[A-Za-z][0-9])"  # few words have that, most groups of a code do
_UNSEEN = dict.fromkeys([0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF])
_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")
_APART = r"[^\w&#=%]{1,3}"
_NAMES = "(?i:i|code|invite|invitation)"
_PARAMETER = rf"(?<!\w){_NAMES}(?:\[\w{{0,20}}\])?[\s+]{{0,9}}="
_BARE = rf"[?&]{_NAMES}(?=[&#]|$)"
# A dashed code or its beginning, rather than a campaign's words and year: two groups have letters and digits, or one
# has them and all are written as in our links.
_PIECE = re.compile(
    rf"(?<![\w-])(?:(?=[\w-]{{0,7}}{_MIXED}\w{{0,2}}-[\w-]{{0,7}}{_MIXED})|(?=[\w-]{{0,11}}{_MIXED})(?=[0-9A-HJKMNP-TV-Z-]{{9,14}}(?![\w-])))"
    rf"{_TYPED}{{4}}-{_TYPED}{{4}}-{_TYPED}{{1,4}}(?![\w-])"
)

# What is before a code, between its groups and after it. Beside more dashes or dots, three groups are part of
# something longer: an identifier, the name of a host.
_DASHED = (r"(?<!\w)(?<!\w[-.@])", "-", r"(?![-.@]\w)")
_VALUE = (rf"{_PARAMETER}[\s=]*", r"[\s+.-]{0,3}", _DASHED[2])
_ALL_MIXED = (rf"(?<!\w)(?=(?:\w{{0,4}}{_MIXED}\w{{0,2}}{_APART}){{2}}\w{{0,2}}{_MIXED})", _APART, "")
_WITHIN = rf"(?:\w{{1,6}}{_APART}){{0,2}}\w{{0,6}}"  # three words
_LAST_MIXED = (rf"\A(?s:.*)(?<!\w)(?!{_WITHIN}[OILoil])(?={_WITHIN}{_MIXED})", _APART, "")
_TOGETHER = (rf"(?<!\w)(?=\w*{_MIXED})", "", "")


def runs(typed: str, groups: Groups) -> list[str]:
    """Return the characters of each code at the first place where there is one, as typed, without separators.

    The places, in this order: a parameter `i`, groups joined by dashes, a code that is all there is, groups apart that
    all have letters and digits, the last ones of which any has, and a word with both; in the text as it is, then with
    the escapes of links and mails undone.
    """
    for text in _texts(typed):
        shown = text.replace("_", " ")
        found = _find(_VALUE, shown, groups) or _find(_DASHED, shown, groups) or _alone(shown, groups)
        for place in (_ALL_MIXED, _LAST_MIXED, _TOGETHER):
            found = found or _find(place, shown, groups)
        if found:
            return found
    return []


def in_address(address: str, groups: Groups) -> list[str] | None:
    """Return the codes in an address; none where its parameter `i` or a piece is no whole one; None without either."""
    texts = list(islice(_texts(address), 3))
    pieces = [piece for text in texts for piece in _PIECE.findall(text)]
    for place, text in (*((_VALUE, text) for text in texts), *((_DASHED, piece) for piece in pieces)):
        if found := _find(place, text, groups):
            return found
    return [] if pieces or any(re.search(f"{_PARAMETER}|{_BARE}", text) for text in texts) else None


def _texts(typed: str) -> Iterator[str]:
    """Give what was typed, then with more and more undone of what links and mails add to it."""
    text = typed[:_LONGEST]
    for undo in (str, _unlinked, _unlinked, _unquoted):
        text = undo(text)
        yield unicodedata.normalize("NFKC", text)[:_LONGEST].translate(_UNSEEN | _DASHES)


def _unlinked(text: str) -> str:
    return unquote(html.unescape(text))


def _unquoted(text: str) -> str:
    """Undo a mail's quoted-printable (RFC 2045)."""
    return unquote(re.sub("=(?=[0-9A-F]{2})", "%", re.sub(r"=\s+", "", text)))


def _find(place: tuple[str, str, str], text: str, groups: Groups) -> list[str]:
    before, between, after = place
    code = between.join(f"({_TYPED}{{{length}}})" for length in groups)
    return ["".join(parts) for parts in re.findall(rf"{before}(?:3[Dd])?{code}(?!\w){after}", text)]


def _alone(text: str, groups: Groups) -> list[str]:
    """Find a code that is all there is, or all after a label and its colon, and not rather a sentence."""
    for part in (text, text.rpartition(":")[2]):
        run, lengths = re.fullmatch(f"(?:3[Dd])?({_TYPED}{{{sum(groups)}}})", re.sub(r"\W", "", part)), _lengths(part)
        if run and (lengths in (groups, (sum(groups),), (1,) * sum(groups)) or re.search(_MIXED, part)):
            return [run[1]]
    return []


def _lengths(text: str) -> tuple[int, ...]:
    return tuple(map(len, re.findall(r"\w+", text)))
