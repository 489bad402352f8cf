"""Find a code of given groups in what was typed or pasted, whatever stands beside it."""

import html
import quopri
import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote

Groups = tuple[int, int, int]  # characters

_LONGEST = 8192  # characters that are looked through
_TYPED = "[0-9A-TV-Za-tv-z]"  # the alphabet in either case, and the look-alikes O, I and L
_KINDS = {"Cf": "", "Mn": "", "Pd": "-", "Cc": " "}  # by Unicode's category
_SIGNS = str.maketrans({"\u2014": " ", "\u2015": " ", "\u2212": "-"})  # a long dash parts words, a minus joins groups
_WORD = re.compile(r"\w+")
_VALUE = re.compile(r"(?<!\w)i(?:\[\w*\])?\s*=([^&#]*)", re.IGNORECASE)
_PARAMETER = re.compile(
    r"(?:[?&;/]|^)(?:amp;)*[\s+]*i(?:\[[^\]=&]{0,20}\])?[\s+]*=([^&#]*)|[?&](?:amp;)*i(?=[&#]|$)", re.IGNORECASE
)
_CAMPAIGN = re.compile(r"(?<![A-Za-z])utm_\w{0,40}=[^&#]*", re.IGNORECASE)
_PIECE = re.compile(rf"(?<![\w-]){_TYPED}{{4}}-{_TYPED}{{4}}-{_TYPED}{{1,4}}(?![\w-])")


def runs(typed: str, groups: Groups) -> list[str]:
    """Return the characters of each code at the first place where there is any, as they were typed, without separators.

    Looked for are, in this order, the value of a parameter `i`, groups joined by dashes, a code that stands alone,
    groups apart, and an undashed word with letters and digits; in the text as it is, then with what mails and links
    escape undone.
    """
    for text in _texts(typed):
        for look in (_values, _dashed, _alone, _apart, _undashed):
            if found := look(text.replace("_", " "), groups):
                return found
    return []


def parameters(address: str) -> list[str]:
    """Return the values of `i` in an address, once or twice escaped: in any case, with brackets, after `amp;`."""
    return [value for text in islice(_texts(address), 3) for value in _PARAMETER.findall(text)]


def pieces(address: str) -> list[str]:
    """Return what looks like a dashed code, whole or cut short, anywhere in an address but in a campaign's name."""
    found = (piece for text in islice(_texts(address), 3) for piece in _PIECE.findall(_CAMPAIGN.sub("", text)))
    return [piece for piece in found if _is_clear(piece)]


def _texts(typed: str) -> Iterator[str]:
    """Give what was typed, then with ever more undone of what links and mails add to it."""
    text = typed[:_LONGEST]
    yield _plain(text)
    for undo in (_unlinked, _unlinked, _unquoted, _joined):
        text = undo(text)
        yield _plain(text)


def _plain(text: str) -> str:
    shown = unicodedata.normalize("NFKC", text)[:_LONGEST].translate(_SIGNS)
    return "".join(_KINDS.get(unicodedata.category(character), character) for character in shown)


def _unlinked(text: str) -> str:
    return unquote(html.unescape(text))


def _unquoted(text: str) -> str:
    """Undo a mail's quoted-printable (RFC 2045)."""
    return quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")


def _joined(text: str) -> str:
    """Join what a mail's soft line break parted; a field of one line has lost the break and kept the sign."""
    return re.sub(r"=\s*(?=\w)", "", text)


def _values(text: str, groups: Groups) -> list[str]:
    found = []
    for value in _VALUE.findall(text):
        first = _WORD.findall(value)[:3]
        whole = first if _are_grouped(first, groups) else _WORD.findall("".join(value.split()[:1]))
        found.append(_whole("".join(whole), groups))
    return [run for run in found if run]


def _dashed(text: str, groups: Groups) -> list[str]:
    first, second, third = (f"({_TYPED}{{{length}}})" for length in groups)
    # Beside further dashes or dots it is part of something longer: an identifier, the name of a host.
    pattern = rf"(?<!\w)(?<!\w[-.@])(?:3[Dd])?{first}-{second}-{third}(?!\w)(?![-.@]\w)"
    return [run for parts in re.findall(pattern, text) if not _is_wordy(run := "".join(parts))]


def _alone(text: str, groups: Groups) -> list[str]:
    """Find a code that is all there is, or all after a label and its colon."""
    for part in (text, text.rpartition(":")[2]):
        words = _WORD.findall(part)
        run = _whole("".join(words), groups)
        if run and (len(words) == 1 or not _is_sentence(words, groups)):
            return [run]
    return []


def _apart(text: str, groups: Groups) -> list[str]:
    """Find three words in a row with the lengths of groups, of several those that look most like a code."""
    first, second, third = (f"({_TYPED}{{{length}}})" for length in groups)
    pattern = rf"(?<!\w)(?=(?:3[Dd])?{first}(\W{{1,3}}){second}(\W{{1,3}}){third}(?!\w))"
    found = []
    for match in re.finditer(pattern, text):
        parts = match.group(1, 3, 5)
        if any(map(_is_mixed, parts)) and not any(map(_is_wordy, parts)):
            run = "".join(parts)
            rank = (sum(map(_is_mixed, parts)), run in (run.upper(), run.lower()), match[2] == match[4])
            found.append((rank, match.start(1), match.end(5), run))
    best, kept = max(found, default=((0, False, False),))[0], list[tuple[int, str]]()
    for rank, start, end, run in reversed(found):  # a word of four letters stands before a code rather than after it
        if rank == best and (not kept or end <= kept[-1][0]):
            kept.append((start, run))
    return [run for _, run in kept]


def _undashed(text: str, groups: Groups) -> list[str]:
    return [run for word in _WORD.findall(text) if (run := _whole(word, groups)) and _is_mixed(run)]


def _whole(run: str, groups: Groups) -> str | None:
    """Return a run of characters that is a code, without what quoted-printable leaves of the sign before it."""
    match = re.fullmatch(f"(?:3[Dd])?({_TYPED}{{{sum(groups)}}})", run)
    return match[1] if match else None


def _are_grouped(words: list[str], groups: Groups) -> bool:
    return tuple(map(len, words)) == groups


def _is_sentence(words: list[str], groups: Groups) -> bool:
    """Return whether words have as many letters as a code, but rather are some."""
    run, grouped = "".join(words), _are_grouped(words, groups)
    if grouped and run == run.upper() and not _is_wordy(run):
        return False
    spelt = any(map(_is_mixed, words)) or max(map(len, words)) == 1
    return not spelt or (not grouped and any(map(_is_wordy, words)))


def _is_mixed(run: str) -> bool:
    return bool(re.search("[0-9]", run) and re.search("[A-Za-z]", run))


def _is_wordy(run: str) -> bool:
    """Return whether it has no digit, but a letter that no code is shown with: rather a word."""
    return bool(re.search("[OILoil]", run) and not re.search("[0-9]", run) and len(run) > 1)


def _is_clear(piece: str) -> bool:
    """Return whether a piece of an address is rather one of a code than words with a year between dashes."""
    mixed = sum(map(_is_mixed, piece.split("-")))
    return mixed > 1 or (mixed == 1 and piece == piece.upper() and not re.search("[OIL]", piece))
