"""Groups side by side, never pooled: the four windows, or the infusion numbers."""

import json
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from data.catalogue import LABELS
from data.figures import views
from data.figures.frequencies import Frequencies
from data.figures.views import Shown
from pages.clinic import charts, figures, sentences
from pages.clinic.views import one_window

_GAP = 25  # per cent between two panels, for the values written there


def draw(shown: Shown, order: str) -> None:
    """Draw the view."""
    subject = "Side effects by time since the infusion"
    notes = ["With 95 % interval. Different check-ins, so never added up."]
    if shown.view.name == views.NUMBER:
        subject = f"Side effects by infusion number, {sentences.after(shown)}"
        notes.append("Those whose number is not known are left out.")
    first = one_window.ordered(next(one.table for one in shown.groups if one.table is not None), order)
    st.altair_chart(
        plot(shown, first["side_effect"].tolist(), subject, f"Share {sentences.of(shown)}.", *notes),
        alt=one_window.alternative(shown.table, "in groups side by side"),
    )
    with st.container(key="dashboard_table_panels"):
        st.html(sentences.title("Reported (share of n), 95 % interval in %", f"Share {sentences.of(shown)}."))
        st.table(as_table(shown).reindex(first.index), border="horizontal", hide_index=True)


def as_table(shown: Shown) -> pd.DataFrame:
    """Return the groups side by side as text, `123 (59 %) 52–66`; the head says of how many."""
    columns = {"Side effect": list(LABELS.values())}
    for label, group in zip(shown.view.labels, shown.groups, strict=True):
        head = figures.cell(figures.dashed(label))
        if group.table is None:
            columns[f"{head}, {_n(group)}"] = [""] * len(LABELS)
        else:
            columns[f"{head}, {_n(group)}"] = [_share(row) for row in group.table.itertuples()]
    return pd.DataFrame(columns)


def plot(shown: Shown, order: list[str], *title: str) -> alt.LayerChart:
    """Plot share and interval of each side effect, one panel for each group in one picture, on one scale."""
    end = charts.ceiling(shown.table["high"].max())
    begins = dict(zip(shown.view.labels, range(0, 1000, end + _GAP), strict=False))
    moved = shown.table.assign(
        label=shown.table["share"].map(figures.percent) + " %",
        **{name: 100 * shown.table[name] + shown.table["group"].map(begins) for name in ("share", "low", "high")},
    )
    base = charts.base(moved).encode(
        charts.rows(order),
        tooltip=charts.tooltip(
            {
                "side_effect:N": "Side effect",
                "group:N": "Group",
                "reported:Q": "Reported",
                "check_ins:Q": "Check-ins",
                "label:N": "Share",
            }
        ),
    )
    within = f"datum.value % {end + _GAP}"
    per_cent = charts.across(
        [begin + tick for begin in begins.values() for tick in range(0, end + 1, 25)],
        f"{charts.NARROW} && {within} % 50 ? '' : ({within}) + ({within} == {end} ? ' %' : '')",
        orient="bottom",
    )
    heads = json.dumps(
        {
            begins[label]: [figures.dashed(label), _n(group)]
            for label, group in zip(shown.view.labels, shown.groups, strict=True)
        },
        ensure_ascii=False,
    )
    top = charts.across(list(begins.values()), f"{heads}[datum.value]", orient="top", labelAlign="left")
    whole = alt.Scale(domain=[0, len(begins) * (end + _GAP)], nice=False)
    interval = base.mark_rule(**charts.BAR).encode(
        alt.X("low:Q").scale(whole).axis(per_cent).title(None), alt.X2("high")
    )
    dot = base.mark_point(**charts.DOT).encode(alt.X("share:Q").scale(whole).axis(top).title(None))
    value = base.mark_text(**charts.VALUE).encode(alt.X("high:Q").scale(whole).axis(None), alt.Text("label:N"))
    return (
        (interval + dot + value)
        .resolve_axis(x="independent")
        .properties(height=alt.Step(charts.ROW), title=charts.heading(*title))
    )


def _n(group: Frequencies) -> str:
    return figures.few() if group.check_ins is None else f"n\u00a0=\u00a0{group.check_ins}"


def _share(row: Any) -> str:
    """Return k, share and interval, which break into two lines only between share and interval."""
    interval = figures.interval(row.low, row.high).replace("–", "\u2060–\u2060")
    return f"{row.reported}\u00a0({figures.percent(row.share)}\u00a0%) {interval}"
