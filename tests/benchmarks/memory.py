"""What an open page keeps of the server's memory.

Visitors open the form that Streamlit shows and leave it open. Told is what is resident of the server and its share of
what it has in common with others (PSS, by the kernel), as it grows with the pages, the first ones not counted. The HTML
form keeps no connection and nothing at the server.
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.app import App
from tests.benchmarks.bare import FORM, running_bare
from tests.benchmarks.crowd import opened
from tests.benchmarks.processor import rest
from tests.benchmarks.table import Row

FIRST = 60


def measure(*, quick: bool) -> list[Row]:
    """Open pages of both."""
    pages = 50 if quick else 200
    with ExitStack() as stack:
        bare, folder = (Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2))
        floor = stack.enter_context(running_bare(bare, FORM))
        ours = App(folder)
        stack.callback(ours.stop)
        ours.start(FORWARDED_ALLOW_IPS="*")
        kept = [1024 * grown(app, pages) / pages for app in (ours, floor)]
    return [Row(f"memory of an open page, Streamlit's form, {pages} open", kept[0], "KiB", "bare check boxes", kept[1])]


def grown(app: App, pages: int) -> float:
    """Return by how many MiB the server grows."""
    with ExitStack() as stack:
        for visitor in range(FIRST):
            stack.enter_context(opened(app, visitor))
        before = resident(app)
        for visitor in range(pages):
            stack.enter_context(opened(app, visitor % 250))
        return resident(app) - before


def resident(app: App) -> float:
    """Return the MiB of a server at rest."""
    rest(app.process.pid)
    rollup = Path(f"/proc/{app.process.pid}/smaps_rollup").read_text(encoding="utf-8")
    return int(rollup.partition("\nPss:")[2].split()[0]) / 1024
