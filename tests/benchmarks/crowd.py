"""What twenty visitors at once get.

Each opens the page, loads what a browser with an empty cache asks for, sends one tick, is told so, and begins again:

floor      the bare form, as `streamlit run` starts it: files, the page's run by the websocket, Send by the same
unwatched  the same without the file watcher
html       the check-in as HTML: files, Send as its script does, the confirmation
app        the check-in in which Streamlit has taken over

What a browser asks for is found out by Chromium before; it is asked for here on one line, one after the other. Send
takes from the tap until the confirmation is there. All visitors are one process.
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright
from websockets.sync.client import connect

from data.catalogue import WINDOWS
from data.reports import check_ins
from tests.app import AT_ONCE, NEVER, App, chromium
from tests.benchmarks.bare import FORM, UNWATCHED, running_bare
from tests.benchmarks.table import Row, percentile
from tests.benchmarks.traffic import Traffic
from tests.form import Line
from tests.session import Session

VISITORS = 20
COMPRESSED = "gzip, br"
OURS = {"html": "HTML form", "app": "Streamlit's form"}
TICK_AND_SEND = {"headache": ("bool_value", True), "send": ("trigger_value", True)}


def visit_html(app: App, files: list[str], visitor: int) -> float:
    """Visit the HTML form; return the seconds from Send to the confirmation."""
    form = {"key": check_ins.new_key(), "window": WINDOWS[0].code, "ticked": "headache"}
    line = Line(app, visitor, COMPRESSED)
    for path in files:
        line.ask("GET", path)
    began = time.perf_counter()
    answer, told = line.ask("POST", "/", form, x_check_in="fetch")
    assert answer.status == 200, told
    answer, _ = line.ask("GET", json.loads(told)["location"], cookie=answer.headers["set-cookie"].partition(";")[0])
    took = time.perf_counter() - began
    assert answer.status == 200, answer.status
    line.close()
    return took


def visit_by_socket(app: App, files: list[str], visitor: int) -> float:
    """Visit a form that Streamlit shows; return the seconds from Send to the confirmation."""
    line = Line(app, visitor, COMPRESSED)
    for path in files:
        line.ask("GET", path)
    with opened(app, visitor) as session:
        ours = {"key": ("string_value", check_ins.new_key()), "window": ("string_array_value", [WINDOWS[0].label])}
        message = session.message(TICK_AND_SEND | (ours if "key" in session.ids else {}))
        began = time.perf_counter()
        told = session.run(message)
        took = time.perf_counter() - began
    assert told[-1].startswith("Sent."), told
    line.close()
    return took


@contextmanager
def opened(app: App, visitor: int) -> Iterator[Session]:
    """Keep a page that Streamlit shows open, whose first run is over."""
    address, more = f"ws://localhost:{app.port}/_stcore/stream", {"x-forwarded-for": f"192.0.2.{visitor}"}
    with connect(address, subprotocols=["streamlit"], origin=app.url, additional_headers=more) as connection:
        yield Session(connection)


def asked_for(browser: Browser, url: str, script: str) -> list[str]:
    """Return what a browser with an empty cache asks for, in its order."""
    context = browser.new_context()
    page = context.new_page()
    traffic = Traffic(context.new_cdp_session(page))
    page.add_init_script(script)
    page.goto(url, wait_until="networkidle")
    page.wait_for_timeout(3000)
    context.close()
    return [urlsplit(address).path for address in traffic.loaded]


def visits(pool: ThreadPoolExecutor, visit: Callable[[int], float], seconds: float) -> tuple[list[float], float]:
    """Let all visit for some seconds; return what each Send took, and how long it was until the last had ended."""
    began = time.monotonic()

    def keep_visiting(visitor: int) -> list[float]:
        took = []
        while time.monotonic() < began + seconds:
            took.append(visit(visitor))
        return took

    took = [one for of_one in pool.map(keep_visiting, range(VISITORS)) for one in of_one]
    return took, time.monotonic() - began


def measure(*, quick: bool) -> list[Row]:
    """Take turns, of which the first does not count; return visits a second and what Send took."""
    turns, seconds = (1, 2) if quick else (2, 8)
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(3)]
        floor = stack.enter_context(running_bare(folders[0], FORM))
        unwatched = stack.enter_context(running_bare(folders[1], FORM, *UNWATCHED))
        ours = App(folders[2])
        stack.callback(ours.stop)
        ours.start(FORWARDED_ALLOW_IPS="*")
        with sync_playwright() as playwright:
            browser = chromium(playwright)
            bare, html, app = (
                asked_for(browser, one.url, script) for one, script in ((floor, ""), (ours, NEVER), (ours, AT_ONCE))
            )
            html += asked_for(browser, f"{ours.url}/sent", "")[1:]
        ways = {
            "floor": partial(visit_by_socket, floor, bare),
            "unwatched": partial(visit_by_socket, unwatched, bare),
            "html": partial(visit_html, ours, html),
            "app": partial(visit_by_socket, ours, app),
        }
        pool = stack.enter_context(ThreadPoolExecutor(VISITORS))
        found: dict[str, list[tuple[list[float], float]]] = {name: [] for name in ways}
        for turn in range(1 + turns):
            for name, way in ways.items():
                found[name].append(visits(pool, way, seconds if turn else 2))
    rates, sends = {}, {}
    for name, of_turns in found.items():
        sends[name] = [1000 * one for took, _ in of_turns[1:] for one in took]
        rates[name] = len(sends[name]) / sum(length for _, length in of_turns[1:])
    at_once = f"{VISITORS} visitors at once"
    return [
        *(
            Row(f"visits a second, {at_once}, {form}", rates[name], "", "bare check boxes", rates["floor"])
            for name, form in OURS.items()
        ),
        *(
            Row(
                f"p{percent} from Send to the confirmation, {at_once}, {form}",
                percentile(sends[name], percent),
                "ms",
                "bare check boxes without the file watcher",
                percentile(sends["unwatched"], percent),
            )
            for name, form in OURS.items()
            for percent in (50, 95, 99)
        ),
    ]
