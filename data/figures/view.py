"""What a view is: the groups of check-ins it shows, their table, and which counts a shared file may tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
from sqlalchemy import Connection

from data.figures.changes import Change
from data.figures.disclosure import Rule
from data.figures.frequencies import Frequencies
from data.figures.selections import Selection

COLUMNS = {  # that most tables have, with their meaning
    "side_effect": "label of the side effect, in the list's words",
    "reported": "check-ins with this tick (count)",
    "check_ins": "check-ins of the group or of the week, with or without this tick (count)",
    "share": "reported (of a pair: both) / check_ins (0 to 1)",
    "low": "lower end of the 95 % interval, of share (Wilson) or of difference (Newcombe)",
    "high": "upper end of that interval",
}


class Impossible(ValueError):
    """The view cannot show what was chosen."""


@dataclass(frozen=True)
class Known:
    """What the database has that can be chosen.

    The changes that are marked, whether some infusions are of the band "later", the versions of earlier lists that
    have check-ins, and whether some check-ins came from a tablet of the clinic.
    """

    changes: tuple[Change, ...] = ()
    later: bool = False
    lists: tuple[int, ...] = ()
    tablet: bool = False


NOTHING_KNOWN = Known()


@dataclass(frozen=True)
class View:
    """What is asked: a selection, one choice for each of the view's own `options`, and what is known when it is asked.

    Each view is a subclass. `columns` are those of its table, with their meaning.
    """

    selection: Selection
    choices: Mapping[str, str]
    known: Known = NOTHING_KNOWN

    name: ClassVar[str]
    options: ClassVar[Mapping[str, Sequence[str]]] = {}
    columns: ClassVar[Mapping[str, str]] = COLUMNS | {"group": "the window, or the number band, that the row is of"}

    @property
    def groups(self) -> dict[str, Selection]:
        """The selections whose figures the view shows, each by its name."""
        return {self.selection.window: self.selection}

    @property
    def aside(self) -> dict[str, Selection]:
        """Selections whose figures the view mentions, besides those of its groups."""
        return {}

    @property
    def chosen(self) -> tuple[str, ...]:
        """The choices, as audit and file name them."""
        return tuple(self.choices.values())

    def check(self) -> None:
        """Raise `Impossible` where the view cannot show what was chosen."""

    def table(self, groups: Sequence[Frequencies], _rule: Rule, _: Connection, /) -> pd.DataFrame | None:
        """Return the figures of those `groups` that have any (at least one has), each named in the column `group`."""
        named = zip(self.groups, groups, strict=True)
        tables = [group.table.assign(group=name) for name, group in named if group.table is not None]
        return pd.concat(tables, ignore_index=True)

    @property
    def words(self) -> list[str]:
        """The name and what all groups have in common, in codes, for audit and file."""
        first, *others = (group.words for group in self.groups.values())
        return [self.name, *(word for word in first if all(word in other for other in others)), *self.chosen]

    def __str__(self) -> str:
        return ", ".join(self.words)
