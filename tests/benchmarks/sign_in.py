"""What a burst of guesses at the passphrase costs patients: `python -m tests.benchmarks.sign_in`.

One patient after the other sends the plain form; timed is each `POST /plain`, from the first byte sent to the last one
received. That is done in turn without and with forty strangers at once, each from an address of its own, who guess
the passphrase: the hash has argon2's default parameters, and every guess is within the limits, so that it is hashed.
"""

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path

import click
import httpx2
from argon2 import PasswordHasher

from data.reports import check_ins
from tests.app import PASSPHRASE, App

STRANGERS, GUESSES = 40, 4  # at once; of each. All together fewer than the limit of all addresses
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


def burst(app: App, client: httpx2.Client, pool: ThreadPoolExecutor) -> tuple[list[float], float]:
    """Return what check-ins take while strangers guess, and the seconds until these are answered."""
    began = time.monotonic()
    guesses: list[Future[None]] = [pool.submit(guess, app, stranger) for stranger in range(STRANGERS)]
    took = while_(lambda: not all(one.done() for one in guesses), client)
    ended = time.monotonic()
    for one in wait(guesses).done:
        one.result()
    with closing(sqlite3.connect(app.folder / "checkins.db", isolation_level=None)) as connection:
        connection.execute("DELETE FROM attempts")
    return took, ended - began


def p95(took: list[float]) -> float:
    """Return the time that 95 of 100 do not exceed."""
    return statistics.quantiles(took, n=20)[-1]


@click.command(help=__doc__.partition("\n\n")[0])
@click.option("--turns", default=3, show_default=True, help="Turns, of which each is quiet and then has a burst.")
def main(turns: int) -> None:
    """Take turns, print p95 and ratio."""
    found: dict[str, list[float]] = {"quiet": [], "burst": []}
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(STRANGERS) as pool:
        app = App(Path(folder), passphrase_hash=PasswordHasher().hash(PASSPHRASE))
        app.start(FORWARDED_ALLOW_IPS="*")
        with httpx2.Client(base_url=app.url, timeout=120) as client:
            while_(iter([True] * 20 + [False]).__next__, client)
            for turn in range(turns):
                found["quiet"] += while_(iter([True] * 200 + [False]).__next__, client)
                took, seconds = burst(app, client, pool)
                found["burst"] += took
                click.echo(f"turn {turn + 1}: {STRANGERS * GUESSES} guesses answered in {seconds:.1f} s")
        app.stop()
    for name, took in found.items():
        times = f"median {statistics.median(took):6.1f} ms, p95 {p95(took):6.1f} ms, worst {max(took):6.1f} ms"
        click.echo(f"{name:6}{len(took):5} check-ins, {times}   {p95(took) / p95(found['quiet']):.2f} of the floor")


if __name__ == "__main__":
    main()
