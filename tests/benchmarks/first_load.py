"""What the first load costs a phone: `python -m tests.benchmarks.first_load`.

Each is opened in turn with an empty cache, as it is and then with the network and processor of a slow phone:

bare     `st.write("hi")`, as `streamlit run` starts it
ours     the check-in, left alone until Streamlit has taken over
touched  the check-in, a box ticked after a second, or as soon as it is there
plain    `/plain`

Bytes are what arrives over HTTP, headers included, plus the content of the websocket's frames both ways, until a second
has passed in which nothing was asked for; those until it is usable are the document's, and of all that had come by
then. Usable is when all boxes and the Send button, or "hi", are there; at the end a tap must tick a box. The
throttling leaves the websocket as it is: Chromium offers nothing else.

Each server is opened once before, uncounted: what it compresses or imports at the first visit is not the phone's.
"""

import json
import statistics
import tempfile
from contextlib import ExitStack
from dataclasses import astuple, dataclass
from pathlib import Path

import click
from playwright.sync_api import Browser, Page, expect, sync_playwright

from data.catalogue import SIDE_EFFECTS
from tests.app import chromium, running
from tests.benchmarks.bare import HI, running_bare
from tests.benchmarks.traffic import Traffic

SLOW_4G = {
    "offline": False,
    "downloadThroughput": 1.6e6 / 8,  # bytes per second
    "uploadThroughput": 0.75e6 / 8,
    "latency": 150,  # milliseconds
}
SLOWER = 4  # times
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
BOXES = {"elements": "[type=checkbox], .foot button", "number": 16}
PAGES = {  # path, and what makes it usable
    "bare": ("/", {"elements": "[data-testid=stMarkdown] p", "number": 1}),
    "ours": ("/", BOXES),
    "touched": ("/", BOXES),
    "plain": ("/plain", BOXES),
}
LATEST = 12_000  # milliseconds in which Streamlit takes over, or not at all


@dataclass
class Load:
    """One first load: bytes, requests, milliseconds since the navigation began.

    `over` is 0 where Streamlit does not take over; `task` is the longest one between that and the first use.
    """

    size: float
    early: float
    requests: float
    first_paint: float
    usable: float
    over: float
    task: float
    shift: float


def load(browser: Browser, name: str, url: str, *, slow: bool) -> tuple[Load, Traffic]:
    """Open a page with an empty cache."""
    context = browser.new_context(**PHONE)
    page = context.new_page()
    network = context.new_cdp_session(page)
    if slow:
        network.send("Network.emulateNetworkConditions", SLOW_4G)
        network.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    traffic = Traffic(network)
    path, usable = PAGES[name]
    script = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    page.add_init_script(f"const USABLE = {json.dumps(usable)};\n{script}")
    page.goto(url + path, wait_until="commit")
    wait_for(page, "seen.usable")
    if name == "touched":
        wait_for(page, "performance.now() > 1000")
        tick(page)
    if name in ("ours", "touched"):
        wait_for(page, f"seen.over || window.checkin?.touched || performance.now() > {LATEST}")
    wait_for_quiet(page, traffic)
    seen, first_paint = page.evaluate("seen"), page.evaluate(FIRST_PAINT)
    if name in ("ours", "plain"):
        tick(page)
    context.close()
    tasks = [took for began, took in seen["tasks"] if seen["usable"] < began + took and began < seen["over"]]
    early = traffic.size(seen["usable"] / 1000)
    times = (first_paint, seen["usable"], seen["over"], max(tasks, default=0))
    return Load(traffic.size(), early, len(traffic.loaded), *times, seen["shift"]), traffic


def wait_for(page: Page, words: str) -> None:
    """Wait until an expression is true; playwright's own way to wait is not allowed by our Content-Security-Policy."""
    while not page.evaluate(words):
        page.wait_for_timeout(50)


def tick(page: Page) -> None:
    """Tap a side effect; see that its box is ticked."""
    page.get_by_text(SIDE_EFFECTS[0].label, exact=True).tap()
    expect(page.get_by_role("checkbox", name=SIDE_EFFECTS[0].label)).to_be_checked()


def wait_for_quiet(page: Page, traffic: Traffic) -> None:
    """Wait until nothing was asked for a second, and all is answered."""
    state = None
    while state != traffic.state or len(set(state)) > 1:
        state = traffic.state
        page.wait_for_timeout(1000)


@click.command(help=__doc__.partition("\n\n")[0])
@click.option("--times", default=3, show_default=True, help="Loads of each, of which the median is told.")
@click.option("--largest", default=0, show_default=True, help="List so many of our largest answers, too.")
def main(times: int, largest: int) -> None:
    """Load all in turn, print medians and ratios."""
    with ExitStack() as stack:
        bare, ours = (Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2))
        servers = {"bare": stack.enter_context(running_bare(bare, HI)), "ours": stack.enter_context(running(ours))}
        browser = chromium(stack.enter_context(sync_playwright()))
        urls = {name: servers.get(name, servers["ours"]).url for name in PAGES}
        for name, url in urls.items():
            load(browser, name, url, slow=False)
        for slow in (False, True):
            seen: dict[str, Traffic] = {}
            found: dict[str, list[Load]] = {name: [] for name in urls}
            for _ in range(times):
                for name, url in urls.items():
                    measured, seen[name] = load(browser, name, url, slow=slow)
                    found[name].append(measured)
            click.echo("1.6 Mbit/s down, 0.75 up, 150 ms latency, CPU 4 times slower:" if slow else "Not throttled:")
            report({name: median(loads) for name, loads in found.items()})
    sizes = [(answer.size, seen["ours"].urls[key]) for key, answer in seen["ours"].answers.items()]
    for size, url in sorted(sizes, reverse=True)[:largest]:
        click.echo(f"{size / 1000:8.1f} kB  {url}")


def median(loads: list[Load]) -> Load:
    """Return the median of each measure."""
    return Load(*(statistics.median(measure) for measure in zip(*map(astuple, loads), strict=True)))


def report(medians: dict[str, Load]) -> None:
    """Print a line for each page, and its ratios to the bare app's."""
    bare = medians["bare"]
    for name, one in medians.items():
        sizes = f"{one.size / 1000:7.1f} kB, until usable {one.early / 1000:7.1f} kB, {one.requests:3.0f} requests"
        times = f"first paint {one.first_paint / 1000:5.2f} s, usable {one.usable / 1000:5.2f} s"
        click.echo(f"  {name:8}{sizes}, {times}, layout shift {one.shift:.3f}")
        if name == "ours":
            over = (
                f"after {one.over / 1000:.2f} s, longest task until then {one.task:.0f} ms"
                if one.over
                else "not at all"
            )
            click.echo(f"          Streamlit took over {over}")
        ratios = f"{one.size / bare.size:.4f} of the bytes, {one.early / bare.early:.4f} until usable"
        times = f"{one.first_paint / bare.first_paint:.3f} and {one.usable / bare.usable:.3f} of the times"
        click.echo(f"          {ratios}, {one.requests / bare.requests:.2f} of the requests, {times}")


if __name__ == "__main__":
    main()
