"""What the first load costs a phone: `python -m tests.benchmarks.first_load`.

Both doors of ours and a bare `st.write("hi")`, as `streamlit run` starts it, are opened in turn with an empty cache,
as they are and then with the network and processor of a slow phone. Bytes are what arrives over HTTP, headers
included, plus the content of the websocket's frames both ways, until a second has passed in which nothing was asked
for. Usable is when all boxes and the Send button, or "hi", are visible. The throttling leaves the websocket as it is:
Chromium offers nothing else.

Each server is opened once before, uncounted: what it compresses or imports at the first visit is not the phone's.
"""

import base64
import statistics
import tempfile
from contextlib import ExitStack
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import Browser, CDPSession, sync_playwright

from tests.app import chromium, running
from tests.benchmarks.bare import HI, running_bare

SLOW_4G = {
    "offline": False,
    "downloadThroughput": 1.6e6 / 8,  # bytes per second
    "uploadThroughput": 0.75e6 / 8,
    "latency": 150,  # milliseconds
}
SLOWER = 4  # times
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
FORM = ("role=checkbox >> nth=14", "role=button[name='Send to my clinic']")
PAGES = {"bare": ("/", ["text=hi"]), "ours": ("/", FORM), "plain": ("/plain", FORM)}  # path, what makes it usable


@dataclass
class Load:
    """One first load: bytes, requests, milliseconds since the navigation began."""

    size: float
    requests: float
    first_paint: float
    usable: float


class Traffic:
    """What goes over the line while a page loads: bytes by URL, one entry for each request."""

    def __init__(self, network: CDPSession) -> None:
        self.urls: dict[str, str] = {}
        self.sizes: dict[str, float] = {}
        self.frames = 0
        network.send("Network.enable")
        network.on("Network.requestWillBeSent", self._asked)
        network.on("Network.loadingFinished", self._answered)
        network.on("Network.loadingFailed", self._failed)
        network.on("Network.webSocketFrameReceived", self._framed)
        network.on("Network.webSocketFrameSent", self._framed)

    @property
    def state(self) -> tuple[int, int]:
        """How many requests are asked and how many answered."""
        return len(self.urls), len(self.sizes)

    def _asked(self, event: dict[str, Any]) -> None:
        if not event["request"]["url"].startswith(("data:", "blob:")):
            self.urls[event["requestId"]] = event["request"]["url"]

    def _answered(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.urls:
            self.sizes[event["requestId"]] = event["encodedDataLength"]

    def _failed(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.urls:
            self.sizes[event["requestId"]] = 0

    def _framed(self, event: dict[str, Any]) -> None:
        frame = event["response"]
        self.frames += len(base64.b64decode(frame["payloadData"]) if frame["opcode"] == 2 else frame["payloadData"])


def load(browser: Browser, name: str, url: str, *, slow: bool) -> tuple[Load, Traffic]:
    """Open a page with an empty cache."""
    context = browser.new_context(**PHONE)
    page = context.new_page()
    network = context.new_cdp_session(page)
    if slow:
        network.send("Network.emulateNetworkConditions", SLOW_4G)
        network.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    traffic = Traffic(network)
    path, usable_by = PAGES[name]
    page.goto(url + path, wait_until="commit")
    for element in usable_by:
        page.locator(element).wait_for(timeout=120_000)
    usable = page.evaluate("performance.now()")
    state = None
    while state != traffic.state or len(set(state)) > 1:
        state = traffic.state
        page.wait_for_timeout(1000)
    size = sum(traffic.sizes.values()) + traffic.frames
    measured = Load(size, len(traffic.urls), page.evaluate(FIRST_PAINT), usable)
    context.close()
    return measured, traffic


@click.command(help=__doc__.partition("\n\n")[0])
@click.option("--times", default=3, show_default=True, help="Loads of each, of which the median is told.")
@click.option("--largest", default=0, show_default=True, help="List so many of our largest answers, too.")
def main(times: int, largest: int) -> None:
    """Load all in turn, print medians and ratios."""
    with ExitStack() as stack:
        bare, ours = (Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2))
        servers = {"bare": stack.enter_context(running_bare(bare, HI)), "ours": stack.enter_context(running(ours))}
        servers["plain"] = servers["ours"]
        browser = chromium(stack.enter_context(sync_playwright()))
        for name, app in servers.items():
            load(browser, name, app.url, slow=False)
        for slow in (False, True):
            seen: dict[str, Traffic] = {}
            found: dict[str, list[Load]] = {name: [] for name in servers}
            for _ in range(times):
                for name, app in servers.items():
                    measured, traffic = load(browser, name, app.url, slow=slow)
                    found[name].append(measured)
                    seen[name] = traffic
            click.echo("1.6 Mbit/s down, 0.75 up, 150 ms latency, CPU 4 times slower:" if slow else "Not throttled:")
            report({name: median(loads) for name, loads in found.items()})
    sizes = [(size, seen["ours"].urls[key]) for key, size in seen["ours"].sizes.items()]
    for size, url in sorted(sizes, reverse=True)[:largest]:
        click.echo(f"{size / 1000:8.1f} kB  {url}")


def median(loads: list[Load]) -> Load:
    """Return the median of each measure."""
    return Load(*(statistics.median(measure) for measure in zip(*map(astuple, loads), strict=True)))


def report(medians: dict[str, Load]) -> None:
    """Print one line for each page, and its ratios to the bare app's."""
    bare = astuple(medians["bare"])
    for name, one in medians.items():
        times = f"first paint {one.first_paint / 1000:6.2f} s, usable {one.usable / 1000:6.2f} s"
        click.echo(f"  {name:6}{one.size / 1000:8.1f} kB, {one.requests:3.0f} requests, {times}")
        ratios = [of_ours / of_bare for of_ours, of_bare in zip(astuple(one), bare, strict=True)]
        words = "        {:.3f} of the bytes, {:.2f} of the requests, {:.3f} and {:.3f} of the times"
        click.echo(words.format(*ratios))


if __name__ == "__main__":
    main()
