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
if st.button("Send", key="send"):
    st.success("Sent.")
"""
# The least that Streamlit can do: no tick runs the script, no module is looked at after a run, and nothing of what was
# there before the run.
LEAST = f"""import gc

import streamlit as st

gc.freeze()
with st.form("check_in"):
    for code, label in {LABELS!r}.items():
        st.checkbox(label, key=code)
    is_sent = st.form_submit_button("Send", key="send")
if is_sent:
    st.success("Sent.")
"""
UNWATCHED = ["--server.fileWatcherType", "none"]
ONLY_SETTINGS = ["--server.headless", "true", "--browser.gatherUsageStats", "false"]


class Bare(App):
    """A script alone in its folder, so that Streamlit finds no `.streamlit/config.toml`."""

    def __init__(self, folder: Path, source: str, *options: str) -> None:
        """Take this for the script, and more options of `streamlit run`."""
        super().__init__(folder)
        self.options = [*ONLY_SETTINGS, *options]
        (folder / "bare.py").write_text(source, encoding="utf-8")

    def start(self, *, script: str | Path = "bare.py", **_: str) -> None:
        """Start the server and wait until it is ready."""
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(self.port)]
        with self.console.open("ab") as console:
            self.process = subprocess.Popen([*command, *self.options], cwd=self.folder, stdout=console, stderr=console)
        deadline = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the bare app did not start:\n{self.console.read_text(encoding='utf-8')}")
            time.sleep(0.1)


@contextmanager
def running_bare(folder: Path, source: str, *options: str) -> Iterator[App]:
    """Run a bare app for the length of a block."""
    app = Bare(folder, source, *options)
    app.start()
    try:
        yield app
    finally:
        app.stop()
