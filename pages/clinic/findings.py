"""What the weeks show, in words: before and since each change, what is out of the ordinary, what would not be seen."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

import pandas as pd

from data import clock
from data.figures import comparisons, limits, views, weeks
from data.figures.changes import Change
from data.figures.frequencies import Frequencies
from pages.clinic import figures


def before_and_since(shown: views.Shown, side_effect: str) -> list[tuple[str, str]]:
    """Return what was before each change of these weeks and what is since, and which change it was; the latest first.

    The figures are those of Compare, also where fewer weeks are shown.
    """
    told = zip(weeks.changed(shown.view), shown.aside[::2], shown.aside[1::2], strict=True)
    return [(_difference(since, before, side_effect), _named(change)) for change, since, before in told]


def _named(change: Change) -> str:
    return f"{change.text}, from {figures.day(change.week)} on."


def _difference(since: Frequencies, before: Frequencies, side_effect: str) -> str:
    told = f"Before {_share(before, side_effect)}, since {_share(since, side_effect)}"
    if before.table is None or since.table is None:
        return f"{told}."
    both = comparisons.compared(since.table, before.table).set_index("side_effect")
    share, low, high = both.loc[[side_effect], ["difference", "low", "high"]].to_numpy()[0]
    difference, *ends = (figures.points(points, low, high) for points in (share, low, high))
    return f"{told}: {difference} points ({' to '.join(ends)})."


def _share(group: Frequencies, side_effect: str) -> str:
    if group.table is None or not (group.first_day and group.last_day):
        return "too few check-ins" if group.check_ins is None else "no check-ins in a finished week"
    (share,) = figures.shares(group.table[group.table["side_effect"] == side_effect])
    number = -(-(group.last_day - group.first_day).days // 7)
    return f"{share} % ({number} week{'' if number == 1 else 's'})"


def out(table: pd.DataFrame) -> list[str]:
    """Return which weeks are out of the ordinary, and which four weeks together."""
    marked = groupby(range(len(table)), key=table["four_weeks"].tolist().__getitem__)
    single = [_week(table.iloc[[place]]) for place, side in enumerate(table["outside"]) if side]
    return single + [_together(table, side, list(places)) for side, places in marked if side]


def _week(of: pd.DataFrame) -> str:
    week, side = of["week"].iloc[0], of["outside"].iloc[0]
    return f"Week of {week.day} {week:%B}: {_counted(of)}, {side} what chance alone would do."


def _together(table: pd.DataFrame, side: str, places: Sequence[int]) -> str:
    """Return in one sentence neighbouring spans of four weeks, of which these are the last ones."""
    of = table.iloc[places[0] - limits.SPAN + 1 : places[-1] + 1]
    ends = of["week"].iloc[0], of["week"].iloc[-1] + timedelta(days=6)
    first, last = (f"{day.day} {day:%B}" for day in ends)
    # Where a week is too small to be shown, its count would follow from the sum.
    counted = f"{_counted(of)}, " if of["share"].notna().all() else ""
    if len(places) == 1:
        return f"The four weeks from {first} to {last} together: {counted}{side} what chance alone would do."
    return f"From {first} to {last}: {counted}any four weeks in a row together {side} what chance alone would do."


def _counted(of: pd.DataFrame) -> str:
    reported, check_ins = (int(of[name].sum()) for name in ("reported", "check_ins"))
    return f"{reported} of {check_ins} ({figures.percent(reported / check_ins)} %)"


def unseen(table: pd.DataFrame, *, compared: bool) -> str:
    """Return what limits within which all is cannot show, or when there will be limits."""
    usual = table.dropna(subset="centre")
    if usual.empty:
        finished = table[table["week"] < clock.monday(clock.now())]["share"].notna().sum()
        enough = f"once {limits.LEAST_WEEKS} finished weeks have enough check-ins (now {finished} of those shown)"
        return f"Limits of chance appear {enough}."
    none = "No week and no four weeks together are out."
    n, centre = usual["check_ins"].median(), usual["centre"].iloc[-1]
    if compared or centre == 0 or limits.halving_is_out(n, centre):
        return f"{none} That does not prove that nothing changed."
    soon = limits.weeks_to_see(n, centre, len(usual))
    after = f"shows there after about {soon} weeks" if soon else "does not show there within a year"
    return (
        f"{none} With about {n:.0f} check-ins a week, four weeks at half of {figures.percent(centre)} % would not "
        f"stand out here. Mark a change and compare before with since: a halving {after}."
    )
