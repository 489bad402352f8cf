"""What one visit costs the server.

A visit: open the page, tick three boxes (ours: and choose the window), tap Send, read the confirmation, close the
page. Counted is the CPU time, user and system, of the server process and its children from before the opening until
the server has come to rest after the closing, so with what Streamlit does after each script run; what the server
uses in the same time when nobody visits is subtracted. One Chromium visits all in turn, at a person's pace:

floor    fourteen `st.checkbox`, a button and `st.success`, as `streamlit run` starts them with Streamlit's defaults;
         each tick is a script run there
least    the same with the ticks kept in the browser by an `st.form`, without the file watcher, and with everything that
         is there before a run frozen out of the garbage collector's sight
html     the check-in as HTML, by a browser with an empty cache, every file included
touched  the same, the window chosen when the first of Streamlit's files has been asked for
app      the check-in, sent after Streamlit has taken over
cold     the same by a browser with an empty cache, every file included
signed   as app, after a clinician has signed in and opened the dashboard in the same process

Not counted: starting, the first visits, compressing static files. Where the cache is not emptied the browser keeps the
static files it may keep; the document and the few files that Streamlit forbids to keep are served at each visit and are
counted.
"""

import statistics
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from data.catalogue import SIDE_EFFECTS, WINDOWS
from tests.app import AT_ONCE, App, chromium, open_check_in, running, sign_in
from tests.benchmarks.bare import FORM, LEAST, UNWATCHED, running_bare
from tests.benchmarks.processor import Spent, idle_shares, spent
from tests.benchmarks.table import Row

TICKED = [side_effect.label for side_effect in (SIDE_EFFECTS[1], SIDE_EFFECTS[4], SIDE_EFFECTS[10])]
OURS = {
    "html": "HTML form",
    "touched": "HTML form touched while Streamlit loads",
    "app": "Streamlit's form",
    "cold": "Streamlit's form, empty cache",
    "signed": "Streamlit's form, after the dashboard was opened",
}
PAUSE = 300  # milliseconds between taps: faster ones would share a script run


class Way(NamedTuple):
    """A way to visit a server, with an empty cache or with what the visits before have left there."""

    app: App
    visit: Callable[[Page, App], None]
    is_fresh: bool = False


def tick_and_send(page: Page, send: str) -> None:
    """Do what all forms ask for."""
    for label in TICKED:
        page.get_by_text(label, exact=True).click()
        page.wait_for_timeout(PAUSE)
    page.get_by_role("button", name=send, exact=True).click()


def visit_bare(page: Page, app: App) -> None:
    """Visit a bare form."""
    page.goto(app.url)
    page.get_by_role("button", name="Send", exact=True).wait_for()
    page.wait_for_timeout(PAUSE)
    tick_and_send(page, "Send")
    page.get_by_text("Sent.", exact=True).wait_for()


def visit_ours(form: str, page: Page, app: App) -> None:
    """Visit the check-in in one of its forms."""
    open_check_in(page, app, form)
    page.wait_for_timeout(PAUSE)
    fill_in(page)


def visit_touched(page: Page, app: App) -> None:
    """Visit the check-in, begin when Streamlit's files have begun to come."""
    page.add_init_script(AT_ONCE)
    with page.expect_request("**/static/js/*"):
        page.goto(app.url)
    fill_in(page)


def fill_in(page: Page) -> None:
    """Fill in the check-in and send it."""
    page.get_by_role("radio", name=WINDOWS[0].label).click()
    page.wait_for_timeout(PAUSE)
    tick_and_send(page, "Send to my clinic")
    page.get_by_role("heading", name="Sent").wait_for()


def open_dashboard(context: BrowserContext, app: App) -> None:
    """Make the server import what only the dashboard needs."""
    page = context.new_page()
    sign_in(page, app, "/clinic?dashboard_view=Frequencies&dashboard_origin=Open+link")
    page.locator("[data-testid=stVegaLiteChart] :is(canvas, svg)").first.wait_for()
    page.close()


def cost(browser: Browser, used: BrowserContext, way: Way) -> Spent:
    """Return what one visit costs."""
    context = browser.new_context(reduced_motion="reduce") if way.is_fresh else used

    def work() -> None:
        page = context.new_page()
        way.visit(page, way.app)
        page.close()

    found = spent(way.app.process.pid, work)
    if way.is_fresh:
        context.close()
    return found


def measure(*, quick: bool) -> list[Row]:
    """Take turns; return the mean cost of each way, beside both bare forms'."""
    first, visits = (1, 1) if quick else (2, 5)  # the first do not count
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(4)]
        floor = stack.enter_context(running_bare(folders[0], FORM))
        least = stack.enter_context(running_bare(folders[1], LEAST, *UNWATCHED))
        ours, signed = (stack.enter_context(running(folder, min_group="1")) for folder in folders[2:])
        ways = {
            "floor": Way(floor, visit_bare),
            "least": Way(least, visit_bare),
            "html": Way(ours, partial(visit_ours, "html"), is_fresh=True),
            "touched": Way(ours, visit_touched, is_fresh=True),
            "app": Way(ours, partial(visit_ours, "app")),
            "cold": Way(ours, partial(visit_ours, "app"), is_fresh=True),
            "signed": Way(signed, partial(visit_ours, "app")),
        }
        browser = chromium(stack.enter_context(sync_playwright()))
        used = browser.new_context(reduced_motion="reduce")
        costs: dict[str, list[Spent]] = {name: [] for name in ways}
        for turn in range(first + visits):
            if turn == 1:
                open_dashboard(used, signed)
            for name, way in ways.items():
                costs[name].append(cost(browser, used, way))
        idle = idle_shares([app.process.pid for app in (floor, least, ours, signed)])
    means = {}
    for name, way in ways.items():
        counted = [one.processor - idle[way.app.process.pid] * one.clock for one in costs[name][first:]]
        means[name] = 1000 * statistics.mean(counted)
    return [
        Row(f"server's CPU for a visit, {OURS[name]}", means[name], "ms", bare, means[of])
        for of, bare, names in (
            ("floor", "bare check boxes", OURS),
            ("least", "the least of Streamlit", ("html", "app")),
        )
        for name in names
    ]
