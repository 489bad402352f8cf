"""A tab of the dashboard: what it asks, says and draws for one view, whose figures are in `data.figures`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import altair as alt
import pandas as pd
import streamlit as st

from data.figures.view import View
from data.figures.views import Shown
from pages.clinic import charts, figures, sentences

TABS: dict[type[View], type["Tab"]] = {}


def table_below(key: str, content: pd.DataFrame, subject: str, *notes: str) -> None:
    """Show a table with its title, below the charts."""
    with st.container(key=key):
        st.html(sentences.title(subject, *notes))
        st.table(content, border="horizontal", hide_index=True)


class Tab(ABC):
    """What all tabs have in common; each is a subclass that names its `view`, in a module of `pages.clinic.views`.

    `beside` is the filter that cannot be chosen, since its choices are side by side; `waits` says what is not in the
    view yet, and where it is; `has_changes` is true where changes are marked; `impossible` is a heading and sentences
    that say why the view refuses what was chosen.
    """

    view: ClassVar[type[View]]
    beside = ""
    waits = ""
    has_changes = False
    impossible: tuple[str, ...] = ()

    def __init_subclass__(cls) -> None:
        if "view" in vars(cls):
            TABS[cls.view] = cls

    def ignored(self, _fields: Mapping[str, str]) -> set[str]:
        """Return the filters that have no effect on what is shown."""
        return {self.beside}

    @abstractmethod
    def draw(self, shown: Shown, table: pd.DataFrame, order: str, /) -> None:
        """Draw charts and the table, its rows in one of `one_window.ORDERS` where that is a choice."""

    def chart(self, shown: Shown, chart: alt.LayerChart, alternative: str, subject: str, legend: str) -> None:
        """Show a chart with its title: a saved picture says how to read it, and what it is of."""
        charts.show(chart, alternative, subject, legend, *self.footer(shown))

    def names(self, shown: Shown) -> list[str]:
        return [figures.dashed(name) for name in shown.view.groups]

    def counted(self, shown: Shown) -> list[tuple[str, str]]:
        """Return in words how many check-ins the figures are of, and which; one pair for each line."""
        return [sentences.counted(shown.groups, self.beside, " · ".join(self.names(shown)))]

    def response(self, shown: Shown) -> str:
        """Return in words how many answered, as HTML."""
        return sentences.response(shown.groups, self.names(shown))

    def footer(self, shown: Shown) -> list[str]:
        """Return in sentences what a picture is of: filters and days are said nowhere else on the page."""
        counted = (f"{number} {which}" for number, which in self.counted(shown))
        return [f"{told}." for told in (*counted, sentences.chosen(shown.groups, self.beside), sentences.INTERNAL)]

    def empty(self, shown: Shown) -> str:
        """Return where there is no check-in at all; nothing where there are some, but too few."""
        return "" if any(group.check_ins != 0 for group in shown.groups) else "this selection"
