"""The rows of the one table of benchmarks, and what they were measured on."""

import os
import platform
import sqlite3
import statistics
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from data import clock

HEAD = "| benchmark | what | baseline = 1 | ours | ratio |\n| --- | --- | --- | --- | --- |"


@dataclass(frozen=True)
class Row:
    """A figure of ours in some unit, beside that of a floor, which is described, in the same run."""

    what: str
    ours: float
    unit: str
    floor: str
    of_floor: float

    def markdown(self, benchmark: str) -> str:
        """Return the row of the table."""
        ours, of_floor = (f"{digits(figure)} {self.unit}".strip() for figure in (self.ours, self.of_floor))
        return (
            f"| `{benchmark}` | {self.what} | {self.floor}: {of_floor} | {ours} | {digits(self.ours / self.of_floor)} |"
        )


def percentile(figures: list[float], percent: int) -> float:
    """Return the figure that so many of a hundred do not exceed."""
    return statistics.quantiles(figures, n=100, method="inclusive")[percent - 1]


def digits(figure: float) -> str:
    """Return a figure with three digits that count."""
    return f"{float(f'{figure:.3g}'):,.10g}"


def machine() -> str:
    """Return in words what is measured on, and when."""
    about = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = next(line.partition(": ")[2] for line in about.splitlines() if line.startswith("model name"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"Measured on {clock.now():%d %B %Y}: {model}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"Linux {platform.release().partition('-')[0]}, Python {platform.python_version()}, "
        f"Streamlit {version('streamlit')}, "
        f"SQLite {sqlite3.sqlite_version}."
    )
