"""A database is lost while patients send: what was confirmed before the backup is there after the restore, once."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import httpx2
import pytest

from data import __main__ as console
from data.catalogue import CODES
from data.reports import check_ins, receipts
from tests.app import QUICK_HASH, ROOT, App
from tests.conftest import forget
from tests.counted import count_check_ins
from tests.data.test_restores import lost

__all__ = ["lost"]

WRITERS = 4
DEADLINE = 120  # seconds: far more than it takes


class Patients:
    """Some patients who send check-ins by the HTML form, one after the other, until the server is gone."""

    def __init__(self, app):
        self.confirmed, self._grown, self._over = [], threading.Condition(), threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(app, number)) for number in range(WRITERS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join(DEADLINE)

    def wait_for(self, number):
        """Wait for so many more confirmations; return all so far."""
        with self._grown:
            wanted = len(self.confirmed) + number
            assert self._grown.wait_for(lambda: len(self.confirmed) >= wanted, DEADLINE)
            return [*self.confirmed]

    def _send(self, app, number):
        with httpx2.Client(base_url=app.url, timeout=DEADLINE, follow_redirects=True) as client:
            while not self._over.is_set():
                number += WRITERS
                ticked = tuple(code for place, code in enumerate(CODES) if number >> place & 1)
                try:
                    sent = send(client, ticked)
                except httpx2.TransportError:
                    return
                with self._grown:
                    self.confirmed.append(sent)
                    self._grown.notify_all()


def send(client, ticked, **more):
    """Fill in the form and send it; return key, answers and receipt of what is confirmed."""
    key = re.search(r'name="key" value="(\w+)"', client.get("/plain").text)[1]
    return key, ticked, receipt_of(client, {"key": key, "window": "0-4 h", "ticked": ticked} | more)


def receipt_of(client, form):
    page = client.post("/plain", data=form).text
    assert re.search("<h1[^>]*>Sent", page), page
    return re.search('<p class="receipt" translate="no">(.*?)</p>', page)[1]


@pytest.fixture
def clinic(database_url, tmp_path, configure, monkeypatch, postgresql_programs):
    """Start a server; with PostgreSQL its key is a setting, else a file. Gives the app."""
    configure(database_url=database_url, passphrase_hash=QUICK_HASH)
    if database_url.startswith("postgresql"):
        configure(secret_key="s" * 32)
    app = App(tmp_path, database_url=database_url)
    app.start()
    yield app
    app.kill()


@pytest.fixture
def run(monkeypatch, capsys):
    """Run `python -m data` with words, on the database that is configured."""

    def command(*words):
        forget()
        monkeypatch.setattr("sys.argv", ["data", *map(str, words)])
        return console.main(), capsys.readouterr()

    return command


def back_up(folder):
    """Back up in a process of its own; return the file and the end of the audit log in it."""
    command = [sys.executable, "-m", "data", "backup", str(folder), "--keep", "5"]
    out = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, encoding="utf-8", check=True).stdout
    return Path(re.search(r"^(/.*?): \d+ check-ins", out, re.MULTILINE)[1]), re.search(
        r"row (\d+), (\w+)", out
    ).groups()


def overwrite(file):
    """Put nonsense in the place of some of its pages."""
    pages = bytearray(file.read_bytes())
    for start in range(4096, len(pages), 5 * 4096):
        pages[start : start + 4096] = b"\xa5" * 4096
    file.write_bytes(pages)


def is_all_there(confirmed):
    found = [
        (key, check_ins.by_key(key).ticked, receipts.find(receipt, "address").receipt) for key, _, receipt in confirmed
    ]
    return found == confirmed


def test_every_check_in_that_was_confirmed_before_a_backup_is_there_after_a_restore(
    clinic, lost, run, configure, tmp_path, database_url
):
    embedded = tmp_path / "checkins.db" if database_url.startswith("sqlite") else None
    code = clinic.invite()
    with Patients(clinic) as patients:
        first_confirmed = patients.wait_for(20)
        first, _ = back_up(tmp_path / "backups")
        confirmed = patients.wait_for(20)
        newest, end = back_up(tmp_path / "backups")
        refused = run("restore", newest, "--yes")
        patients.wait_for(5)
        clinic.kill()
    lost()
    if embedded:
        assert run("restore", first, "--yes")[0] == 0
        assert is_all_there(first_confirmed)
        forget()
        overwrite(embedded)
        assert run("verify")[0] == 1
    assert run("restore", newest, "--yes")[0] == 0

    assert refused[0] == 1
    assert ("stop it first" if embedded else "has tables already") in refused[1].err
    assert is_all_there(confirmed)
    assert len({key for key, *_ in patients.confirmed}) >= count_check_ins() >= len(confirmed)
    assert run("verify")[1].out == "The counters match the check-ins and infusions.\n"
    assert run("audit", "verify", "--end", *end)[0] == 0
    stored = count_check_ins()
    again = App(tmp_path, database_url=console.settings.current().database_url)
    again.start()
    try:
        with httpx2.Client(base_url=again.url, timeout=DEADLINE, follow_redirects=True) as client:
            key, ticked, receipt = confirmed[0]
            assert receipt_of(client, {"key": key, "window": "0-4 h", "ticked": ticked}) == receipt
            assert send(client, ("sleep",), window="", code=code)[2]
    finally:
        again.kill()
    assert count_check_ins() == stored + 1
