"""The server dies or restarts while a patient is on the page: nothing lost, nothing twice, nothing untrue."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.app import ROOT, App, fill_in, open_check_in, send

KILLED_AFTER_COMMIT = Path(__file__).parent / "killed_after_commit"
RECONNECTED = 30_000  # milliseconds: the page tries again every five seconds


@pytest.fixture
def dying_app(tmp_path):
    app = App(tmp_path)
    app.start(PYTHONPATH=os.pathsep.join(map(str, [KILLED_AFTER_COMMIT, ROOT])))
    yield app
    app.stop()


def test_a_check_in_stored_by_a_dying_server_is_confirmed_after_the_restart_and_stored_once(dying_app, phone):
    open_check_in(phone, dying_app)
    fill_in(phone, "4 to 24 hours", "Dizziness or lightheadedness", "Hallucinations")
    box = phone.get_by_role("button", name="Send to my clinic").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    phone.touchscreen.tap(*middle)
    killed = dying_app.process.wait(20)
    stored = dying_app.check_ins()
    confirmed = phone.get_by_role("heading", name="Sent").count()
    phone.touchscreen.tap(*middle)  # nothing happened, so people tap again
    told = phone.get_by_role("alert")
    told.wait_for()
    dying_app.start()
    phone.get_by_role("heading", name="Sent").wait_for(timeout=RECONNECTED)

    assert (killed, confirmed) == (-9, 0)
    assert stored == dying_app.check_ins() == [("4-24 h", ("dizziness", "hallucinations"))]
    expect(phone.get_by_role("listitem")).to_have_text(["Dizziness or lightheadedness", "Hallucinations"])
    assert phone.locator(".receipt").count() == 1
    assert phone.get_by_role("button", name="Send to my clinic").count() == 0


def test_a_restart_while_ticking_keeps_the_ticks_and_ends_in_one_check_in(app, phone):
    open_check_in(phone, app)
    fill_in(phone, "Less than 4 hours", "Nausea or vomiting", "Bladder problems")

    app.stop()
    app.start()
    phone.get_by_text("Headache", exact=True).tap()
    send(phone)
    phone.get_by_role("heading", name="Sent").wait_for()

    assert app.check_ins() == [("0-4 h", ("nausea", "headache", "bladder"))]
    expect(phone.get_by_role("listitem")).to_have_text(["Nausea or vomiting", "Headache", "Bladder problems"])


def test_a_page_left_open_over_a_restart_sends_with_the_first_tap(app, phone):
    open_check_in(phone, app)
    fill_in(phone, "More than 7 days", "Appetite changes")

    app.kill()
    app.start()
    send(phone)
    phone.get_by_role("heading", name="Sent").wait_for()

    assert app.check_ins() == [(">7 d", ("appetite",))]


def test_a_patient_whose_server_is_gone_is_told_so_in_words_for_patients(app, phone):
    open_check_in(phone, app)
    fill_in(phone, "1 to 7 days", "Headache")

    app.kill()
    phone.locator("html[data-form=html]").wait_for()
    phone.wait_for_timeout(5000)  # Streamlit's own dialog would come now
    send(phone)
    told = phone.get_by_role("alert").inner_text()
    page = phone.locator("body").inner_text()

    assert told.startswith("No connection. Your ticks are still here.")
    assert not [word for word in ("Streamlit", "terminal", "yourscript.py") if word in page]
