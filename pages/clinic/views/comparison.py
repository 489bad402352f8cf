"""Two selections against each other: the shares, their difference, and how sure that is."""

import altair as alt
import pandas as pd
import streamlit as st

from data.figures.views import Shown
from pages.clinic import charts, figures, sentences


def draw(shown: Shown, _: str) -> None:
    """Draw the view."""
    table, of, (a, b) = shown.table, sentences.of(shown), figures.names(shown.view)
    key = "● A, □ B: share of check-ins. ◆ A − B in percentage points, bar: 95 % Newcombe interval."
    heading = charts.heading(f"{a} and {b}", f"{of}.", key)
    st.altair_chart(plot(table).properties(title=heading), alt=alternative(table))
    st.html(note(shown))
    with st.container(key="dashboard_table_comparison"):
        st.html(sentences.title("Shares and differences", f"{of}. Difference in percentage points."))
        st.table(as_table(table), border="horizontal", hide_index=True)


def note(shown: Shown) -> str:
    """Return what must be known to read differences rightly, as HTML."""
    a, b = shown.view.groups
    same = (
        " The same infusions stand on both sides: the intervals take them for different ones."
        if a.window != b.window
        else ""
    )
    return (
        '<div class="notice"><p><strong>Fourteen comparisons at once:</strong> even if A and B were alike, about '
        "one interval in twenty would miss zero by chance. Look at the size of the difference and at the width of its "
        f"interval. A difference does not say why.{same}</p></div>"
    )


def as_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return both shares, their difference and its interval as text."""
    sides = {
        f"{side.upper()}, n\u00a0=\u00a0{table[f'check_ins_{side}'].iloc[0]}": [
            f"{reported} ({figures.percent(share)} %)"
            for reported, share in zip(table[f"reported_{side}"], table[f"share_{side}"], strict=True)
        ]
        for side in "ab"
    }
    ends = zip(table["low"].map(figures.points), table["high"].map(figures.points), strict=True)
    return pd.DataFrame(
        {
            "Side effect": table["side_effect"],
            **sides,
            "A − B": table["difference"].map(figures.points),
            "95 % interval": [f"{low} to {high}" for low, high in ends],
        }
    )


def alternative(table: pd.DataFrame) -> str:
    """Return what the chart shows, for those who do not see it."""
    most = table.loc[table["difference"].abs().idxmax()]
    return (
        f"Dot plot of the shares in A and B, and of their difference. Largest difference: {most['side_effect']}, "
        f"{figures.points(most['difference'])} percentage points. The table has the same figures."
    )


def plot(table: pd.DataFrame) -> alt.LayerChart:
    """Plot both shares, 0 to 100 %, and to their right the difference with its interval, in the order of the rows."""
    end = charts.ceiling(table[["low", "high"]].abs().max().max())
    zero = 125 + end  # where the difference is nought on the one axis of the picture
    shown = table.assign(
        points=table["difference"].map(figures.points),
        **{name: 100 * table[name] for name in ("share_a", "share_b")},
        **{name: zero + 100 * table[name] for name in ("difference", "low", "high")},
    )
    base = charts.base(shown).encode(
        charts.rows(shown["side_effect"].tolist()),
        tooltip=charts.tooltip(
            {
                "side_effect:N": "Side effect",
                "reported_a:Q": "A, reported",
                "reported_b:Q": "B, reported",
                "points:N": "A − B, points",
            }
        ),
    )
    ticks = [0, 25, 50, 75, 100, *range(zero - end, zero + end + 1, end)]
    away = f"(datum.value - {zero})"
    label = (
        f"datum.value > 100 ? ({away} > 0 ? '+' : {away} < 0 ? '−' : '') + abs({away}) : "
        f"{charts.NARROW} && datum.value % 50 ? '' : datum.value + (datum.value == 100 ? ' %' : '')"
    )
    x = alt.X("share_a:Q").scale(domain=[0, zero + end + 15], nice=False)
    x = x.axis(charts.across(ticks, label, orient="top")).title(None)
    between = base.mark_rule(strokeWidth=1.5).encode(x, alt.X2("share_b"), charts.role("quiet"))
    a = base.mark_point(**charts.DOT).encode(x)
    b = base.mark_point(shape="square", filled=False, size=85, strokeWidth=2, opacity=1).encode(
        alt.X("share_b:Q"), charts.role("signal")
    )
    nought = charts.base(shown.head(1)).mark_rule(strokeWidth=1.5).encode(charts.role("ink"), x=alt.datum(zero))
    interval = base.mark_rule(**charts.BAR).encode(alt.X("low:Q"), alt.X2("high"))
    difference = base.mark_point(shape="diamond", **charts.DOT).encode(alt.X("difference:Q"))
    value = base.mark_text(**charts.VALUE).encode(alt.X("high:Q"), alt.Text("points:N"))
    layers = between + b + a + nought + interval + difference + value
    return layers.properties(height=alt.Step(charts.ROW))
