"""Two selections against each other: the shares, their difference, and how sure that is."""

from collections.abc import Mapping

import altair as alt
import pandas as pd
import streamlit as st

from data.figures import comparisons
from data.figures.comparisons import Comparison
from data.figures.views import Shown
from pages.clinic import charts, figures, sentences, tab
from pages.web import rendering


class Compare(tab.Tab):
    view = Comparison
    has_changes = True
    impossible = (
        "A and B overlap",
        "The same check-in could be in both.",
        "Choose two groups without overlap, such as two windows, two infusion numbers, or last weeks and those before.",
    )

    def ignored(self, fields: Mapping[str, str]) -> set[str]:
        a, b = (comparisons.overruled(fields[side]) for side in "ab")
        return {a} if a == b else set()

    def counted(self, shown: Shown) -> list[tuple[str, str]]:
        sides = [
            (side, sentences.counted([group])) for side, group in zip(self.sides(shown), shown.groups, strict=True)
        ]
        return [(f"{side}: {number.lower()}", which) for side, (number, which) in sides]

    def footer(self, shown: Shown) -> list[str]:
        """Return in sentences what each side is of, with its days, and what it sets instead of a filter."""
        own = map(comparisons.overruled, shown.view.chosen)
        numbered = zip(self.counted(shown), shown.groups, own, strict=True)
        told = [f"{number} {which}, {sentences.chosen([group], beside)}" for (number, which), group, beside in numbered]
        return [f"{each}." for each in (*told, sentences.INTERNAL)]

    def names(self, _: Shown) -> list[str]:
        return ["A", "B"]

    def sides(self, shown: Shown) -> list[str]:
        return [f"{side}, {self.named(name, shown)}" for side, name in zip("AB", shown.view.chosen, strict=True)]

    def named(self, name: str, shown: Shown) -> str:
        """Return a side in words; the change is named as long as it is marked."""
        if (of := comparisons.change_of(name)) is None:
            return figures.dashed(name)
        which, week = of
        text = next((f" ({change.text})" for change in shown.view.known.changes if change.week == week), "")
        return f"{which} {figures.day(week)}{text}"

    def empty(self, shown: Shown) -> str:
        return " or ".join(side for side, group in zip("AB", shown.groups, strict=True) if group.check_ins == 0)

    def draw(self, shown: Shown, table: pd.DataFrame, _: str) -> None:
        key = "● A, □ B: share of check-ins. ◆ A − B in percentage points, bar: 95 % Newcombe interval."
        self.chart(shown, plot(table), alternative(table), "Shares in A and B, and their difference", key)
        same = len({side.window for side in shown.view.groups.values()}) > 1
        st.html(rendering.rendered("comparisons.html", number=len(table), same_infusions=same))
        tab.table_below("dashboard_table_comparison", as_table(table), "Shares, and differences in percentage points")


def as_table(table: pd.DataFrame) -> pd.DataFrame:
    columns = {"Side effect": table["side_effect"]}
    for side in "ab":
        head = f"{side.upper()}, n\u00a0=\u00a0{table[f'check_ins_{side}'].iloc[0]}"
        shares = table[f"share_{side}"].map(figures.percent)
        columns[head] = table[f"reported_{side}"].astype(str) + " (" + shares + " %)"
    low, difference, high = _points(table)
    return pd.DataFrame(columns | {"A − B": difference, "95 % interval": low + " to " + high})


def _points(table: pd.DataFrame) -> list[pd.Series]:
    """Return the low end, the difference and the high end in percentage points, each row as precise as its interval."""
    rows = [*zip(table["low"], table["difference"], table["high"], strict=True)]
    return [pd.Series([figures.points(row[at], row[0], row[2]) for row in rows], table.index) for at in range(3)]


def alternative(table: pd.DataFrame) -> str:
    most = table.sort_values("difference", key=abs).iloc[-1]
    return (
        f"Dot plot of the shares in A and B, and of their difference. Largest difference: {most['side_effect']}, "
        f"{figures.points(most['difference'])} percentage points. The table has the same figures."
    )


def plot(table: pd.DataFrame) -> alt.LayerChart:
    """Plot both shares, 0 to 100 %, and to their right the difference with its interval, in the order of the rows."""
    end = charts.ceiling(table[["low", "high"]].abs().max().max())
    zero = 125 + end  # where the difference is nought on the one axis of the picture
    shown = table.assign(
        points=_points(table)[1],
        **{name: 100 * table[name] for name in ("share_a", "share_b")},
        **{name: zero + 100 * table[name] for name in ("difference", "low", "high")},
    )
    base = charts.base(shown).encode(
        charts.rows(shown["side_effect"].tolist()),
        tooltip=charts.tooltip(
            side_effect="Side effect", reported_a="A, reported", reported_b="B, reported", points="A − B, points"
        ),
    )
    labels = charts.per_cents(100) | {zero - end: f"−{end}", zero: "0", zero + end: f"+{end}"}
    x = alt.X("share_a:Q").scale(domain=[0, zero + end + 15], nice=False)
    x = x.axis(charts.across(labels, wide_only=(25, 75))).title(None)
    between = base.mark_rule(strokeWidth=1.5).encode(x, alt.X2("share_b"), charts.role("quiet"))
    a = base.mark_point(filled=True, size=85, opacity=1).encode(x)
    b = base.mark_point(shape="square", filled=False, size=85, strokeWidth=2, opacity=1).encode(
        alt.X("share_b:Q"), charts.role("signal")
    )
    nought = charts.base(shown.head(1)).mark_rule(strokeWidth=1.5).encode(charts.role("ink"), x=alt.datum(zero))
    difference = charts.dots(base, alt.X("low:Q"), alt.X("difference:Q"), alt.X("high:Q"), "points", "diamond")
    return alt.LayerChart(layer=[between, b, a, nought, *difference], height=charts.STEP)
