"""What all charts share: colours by role, rows of side effects at any width, axes that two pictures share."""

import json
from collections.abc import Collection, Mapping, Sequence
from textwrap import wrap
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

_WIDTHS = 320, 480, 900  # pixels: what a phone, half a screen and a whole one have at least
_LETTER = 6.5  # pixels, on average
ROW = 30  # pixels, as high as a row of the table beside the chart
STEP = alt.Step(ROW)

# Colours come from the theme's chartCategoricalColors in this order, so that a chart names none.
_ROLES = alt.Scale(domain=["main", "signal", "quiet", "ink"])

INK = alt.expr("scale('color', 'ink')")  # Streamlit's own grey for labels is too faint

# Vega decides in the browser: labels are beside the rows where there is room, else above them.
NARROW = "containerSize()[0] < 640"


def base(frame: pd.DataFrame) -> alt.Chart:
    """Return a chart of a frame in the main colour; a mark takes another role by `role`."""
    return (
        alt.Chart(frame)
        .transform_calculate(main="'main'", signal="'signal'", quiet="'quiet'", ink="'ink'")
        .encode(role("main"))
    )


def dots(base: alt.Chart, low: alt.X, share: alt.X, high: alt.X, label: str, shape: str = "circle") -> list[alt.Chart]:
    """Return the marks of all dot plots: a bar from `low` to the field `high`, a dot, and a label right of the bar."""
    end = alt.X2(str(high.shorthand).removesuffix(":Q"))
    return [
        base.mark_rule(strokeWidth=7, opacity=0.32).encode(low, end),
        base.mark_point(filled=True, size=85, opacity=1, shape=shape).encode(share),
        base.mark_text(align="left", dx=8, fontWeight=600).encode(high, alt.Text(f"{label}:N")),
    ]


def role(name: str) -> alt.Color:
    """Return the colour of a role: main, signal, quiet or ink."""
    return alt.Color(f"{name}:N").scale(_ROLES).legend(None)


def tooltip(**titles: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]


def axis(**more: Any) -> alt.Axis:
    """Return an axis of labels alone: without ticks, and without a line along it."""
    return alt.Axis(labelColor=INK, ticks=False, domain=False, **more)


def rows(names: Sequence[str], field: str = "side_effect", lines: int = 1) -> alt.Y:
    """Return an axis with one row for each name, in the order given, none of them cut off.

    Of two `lines`, the second begins at the plus sign where there is little room.
    """
    in_lines = f"{NARROW} ? split(replace(datum.value, ' + ', '\\n+ '), '\\n') : datum.value"
    labels = axis(
        labelExpr=in_lines if lines > 1 else "datum.value",
        labelAlign=alt.expr(f"{NARROW} ? 'left' : 'right'"),
        labelBaseline=alt.expr(f"{NARROW} ? 'bottom' : 'middle'"),
        labelOffset=alt.expr(f"{NARROW} ? {8 - 14 * lines} : 0"),
        labelPadding=alt.expr(f"{NARROW} ? 0 : 14"),
        labelLimit=alt.expr(f"{NARROW} ? 0 : {360 * lines}"),
        labelFlush=False,
        labelOverlap=False,
        grid=False,
    )
    return alt.Y(f"{field}:N").sort(names).title(None).axis(labels)


def across(labels: Mapping[int, str | list[str]], wide_only: Collection[int] = (), orient: str = "top") -> alt.Axis:
    """Return an axis of numbers that has a tick and a text for each of `labels`; narrow charts leave some texts out.

    Panels side by side are one chart with one axis through all of them, on which each has its stretch: charts that are
    joined have fixed widths, and do not follow that of the page.
    """
    texts, left_out = json.dumps(labels, ensure_ascii=False), json.dumps(dict.fromkeys(wide_only, 1))
    text = f"{NARROW} && {left_out}[datum.value] ? '' : {texts}[datum.value]"
    return axis(values=list(labels), labelExpr=text, orient=orient, labelFlush=False)


def per_cents(end: int, step: int = 25, begin: int = 0) -> dict[int, str]:
    """Return the labels of an axis of 0 to `end` per cent, whose zero is at `begin`."""
    return {begin + tick: f"{tick}{' %' if tick == end else ''}" for tick in range(0, end + 1, step)}


def ceiling(highest: float) -> int:
    """Return where an axis of per cents ends, so coarse that most pictures share it: 25, 50, 75 or 100."""
    return next((end for end in (25, 50, 75) if highest <= end / 100), 100)


def show(chart: alt.LayerChart, alternative: str, subject: str, *sentences: str) -> None:
    """Show a chart with its title and, below it, sentences in lines as long as the picture is wide.

    They go with the picture when that is saved. Altair knows no expression for them, so they are put in past it.
    """
    title = alt.Title("", subtitleColor=INK, subtitleFontSize=13, anchor="start", frame="bounds")
    spec = chart.properties(title=title).to_dict()
    spec["title"] |= {"text": _in_lines([subject], 1.3), "subtitle": _in_lines(sentences)}
    st.vega_lite_chart(spec, alt=alternative)


def _in_lines(sentences: Sequence[str], size: float = 1) -> dict[str, str]:
    """Return an expression for sentences in lines, by the width of the picture; letters are `size` times as wide."""
    lines = {
        width: json.dumps(
            [line for each in sentences for line in wrap(each, int(width / _LETTER / size))], ensure_ascii=False
        )
        for width in _WIDTHS
    }
    narrow, middle, wide = lines.values()
    return {
        "expr": f"containerSize()[0] < {_WIDTHS[1]} ? {narrow} : containerSize()[0] < {_WIDTHS[2]} ? {middle} : {wide}"
    }
