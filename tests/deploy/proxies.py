"""The proxies of `.deploy/`, as they are shipped, in front of servers of the tests."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from tests.app import App, free_port
from tests.deploy.server import DEPLOY
from tests.deploy.visitors import PATIENCE, wait_for


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
def caddy(place: Path, url: str, *servers: App, patience: str = "10s") -> Iterator[Path]:
    """Run Caddy as it is shipped, in front of some servers; gives its log."""
    log = place / "caddy.log"
    environment = {
        "CHECKIN_PUBLIC_URL": url,
        "UPSTREAMS": " ".join(f"127.0.0.1:{server.port}" for server in servers),
        "PATIENCE": patience,
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
