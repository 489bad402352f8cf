"""The whole way of a patient: through the HTML form in every engine, through Streamlit's in those that know it."""

import re

import pytest

from data import answers
from pages.patient import words
from tests.engines.conftest import MODERN, OLD
from tests.engines.old_chromium import WITHOUT_LIGHT_DARK
from tests.engines.patient import Patient
from tests.line import line_to

PLAIN = [(engine, "/plain") for engine in [*MODERN, *OLD]]
APP = [(engine, "/") for engine in (*MODERN, f"chromium-{WITHOUT_LIGHT_DARK}")]
in_every_engine = pytest.mark.parametrize(("engine", "path"), PLAIN + APP, indirect=["engine"])


@in_every_engine
def test_a_check_in_is_sent_corrected_and_withdrawn(app, page, path):
    patient = Patient(page, app.url + path)
    patient.open()
    patient.tap(words.SEND)
    patient.told(answers.InvalidWindow())
    patient.choose("1-7 d")
    patient.tick("nausea", "dissociation", "none")
    patient.tap(words.SEND)
    patient.told(answers.NoneWithTicks(), "nausea", "dissociation")
    patient.tick("none")
    patient.tap(words.SEND)
    patient.heading("Sent. Thank you.")
    sent = app.check_ins()[-1]
    (receipt,) = page.read(".receipt")
    reported = page.read("li")
    patient.tap("Correct or withdraw")
    patient.heading("Correct or withdraw")
    kept = page.ticked()
    patient.tick("nausea")
    patient.tap(words.SAVE)
    patient.heading("Sent. Your correction is saved.")
    corrected = app.check_ins()[-1]
    patient.tap("Correct or withdraw")
    page.tap("Withdraw this check-in")
    patient.tap("Delete my answers")
    patient.heading("This check-in is withdrawn.")

    assert sent == ("1-7 d", ("nausea", "dissociation"))
    assert re.fullmatch(r"\w{4}-\w{4}-\w{2}", receipt)
    assert reported == kept == patient.names("nausea", "dissociation")
    assert corrected == ("1-7 d", ("dissociation",))
    assert app.check_ins()[-1] == ("1-7 d", ())
    assert app.column("withdrawn")[-1]


@in_every_engine
def test_an_invitation_is_answered_in_another_language_with_the_ticks_of_before(app, page, path):
    code = app.invite(hours=5)
    patient, spanish = Patient(page, app.url + path), Patient(page, app.url + path, "es")
    patient.open(f"?i={code}")
    asked = page.read("input[type=radio], [role=radio]")
    patient.tick("headache")
    page.tap("Español", "button")
    spanish.wait()
    kept = page.ticked()
    spanish.tap(words.SEND)
    spanish.heading("Sent. Thank you.")
    page.open(f"{app.url}{path}?i={code}")
    patient.heading("Already sent")

    assert asked == []
    assert kept == spanish.names("headache")
    assert app.check_ins()[-1] == ("4-24 h", ("headache",))
    assert app.column("language")[-1] == "es"


@pytest.mark.parametrize(("engine", "path"), APP, indirect=["engine"])
def test_a_line_lost_while_ticking_is_told_and_keeps_the_ticks(app, page, path):
    with line_to(app.port) as line:
        patient = Patient(page, f"http://localhost:{line.port}{path}")
        patient.open()
        patient.choose("4-24 h")
        patient.tick("nausea", "bladder")

        line.cut()
        page.see(words.NO_CONNECTION, ".lost")
        line.mend()
        patient.wait_for_line()
        patient.tap(words.SEND)
        patient.heading("Sent. Thank you.")

    assert app.check_ins()[-1] == ("4-24 h", ("nausea", "bladder"))
