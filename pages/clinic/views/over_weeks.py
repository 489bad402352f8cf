"""One side effect over the weeks: its share with interval, what chance alone would do, and the marked changes."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeAlias

import altair as alt
import pandas as pd
import streamlit as st

from data import clock
from data.figures import limits, views, weeks
from pages.clinic import charts, figures, findings, tab
from pages.web import rendering

HEIGHT = 260  # pixels, without title and weeks
_MARKS = ("inside", "so_far", "out", "four", "change")
# The text of a change is above the picture, where nothing runs through it, and towards the middle.
_SIDE, _GAP = alt.expr("datum.late ? 'right' : 'left'"), alt.expr("datum.late ? 1 : -1")
_ROW, _ROOM = alt.expr("-8 - 16 * datum.row"), alt.expr("width / 2")
_Place: TypeAlias = Callable[[float], alt.X]
_Scale: TypeAlias = Callable[[str], alt.Y]


class OverWeeks(tab.Tab):
    view = weeks.OverTheWeeks
    has_changes = True
    impossible = ("Not asked", "This list did not ask about this side effect. Choose another one, or another list.")

    def counted(self, shown: views.Shown) -> list[tuple[str, str]]:
        ((number, which),) = super().counted(shown)
        return [(number, which if shown.view.selection.first else f"{which}, last {limits.MOST_WEEKS} weeks")]

    def draw(self, shown: views.Shown, table: pd.DataFrame, _: str) -> None:
        side_effect = shown.view.choices["side_effect"]
        if table["share"].isna().all():
            st.html(rendering.rendered("too_few.html", what="Every week is too small to show", waits=self.waits))
            return
        compared, out = findings.before_and_since(shown, side_effect), findings.out(table)
        unseen = "" if out else findings.unseen(table, compared=bool(compared))
        st.html(rendering.rendered("outside.html", compared=compared, out=out, unseen=unseen))
        picture = plot(table, {change.week: change.text for change in weeks.changed(shown.view)})
        told = alternative(table, side_effect, out)
        self.chart(shown, picture, told, f"{side_effect}, by week", legend(table))
        tab.table_below("dashboard_table_weeks", as_table(table), f"{side_effect}, week by week")


def legend(table: pd.DataFrame) -> str:
    """Return how to read what is in the picture."""
    told = {
        "Dot: share of a week, bar: 95 % Wilson interval.": True,
        "Circle: the week is not over.": table.loc[_so_far(table), "share"].notna().any(),
        "Line: mean, grey: what chance alone would do.": table["centre"].notna().any(),
        f"Dashed: before the change, until there are {limits.LEAST_WEEKS} weeks since.": table["continued"].any(),
        "Diamond: a week beyond chance.": table["outside"].any(),
        "Stroke below: four weeks together beyond chance.": table["four_weeks"].any(),
    }
    return " ".join(sentence for sentence, is_there in told.items() if is_there)


def alternative(table: pd.DataFrame, side_effect: str, out: list[str]) -> str:
    lowest, highest = (figures.percent(share) for share in (table["share"].min(), table["share"].max()))
    return (
        f"{side_effect}: share of check-ins in {table['share'].notna().sum()} of {len(table)} weeks, from {lowest} to "
        f"{highest} %. {' '.join(out)} The table has the same figures."
    )


def as_table(table: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for one in table.iloc[::-1].to_dict("records"):
        counts = ["", figures.few(), "", "", ""]
        if one["share"] == one["share"]:  # not NaN
            shares = [figures.percent(one["share"]), figures.interval(one["low"], one["high"])]
            limit = figures.interval(one["lower"], one["upper"]) if one["centre"] == one["centre"] else ""
            counts = [f"{one['reported']:.0f}", f"{one['check_ins']:.0f}", *map(figures.cell, (*shares, limit))]
        so_far = " (so far)" if one["week"] == clock.monday(clock.now()) else ""
        sides = {"week": one["outside"], "four weeks": one["four_weeks"]}
        out = ", ".join(f"{span} {side}" for span, side in sides.items() if side)
        rows.append([_named(one["week"]) + so_far, *counts, out])
    return pd.DataFrame(rows, columns=["Week of", "Reported", "Check-ins", "%", "95 % interval", "By chance", "Out"])


def plot(table: pd.DataFrame, changes: Mapping[date, str]) -> alt.LayerChart:
    """Plot the share of each week with its interval and within its limits, and the changes that were made."""
    known = table["share"].notna().to_numpy().nonzero()[0]
    base, week, per_cent = _weekly(table.iloc[known[0] : known[-1] + 1], changes)
    quiet, ink, signal = (charts.role(name) for name in ("quiet", "ink", "signal"))
    whole = week(0), alt.X2("week", bandPosition=1)
    inside, so_far, out, four, change = (base.transform_filter(f"datum.{name}") for name in _MARKS)
    layers: list[alt.Chart] = []
    for which, opacity, dash in (("datum.continued == ''", 0.16, [1, 0]), ("datum.continued != ''", 0.09, [4, 3])):
        stretch = base.encode(*whole).transform_filter(which)
        layers += [
            stretch.mark_rect(opacity=opacity).encode(per_cent("lower"), alt.Y2("upper"), quiet),
            stretch.mark_rule(strokeWidth=1.5, strokeDash=dash).encode(per_cent("centre"), ink),
        ]
    layers += [
        base.mark_bar(width=7, opacity=0.32).encode(per_cent("low"), alt.Y2("high")),
        inside.mark_point(filled=True, size=60, opacity=1).encode(per_cent("share")),
        so_far.mark_point(size=70, strokeWidth=2, opacity=1).encode(per_cent("share")),
        out.mark_point(shape="diamond", filled=True, size=160, opacity=1).encode(per_cent("share"), signal),
        four.mark_rule(strokeWidth=5, yOffset=6).encode(*whole, signal, y=alt.datum(0)),
        change.mark_rule(strokeWidth=1.5).encode(week(0), ink),
        change.mark_text(align=_SIDE, dy=_ROW, dx=_GAP, limit=_ROOM, fontWeight=600).encode(
            week(0), alt.Text("change:N"), ink, y=alt.value(0)
        ),
    ]
    return alt.LayerChart(layer=layers, height=HEIGHT, autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))


def _weekly(table: pd.DataFrame, changes: Mapping[date, str]) -> tuple[alt.Chart, _Place, _Scale]:
    """Return the base of the picture, and what puts it at a place (0 to 1) within a week, and a field on its scale."""
    end = charts.ceiling(table[["high", "upper"]].max().max())
    counts = table[["reported", "check_ins"]].map("{:.0f}".format)
    so_far, four = _so_far(table), table["four_weeks"] != ""
    change = pd.Series([changes.get(week, "") for week in table["week"]], table.index)
    shown = table.assign(
        told=counts["reported"].str.cat(counts["check_ins"], " of ").where(table["share"].notna()),
        so_far=so_far,
        out=table["outside"] != "",
        inside=~so_far & (table["outside"] == ""),
        four=four.iloc[::-1].rolling(limits.SPAN, min_periods=1).max().astype(bool),
        change=change,
        row=((change != "").cumsum() + 1) % 2,
        late=[place > len(table) / 2 for place in range(len(table))],
        week=table["week"].map(_named),
        **(100 * table[["share", "low", "high", "centre", "lower", "upper"]]),
    )
    axis = charts.axis(labelAngle=0, labelOverlap="parity", labelFlush=False, grid=False, offset=12)

    def week(place: float) -> alt.X:
        # The weeks are named one by one: otherwise those without figures would come last.
        x = alt.X("week:O", bandPosition=place).scale(domain=shown["week"].tolist(), padding=0)
        return x.title(None).axis(axis)

    base = charts.base(shown).encode(week(0.5), tooltip=charts.tooltip(week="Week of", told="Reported"))
    ticks = charts.across(charts.per_cents(end), orient="left")
    return base, week, lambda field: alt.Y(f"{field}:Q").scale(domain=[0, end], nice=False).axis(ticks).title(None)


def _so_far(table: pd.DataFrame) -> pd.Series:
    return table["week"] == clock.monday(clock.now())


def _named(week: date) -> str:
    return f"{week.day} {week:%b}"
