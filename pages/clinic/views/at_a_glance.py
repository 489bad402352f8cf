"""Every side effect at a glance: figures and small pictures in a row, what is out of the ordinary, a link behind."""

from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from data.figures import limits
from data.figures.overview import GAP, Overview
from data.figures.views import Shown
from data.figures.weeks import OverTheWeeks
from pages.clinic import charts, figures, filters, pictures, sentences, tab
from pages.clinic.views import one_window
from pages.web import rendering

SIGNS = {"above": "▲ above", "below": "▼ below"}
SPANS = {"latest_week": "the latest week", "latest_four_weeks": "four weeks"}
_NOT_BEHIND = ("weeks", "a", "b")  # fields that the view behind a row is not asked with
_LOWEST_END = 0.1  # of a line's scale: on a finer one, what is rare would look agitated


class AtAGlance(tab.Tab):
    view = Overview
    waits = "The overview has only weeks that are over. Frequencies has this week too."

    def ignored(self, _: object) -> set[str]:
        return {"weeks"}

    def empty(self, shown: Shown) -> str:
        return super().empty(shown) and "the latest four finished weeks"

    def draw(self, shown: Shown, table: pd.DataFrame, order: str) -> None:
        rows = as_rows(one_window.ordered(table, order))
        of = f"The latest four finished weeks, {sentences.chosen(shown.groups)}. {sentences.INTERNAL}."
        page = rendering.rendered("overview.html", rows=rows, end=charts.ceiling(table["high"].max()))
        with st.container(key="dashboard_overview"):
            st.html(sentences.title(answer(table, rows), of))
            st.markdown(page.replace("\n", ""), unsafe_allow_html=True)  # st.html would take the pictures out


def answer(table: pd.DataFrame, rows: list[dict[Any, Any]]) -> str:
    """Return in a sentence what is out of the ordinary."""
    if table["mean"].isna().all():
        weeks = f"fewer than {limits.LEAST_WEEKS} finished weeks have enough check-ins"
        return f"Nothing is marked: {weeks}, or a change was made just now."
    if marked := [f"{row['side_effect']} {row['mark'].partition(':')[0]}" for row in rows if row["mark"]]:
        return f"Out of the ordinary: {', '.join(marked)} the mean."
    return "Nothing is out of the ordinary."


def as_rows(table: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return what is written and drawn in each row, and the address of the view behind it."""
    fields = {name: value for name, value in filters.chosen(OverTheWeeks.name).items() if name not in _NOT_BEHIND}
    written = table.assign(percent=figures.shares(table), interval=figures.intervals(table))
    end = charts.ceiling(table["high"].max()) / 100
    return [_row(one, fields, end) for one in written.to_dict("records")]


def _row(of: dict[Any, Any], fields: dict[str, str], end: float) -> dict[Any, Any]:
    shares = [float("nan") if share == GAP else int(share) / 100 for share in of["line"].split()]
    return of | {
        "behind": f"/clinic?{urlencode(filters.address(fields | {'side_effect': of['side_effect']}))}",
        "dot": pictures.dot_and_bar(of["share"], of["low"], of["high"], end),
        "line": pictures.line(shares, of["mean"], max([_LOWEST_END, *shares])),
        "mean": "" if pd.isna(of["mean"]) else figures.percent(of["mean"]),
        "mark": mark(of),
    }


def mark(row: dict[Any, Any]) -> str:
    """Return which spans are out of the ordinary, as `▲ above: the latest week and four weeks`."""
    spans = {side: [name for span, name in SPANS.items() if row[span] == side] for side in SIGNS}
    return ", ".join(f"{SIGNS[side]}: {' and '.join(names)}" for side, names in spans.items() if names)
