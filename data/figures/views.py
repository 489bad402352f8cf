"""The dashboard's views: what a clinician may ask, and what a view shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from data import languages
from data.catalogue import FIRST_OF_BAND, LIST_VERSION, LISTS, WINDOW_BY_CODE
from data.figures import changes, comparisons, frequencies, overview, pairs, weeks
from data.figures.disclosure import CLINIC, Rule
from data.figures.frequencies import Frequencies
from data.figures.selections import (
    DEVICES_BY_NAME,
    LATEST,
    NUMBERS,
    ORIGINS_BY_NAME,
    Selection,
    has_later,
    has_tablet,
    lists_answered,
)
from data.figures.view import NOTHING_KNOWN, Known, View
from data.staff import sessions
from data.storage import database


class OneWindow(View):
    name = "Frequencies"

    def table(self, groups: Sequence[Frequencies], *_: object) -> pd.DataFrame | None:
        """Return the rows of all views, and below them how many side effects were ticked at once."""
        (name,), (group,) = self.groups, groups
        tables = [table for table in (group.table, group.how_many) if table is not None]
        return pd.concat(tables, ignore_index=True).assign(group=name)


class EveryWindow(View):
    name = "Since the infusion"

    @property
    def groups(self) -> dict[str, Selection]:
        return {code: replace(self.selection, window=code) for code in WINDOW_BY_CODE}


class InfusionNumbers(View):
    name = "By infusion number"

    @property
    def groups(self) -> dict[str, Selection]:
        shown = {name: band for name, band in NUMBERS.items() if band in FIRST_OF_BAND or self.known.later}
        return {name: replace(self.selection, number_band=band) for name, band in shown.items() if band != "unknown"}


# In their order on the dashboard; each is drawn by a module of `pages.clinic.views`.
VIEWS: tuple[type[View], ...] = (
    overview.Overview,
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
    "weeks": (*LATEST, "All weeks"),
    "number": (None, *NUMBERS),
    "origin": tuple(ORIGINS_BY_NAME),
    "language": (None, *LANGUAGES),
    "device": (None, *DEVICES_BY_NAME),
    "list": (None, *(str(version) for version in LISTS if version != LIST_VERSION)),
}


def names() -> list[str]:
    return [view.name for view in VIEWS]


def options() -> dict[str, tuple[str | None, ...]]:
    """Return what may be chosen, by field: the first where nothing is chosen, None for any."""
    own = {name: tuple(choices) for view in VIEWS for name, choices in view.options.items()}
    return {"view": tuple(names()), **_FILTERS, **own}


def is_option(name: str, value: str) -> bool:
    """Return whether a value may be chosen for a field: one of `options`, or a side of a change, removed or not."""
    sides = comparisons.Comparison.options
    return value in options().get(name, ()) or (name in sides and comparisons.change_of(value) is not None)


def chosen(fields: Mapping[str, str | None], known: Known = NOTHING_KNOWN) -> View:
    """Return the view that fields of `options` ask for; a missing or empty one means its first option.

    Raises `ValueError` for a value that is not an option.
    """
    of = {name: fields.get(name) or choices[0] for name, choices in options().items()}
    for name, value in of.items():
        if value and not is_option(name, value):
            there = ", ".join(map(str, options()[name]))
            raise ValueError(f"no {name} is called {value!r:.40}; there are: {there}")
    selection = Selection(
        window=str(of["window"]),
        number_band=NUMBERS.get(of["number"] or ""),
        origin=ORIGINS_BY_NAME[str(of["origin"])],
        language=LANGUAGES.get(of["language"] or ""),
        device=DEVICES_BY_NAME.get(of["device"] or ""),
        list_version=int(of["list"] or LIST_VERSION),
    )
    if weeks := LATEST.get(str(of["weeks"])):
        selection = selection.of_weeks(*weeks)
    kind = VIEWS[names().index(str(of["view"]))]
    return kind(selection, {name: str(of[name]) for name in kind.options}, known)


def known(token: str) -> Known:
    """Return what the database has that can be chosen; raises `sessions.SignedOut` or `database.Unavailable`."""
    with database.reading() as connection:
        sessions.require(connection, token)
        earlier = lists_answered(connection) - {LIST_VERSION} if len(LISTS) > 1 else ()
        told = changes.read(connection), has_later(connection), tuple(sorted(earlier)), has_tablet(connection)
        return Known(*told)


@dataclass(frozen=True)
class Shown:
    """What a view shows: the frequencies of each of its groups, and its table.

    The table is None where there are too few check-ins for any figure.
    """

    view: View
    groups: tuple[Frequencies, ...]
    table: pd.DataFrame | None
    aside: tuple[Frequencies, ...] = ()

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
        groups, aside = (
            tuple(frequencies.read(connection, each, rule) for each in these.values())
            for these in (view.groups, view.aside)
        )
        known = any(group.table is not None for group in groups)
        return Shown(view, groups, view.table(groups, rule, connection) if known else None, aside)
