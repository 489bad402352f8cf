"""One side effect over the weeks: its share with interval, what chance alone would do, and the marked changes."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import groupby

import altair as alt
import pandas as pd
import streamlit as st

from data import clock
from data.figures import comparisons, limits, views, weeks
from data.figures.frequencies import Frequencies
from pages.clinic import charts, figures, tab
from pages.web import rendering

HEIGHT = 380  # pixels, the title included


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
            st.html(rendering.rendered("too_few.html", what="Every week is too small to show"))
            return
        compared, out = before_and_since(shown, side_effect), marks(table)
        st.html(rendering.rendered("outside.html", answer=compared, out=out, quiet=quiet(table, compared, out)))
        picture = plot(table, {change.week: change.text for change in shown.view.known.changes})
        told = alternative(table, side_effect, out)
        self.chart(shown, picture, told, f"{side_effect}, by week", legend(table))
        tab.table_below("dashboard_table_weeks", as_table(table), f"{side_effect}, week by week")


def legend(table: pd.DataFrame) -> str:
    told = "Dot: share of a week, bar: 95 % Wilson interval. Circle: the week is not over."
    if table["centre"].notna().any():
        told += " Line: mean, grey: what chance alone would do. Diamond: a week is out, bar below: four weeks together."
    if (table["continued"] == "yes").any():
        told += f" Dashed: mean before the change, until {limits.LEAST_WEEKS} weeks stand since."
    return told


def before_and_since(shown: views.Shown, side_effect: str) -> str:
    """Return in words what was before the latest change and what is since; nothing where no change is marked."""
    if not shown.aside:
        return ""
    _, week = comparisons.change_of(next(iter(shown.view.aside))) or ("", date.min)
    name = next(change.text for change in shown.view.known.changes if change.week == week)
    since, before = (_share(group, side_effect) for group in shown.aside)
    told = f"{name}, {figures.day(week)}: before {_told(*before)}, since {_told(*since)}"
    if before[1] is None or since[1] is None:
        return f"{told}."
    both = comparisons.compared(since[1], before[1])
    row = both[both["side_effect"] == side_effect].iloc[0]
    ends = [figures.points(row[name], row["low"], row["high"]) for name in ("difference", "low", "high")]
    return f"{told}: {ends[0]} points ({ends[1]} to {ends[2]})."


def _share(group: Frequencies, side_effect: str) -> tuple[Frequencies, pd.DataFrame | None]:
    table = group.table
    return group, None if table is None else table[table["side_effect"] == side_effect].reset_index(drop=True)


def _told(group: Frequencies, row: pd.DataFrame | None) -> str:
    if row is None or not (group.first_day and group.last_day):
        return "too few check-ins" if group.check_ins is None else "no check-ins in a finished week"
    number = round((group.last_day - group.first_day).days / 7)
    return f"{figures.shares(row)[0]} % ({number} week{'' if number == 1 else 's'})"


def marks(table: pd.DataFrame) -> list[str]:
    """Return in words which weeks are out, and which four weeks together."""
    found = []
    for one in table[table["outside"] != ""].to_dict("records"):
        share = f"{one['reported']:.0f} of {one['check_ins']:.0f} ({figures.percent(one['share'])} %)"
        found.append(
            f"Week of {one['week'].day} {one['week']:%B}: {share}, {one['outside']} what chance alone would do."
        )
    rows = zip(table["week"], table["four_weeks"], strict=True)
    for side, run in groupby(rows, key=lambda row: row[1]):
        ends = [week for week, _ in run]
        if side:
            days = figures.days(ends[0] - timedelta(weeks=limits.SPAN - 1), ends[-1] + timedelta(days=6))
            which = "The four weeks" if len(ends) == 1 else "Each four weeks in a row in"
            found.append(f"{which} {days} together: {side} what chance alone would do.")
    return found


def quiet(table: pd.DataFrame, compared: str, out: list[str]) -> str:
    """Return what the limits cannot show, or when there will be some."""
    usual = table.dropna(subset="centre")
    if usual.empty:
        finished = table[table["week"] < clock.monday(clock.now())]["share"].notna().sum()
        return (
            f"Limits of chance appear once {limits.LEAST_WEEKS} finished weeks have enough check-ins (now {finished})."
        )
    if out:
        return ""
    n, centre, none = (
        usual["check_ins"].median(),
        usual["centre"].iloc[-1],
        "No week and no four weeks together are out.",
    )
    if compared or centre == 0 or limits.halving_is_out(n, centre):
        return f"{none} That does not prove that nothing changed."
    soon = limits.weeks_to_see(n, centre, len(usual))
    after = f"after about {soon} weeks" if soon else f"not within {limits.MOST_WEEKS} weeks"
    return (
        f"{none} With about {n:.0f} check-ins a week, four weeks at half of {figures.percent(centre)} % would not "
        f"stand out here. Mark a change and compare before with since: a halving shows there {after}."
    )


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
        out = ", ".join(
            f"{what} {one[of]}" for what, of in (("week", "outside"), ("four weeks", "four_weeks")) if one[of]
        )
        rows.append([_named(one["week"]) + so_far, *counts, out])
    return pd.DataFrame(rows, columns=["Week of", "Reported", "Check-ins", "%", "95 % interval", "By chance", "Out"])


def plot(table: pd.DataFrame, changes: dict[date, str]) -> alt.LayerChart:
    """Plot the share of each week with its interval and within its limits, and the changes that were made."""
    known = table["share"].notna().to_numpy().nonzero()[0]
    table = table.iloc[known[0] : known[-1] + 1]
    base, per_cent = _weekly(table, changes)
    quiet, ink = charts.role("quiet"), charts.role("ink")
    own, before = (base.transform_filter(f"datum.continued == '{mark}'") for mark in ("", "yes"))
    layers = []
    for part, opacity, dash in ((own, 0.12, [1, 0]), (before, 0.07, [5, 4])):
        layers += [
            part.mark_bar(width={"band": 1}, opacity=opacity).encode(per_cent("lower"), alt.Y2("upper"), quiet),
            part.mark_line(strokeWidth=1.5, strokeDash=dash).encode(per_cent("centre"), ink, alt.Detail("stretch:N")),
        ]
    of_four = base.transform_filter("datum.in_four").mark_bar(width={"band": 1}, aria=False)
    signal = base.transform_filter("datum.outside != ''").encode(per_cent("share"), charts.role("signal"))
    change = base.transform_filter("datum.change != ''")
    return alt.LayerChart(
        layer=[
            *layers,
            base.mark_bar(width=7, opacity=0.32).encode(per_cent("low"), alt.Y2("high")),
            base.transform_filter("datum.inside").mark_point(filled=True, size=60, opacity=1).encode(per_cent("share")),
            base.transform_filter("datum.so_far").mark_point(size=70, opacity=1).encode(per_cent("share")),
            signal.mark_point(shape="diamond", filled=True, size=160, opacity=1),
            of_four.encode(per_cent("floor"), alt.Y2("zero"), charts.role("signal")),
            change.mark_rule(strokeWidth=1.5, strokeDash=[2, 2]).encode(ink),
            change.mark_text(align="left", dx=5, dy=7, fontWeight=600).encode(
                alt.Text("change:N"), ink, y=alt.value(0)
            ),
        ],
        height=HEIGHT,
    )


def _weekly(table: pd.DataFrame, changes: dict[date, str]) -> tuple[alt.Chart, Callable[[str], alt.Y]]:
    """Return the base of the picture, and what puts a field on its scale."""
    end = charts.ceiling(table[["high", "upper"]].max().max())
    counts = table[["reported", "check_ins"]].map("{:.0f}".format)
    so_far = table["week"] == clock.monday(clock.now())
    four = (table["four_weeks"] != "").iloc[::-1].rolling(limits.SPAN, min_periods=1).max().iloc[::-1]
    shown = table.assign(
        told=counts["reported"].str.cat(counts["check_ins"], " of ").where(table["share"].notna()),
        so_far=so_far,
        inside=~so_far & (table["outside"] == ""),
        in_four=four.astype(bool),
        floor=-end / 50,
        zero=-end / 25,
        stretch=table["continued"].ne(table["continued"].shift()).cumsum()
        + table["centre"].fillna(-1).rank(method="dense"),
        change=[changes.get(week, "") for week in table["week"]],
        late=[place > len(table) / 2 for place in range(len(table))],
        week=table["week"].map(_named),
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
    return base, lambda field: alt.Y(f"{field}:Q").scale(domain=[-end / 25, end], nice=False).axis(ticks).title(None)


def _named(week: date) -> str:
    return f"{week.day} {week:%b}"
