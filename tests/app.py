"""The app as a visitor meets it: in a process of its own, as the README starts it, and a Chromium to visit it with."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from argon2 import PasswordHasher
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from data.catalogue import CODES
from data.figures import views

ROOT = Path(__file__).parent.parent
PASSPHRASE = "correct horse battery staple"
QUICK_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSPHRASE)
# What Chromium does beside a page and no visitor sees is a fifth of a visit's cost: two lists of suggestions under the
# address bar are pages of their own in every window, and every page starts the process of a next one.
NOT_SEEN = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess"]
# Of two such switches Chromium takes the last, so ours repeats what playwright's turns off.
BY_PLAYWRIGHT = [
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
]
CHROMIUM_ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    f"--disable-features={','.join([*BY_PLAYWRIGHT, *NOT_SEEN])}",
]


class App:
    """One server process; `folder` holds its database, its key and its console output."""

    def __init__(self, folder: Path, port: int | None = None, **settings: str | None) -> None:
        """Take CHECKIN_* settings by name, such as `min_group="5"`; None leaves one out that is set by default."""
        self.folder, self.port, self.settings = folder, port or free_port(), settings
        self.url = f"http://localhost:{self.port}"
        self.database_url = settings.get("database_url") or f"sqlite:///{folder / 'checkins.db'}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, script: str | Path = ROOT / "streamlit_app.py", **environment: str) -> None:
        """Start the server and wait until it is ready."""
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(self.port)]
        with self.console.open("ab") as console:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment | environment, stdout=console, stderr=console
            )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until the server answers."""
        deadline = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the app did not start:\n{self.console.read_text(encoding='utf-8')}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End the server as a restart does."""
        self._end("terminate")

    def kill(self) -> None:
        """End the server as a power cut does."""
        self._end("kill")

    def check_ins(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return window and ticked codes of each stored check-in, in the order of arrival; no code is "None of these".

        Reads the file of the embedded database, past the code under test.
        """
        with closing(sqlite3.connect(f"file:{self.folder / 'checkins.db'}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            rows = connection.execute("SELECT * FROM check_ins ORDER BY id").fetchall()
        return [(row["window"], tuple(code for code in CODES if row[code])) for row in rows]

    def column(self, name: str) -> list[object]:
        """Return one column of the stored check-ins, in the order of arrival."""
        with closing(sqlite3.connect(f"file:{self.folder / 'checkins.db'}?mode=ro", uri=True)) as connection:
            return [value for (value,) in connection.execute(f"SELECT {name} FROM check_ins ORDER BY id")]

    def invite(self, hours: float = 0, number: int | None = 2) -> str:
        """Register an infusion that ended some hours ago, as a clinician does; return its invitation code."""
        words = (
            "from datetime import *; from data import clock; "
            "from data.reports import registration; from data.staff import passphrase; "
            f"token = passphrase.sign_in({PASSPHRASE!r}, 'test'); ended = clock.now() - timedelta(hours={hours}); "
            f"print(registration.register(token, ended=ended, number={number})[1])"
        )
        return self.run(words)

    def run(self, words: str) -> str:
        """Run Python in another process on the app's database; return what it prints."""
        named = {"CHECKIN_DATABASE_URL": self.database_url, "CHECKIN_PASSPHRASE_HASH": QUICK_HASH}
        out = subprocess.run(
            [sys.executable, "-c", words],
            cwd=ROOT,
            env=os.environ | named,
            check=True,
            capture_output=True,
            encoding="utf-8",
        )
        return out.stdout.strip()

    def withdraw_all(self) -> None:
        """Withdraw every check-in, past the code under test; the tallies are not looked at."""
        emptied = ", ".join(f"{code} = 0" for code in CODES)
        with closing(sqlite3.connect(self.folder / "checkins.db", isolation_level=None)) as connection:
            connection.execute(f'UPDATE check_ins SET {emptied}, "none" = 0, withdrawn = recorded')

    def end_sessions(self) -> None:
        """End every clinician's session, as 20 minutes without use do."""
        with closing(sqlite3.connect(self.folder / "checkins.db", isolation_level=None)) as connection:
            connection.execute("UPDATE staff_sessions SET ended = seen")

    def make_up_check_ins(self, number: int = 2500) -> None:
        """Fill the empty database as `python -m data demo` does."""
        command = [sys.executable, "-m", "data", "demo", "--check-ins", str(number)]
        environment = os.environ | {"CHECKIN_DATABASE_URL": self.database_url}
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)

    def operate(self, *words: str) -> str:
        """Run `python -m data` with the app's settings; return what it prints."""
        command = [sys.executable, "-m", "data", *words]
        out = subprocess.run(
            command, cwd=ROOT, env=self.environment, check=False, capture_output=True, encoding="utf-8"
        )
        return out.stdout + out.stderr

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the server: this process's, with the settings."""
        usual = {"database_url": self.database_url, "passphrase_hash": QUICK_HASH, "open_limit": "10000"}
        clinic = usual | self.settings
        return os.environ | {f"CHECKIN_{name.upper()}": value for name, value in clinic.items() if value is not None}

    @property
    def console(self) -> Path:
        """The file with everything the server printed."""
        return self.folder / "console.txt"

    def _end(self, how: str) -> None:
        if self.process:
            getattr(self.process, how)()
            self.process.wait(20)

    def _answers(self) -> bool:
        try:
            with closing(urlopen(f"{self.url}/_stcore/health", timeout=2)) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


@contextmanager
def running(folder: Path, **settings: str | None) -> Iterator[App]:
    """Run an app for the length of a block."""
    app = App(folder, **settings)
    try:
        app.start()
        yield app
    finally:
        app.stop()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def chromium(playwright: Playwright) -> Browser:
    """Start a headless Chromium: the machine's where there is one, else playwright's own."""
    sandbox = [] if os.geteuid() else ["--no-sandbox"]
    return playwright.chromium.launch(
        executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
        args=[*CHROMIUM_ARGUMENTS, *sandbox],
    )


# Streamlit takes over a second and a half after the HTML form has loaded, on what the browser calls a good connection:
# tests neither wait for the one nor depend on the other.
AT_ONCE = """{
  const later = setTimeout;
  window.setTimeout = (then, wait, ...more) => later(then, wait === 1500 ? 0 : wait, ...more);
  Object.defineProperty(navigator, "connection", { value: { effectiveType: "4g" } });
}"""
# The HTML form stays where the visitor saves data.
NEVER = 'Object.defineProperty(navigator, "connection", { value: { saveData: true } });'


def open_check_in(page: Page, app: App, form: str = "app") -> None:
    """Open the check-in and wait until it can be filled in: Streamlit's form (`app`), or the HTML form (`html`)."""
    page.add_init_script(AT_ONCE if form == "app" else NEVER)
    page.goto(app.url)
    wait_for_form(page, form=form)


def wait_for_form(page: Page, send: str = "Send to my clinic", form: str = "app") -> None:
    """Wait until all fifteen boxes and the button are there: the browser shows them as they come."""
    deadline = time.monotonic() + 60
    while page.locator("html").get_attribute("data-form") != form:
        if page.evaluate("window.checkin?.touched || window.checkin?.stopped"):  # on a busy machine Streamlit came late
            page.reload()
        page.wait_for_timeout(50)
        assert time.monotonic() < deadline, f"no form of Streamlit's: {page.evaluate('JSON.stringify(window.checkin)')}"
    page.get_by_role("checkbox").nth(14).wait_for()
    page.get_by_role("button", name=send).wait_for()
    wait_until_complete(page)


def wait_for_sent(page: Page) -> None:
    """Wait until the confirmation is there, all of it."""
    page.get_by_role("heading", name="Sent").wait_for()
    wait_until_complete(page)


def wait_until_complete(page: Page) -> None:
    """Wait until the page has come to its end: Streamlit shows one element after the other, as they come."""
    page.wait_for_load_state()
    expect(page.locator(".stApp:not([data-test-script-state=notRunning])")).to_have_count(0, timeout=30_000)


def fill_in(page: Page, window: str, *labels: str) -> None:
    """Choose the window and tick side effects by their labels, as fingers do."""
    page.get_by_role("radio", name=window).tap()
    for label in labels:
        page.get_by_text(label, exact=True).tap()


def send(page: Page) -> None:
    """Tap Send once."""
    page.get_by_role("button", name="Send to my clinic").tap()


def show_view(page: Page, name: str) -> Locator:
    """Choose one of the dashboard's views; return where it will be: the one before stays until the end of the run."""
    page.get_by_role("radio", name=name, exact=True).click()
    (kind,) = (view for view in views.VIEWS if view.name == name)
    return page.locator(f".st-key-dashboard_of_{kind.__name__}")


def sign_in(page: Page, app: App, path: str = "/clinic") -> None:
    """Open a clinician's page and sign in."""
    page.goto(f"{app.url}{path}")
    give_passphrase(page, PASSPHRASE)


def give_passphrase(page: Page, passphrase: str) -> None:
    """Fill in the sign-in form that is open and send it."""
    page.get_by_label("Passphrase").fill(passphrase)
    page.get_by_role("button", name="Sign in").click()
