import shutil
import sqlite3
import time
from contextlib import closing
from datetime import timedelta

import httpx2
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from data import clock
from data.reports import check_ins, retention, tallies
from data.staff import throttle
from data.storage import database, schema
from pages.web import housekeeping
from tests.app import App
from tests.counted import count_check_ins


def served():
    return TestClient(Starlette(lifespan=housekeeping.lifespan))


def test_the_server_itself_keeps_house(tmp_path):
    app = App(tmp_path)
    app.start()
    app.stop()
    with closing(sqlite3.connect(tmp_path / "checkins.db", isolation_level=None)) as connection:
        connection.execute("INSERT INTO attempts (what, address_digest, at) VALUES ('sign-in', 'old', 0)")
        app.start()
        until(lambda: connection.execute("SELECT count(*) FROM attempts").fetchone() == (0,))
    app.stop()


def test_a_stopped_server_leaves_one_file_with_everything_and_says_so(tmp_path):
    app = App(tmp_path)
    app.start()
    for _ in range(5):
        form = {"key": check_ins.new_key(), "window": "0-4 h", "ticked": "nausea"}
        assert httpx2.post(f"{app.url}/plain", data=form).status_code == 303
    assert (tmp_path / "checkins.db-wal").stat().st_size
    app.stop()

    assert sorted(file.name for file in tmp_path.glob("checkins.db*")) == [
        "checkins.db",
        "checkins.db.key",
        "checkins.db.lock",
    ]
    alone = shutil.copy(tmp_path / "checkins.db", tmp_path / "alone.db")
    with closing(sqlite3.connect(alone)) as connection:
        assert connection.execute("SELECT count(*) FROM check_ins").fetchone() == (5,)
    printed = app.console.read_text(encoding="utf-8")
    assert f" INFO checkin: Database sqlite:///{tmp_path / 'checkins.db'}, schema 7\n" in printed
    assert printed.splitlines()[-1].endswith(" INFO checkin: stopped")


def until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def counted():
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(schema.attempts))


def test_a_quiet_server_forgets_addresses_at_its_start_and_as_the_hours_pass(database_file, monkeypatch):
    monkeypatch.setattr(housekeeping, "_HOUR", 0.01)
    now = clock.now()
    throttle.attempt(throttle.SIGN_IN, "192.0.2.1")

    with served():
        assert counted() == 1
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=48))
        until(lambda: counted() == 0)


def test_old_check_ins_are_deleted_in_portions_and_patients_can_send_in_between(database_file, configure, monkeypatch):
    configure(retention_days=90)
    monkeypatch.setattr(retention, "_PORTION", 2)
    monkeypatch.setattr(housekeeping, "_PAUSE", 0.01)
    for days in (100, 200, 300, 400, 500, 1):
        recorded = clock.now() - timedelta(days=days)
        check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["sleep"], recorded=recorded)

    with served():
        until(lambda: count_check_ins() == 1)
    assert tallies.differences() == []


def test_a_database_that_does_not_answer_is_asked_again(database_file, monkeypatch):
    asked = []

    def gone():
        asked.append("asked")
        raise database.Unavailable("OperationalError")

    monkeypatch.setattr(housekeeping, "_HOUR", 0.01)
    monkeypatch.setattr(throttle, "forget_old", gone)

    with served():
        until(lambda: len(asked) > 2)


def test_the_house_is_kept_once_an_hour(database_file, monkeypatch):
    asked = []
    monkeypatch.setattr(throttle, "forget_old", lambda: asked.append("asked"))

    with served():
        until(lambda: asked)
        time.sleep(0.2)

    assert asked == ["asked"]
