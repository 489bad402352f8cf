"""Figures as the dashboard writes them: whole per cents, true dashes, nothing rounded to a false zero."""

import re
from datetime import date

import pandas as pd

from data import settings


def percent(share: float, digits: int = 0) -> str:
    """Return a share (0 to 1) in per cents; `<1` and `>99` where rounding would say none or all, so with digits."""
    rounded, least = f"{100 * share:.{digits}f}", 10**-digits
    if float(rounded) == 0:
        return f"<{least:g}" if share > 0 else "0"
    if float(rounded) == 100:  # noqa: PLR2004 - per cents
        return f">{100 - least:g}" if share < 1 else "100"
    return rounded


def digits(low: float, high: float) -> int:
    """Return how many digits after the point a figure is sure enough for: one where its interval is under 2 points."""
    return int(high - low < 0.02)  # noqa: PLR2004 - as said


def plain(text: str) -> str:
    """Return a text that Streamlit's Markdown shows as it is, also where it has the name of an icon."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!$~<>|])", r"\\\1", text).replace(":", ":\u2060")


def cell(text: str) -> str:
    """Return a text for a Markdown table, where a line that begins with `>` is a quotation."""
    return rf"\{text}" if text.startswith(">") else text


def interval(low: float, high: float) -> str:
    """Return the interval of a share in per cents, as `52–66`; an end is 0 or 100 only where it truly is."""
    return f"{percent(low, digits(low, high))}–{percent(high, digits(low, high))}"


def points(difference: float, low: float = -1, high: float = 1) -> str:
    """Return a difference of shares (-1 to 1) in percentage points, with its sign: `+20`, `−7`, `+0.3`; 0 is none.

    Whole, but with one digit where it rounds to none or where its interval, from `low` to `high`, is under 2 points.
    """
    rounded = next(
        (text for text in (f"{100 * difference:+.{digits(low, high)}f}", f"{100 * difference:+.1f}") if float(text)), ""
    )
    small = f"{'+' if difference > 0 else '−'}<0.1"
    return (rounded.replace("-", "−") or small) if difference else "0"


def dashed(code: str) -> str:
    """Return a code with a true dash between figures: `4–24 h`."""
    return code.replace("-", "–")


def days(first: date, last: date) -> str:
    """Return a span of days, as `31 August – 22 November 2026`; a year only where it is needed."""
    if first == last:
        return day(last)
    begin = f"{first.day} {first:%B} {first.year}"
    if first.year == last.year:
        begin = f"{first.day}" if first.month == last.month else f"{first.day} {first:%B}"
    return f"{begin} – {day(last)}"


def day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def check_ins(number: int | None, of: str = "") -> str:
    """Return a number of check-ins in words, of which kind before the noun; None means too few to be told."""
    if number is None:
        return f"fewer than {least()} {of}check-ins"
    return f"{number} {of}check-in" if number == 1 else f"{number} {of}check-ins"


def least() -> int:
    return settings.current().min_group


def few() -> str:
    return f"n < {least()}"


def shares(frequencies: pd.DataFrame) -> pd.Series:
    """Return the shares of a table in per cents, as precisely as their intervals allow."""
    rows = frequencies[["share", "low", "high"]].itertuples(index=False)
    texts = [percent(share, digits(low, high)) for share, low, high in rows]
    return pd.Series(texts, index=frequencies.index, dtype=object)


def intervals(frequencies: pd.DataFrame) -> pd.Series:
    rows = frequencies[["low", "high"]].itertuples(index=False)
    return pd.Series([interval(low, high) for low, high in rows], index=frequencies.index, dtype=object)
