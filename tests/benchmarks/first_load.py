"""What the first load costs a phone.

Each is opened in turn with an empty cache, as it is and then with the network and processor of a slow phone:

bare     `st.write("hi")`, as `streamlit run` starts it
ours     the check-in, left alone until Streamlit has taken over
touched  the check-in, a box ticked after a second, or as soon as it is there

Bytes are what arrives over HTTP, headers included, plus the content of the websocket's frames both ways, until a second
has passed in which nothing was asked for; those until it is usable are the document's, and of all that had come by
then. Usable is when all boxes and the Send button, or "hi", are there; at the end a tap must tick a box. The
throttling leaves the websocket as it is: Chromium offers nothing else.

Each server is opened once before, uncounted: what it compresses or imports at the first visit is not the phone's.
"""

import json
import math
import statistics
import tempfile
from contextlib import ExitStack
from dataclasses import astuple, dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from data.catalogue import SIDE_EFFECTS
from tests.app import chromium, running
from tests.benchmarks.bare import HI, running_bare
from tests.benchmarks.table import Row
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
}
LATEST = 12_000  # milliseconds in which Streamlit takes over, or not at all


@dataclass
class Load:
    """One first load: bytes, milliseconds since the navigation began.

    `over` is 0 where Streamlit does not take over; `task` is the longest one in which a finger would wait: from when
    the page is usable until Streamlit has taken over, of the bare app until it is usable.
    """

    size: float
    early: float
    first_paint: float
    usable: float
    over: float
    task: float


def load(browser: Browser, name: str, url: str, *, slow: bool) -> Load:
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
        wait_for(
            page, f"seen.over || window.checkin?.touched || window.checkin?.stopped || performance.now() > {LATEST}"
        )
    wait_for_quiet(page, traffic)
    seen, first_paint = page.evaluate("seen"), page.evaluate(FIRST_PAINT)
    if name == "ours":
        tick(page)
    context.close()
    since, until = (seen["usable"], seen["over"]) if seen["over"] else (0, seen["usable"])
    tasks = [took for began, took in seen["tasks"] if since < began + took and began < until]
    early = traffic.size(seen["usable"] / 1000)
    return Load(traffic.size(), early, first_paint, seen["usable"], seen["over"], max(tasks, default=0))


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


def measure(*, quick: bool) -> list[Row]:
    """Load all in turn, not throttled and then as a slow phone; return the medians of ours beside the bare app's."""
    times = 1 if quick else 2
    with ExitStack() as stack:
        bare, ours = (Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2))
        servers = {"bare": stack.enter_context(running_bare(bare, HI)), "ours": stack.enter_context(running(ours))}
        browser = chromium(stack.enter_context(sync_playwright()))
        urls = {name: servers.get(name, servers["ours"]).url for name in PAGES}
        for name, url in urls.items():
            load(browser, name, url, slow=False)
        found: dict[bool, dict[str, Load]] = {}
        for slow in (False, True):
            turns = [{name: load(browser, name, url, slow=slow) for name, url in urls.items()} for _ in range(times)]
            found[slow] = {name: median([turn[name] for turn in turns]) for name in urls}
    return rows(found[False], found[True])


def median(loads: list[Load]) -> Load:
    """Return the median of each measure."""
    return Load(*(statistics.median(measure) for measure in zip(*map(astuple, loads), strict=True)))


def rows(fast: dict[str, Load], slow: dict[str, Load]) -> list[Row]:
    """Return what is told of the medians."""
    all_bytes, floor = fast["bare"].size / 1000, 'a bare `st.write("hi")`'
    sizes = {
        "until it is usable on slow 4G": slow["ours"].early,
        "touched within two seconds": fast["touched"].size,
        "once Streamlit has taken over": fast["ours"].size,
    }
    times = {
        "not throttled: usable": (fast["ours"].usable, fast["bare"].usable),
        "slow 4G: first paint": (slow["ours"].first_paint, slow["bare"].first_paint),
        "slow 4G: usable": (slow["ours"].usable, slow["bare"].usable),
        "slow 4G: Streamlit has taken over": (slow["ours"].over or math.inf, slow["bare"].usable),
        "slow 4G: longest task that keeps a finger waiting": (slow["ours"].task, slow["bare"].task),
    }
    return [
        *(Row(f"bytes of a first load, {when}", size / 1000, "kB", floor, all_bytes) for when, size in sizes.items()),
        *(Row(f"first load, {what}", ours, "ms", floor, bare) for what, (ours, bare) in times.items()),
    ]
