"""What one visit costs the server: `python -m tests.benchmarks.visit`. Linux only.

A visit: open the page, tick three boxes (ours: and choose the window), tap Send, read the confirmation, close the
page. Counted is the CPU time, user and system, of the server process and its children from before the opening until
the server has come to rest after the closing, so with what Streamlit does after each script run; what the server
uses in the same time when nobody visits is subtracted. One Chromium visits the three in turn, at a person's pace:

floor   fourteen `st.checkbox`, a button and `st.success`, as `streamlit run` starts them with Streamlit's defaults;
        each tick is a script run there
ours    the app as the README starts it; ticks wait in the browser
signed  the same after a clinician has signed in and opened the dashboard in the same process

Not counted: starting, the first visits, compressing static files. The browser keeps the static files it may keep;
the document and the few files that Streamlit forbids to keep are served at each visit and are counted.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click
from playwright.sync_api import BrowserContext, Page, sync_playwright

from data.catalogue import SIDE_EFFECTS, WINDOWS
from tests.app import App, chromium, open_check_in, running, sign_in
from tests.benchmarks.bare import FORM, running_bare

TICKED = [side_effect.label for side_effect in (SIDE_EFFECTS[1], SIDE_EFFECTS[4], SIDE_EFFECTS[10])]
PAUSE = 300  # milliseconds between taps: faster ones would share a script run
REST = 0.3  # seconds between two looks at a server that comes to rest
BUSY = 0.015  # of one processor: a server at rest uses less


def cpu_seconds(process: int) -> float:
    """Return the CPU time of a process, its ended threads included, and of its living children."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()
    return time.clock_gettime(~process << 3 | 2) + sum(cpu_seconds(int(child)) for child in children)


def at_rest(process: int) -> tuple[float, float]:
    """Wait until nothing is left to do for a process; return its CPU time and the time of the clock."""
    used = REST
    while used > BUSY * REST:
        before = cpu_seconds(process)
        time.sleep(REST)
        used = cpu_seconds(process) - before
    return cpu_seconds(process), time.monotonic()


def idle_share(process: int) -> float:
    """Return how much of one processor a process uses while nobody visits."""
    before = cpu_seconds(process)
    time.sleep(5)
    return (cpu_seconds(process) - before) / 5


def tick_and_send(page: Page, send: str) -> None:
    """Do what both forms ask for."""
    for label in TICKED:
        page.get_by_text(label, exact=True).click()
        page.wait_for_timeout(PAUSE)
    page.get_by_role("button", name=send, exact=True).click()


def visit_floor(page: Page, app: App) -> None:
    """Visit the bare form."""
    page.goto(app.url)
    page.get_by_role("button", name="Send", exact=True).wait_for()
    page.wait_for_timeout(PAUSE)
    tick_and_send(page, "Send")
    page.get_by_text("Sent.", exact=True).wait_for()


def visit_ours(page: Page, app: App) -> None:
    """Visit the check-in."""
    open_check_in(page, app)
    page.wait_for_timeout(PAUSE)
    page.get_by_role("radio", name=WINDOWS[0].label).click()
    page.wait_for_timeout(PAUSE)
    tick_and_send(page, "Send to my clinic")
    page.get_by_role("heading", name="Sent").wait_for()


def open_dashboard(context: BrowserContext, app: App) -> None:
    """Make the server import what only the dashboard needs."""
    page = context.new_page()
    sign_in(page, app)
    page.locator("[data-testid=stVegaLiteChart] :is(canvas, svg)").first.wait_for()
    page.close()


def cost(context: BrowserContext, app: App, visit: Callable[[Page, App], None]) -> tuple[float, float]:
    """Return the CPU seconds of one visit, idling included, and its length."""
    before, began = at_rest(app.process.pid)
    page = context.new_page()
    visit(page, app)
    page.close()
    after, ended = at_rest(app.process.pid)
    return after - before, ended - began


@click.command(help=__doc__.partition("\n\n")[0])
@click.option("--visits", default=20, show_default=True, help="Visits of each server that count.")
@click.option("--first", default=5, show_default=True, help="Visits of each server before, that do not count.")
def main(visits: int, first: int) -> None:
    """Visit the three in turn, print mean and ratio."""
    with ExitStack() as stack:
        floor, ours, signed = (Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(3))
        servers = {
            "floor": (stack.enter_context(running_bare(floor, FORM)), visit_floor),
            "ours": (stack.enter_context(running(ours, min_group="1")), visit_ours),
            "signed": (stack.enter_context(running(signed, min_group="1")), visit_ours),
        }
        browser = stack.enter_context(sync_playwright())
        context = chromium(browser).new_context(reduced_motion="reduce")
        costs: dict[str, list[tuple[float, float]]] = {name: [] for name in servers}
        for turn in range(first + visits):
            if turn == 1:
                open_dashboard(context, servers["signed"][0])
            for name, (app, visit) in servers.items():
                costs[name].append(cost(context, app, visit))
        idle = {name: idle_share(app.process.pid) for name, (app, _) in servers.items()}
    click.echo(f"CPU time of the server for one visit, mean of {visits}:")
    means = {}
    for name in costs:
        counted = [1000 * (used - idle[name] * length) for used, length in costs[name][first:]]
        means[name] = statistics.mean(counted)
        share = means[name] / means["floor"]
        click.echo(f"{name:8}{means[name]:7.1f} ms, median {statistics.median(counted):.1f}   {share:.3f} of the floor")


if __name__ == "__main__":
    main()
