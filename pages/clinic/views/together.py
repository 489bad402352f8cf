"""Which side effects are ticked together: the most frequent pairs, and all of them at a glance."""

import json

import altair as alt
import pandas as pd
import streamlit as st

from data.catalogue import WINDOW_BY_CODE
from data.figures import pairs, views
from pages.clinic import charts, figures, sentences, tab
from pages.clinic.views import one_window

CHARTED, LISTED = 10, 15


class Together(tab.Tab):
    view = pairs.Together

    def draw(self, shown: views.Shown, table: pd.DataFrame, _: str) -> None:
        known = table.dropna(subset="both")
        few = f"pairs of fewer than {figures.least()} are not shown"
        if known.empty:
            subject = f"Side effects ticked together {WINDOW_BY_CODE[shown.view.selection.window].after}"
            st.html(sentences.title(subject, f"No two were ticked together in {figures.least()} check-ins or more."))
            return
        key = (
            "Dot: ticked together, bar: 95 % Wilson interval. Stroke: what unrelated ticks would give if everybody had "
            f"ticked as many as they did. Of {len(table)} pairs, about one stroke is outside its bar by chance."
        )
        self.chart(shown, plot(known.head(CHARTED)), alternative(known), "Most often ticked together", key)
        listed = f"The {min(LISTED, len(known))} most frequent of {len(known)}; {few}. All are in the CSV file."
        shown_pairs = as_table(known.head(LISTED))
        tab.table_below("dashboard_table_together", shown_pairs, "Pairs, most frequent first", listed)
        names = one_window.ordered(shown.first, one_window.BY_FREQUENCY)["side_effect"].tolist()[:-1]
        with st.container(key="dashboard_matrix"):
            key = f"Above and beside the triangle, the same number is the same side effect. –: {few}."
            self.chart(shown, matrix(table, names), f"All pairs as a triangle; {few}.", "All pairs", key)
            st.html("".join(f"<li>{label}</li>" for label in names).join(('<ol class="legend">', "</ol>")))


def alternative(known: pd.DataFrame) -> str:
    most = known.iloc[0]
    return (
        f"Dot plot of the side effects most often ticked together: {most['first']} and {most['second']}, "
        f"{most['both']:.0f} check-ins, where {_expected(most['expected'])} would be expected of unrelated ticks. The "
        "table has the same figures."
    )


def as_table(known: pd.DataFrame) -> pd.DataFrame:
    counts = {name: known[name] * known["check_ins"] for name in ("low", "high")}
    return pd.DataFrame(
        {
            "Ticked together": known["first"] + " + " + known["second"],
            "Both": known["both"].map("{:.0f}".format),
            "95 % interval": counts["low"].map("{:.0f}".format) + "–" + counts["high"].map("{:.0f}".format),
            "If unrelated": known["expected"].map(_expected),
        }
    )


def _expected(count: float) -> str:
    small = f"{count:.1f}" if round(count, 1) else "<0.1"  # a small one would seem to be none
    return f"{count:.0f}" if count >= 10 else small  # noqa: PLR2004


def plot(known: pd.DataFrame) -> alt.LayerChart:
    """Plot what was reported against what would be expected, one row for each pair."""
    ends = {name: known[name] * known["check_ins"] for name in ("low", "high")}
    shown = known.assign(
        pair=known["first"] + " + " + known["second"],
        label=known["both"].map("{:.0f}".format),
        right=pd.concat([ends["high"], known["expected"]], axis=1).max(axis=1),
        **ends,
    )
    base = charts.base(shown).encode(charts.rows(shown["pair"].tolist(), "pair", lines=2))
    axis = charts.axis(orient="top", tickCount=5)
    low = alt.X("low:Q").scale(domain=[0, 1.12 * shown["right"].max()], nice=False).title(None).axis(axis)
    bar, dot, label = charts.dots(base, low, alt.X("both:Q"), alt.X("high:Q"), "label")
    expected = base.mark_tick(thickness=2, size=14).encode(alt.X("expected:Q"), charts.role("ink"))
    label = label.encode(alt.X("right:Q"))
    return alt.LayerChart(layer=[bar, dot, expected, label], height=alt.Step(56))


def matrix(table: pd.DataFrame, order: list[str]) -> alt.LayerChart:
    """Show the count of every pair in a triangle; the numbers at its sides are places in `order`.

    The first place has a row too, which is empty, but names its column.
    """
    place = {label: number for number, label in enumerate(order, 1)}
    places = table[["first", "second"]].replace(place)
    shown = pd.DataFrame(
        {
            "column": places.min(axis=1),
            "row": places.max(axis=1),
            "count": table["both"],
            "text": table["both"].map("{:.0f}".format).where(table["both"].notna(), "–"),
            "pair": table["first"] + " + " + table["second"],
        }
    )
    top = charts.axis(orient="top", labelAngle=0, grid=False)
    named = (
        f"{charts.NARROW} ? datum.value : datum.value + '. ' + {json.dumps(order, ensure_ascii=False)}[datum.value - 1]"
    )
    left = charts.axis(orient="left", grid=False, labelFlush=False, labelLimit=360, labelExpr=named)
    base = charts.base(shown).encode(
        alt.X("column:O").title(None).axis(top),
        alt.Y("row:O").scale(domain=[*place.values()]).title(None).axis(left),
        tooltip=charts.tooltip(pair="Pair", text="Check-ins with both"),
    )
    shade = alt.Opacity("count:Q").scale(domainMin=0, range=[0.06, 0.5]).legend(None)
    number = base.mark_text(fontSize=11).encode(alt.Text("text:N"), charts.role("ink"))
    return alt.LayerChart(layer=[base.mark_rect(cornerRadius=2).encode(shade), number], height=alt.Step(28))
