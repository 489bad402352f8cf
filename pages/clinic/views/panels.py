"""Groups side by side, never pooled: the four windows, or the infusion numbers."""

from typing import Any

import altair as alt
import pandas as pd

from data.figures.frequencies import Frequencies
from data.figures.views import EveryWindow, InfusionNumbers, Shown
from pages.clinic import charts, figures, tab
from pages.clinic.views import one_window

_GAP = 25  # per cent between two panels, for the values written there


class Panels(tab.Tab):
    """Groups side by side: one picture, one table, their rows in the order of the first group with figures."""

    subject = "Side effects by time since the infusion"
    note = "Each column is of those who answered then, partly the same infusions. Do not add columns up."

    def draw(self, shown: Shown, table: pd.DataFrame, order: str) -> None:
        first = one_window.ordered(shown.first, order)
        chart = plot(shown, table, first["side_effect"].tolist())
        alternative = one_window.alternative(table, "in groups side by side")
        self.chart(shown, chart, alternative, self.subject, f"With 95 % interval. {self.note}")
        title = "Reported: count (share), 95 % interval"
        tab.table_below("dashboard_table_panels", as_table(shown).reindex(first.index), title)


class SinceInfusion(Panels):
    view, beside = EveryWindow, "window"


class ByNumber(Panels):
    view, beside = InfusionNumbers, "number"
    subject = "Side effects by infusion number"
    note = "Infusions without a number are left out."

    def empty(self, shown: Shown) -> str:
        return (place := super().empty(shown)) and f"{place} with a known infusion number"


def as_table(shown: Shown) -> pd.DataFrame:
    """Return the groups side by side as text, `123 (59 %) 52–66`; the head says of how many."""
    labels = shown.first["side_effect"].tolist()
    columns = {"Side effect": labels}
    for label, group in zip(shown.view.groups, shown.groups, strict=True):
        rows = [""] * len(labels) if group.table is None else [_share(row) for row in group.table.itertuples()]
        columns[f"{figures.cell(figures.dashed(label))}, {_n(group)}"] = rows
    return pd.DataFrame(columns)


def plot(shown: Shown, table: pd.DataFrame, order: list[str]) -> alt.LayerChart:
    """Plot share and interval of each side effect, one panel for each group in one picture, on one scale."""
    end = charts.ceiling(table["high"].max())
    begins = dict(zip(shown.view.groups, range(0, 1000, end + _GAP), strict=False))
    moved = table.assign(
        label=table["share"].map(figures.percent) + " %",
        **{name: 100 * table[name] + table["group"].map(begins) for name in ("share", "low", "high")},
    )
    base = charts.base(moved).encode(
        charts.rows(order),
        tooltip=charts.tooltip(
            side_effect="Side effect", group="Group", reported="Reported", check_ins="Check-ins", label="Share"
        ),
    )
    labels = {at: text for begin in begins.values() for at, text in charts.per_cents(end, begin=begin).items()}
    odd = [begin + tick for begin in begins.values() for tick in range(25, end + 1, 50)]
    named = zip(shown.view.groups, shown.groups, strict=True)
    top = charts.across({begins[name]: [figures.dashed(name), _n(group)] for name, group in named})
    top["labelAlign"] = "left"
    whole = alt.Scale(domain=[0, len(begins) * (end + _GAP)], nice=False)
    low, share, high = (alt.X(f"{name}:Q").scale(whole).title(None) for name in ("low", "share", "high"))
    low = low.axis(charts.across(labels, odd, "bottom"))
    marks = charts.dots(base, low, share.axis(top), high.axis(None), "label")
    return alt.LayerChart(layer=marks, height=charts.STEP, resolve=alt.Resolve(axis={"x": "independent"}))


def _n(group: Frequencies) -> str:
    return figures.few() if group.check_ins is None else f"n\u00a0=\u00a0{group.check_ins}"


def _share(row: Any) -> str:
    """Return k, share and interval, which break into two lines only between share and interval."""
    interval = figures.interval(row.low, row.high).replace("–", "\u2060–\u2060")
    return f"{row.reported}\u00a0({figures.percent(row.share)}\u00a0%) {interval}"
