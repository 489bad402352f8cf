"""The answers of a check-in: the rules of the list, and what is said when one is broken."""

from collections.abc import Collection, Mapping
from typing import Any

from data.catalogue import LISTS
from data.storage.columns import ANSWERS


class InvalidCheckIn(ValueError):
    """The check-in breaks a rule of the list; nothing was stored. The message names value, rule and choices."""


class InvalidKey(InvalidCheckIn):
    """The submission key is missing or malformed."""


class InvalidWindow(InvalidCheckIn):
    """The window is missing or not one of the four."""


class UnknownSideEffect(InvalidCheckIn):
    """A ticked code is not in the list, or is ticked twice."""


class NoneWithTicks(InvalidCheckIn):
    """Both ticks and "None of these" came."""


class NothingTicked(InvalidCheckIn):
    """Neither a side effect nor "None of these" is ticked."""


def as_columns(ticked: Collection[object], none: object, list_version: int) -> dict[str, int]:
    """Return the answers to a list as they are stored: 0 or 1 for each code that any list has, and for `none`.

    Raises a subclass of `InvalidCheckIn` for a code that is not in this list or comes twice, and unless there is
    either a tick or "None of these".
    """
    known = LISTS[list_version].codes
    for code in ticked:
        if not isinstance(code, str) or code not in known:
            raise UnknownSideEffect(f"no side effect has the code {code!r:.40}; the catalogue has: {', '.join(known)}")
    if len(set(ticked)) < len(ticked):
        raise UnknownSideEffect("a side effect is ticked twice; each code may come once")
    if none and ticked:
        raise NoneWithTicks("'None of these' excludes ticks: send either")
    if not none and not ticked:
        raise NothingTicked("nothing is ticked: send at least one side effect, or 'None of these'")
    return dict.fromkeys(ANSWERS, 0) | dict.fromkeys(map(str, ticked), 1) | {"none": int(bool(none))}


def ticked(row: Mapping[Any, Any]) -> tuple[str, ...]:
    """Return the codes that are ticked in a stored row, in the order of its list."""
    return tuple(code for code in LISTS[row["list_version"]].codes if row[code])
