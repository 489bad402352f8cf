"""Small pictures in the rows of a table: SVG as wide as its cell, with colours and strokes from CSS."""

from collections.abc import Sequence
from math import isnan

from markupsafe import Markup

_PICTURE = Markup('<svg viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">{}</svg>')
_PATH = Markup('<path class="{}" d="{}"/>')


def dot_and_bar(share: float, low: float, high: float, end: float) -> Markup:
    """Return a share as a dot and its interval as a bar, on a scale from 0 to `end`."""
    at, begin, until = (f"{100 * one / end:.1f}" for one in (share, low, high))
    return _drawn(track="M0 10H100", bar=f"M{begin} 10H{until}", dot=f"M{at} 10h0")


def line(shares: Sequence[float], mean: float, end: float) -> Markup:
    """Return shares as a line, the last one as a dot, and a mean across, on a scale from 0 to `end`; NaN is a gap."""
    step, last = 100 / max(len(shares) - 1, 1), ""
    drawn = []
    for at, share in enumerate(shares):
        if not isnan(share):
            last = f"{at * step:.1f} {_up(share, end)}"
            drawn.append(f"{'L' if at and not isnan(shares[at - 1]) else 'M'}{last}")
    across = "" if isnan(mean) else f"M0 {_up(mean, end)}H100"
    return _drawn(mean=across, line="".join(drawn), dot=f"M{last}h0" if last and not isnan(shares[-1]) else "")


def _up(share: float, end: float) -> str:
    return f"{20 - 20 * share / end:.1f}"


def _drawn(**paths: str) -> Markup:
    """Return a picture of paths by their class; a dot is a line without length, for the strokes keep their width."""
    return _PICTURE.format(Markup().join(_PATH.format(name, path) for name, path in paths.items() if path))
