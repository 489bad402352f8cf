"""The dashboard's views: what a clinician may ask, and what a view shows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from data import languages
from data.catalogue import LIST_VERSION, LISTS, NUMBER_BANDS, ORIGINS, WINDOW_BY_CODE
from data.figures import comparisons, frequencies, pairs, weeks
from data.figures.disclosure import CLINIC, Rule
from data.figures.frequencies import Frequencies
from data.figures.selections import LATEST, Selection, lists_answered
from data.figures.view import View
from data.staff import sessions
from data.storage import database


class OneWindow(View):
    name = "Frequencies"


class EveryWindow(View):
    name = "Since the infusion"

    @property
    def groups(self) -> dict[str, Selection]:
        return {code: replace(self.selection, window=code) for code in WINDOW_BY_CODE}


class InfusionNumbers(View):
    name = "By infusion number"
    is_of_parts = True

    @property
    def groups(self) -> dict[str, Selection]:
        return {band: replace(self.selection, number_band=band) for band in NUMBER_BANDS if band != "unknown"}


# In the order of the tabs; each is drawn by a module of `pages.clinic.views`.
VIEWS: tuple[type[View], ...] = (
    OneWindow,
    EveryWindow,
    weeks.OverTheWeeks,
    InfusionNumbers,
    comparisons.Comparison,
    pairs.Together,
)
LANGUAGES = {languages.name(tag, languages.SOURCE): tag for tag in languages.NAMES}
_FILTERS: dict[str, tuple[str | None, ...]] = {
    "window": tuple(WINDOW_BY_CODE),
    "weeks": (None, *LATEST),
    "number": (None, *NUMBER_BANDS),
    "origin": (None, *ORIGINS),
    "language": (None, *LANGUAGES),
    "list": (None, *(str(version) for version in LISTS if version != LIST_VERSION)),
}


def names() -> list[str]:
    return [view.name for view in VIEWS]


def options() -> dict[str, tuple[str | None, ...]]:
    """Return what may be chosen, by field: the first where nothing is chosen, None for any."""
    own = {name: tuple(choices) for view in VIEWS for name, choices in view.options.items()}
    return {"view": tuple(names()), **_FILTERS, **own}


def chosen(fields: Mapping[str, str | None]) -> View:
    """Return the view that fields of `options` ask for; a missing or empty one means its first option.

    Raises `ValueError` for a value that is not an option.
    """
    of = {name: fields.get(name) or choices[0] for name, choices in options().items()}
    for name, value in of.items():
        if value not in (choices := options()[name]):
            raise ValueError(f"no {name} is called {value!r:.40}; there are: {', '.join(map(str, choices))}")
    language, asked = LANGUAGES.get(of["language"] or ""), int(of["list"] or LIST_VERSION)
    selection = Selection(str(of["window"]), of["number"], of["origin"], language, list_version=asked)
    if of["weeks"]:
        selection = selection.of_weeks(*LATEST[of["weeks"]])
    kind = VIEWS[names().index(str(of["view"]))]
    return kind(selection, {name: str(of[name]) for name in kind.options})


def has_earlier_lists(token: str) -> bool:
    """Return whether any check-in is of another list; raises `sessions.SignedOut` or `database.Unavailable`."""
    if len(LISTS) == 1:
        return False
    with database.reading() as connection:
        sessions.require(connection, token)
        return any(version != LIST_VERSION for version in lists_answered(connection))


@dataclass(frozen=True)
class Shown:
    """What a view shows: the frequencies of each of its groups, and its table.

    The table is None where there are too few check-ins for any figure.
    """

    view: View
    groups: tuple[Frequencies, ...]
    table: pd.DataFrame | None

    @property
    def first(self) -> pd.DataFrame:
        """The table of the first group that has figures."""
        return next(group.table for group in self.groups if group.table is not None)


def read(token: str, view: View, rule: Rule = CLINIC) -> Shown:
    """Return what a view shows to the holder of a live session, read in one consistent state.

    Neither renews the session nor writes to the audit log: `sessions.record_view` does both. Counts are disclosed as
    `rule` allows. Raises `sessions.SignedOut`, `database.Unavailable` or `Impossible`.
    """
    with database.reading() as connection:
        sessions.require(connection, token)
        view.check()
        groups = tuple(frequencies.read(connection, group, rule) for group in view.groups.values())
        known = any(group.table is not None for group in groups)
        return Shown(view, groups, view.table(groups, rule, connection) if known else None)
