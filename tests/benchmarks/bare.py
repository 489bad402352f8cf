"""What ours is compared with: bare apps as `streamlit run` starts them, with none of our settings."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.catalogue import LABELS
from tests.app import App

HI = 'import streamlit as st\n\nst.write("hi")\n'
FORM = f"""import streamlit as st

for code, label in {LABELS!r}.items():
    st.checkbox(label, key=code)
if st.button("Send"):
    st.success("Sent.")
"""
ONLY_SETTINGS = ["--server.headless", "true", "--browser.gatherUsageStats", "false"]


class Bare(App):
    """A script alone in its folder, so that Streamlit finds no `.streamlit/config.toml`."""

    def write(self, source: str) -> None:
        """Take this for the script."""
        (self.folder / "bare.py").write_text(source, encoding="utf-8")

    def start(self, *, script: str | Path = "bare.py", **_: str) -> None:
        """Start the server and wait until it is ready."""
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(self.port)]
        with self.console.open("ab") as console:
            self.process = subprocess.Popen([*command, *ONLY_SETTINGS], cwd=self.folder, stdout=console, stderr=console)
        deadline = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the bare app did not start:\n{self.console.read_text(encoding='utf-8')}")
            time.sleep(0.1)


@contextmanager
def running_bare(folder: Path, source: str) -> Iterator[App]:
    """Run a bare app for the length of a block."""
    app = Bare(folder)
    app.write(source)
    app.start()
    try:
        yield app
    finally:
        app.stop()
