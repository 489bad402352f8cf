"""Frequencies of one window: the table, and a dot plot beside it, row by row."""

import altair as alt
import pandas as pd
import streamlit as st

from data.catalogue import WINDOW_BY_CODE
from data.figures.views import OneWindow, Shown
from pages.clinic import charts, figures, sentences, tab

BY_FREQUENCY, BY_LIST = ORDERS = ("Most frequent first", "Order of the list")


class Frequencies(tab.Tab):
    view = OneWindow

    def draw(self, shown: Shown, table: pd.DataFrame, order: str) -> None:
        table, after = ordered(table, order), WINDOW_BY_CODE[shown.view.selection.window].after
        key = "Dot: share, bar: 95 % Wilson interval."
        heading = charts.heading("Share and 95 % interval", self.footer(shown), key)
        with st.container(key="dashboard_figures", horizontal=True, gap="medium"):
            with st.container(key="dashboard_table", width="content"):
                more = len(heading.subtitle) - charts.LINES
                st.html(sentences.title(f"Side effects reported {after}", f"{order}.", more=more))
                st.table(as_table(table), border="horizontal", hide_index=True, width="content")
            with st.container(key="dashboard_plot"):
                st.altair_chart(plot(table).properties(title=heading), alt=alternative(table, after))


def ordered(table: pd.DataFrame, order: str) -> pd.DataFrame:
    return table if order == BY_LIST else table.sort_values("reported", ascending=False, kind="stable")


def as_table(frequencies: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of the dashboard's table as text, in the order of the rows given."""
    return pd.DataFrame(
        {
            "Side effect": frequencies["side_effect"],
            "Reported": frequencies["reported"].astype(str),
            "Check-ins": frequencies["check_ins"].astype(str),
            "%": frequencies["share"].map(figures.percent).map(figures.cell),
            "95 % interval": figures.intervals(frequencies).map(figures.cell),
        }
    )


def alternative(table: pd.DataFrame, of: str) -> str:
    """Return what a dot plot of frequencies shows, for those who do not see it."""
    most = table.sort_values("share").iloc[-1]
    if not most["reported"]:
        return f"Dot plot of the side effects reported {of}: none was reported."
    within = f", {figures.dashed(most['group'])}" if "group" in table else ""
    return (
        f"Dot plot of the side effects reported {of}. Most often: {most['side_effect']}{within}, "
        f"{most['reported']} of {most['check_ins']} check-ins ({figures.percent(most['share'])} %, 95 % interval "
        f"{figures.interval(most['low'], most['high'])}). The table has the same figures."
    )


def plot(frequencies: pd.DataFrame) -> alt.LayerChart:
    """Plot share and interval of each side effect: one row each, in the order given, the axis always 0 to 100 %.

    Takes the table of `frequencies.Frequencies`.
    """
    shown = frequencies.assign(
        label=frequencies["share"].map(figures.percent) + " %",
        interval=figures.intervals(frequencies) + " %",
        **(100 * frequencies[["share", "low", "high"]]),
    )
    base = charts.base(shown).encode(
        charts.rows(shown["side_effect"].tolist()),
        tooltip=charts.tooltip(
            side_effect="Side effect", reported="Reported", check_ins="Check-ins", label="Share", interval="95 %"
        ),
    )
    per_cent = charts.across(charts.per_cents(100, 20))
    per_cent["minExtent"] = per_cent["maxExtent"] = charts.ROW
    low = alt.X("low:Q").scale(domain=[0, 100]).axis(per_cent).title(None)
    marks = charts.dots(base, low, alt.X("share:Q"), alt.X("high:Q"), "label")
    return alt.LayerChart(layer=marks, height=charts.STEP)
