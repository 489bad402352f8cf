"""What the dashboard costs as check-ins grow a thousandfold.

Two databases of each kind, SQLite and PostgreSQL: one with ten thousand and one with ten million made-up check-ins of
the same weeks, tallies included. A process of its own uses each; few and many take turns on one processor, so that what
else the machine does hits both. Timed for each view, as it first opens, are:

page           the whole page, run by Streamlit's `AppTest`: reading, audit, tables, charts and sentences
reading alone  `data.figures.views.read`: the session, the queries, and the frame made of what they give

Told are the medians of the view that grows most.

Not counted: the first turns of each, the line, the browser. What `AppTest` does by itself is counted, for both alike.
Nor is it measured whether counters counted up one by one, as in use, are read as fast as those counted at once.
"""

import os
import statistics
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

import click

from data.figures import views
from tests.benchmarks import bulk, clinician
from tests.benchmarks.table import Row

WORKS = {"page": clinician.page, "reading alone": clinician.reading}
FEW = 10_000
FIRST = 2  # turns that do not count: they import, open the page and fill caches


def measure(*, quick: bool) -> list[Row]:
    """Load few and many check-ins into a database of each kind, all at once; then let few and many take turns."""
    many, turns = (200_000, 1) if quick else (10_000_000, 6)
    pairs = {}
    with ExitStack() as stack:
        for kind in ("sqlite", "postgresql"):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="checkin-benchmark-")))
            urls = stack.enter_context(bulk.empty(kind, folder, "few", "many"))
            alone = [ProcessPoolExecutor(1, get_context("spawn"), bulk.use, (url,)) for url in urls]
            pairs[kind] = [stack.enter_context(process) for process in alone]
        loads = [
            pair[place].submit(bulk.load, number) for place, number in enumerate((FEW, many)) for pair in pairs.values()
        ]
        for load in loads:
            click.echo(load.result(), err=True)
        return [row for kind, pair in pairs.items() for row in compare(f"{kind}, {many:,} check-ins", pair, turns)]


def compare(what: str, pair: list[ProcessPoolExecutor], turns: int) -> list[Row]:
    """Return a row for each work, of the view that grows most."""
    for process in pair:
        process.submit(clinician.stay_on, max(os.sched_getaffinity(0))).result()
    found: dict[str, dict[str, list[list[float]]]] = {work: {name: [] for name in views.names()} for work in WORKS}
    for _ in range(FIRST + turns):  # all views in each turn: a busy minute then spoils none of them
        for work, of_views in found.items():
            for name, took in of_views.items():
                took.append([one.submit(clinician.milliseconds, WORKS[work], name).result() for one in pair])
    rows = []
    for work, of_views in found.items():
        medians = {name: [*map(statistics.median, zip(*took[FIRST:], strict=True))] for name, took in of_views.items()}
        name, (few, many) = max(medians.items(), key=lambda of: of[1][1] / of[1][0])
        rows.append(Row(f"the dashboard's worst view ({name}), {work}, {what}", many, "ms", f"with {FEW:,}", few))
    return rows
