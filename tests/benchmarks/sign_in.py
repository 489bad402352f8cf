"""What a burst of guesses at the passphrase costs patients.

One patient after the other sends the plain form; timed is each `POST /plain`, from the first byte sent to the last one
received. That is done in turn without and with forty strangers at once, each from an address of its own, who guess
the passphrase: the hash has argon2's default parameters, and every guess is within the limits, so that it is hashed.
"""

import sqlite3
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path

import httpx2
from argon2 import PasswordHasher

from data.reports import check_ins
from tests.app import PASSPHRASE, App
from tests.benchmarks.table import Row, percentile

GUESSES = 4  # of each stranger: all together fewer than the limit of all addresses
PAUSE = 0.02  # seconds between two patients


def send(client: httpx2.Client) -> float:
    """Send one check-in; return the milliseconds until it is confirmed."""
    form = {"key": check_ins.new_key(), "window": "4-24 h", "ticked": "headache"}
    began = time.perf_counter()
    answer = client.post("/plain", data=form)
    took = time.perf_counter() - began
    assert answer.status_code == 303, answer.status_code
    return 1000 * took


def guess(app: App, stranger: int) -> None:
    """Guess as often as one address may."""
    with httpx2.Client(base_url=app.url, timeout=120, headers={"x-forwarded-for": f"192.0.2.{stranger}"}) as client:
        for _ in range(GUESSES):
            assert client.post("/sign-in", data={"passphrase": "a wrong passphrase"}).status_code == 401


def while_(goes_on: Callable[[], bool], client: httpx2.Client) -> list[float]:
    """Send check-ins one after the other; return the milliseconds of each."""
    took = []
    while goes_on():
        took.append(send(client))
        time.sleep(PAUSE)
    return took


def burst(app: App, client: httpx2.Client, pool: ThreadPoolExecutor, strangers: int) -> list[float]:
    """Return what check-ins take while strangers guess."""
    guesses: list[Future[None]] = [pool.submit(guess, app, stranger) for stranger in range(strangers)]
    took = while_(lambda: not all(one.done() for one in guesses), client)
    for one in wait(guesses).done:
        one.result()
    with closing(sqlite3.connect(app.folder / "checkins.db", isolation_level=None)) as connection:
        connection.execute("DELETE FROM attempts")
    return took


def measure(*, quick: bool) -> list[Row]:
    """Take turns, each of which is quiet and then has a burst."""
    turns, patients, strangers = (1, 40, 5) if quick else (2, 200, 40)
    found: dict[str, list[float]] = {"quiet": [], "burst": []}
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(strangers) as pool:
        app = App(Path(folder), passphrase_hash=PasswordHasher().hash(PASSPHRASE))
        app.start(FORWARDED_ALLOW_IPS="*")
        with httpx2.Client(base_url=app.url, timeout=120) as client:
            while_(iter([True] * 20 + [False]).__next__, client)
            for _ in range(turns):
                found["quiet"] += while_(iter([True] * patients + [False]).__next__, client)
                found["burst"] += burst(app, client, pool, strangers)
        app.stop()
    quiet, in_burst = (percentile(took, 95) for took in found.values())
    what = f"p95 of sending the HTML form while {strangers * GUESSES} passphrase guesses are checked"
    return [Row(what, in_burst, "ms", "without them", quiet)]
