"""Groups side by side, never pooled: the four windows, or the infusion numbers."""

import json
import re
from textwrap import wrap
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from data.figures.frequencies import Frequencies
from data.figures.views import EveryWindow, InfusionNumbers, Shown
from pages.clinic import charts, figures, sentences, tab
from pages.clinic.views import one_window

_UNBROKEN = "\u00a0"  # a space at which no line ends
_GAP = 25  # per cent between two panels, for the values written there


class Panels(tab.Tab):
    """Groups side by side: one picture, one table, their rows in the order of the first group with figures."""

    subject = "Side effects by time since the infusion"
    note = (
        "Each column is of those who answered then, partly the same infusions, and those who answer late may differ. "
        "Do not add columns up."
    )

    def footer(self, shown: Shown) -> list[str]:
        """Leave out the numbers of check-ins, which are in the heads."""
        counted, *more = super().footer(shown)
        return [re.sub("^[^a-z]*", "", counted).capitalize(), *more]

    def response(self, shown: Shown) -> str:
        return sentences.response_in_heads(shown.groups)

    def draw(self, shown: Shown, table: pd.DataFrame, order: str) -> None:
        first = one_window.ordered(shown.first, order)
        chart = plot(shown, table, first["side_effect"].tolist())
        alternative = one_window.alternative(table, "in groups side by side")
        self.chart(shown, chart, alternative, self.subject, f"Share in %, with its 95 % interval. {self.note}")
        title = "Reported: count (share), 95 % interval"
        st.html(named_cells(self.names(shown)))
        tab.table_below("dashboard_table_panels", as_table(shown).reindex(first.index), title)


class SinceInfusion(Panels):
    view, beside = EveryWindow, "window"


class ByNumber(Panels):
    view, beside = InfusionNumbers, "number"
    subject = "Side effects by infusion number"
    note = "Later infusions are of patients who went on with the treatment. Infusions without a number are left out."

    def empty(self, shown: Shown) -> str:
        return (place := super().empty(shown)) and f"{place} with a known infusion number"


def as_table(shown: Shown) -> pd.DataFrame:
    """Return the groups side by side as text, `123 (59 %) 52–66`; the head says of how many, and how many answered."""
    labels = shown.first["side_effect"].tolist()
    columns = {"Side effect": labels}
    for label, group in zip(shown.view.groups, shown.groups, strict=True):
        rows = [""] * len(labels) if group.table is None else [_share(row) for row in group.table.itertuples()]
        name, n, *more = _head(label, shown, group)
        columns[figures.cell(",  \n".join([f"{name}, {n}", *more]))] = rows  # each on a line of its own
    return pd.DataFrame(columns)


def named_cells(names: list[str]) -> str:
    """Return the style that names the group of each cell of the table on a phone, where its head is far away."""
    cells = "".join(
        f'.st-key-dashboard_table_panels td:nth-child({place})::before {{ content: "{_short(name)}"; }}'
        for place, name in enumerate(names, 2)
    )
    return f"<style>@media screen and (max-width: 760px) {{ {cells} }}</style>"


def plot(shown: Shown, table: pd.DataFrame, order: list[str]) -> alt.LayerChart:
    """Plot share and interval of each side effect, one panel for each group in one picture, on one scale.

    Where there is little room, a pale bar as long as the scale is below each dot: lines would run through the names.
    """
    end = charts.ceiling(table["high"].max())
    begins = dict(zip(shown.view.groups, range(0, 1000, end + _GAP), strict=False))
    begin = table["group"].map(begins)
    moved = table.assign(
        label=figures.shares(table),
        begin=begin,
        end=begin + end,
        **{name: 100 * table[name] + begin for name in ("share", "low", "high")},
    )
    base = charts.base(moved).encode(
        charts.rows(order),
        tooltip=charts.tooltip(
            side_effect="Side effect", group="Group", reported="Reported", check_ins="Check-ins", label="Share in %"
        ),
    )
    labels = {at: text for begin in begins.values() for at, text in charts.per_cents(end, begin=begin).items()}
    odd = [begin + tick for begin in begins.values() for tick in range(25, end + 1, 25) if tick != min(end, 50)]
    bottom, top = charts.across(labels, odd, "bottom"), _heads(shown, begins)
    bottom["gridOpacity"] = top["gridOpacity"] = alt.expr(f"{charts.NARROW} ? 0 : 1")
    pale, size = (alt.expr(f"{charts.NARROW} ? {few} : {many}") for few, many in ((0.15, 0), (45, 85)))
    whole = alt.Scale(domain=[0, len(begins) * (end + _GAP)], nice=False)
    x = {name: alt.X(f"{name}:Q").scale(whole).title(None).axis(None) for name in ("begin", "low", "share", "high")}
    track = base.mark_rule(strokeWidth=7, opacity=pale).encode(
        x["begin"].axis(bottom), alt.X2("end"), charts.role("quiet")
    )
    bar, dot, text = charts.dots(base, x["low"], x["share"].axis(top), x["high"], "label")
    layers = [track, bar, dot.mark_point(filled=True, size=size, opacity=1), text]
    return alt.LayerChart(layer=layers, height=charts.STEP, resolve=alt.Resolve(axis={"x": "independent"}))


def _heads(shown: Shown, begins: dict[str, int]) -> alt.Axis:
    """Return the axis that says above each panel what it is of, in lines for which there is room."""
    wide, narrow = {}, {}
    for name, group in zip(shown.view.groups, shown.groups, strict=True):
        label, *more = _head(name, shown, group)
        rate = group.response and group.response.rate
        wide[begins[name]] = [label, *more]
        narrow[begins[name]] = [*wrap(_short(label), 9), _n(group), *([f"{figures.percent(rate)} %"] if rate else [])]
    lines = [max(map(len, each.values())) for each in (narrow, wide)]
    texts = [
        json.dumps({at: [""] * (most - len(each)) + each for at, each in heads.items()}, ensure_ascii=False)
        for most, heads in zip(lines, (narrow, wide), strict=True)
    ]
    axis = charts.across(wide)
    axis["labelExpr"] = f"({charts.NARROW} ? {texts[0]} : {texts[1]})[datum.value]"
    axis["labelPadding"] = alt.expr(f"{charts.NARROW} ? {14 * lines[0]} : {14 * lines[1] - 8}")
    axis["labelAlign"], axis["labelLimit"], axis["labelLineHeight"], axis["labelOverlap"] = "left", 0, 14, False
    return axis


def _head(name: str, shown: Shown, group: Frequencies) -> list[str]:
    """Return what a group is, of how many check-ins, and how many of the infusions were answered."""
    lines = [figures.dashed(name), _n(group)]
    if group.response is None:
        return lines
    answered, _, days = sentences.short(group.response, days=not sentences.ended_once(shown.groups)).partition(", ")
    told = [f"answered{'' if group.response.infusions else ':'} ", re.sub(r" (?!\()", _UNBROKEN, answered)]
    return [*lines, "".join(told), *([days.replace(" ", _UNBROKEN)] if days else [])]


def _short(name: str) -> str:
    return name.partition(",")[0]


def _n(group: Frequencies) -> str:
    return figures.few() if group.check_ins is None else f"n\u00a0=\u00a0{group.check_ins}"


def _share(row: Any) -> str:
    """Return k, share and interval, which break into two lines only between share and interval."""
    interval = figures.interval(row.low, row.high).replace("–", "\u2060–\u2060")
    return f"{row.reported}\u00a0({figures.percent(row.share, figures.digits(row.low, row.high))}\u00a0%) {interval}"
