"""What the dashboard costs as check-ins grow a thousandfold: `python -m tests.benchmarks.dashboard`. Linux only.

Two databases of each kind, SQLite and PostgreSQL: one with ten thousand and one with ten million made-up check-ins of
the same thirteen weeks, tallies included. A process of its own uses each; the two take turns on one processor, so that
what else the machine does hits both. Timed for each view, as it first opens, are:

reading  `data.figures.views.read`: the session, the queries, and the frame made of what they give
page     the whole page, run by Streamlit's `AppTest`: reading, audit, tables, charts and sentences

Told are medians by the clock, their ratio, and for a machine that is busy with something else also the ratio of the
processor time, that of the database's own process included.

Not counted: the first turns of each, the line, the browser. What `AppTest` does by itself is counted, for both alike.
Nor is it measured whether counters counted up one by one, as in use, are read as fast as those counted at once.
"""

import os
import statistics
import tempfile
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import click

from data.figures import views
from tests.benchmarks import bulk, clinician

WORKS = {"reading": clinician.reading, "page": clinician.page}
FEW = 10_000
FIRST = 3  # turns that do not count: they import, open the page and fill caches


def compare(kind: str, many: int, turns: int) -> None:
    """Load two databases of one kind, measure in turn, print medians and ratios."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="checkin-benchmark-")))
        processes = [
            stack.enter_context(ProcessPoolExecutor(1, get_context("spawn"), bulk.use, (url,)))
            for url in stack.enter_context(bulk.empty(kind, folder, "few", "many"))
        ]
        for process, number in zip(processes, (FEW, many), strict=True):
            click.echo(f"{kind}: {process.submit(bulk.load, number).result()}")
        spent: dict[tuple[str, str], list[list[clinician.Spent]]] = defaultdict(list)
        for _ in range(FIRST + turns):  # all views in each turn: a busy minute then spoils none of them
            for work, name in product(WORKS, views.names()):
                each = [process.submit(clinician.spent, WORKS[work], name).result() for process in processes]
                spent[work, name].append(each)
    click.echo(f"{kind:18}" + "".join(f"{work}: few, many, ratio, of CPU".rjust(43) for work in WORKS))
    for name in views.names():
        click.echo(f"{name:18}" + "".join(in_words(spent[work, name][FIRST:]) for work in WORKS))


def in_words(spent: list[list[clinician.Spent]]) -> str:
    """Return the medians of both and their ratios."""
    few, many = (clinician.Spent(*map(statistics.median, zip(*each, strict=True))) for each in zip(*spent, strict=True))
    times = f"{1000 * few.clock:14.1f} ms{1000 * many.clock:8.1f} ms"
    return f"{times}{many.clock / few.clock:8.2f}{many.processor / few.processor:7.2f}"


@click.command(help=__doc__.partition("\n\n")[0])
@click.option("--check-ins", default=10_000_000, show_default=True, help="How many the many are.")
@click.option("--database", default="both", show_default=True, type=click.Choice(["sqlite", "postgresql", "both"]))
@click.option("--turns", default=25, show_default=True, help="Turns that count, of which the median is told.")
def main(check_ins: int, database: str, turns: int) -> None:
    """Compare few and many check-ins."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # on two, the busier one would slow the same of them always
    for kind in ("sqlite", "postgresql") if database == "both" else (database,):
        compare(kind, check_ins, turns)


if __name__ == "__main__":
    main()
