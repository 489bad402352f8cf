"""Saving fails while a patient is on the page: nothing is claimed, nothing is lost, nothing is told to the console."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest

from data.catalogue import DOORS, SIDE_EFFECTS
from tests.app import fill_in, open_check_in, send
from tests.engines.processes import until
from tests.form import Form, Line

NOT_SENT = "Not sent yet. Your ticks are still here. Wait a minute, then tap “Send to my clinic” again."


@contextmanager
def locked_for_writing(file):
    """Hold SQLite's write lock for longer than the app waits."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def without_its_table(file):
    """Take the table of the check-ins away, so that reading fails as well as writing."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("ALTER TABLE check_ins RENAME TO taken_away")
        yield
        connection.execute("ALTER TABLE taken_away RENAME TO check_ins")


@pytest.mark.parametrize("fault", [locked_for_writing, without_its_table])
def test_a_check_in_that_cannot_be_stored_keeps_its_ticks_and_is_sent_by_a_later_tap(app, phone, fault):
    open_check_in(phone, app)
    fill_in(phone, "4 to 24 hours", "Muscle tremors or twitches", "Dissociation")

    with fault(app.folder / "checkins.db"):
        send(phone)
        alert = phone.get_by_role("alert")
        alert.wait_for(timeout=15_000)
        told = alert.inner_text()
        ticked = [box.get_attribute("aria-label") for box in phone.get_by_role("checkbox", checked=True).all()]
        confirmed = phone.get_by_role("heading", name="Sent").count()
    stored = app.check_ins()
    send(phone)
    phone.get_by_role("heading", name="Sent").wait_for()

    assert told.startswith(NOT_SENT)
    assert ticked == ["Muscle tremors or twitches", "Dissociation"]
    assert (stored, confirmed) == ([], 0)
    assert app.check_ins() == [("4-24 h", ("tremor", "dissociation"))]
    printed = app.console.read_text(encoding="utf-8")
    assert "database fault: OperationalError" in printed
    assert "Traceback" not in printed
    assert not [item for item in SIDE_EFFECTS if item.code in printed or item.label in printed]


def ready(app):
    with closing(Line(app)) as line:
        return line.ask("GET", "/ready")[0].status


def test_while_another_program_holds_the_database_nobody_is_told_sent_and_the_same_tap_stores_once_afterwards(app):
    forms = [Form(door) for door in DOORS]
    before = ready(app)

    with locked_for_writing(app.folder / "checkins.db"), ThreadPoolExecutor() as patients:
        told = list(patients.map(lambda form: form.send(app), forms))  # after five seconds
        meanwhile = ready(app)
    stored = app.check_ins()
    until("room", lambda: ready(app) == 200)
    for form in (*forms, *forms):
        form.send(app)

    assert [one[: len(NOT_SENT)] for one in told] == [NOT_SENT] * len(DOORS)
    assert stored == []
    assert (before, meanwhile) == (200, 503)
    assert app.check_ins() == [(form.window.code, form.ticked) for form in forms]
    assert all(form.receipt for form in forms)
