"""A server set up with the files of `.deploy/`, as far as processes allow: its service without systemd, its proxies."""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from tests.app import QUICK_HASH, ROOT, App, free_port

DEPLOY = ROOT / ".deploy"
KILLED = ROOT / "tests/faults/killed_after_commit"
INSTALLED = "/opt/checkin"
# Begins a command that may write only below the folders before "--", under a user id that no user has.
CONFINED = """
while [ "$1" != -- ]; do mount --bind "$1" "$1"; shift; done; shift
mount -o remount,bind,ro /
exec unshare --user --map-user=54321 "$@"
"""
PATIENCE = 30  # seconds
SENT = "Sent. Thank you."


def lines_of(unit: str) -> list[tuple[str, str]]:
    """Return the names and values of a unit file, in order."""
    text = (DEPLOY / unit).read_text(encoding="utf-8")
    return re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE)


def settings_in(text: str) -> dict[str, str]:
    """Return what a file of settings sets, as systemd and compose read it."""
    return dict(word.split("=", 1) for word in shlex.split(text, comments=True))


class Server(App):
    """The service with a folder that stands for /var/lib/checkin.

    It gets nothing from the environment but what its unit and its file of settings say.
    """

    def __init__(self, place: Path, *, confined: bool = False, **settings: str) -> None:
        """Set the server up in an empty place: the folder, and the file of settings from the example."""
        super().__init__(place / "state", **settings)
        self.confined = confined
        self.folder.mkdir(mode=0o700)
        self.file = place / "checkin.env"
        self.file.write_text(self._here((DEPLOY / "checkin.env.example").read_text(encoding="utf-8")), encoding="utf-8")
        named = {f"CHECKIN_{name.upper()}": value for name, value in settings.items()}
        self.set(STREAMLIT_SERVER_PORT=str(self.port), CHECKIN_PASSPHRASE_HASH=QUICK_HASH, **named)

    def set(self, **settings: str) -> None:
        """Add settings to the file; the last line of a name counts."""
        with self.file.open("a", encoding="utf-8") as file:
            file.writelines(f"{name}='{value}'\n" for name, value in settings.items())

    def restart(self, *, to_die: bool) -> None:
        """Start again; `to_die` lets the server die right after it has stored the next check-in."""
        self.stop()
        self.set(PYTHONPATH=os.pathsep.join(map(str, [KILLED, ROOT])) if to_die else "")
        self.start()

    def start(self) -> None:
        """Start the service and wait until it is ready."""
        with self.console.open("ab") as console:
            self.process = subprocess.Popen(**self._as_in("checkin.service"), stdout=console, stderr=console)
        self.wait_until_ready()

    def do(self, *command: str) -> str:
        """Run the service that backs up, or another command as it does; return what it prints."""
        begun = self._as_in("checkin-backup.service", *command)
        return subprocess.run(**begun, check=True, capture_output=True, encoding="utf-8").stdout

    def _as_in(self, name: str, *words: str) -> dict[str, object]:
        unit = lines_of(name)
        of = dict(unit)
        environment = dict(value.split("=", 1) for key, value in unit if key == "Environment")
        command = [sys.executable, *words] if words else shlex.split(self._here(of["ExecStart"]))
        if self.confined:
            writes = [str(self.folder), *self._here(of.get("ReadWritePaths", "").lstrip("-")).split()]
            begin = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", CONFINED, "sh"]
            command = [*begin, *writes, "--", *command]
        return {
            "args": command,
            "cwd": self._here(of["WorkingDirectory"]),
            "umask": int(of["UMask"], 8),
            "env": {name: self._here(value) for name, value in environment.items()}
            | settings_in(self.file.read_text(encoding="utf-8")),
        }

    def _here(self, text: str) -> str:
        """Replace the paths of an installed server by those of the tests."""
        here = {
            f"{INSTALLED}/.venv": sys.prefix,
            INSTALLED: str(ROOT),
            "/var/lib/checkin": str(self.folder),
            "/var/backups/checkin": str(self.folder.parent / "backups"),
        }
        for installed, path in here.items():
            text = text.replace(installed, path)
        return text


@contextmanager
def proxy(log: Path, url: str, *command: str | Path, **environment: str) -> Iterator[None]:
    """Run a proxy for the length of a block, once it answers at `url`."""
    with log.open("wb") as console:
        running = subprocess.Popen(command, env=os.environ | environment, stdout=console, stderr=console)
    try:
        wait_for(lambda: running.poll() is not None or answers(url))
        assert running.poll() is None, log.read_text(encoding="utf-8")
        yield
    finally:
        running.terminate()
        running.wait(PATIENCE)


@contextmanager
def caddy(place: Path, url: str, *servers: App) -> Iterator[Path]:
    """Run Caddy as it is shipped, in front of some servers; gives its log."""
    log = place / "caddy.log"
    environment = {
        "CHECKIN_PUBLIC_URL": url,
        "UPSTREAMS": " ".join(f"127.0.0.1:{server.port}" for server in servers),
        "CADDY_ADMIN": f"localhost:{free_port()}",
        "XDG_DATA_HOME": str(place),
        "XDG_CONFIG_HOME": str(place),
    }
    command = ("caddy", "run", "--config", DEPLOY / "Caddyfile", "--adapter", "caddyfile")
    with proxy(log, url, *command, **environment):
        yield log


@contextmanager
def haproxy(place: Path, url: str, *servers: App) -> Iterator[Path]:
    """Run HAProxy as it is shipped, in front of two servers; gives its log."""
    log, configuration = place / "haproxy.log", DEPLOY / "haproxy.cfg"
    environment = {
        "HTTP": f"127.0.0.1:{free_port()}",
        "HTTPS": f"127.0.0.1:{urlsplit(url).port}",
        "CERTIFICATE": str(certificate(place)),
        **{f"SERVER_{number}": f"127.0.0.1:{server.port}" for number, server in enumerate(servers, 1)},
    }
    if os.geteuid():  # it may become nobody else
        configuration = place / "haproxy.cfg"
        shipped = (DEPLOY / "haproxy.cfg").read_text(encoding="utf-8")
        configuration.write_text(
            re.sub("^ *(chroot|user|group) .*\n", "", shipped, flags=re.MULTILINE), encoding="utf-8"
        )
    with proxy(log, url, "haproxy", "-f", configuration, **environment):
        yield log


def certificate(place: Path) -> Path:
    """Return a file with a throw-away certificate and its key."""
    both, key = place / "certificate.pem", place / "key.pem"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost"]
    command = ["openssl", "req", "-x509", *kind, "-keyout", key, "-out", both]
    subprocess.run(command, check=True, capture_output=True)
    both.write_bytes(both.read_bytes() + key.read_bytes())
    return both


def answers(url: str) -> bool:
    """Return whether anything answers at an address."""
    try:
        return bool(httpx2.get(f"{url}/ready", verify=False))
    except httpx2.TransportError:
        return False


def wait_for(condition: object) -> None:
    """Wait until a condition holds; fail after half a minute."""
    gives_up = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < gives_up, "it did not happen"
        time.sleep(0.1)


def visitor(url: str, address: str = "127.0.0.1") -> httpx2.Client:
    """Return somebody who visits from an address of this machine, with cookies and without scripts."""
    transport = httpx2.HTTPTransport(verify=False, local_address=address)
    return httpx2.Client(transport=transport, base_url=url, timeout=PATIENCE)


def check_in(who: httpx2.Client) -> str:
    """Fill in the HTML form and send it; return the heading of the page this leads to."""
    return heading(send(who, filled_in(who)))


def filled_in(who: httpx2.Client) -> dict[str, str]:
    """Open the HTML form and tick one side effect."""
    page = who.get("/plain").raise_for_status().text
    key = re.search(r'name="key" value="(\w+)"', page)[1]
    return {"key": key, "window": "0-4 h", "ticked": "headache"}


def send(who: httpx2.Client, form: dict[str, str]) -> httpx2.Response:
    """Send the form; return the page this leads to."""
    return who.post("/plain", data=form, follow_redirects=True)


def heading(page: httpx2.Response) -> str:
    """Return the heading of a page."""
    return re.search("<h1[^>]*>(.*?)</h1>", page.text)[1]


def opened_socket(who: httpx2.Client) -> int:
    """Return the status with which a websocket is opened, as a browser on our page does."""
    upgrade = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
    asks = upgrade | {"sec-websocket-key": "c3RyYW5nZXIgc3RyYW5nZQ==", "origin": str(who.base_url).rstrip("/")}
    with who.stream("GET", "/_stcore/stream", headers=asks) as answer:
        return answer.status_code


def wrong_passphrases(who: httpx2.Client, number: int) -> list[int]:
    """Return the answers to wrong passphrases from a visitor who claims another address each time."""
    claims = ({"x-forwarded-for": f"192.0.2.{n}", "forwarded": f"for=192.0.2.{n}"} for n in range(number))
    return [who.post("/sign-in", data={"passphrase": "wrong"}, headers=claim).status_code for claim in claims]
