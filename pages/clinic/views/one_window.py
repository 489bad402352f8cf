"""Frequencies of one window: the table, and a dot plot beside it, row by row."""

import altair as alt
import pandas as pd
import streamlit as st

from data.catalogue import NONE_OF_THESE, WINDOW_BY_CODE
from data.figures.frequencies import none_last
from data.figures.views import OneWindow, Shown
from pages.clinic import charts, figures, sentences, tab
from pages.web import rendering

BY_FREQUENCY, BY_LIST = ORDERS = ("Most frequent first", "Order of the list")


class Frequencies(tab.Tab):
    view = OneWindow

    def draw(self, shown: Shown, _: pd.DataFrame, order: str) -> None:
        (group,), after = shown.groups, WINDOW_BY_CODE[shown.view.selection.window].after
        table = ordered(shown.first, order)
        key = "Dot: share, bar: 95 % Wilson interval."
        with st.container(key="dashboard_figures", horizontal=True, gap="medium"):
            with st.container(key="dashboard_table", width="content"):
                st.html(sentences.title(f"Side effects reported {after}"))
                st.table(as_table(table), border="horizontal", hide_index=True, width="content")
            with st.container(key="dashboard_plot"):
                self.chart(shown, plot(table), alternative(table, after), "Share and 95 % interval", key)
        if group.how_many is not None:
            at_once = pd.concat([table.tail(1), group.how_many])
            tab.table_below(
                "dashboard_table_at_once", as_table(at_once, "Ticked at once"), "How many side effects at once"
            )
        if group.response and (bounds := group.response.bounds(table["share"])) is not None:
            spans = bounds["least"].map(figures.percent) + "–" + bounds["most"].map(figures.percent)
            rows, rate = zip(table["side_effect"], spans, strict=True), figures.percent(group.response.rate or 0)
            st.html(rendering.rendered("bounds.html", rows=[*rows], rate=rate))


def ordered(table: pd.DataFrame, order: str) -> pd.DataFrame:
    """Return the rows of the list in one of `ORDERS`; "None of these" stays below them."""
    if order == BY_FREQUENCY:
        table = table.sort_values("reported", ascending=False, kind="stable")
    return none_last(table)


def as_table(frequencies: pd.DataFrame, what: str = "Side effect") -> pd.DataFrame:
    """Return the columns of the dashboard's table as text, in the order of the rows given."""
    return pd.DataFrame(
        {
            what: frequencies["side_effect"],
            f"Reported, of {frequencies['check_ins'].iloc[0]}": frequencies["reported"].astype(str),
            "%": figures.shares(frequencies).map(figures.cell),
            "95 % interval": figures.intervals(frequencies).map(figures.cell),
        }
    )


def alternative(table: pd.DataFrame, of: str) -> str:
    """Return what a dot plot of frequencies shows, for those who do not see it."""
    most = table[table["side_effect"] != NONE_OF_THESE].sort_values("share").iloc[-1]
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
        label=figures.shares(frequencies) + " %",
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
