"""Charts: a tidy frame in, an Altair chart out; scales are fixed, so that two pictures can be compared."""

import altair as alt
import pandas as pd

from pages.clinic import figures

ROW = 31  # pixels, as high as a row of the table beside the chart

# Colours come from the theme's chartCategoricalColors in this order, so that a chart names none.
_ROLES = alt.Scale(domain=["main", "signal", "quiet", "ink"])

_INK = alt.expr("scale('color', 'ink')")  # Streamlit's own grey for labels is too faint

# Vega decides in the browser: labels stand beside the rows where there is room, above them where there is not.
_NARROW = "containerSize()[0] < 640"


def _side_effects(order: list[str]) -> alt.Y:
    axis = alt.Axis(
        labelAlign=alt.expr(f"{_NARROW} ? 'left' : 'right'"),
        labelBaseline=alt.expr(f"{_NARROW} ? 'bottom' : 'middle'"),
        labelOffset=alt.expr(f"{_NARROW} ? -6 : 0"),
        labelPadding=alt.expr(f"{_NARROW} ? 0 : 14"),
        labelLimit=alt.expr(f"{_NARROW} ? 0 : 360"),
        labelColor=_INK,
        labelFlush=False,
        labelOverlap=False,
        domain=False,
        ticks=False,
        grid=False,
    )
    return alt.Y("side_effect:N").sort(order).title(None).axis(axis)


def frequency_plot(frequencies: pd.DataFrame, subject: str) -> alt.LayerChart:
    """Plot share and interval of each side effect: one row each, in the order given, the axis always 0 to 100 %.

    Takes the table of `data.frequencies.Frequencies`; `subject` states the denominator below the title.
    """
    shown = frequencies.assign(
        label=frequencies["share"].map(figures.percent) + " %",
        interval=figures.as_table(frequencies)["95 % interval"] + " %",
    )
    base = (
        alt.Chart(shown)
        .transform_calculate(main="'main'")
        .encode(
            _side_effects(shown["side_effect"].tolist()),
            alt.Color("main:N").scale(_ROLES).legend(None),
            tooltip=[
                alt.Tooltip("side_effect:N", title="Side effect"),
                alt.Tooltip("reported:Q", title="Reported"),
                alt.Tooltip("check_ins:Q", title="Check-ins"),
                alt.Tooltip("label:N", title="Share"),
                alt.Tooltip("interval:N", title="95 % interval"),
            ],
        )
    )
    axis = alt.Axis(
        orient="top",
        values=[0, 0.2, 0.4, 0.6, 0.8, 1],
        labelExpr="format(100 * datum.value, '.0f') + (datum.value == 1 ? ' %' : '')",
        labelColor=_INK,
        minExtent=ROW,
        maxExtent=ROW,
        ticks=False,
        domain=False,
    )
    low = alt.X("low:Q").scale(domain=[0, 1]).axis(axis).title(None)
    interval = base.mark_rule(strokeWidth=7, opacity=0.32).encode(low, alt.X2("high"))
    dot = base.mark_point(filled=True, size=85, opacity=1).encode(alt.X("share:Q"))
    value = base.mark_text(align="left", dx=8, fontWeight=600).encode(alt.X("high:Q"), alt.Text("label:N"))
    title = alt.Title(
        "Share and 95 % interval",
        subtitle=[subject, "Dot: share, bar: Wilson interval. Internal."],
        subtitleColor=_INK,
        subtitleFontSize=13,
        anchor="start",
        frame="bounds",
    )
    return (interval + dot + value).properties(height=alt.Step(ROW), title=title)
