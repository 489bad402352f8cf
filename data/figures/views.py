"""The dashboard's views: what a clinician may ask, and the one tidy frame that answers it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter

import pandas as pd

from data import languages
from data.catalogue import LABELS, NUMBER_BANDS, ORIGINS, WINDOW_BY_CODE
from data.figures import comparisons, frequencies, pairs, weeks
from data.figures.comparisons import SIDES
from data.figures.disclosure import CLINIC, PARTS, SHARING, Rule
from data.figures.frequencies import Frequencies
from data.figures.selections import LATEST, Selection
from data.staff import sessions
from data.storage import database
from data.storage.columns import PAIR_COLUMNS

FREQUENCIES, SINCE, WEEKS, NUMBER, COMPARE, TOGETHER = NAMES = (
    "Frequencies",
    "Since the infusion",
    "Over the weeks",
    "By infusion number",
    "Compare",
    "Together",
)
LANGUAGES = {languages.name(tag, languages.SOURCE): tag for tag in languages.NAMES}
CODE_OF = {label: code for code, label in LABELS.items()}

# What may be chosen, by field; the first stands where nothing is chosen, None is any.
OPTIONS: dict[str, tuple[str | None, ...]] = {
    "view": NAMES,
    "window": tuple(WINDOW_BY_CODE),
    "weeks": (None, *LATEST),
    "number": (None, *NUMBER_BANDS),
    "origin": (None, *ORIGINS),
    "language": (None, *LANGUAGES),
    "side_effect": tuple(CODE_OF),
    "a": tuple(SIDES),
    "b": ("The 4 weeks before", *(side for side in SIDES if side != "The 4 weeks before")),
}


@dataclass(frozen=True)
class View:
    """What is asked: a view, the selection it is of and, where the view has them, a side effect and two sides."""

    name: str
    selection: Selection
    side_effect: str
    sides: tuple[str, str]

    @property
    def groups(self) -> tuple[Selection, ...]:
        """The selections of which the view shows figures."""
        if self.name == SINCE:
            return tuple(replace(self.selection, window=code) for code in WINDOW_BY_CODE)
        if self.name == NUMBER:
            return tuple(replace(self.selection, number_band=band) for band in NUMBER_BANDS if band != "unknown")
        if self.name == COMPARE:
            return tuple(comparisons.side(self.selection, side) for side in self.sides)
        if self.name == WEEKS and not self.selection.first:
            return (self.selection.of_weeks(weeks.MOST_WEEKS),)
        return (self.selection,)

    @property
    def labels(self) -> tuple[str, ...]:
        """What tells the groups apart: codes of windows or number bands, or names of sides."""
        if self.name == COMPARE:
            return self.sides
        return tuple(str(of.number_band if self.name == NUMBER else of.window) for of in self.groups)

    @property
    def for_sharing(self) -> Rule:
        """How counts are told to others: what a filter selects is a part of what another file may have."""
        whole = self.selection == Selection(self.selection.window) and self.name not in (WEEKS, NUMBER, COMPARE)
        return SHARING if whole else PARTS

    def __str__(self) -> str:
        """The name and what all groups have in common, for audit and file."""

        def common(read: Callable[[Selection], str | None]) -> str | None:
            values = {read(group) for group in self.groups}
            return values.pop() if len(values) == 1 else None

        shared = [common(attrgetter(name)) for name in ("window", "number_band", "origin", "language")]
        shared.append(common(lambda group: f"weeks of {group.first} to {group.last}" if group.first else None))
        own = {WEEKS: (CODE_OF[self.side_effect],), COMPARE: self.sides}.get(self.name, ())
        return ", ".join(word for word in (self.name, *shared, *own) if word)


def chosen(fields: Mapping[str, str | None]) -> View:
    """Return the view that fields of `OPTIONS` ask for; one that is left out or empty is what stands first there.

    Raises `ValueError` for a value that is none of the options.
    """
    of = {name: fields.get(name) or options[0] for name, options in OPTIONS.items()}
    for name, value in of.items():
        if value not in OPTIONS[name]:
            raise ValueError(f"no {name} is called {value!r:.40}; there are: {', '.join(map(str, OPTIONS[name]))}")
    selection = Selection(str(of["window"]), of["number"], of["origin"], LANGUAGES.get(of["language"] or ""))
    if of["weeks"]:
        selection = selection.of_weeks(*LATEST[of["weeks"]])
    return View(str(of["view"]), selection, str(of["side_effect"]), (str(of["a"]), str(of["b"])))


@dataclass(frozen=True)
class Shown:
    """What a view shows: the frequencies of each of its groups, and its table.

    `table` is that of `weeks`, `comparisons` or `pairs`, else that of the groups with a column `group`
    (code of its window or number band). None where there are too few check-ins for any figure.
    """

    view: View
    groups: tuple[Frequencies, ...]
    table: pd.DataFrame | None


def read(token: str, view: View, rule: Rule = CLINIC) -> Shown:
    """Return what a view shows to the holder of a live session, read in one consistent state.

    Neither renews the session nor writes into the audit: `sessions.record_view` does. Counts are as `rule` lets them be
    told. Raises `sessions.SignedOut`, `comparisons.Overlapping` or `database.Unavailable`.
    """
    counters = tuple(PAIR_COLUMNS) if view.name == TOGETHER else ()
    by = ("week",) if view.name == WEEKS else ()
    with database.reading() as connection:
        sessions.require(connection, token)
        if view.name == COMPARE and view.groups[0].overlaps(view.groups[1]):
            raise comparisons.Overlapping("one check-in can belong to both selections")
        found = [frequencies.of(connection, group, rule, counters, by) for group in view.groups]
    groups = tuple(shown for shown, _ in found)
    tables = [shown.table for shown in groups if shown.table is not None]
    if not tables or (view.name == COMPARE and len(tables) < len(groups)):
        return Shown(view, groups, None)
    if view.name == WEEKS:
        return Shown(view, groups, weeks.of(found[0][1], CODE_OF[view.side_effect], rule))
    if view.name == COMPARE:
        return Shown(view, groups, comparisons.of(*tables))
    if view.name == TOGETHER:
        return Shown(view, groups, pairs.of(tables[0], found[0][1], rule, view.selection.asked))
    labelled = zip(groups, view.labels, strict=True)
    named = [one.table.assign(group=label) for one, label in labelled if one.table is not None]
    return Shown(view, groups, pd.concat(named, ignore_index=True))
