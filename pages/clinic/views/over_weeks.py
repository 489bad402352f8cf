"""One side effect over the weeks: its share with interval, and a control chart."""

from collections.abc import Callable
from datetime import date

import altair as alt
import pandas as pd
import streamlit as st

from data import clock
from data.figures import views, weeks
from pages.clinic import charts, figures, tab
from pages.web import rendering

HEIGHT = 340  # pixels, the title included


class OverWeeks(tab.Tab):
    view = weeks.OverTheWeeks
    has_changes = True
    impossible = ("Not asked", "This list did not ask about this side effect. Choose another one, or another list.")

    def counted(self, shown: views.Shown) -> list[tuple[str, str]]:
        ((number, which),) = super().counted(shown)
        return [(number, which if shown.view.selection.first else f"{which}, last {weeks.MOST_WEEKS} weeks")]

    def draw(self, shown: views.Shown, table: pd.DataFrame, _: str) -> None:
        side_effect = shown.view.choices["side_effect"]
        if table["share"].isna().all():
            st.html(rendering.rendered("too_few.html", what="Every week is too small to show"))
            return
        st.html(outside(table))
        left_out = f"Weeks with fewer than {figures.least()} check-ins are left out."
        with st.container(key="dashboard_charts", horizontal=True, gap="medium"):
            key = f"Dot: share, bar: 95 % Wilson interval. {left_out}"
            self.chart(shown, shares(table), alternative(table, side_effect), f"{side_effect}, by week", key)
            if table["centre"].notna().any():
                key = "Line: mean. Grey: where a week would fall by chance alone (3-sigma limits)."
                told = f"The same shares within control limits. {_told(table)}"
                self.chart(shown, control_chart(table), told, f"{side_effect}, p-chart", key)
        tab.table_below("dashboard_table_weeks", as_table(table), f"{side_effect}, week by week")


def outside(table: pd.DataFrame) -> str:
    """Return which weeks are outside the limits, and what that does and does not mean, as HTML."""
    if table["centre"].isna().all():
        enough = f"once {weeks.LEAST_WEEKS} weeks have enough check-ins (now {table['share'].notna().sum()})"
        return f'<p class="quiet">Control limits appear {enough}.</p>'
    if not (table["outside"] != "").any():
        return f'<p class="quiet">{_told(table)} {_unseen(table)}</p>'
    return rendering.rendered("outside.html", told=_told(table))


def _told(table: pd.DataFrame) -> str:
    named = []
    for one in table[table["outside"] != ""].to_dict("records"):
        which, limit = ("upper", one["upper"]) if one["outside"] == "above" else ("lower", one["lower"])
        share = f"{one['reported']:.0f} of {one['check_ins']:.0f} ({figures.percent(one['share'])} %)"
        week = f"{one['week'].day} {one['week']:%B}{' so far' if one['week'] == clock.monday(clock.now()) else ''}"
        named.append(f"Week of {week}: {share}, {one['outside']} the {which} limit of {figures.percent(limit)} %.")
    return " ".join(named) or "No single week stands out."


def _unseen(table: pd.DataFrame) -> str:
    """Return what the limits cannot show; where the lower one is 0, no fall at all."""
    usual, half = (figures.percent(table["centre"].max() / part) for part in (1, 2))
    if table["lower"].median() or usual == half:
        return "That does not prove that nothing changed."
    n = table["check_ins"].median()
    return f"With about {n:.0f} check-ins a week, a fall from {usual} % to {half} % would not show here."


def alternative(table: pd.DataFrame, side_effect: str) -> str:
    lowest, highest = (figures.percent(share) for share in (table["share"].min(), table["share"].max()))
    return (
        f"{side_effect}: share of check-ins in {table['share'].notna().sum()} of {len(table)} weeks, from {lowest} to "
        f"{highest} %. The table has the same figures."
    )


def as_table(table: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for one in table.iloc[::-1].to_dict("records"):
        known, limited = (one[name] == one[name] for name in ("share", "centre"))  # not NaN
        limits = [figures.interval(one["lower"], one["upper"]), one["outside"] or "no"] if limited else ["", ""]
        counts = ["", figures.few(), "", "", "", ""]
        if known:
            shares = [figures.percent(one["share"]), figures.interval(one["low"], one["high"])]
            counts = [f"{one['reported']:.0f}", f"{one['check_ins']:.0f}", *map(figures.cell, shares), *limits]
        so_far = " (so far)" if one["week"] == clock.monday(clock.now()) else ""
        rows.append([_named(one["week"]) + so_far, *counts])
    return pd.DataFrame(rows, columns=["Week of", "Reported", "Check-ins", "%", "95 % interval", "Limits", "Outside"])


def shares(table: pd.DataFrame) -> alt.LayerChart:
    """Plot share and interval of each week; a week without figures is a gap."""
    base, per_cent = _weekly(table)
    interval = base.mark_bar(width=7, opacity=0.32).encode(per_cent("low"), alt.Y2("high"))
    dot = base.mark_point(filled=True, size=70, opacity=1).encode(per_cent("share"))
    return alt.LayerChart(layer=[interval, dot], height=HEIGHT)


def control_chart(table: pd.DataFrame) -> alt.LayerChart:
    """Plot the share of each week within its limits; a week outside them is a diamond in the signal colour."""
    base, per_cent = _weekly(table)
    quiet, ink = charts.role("quiet"), charts.role("ink")
    limits = base.mark_bar(width={"band": 1}, opacity=0.16).encode(per_cent("lower"), alt.Y2("upper"), quiet)
    across = {"x": alt.value(0), "x2": alt.value("width")}
    mean = base.mark_rule(strokeWidth=1).encode(per_cent("mean(centre)"), ink, **across)
    line = base.mark_line(opacity=0.6, strokeWidth=1.5).encode(per_cent("share"))
    inside = base.transform_filter("datum.outside == ''").mark_point(filled=True, size=70, opacity=1)
    signal = base.transform_filter("datum.outside != ''").encode(per_cent("share"), charts.role("signal"))
    diamond = signal.mark_point(aria=False, shape="diamond", filled=True, size=160, opacity=1)
    value = signal.mark_text(aria=False, dy=-14, fontWeight=600).encode(alt.Text("told:N"))
    return alt.LayerChart(layer=[limits, mean, line, inside.encode(per_cent("share")), diamond, value], height=HEIGHT)


def _weekly(table: pd.DataFrame) -> tuple[alt.Chart, Callable[[str], alt.Y]]:
    """Return the base of both charts, and what puts a field on their one scale."""
    end = charts.ceiling(table[["high", "upper"]].max().max())
    counts = table[["reported", "check_ins"]].map("{:.0f}".format)
    shown = table.assign(
        week=table["week"].map(_named),
        told=counts["reported"].str.cat(counts["check_ins"], " of ").where(table["share"].notna()),
        **(100 * table[["share", "low", "high", "centre", "lower", "upper"]]),
    )
    axis = alt.Axis(
        labelColor=charts.INK, labelAngle=0, labelOverlap="parity", labelFlush=False, ticks=False, grid=False
    )
    base = charts.base(shown).encode(
        # The weeks are named one by one: otherwise those without figures would come last.
        alt.X("week:O").scale(domain=shown["week"].tolist(), padding=0).title(None).axis(axis),
        tooltip=charts.tooltip(week="Week of", told="Reported"),
    )
    ticks = charts.across(charts.per_cents(end), orient="left")
    return base, lambda field: alt.Y(f"{field}:Q").scale(domain=[0, end]).axis(ticks).title(None)


def _named(week: date) -> str:
    return f"{week.day} {week:%b}"
