"""The whole way of a patient: through the HTML form in every engine, through Streamlit's in those that can run it."""

import re

import pytest

from data.reports import answers
from pages.web import words
from tests.engines.conftest import APP, MODERN, OLD, TOO_OLD
from tests.engines.patient import Patient
from tests.engines.processes import until
from tests.line import line_to

HTML = [*MODERN, *OLD]
in_every_engine = pytest.mark.parametrize(("engine", "form"), [(e, "html") for e in HTML], indirect=["engine"])
in_every_form = pytest.mark.parametrize(
    ("engine", "form"),
    [*((engine, form) for engine in HTML for form in ("html", "plain")), *((engine, "app") for engine in APP)],
    indirect=["engine"],
)
NO_CONNECTION = words.NO_CONNECTION % {"button": words.SEND}
ERRORS = """window.errors = [];
for (const type of ["error", "unhandledrejection"]) addEventListener(type, (event) => errors.push(event.type), true);
console.error = (...words) => errors.push(words);
"""
# WPE has nobody who listens for errors: there it says enough that the script came to its end.
UNTOUCHED = """return performance.now() - checkin.loaded > 1800
    && {form: document.documentElement.dataset.form, more: document.querySelectorAll("script[src^='/more']").length,
        errors: window.errors ?? [], send: typeof checkin.send};
"""


@pytest.fixture
def line(app):
    with line_to(app.port) as laid:
        yield laid


@pytest.fixture
def over_the_line(line, page, form):
    """Give a patient whose line can be cut."""
    return Patient(page, f"http://localhost:{line.port}", form)


@in_every_form
def test_a_check_in_is_sent_corrected_and_withdrawn(app, page, form):
    patient = Patient(page, app.url, form)
    patient.open()
    patient.tap(words.SEND)
    patient.told_of(answers.InvalidWindow())
    patient.choose("1-7 d")
    patient.tap(words.SEND)
    patient.told_of(answers.NothingTicked())
    patient.tick("nausea", "dissociation", "none")
    patient.tap(words.SEND)
    patient.told_of(answers.NoneWithTicks(), "nausea", "dissociation")
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
    patient.heading("This check-in has been withdrawn.")

    assert sent == ("1-7 d", ("nausea", "dissociation"))
    assert re.fullmatch(r"\w{4}-\w{4}-\w{2}", receipt)
    assert reported == kept == patient.names("nausea", "dissociation")
    assert corrected == ("1-7 d", ("dissociation",))
    assert app.check_ins()[-1] == ("1-7 d", ())
    assert app.column("withdrawn")[-1]


@in_every_form
def test_an_invitation_is_answered_in_another_language_with_the_ticks_of_before(app, page, form):
    code = app.invite(hours=5)
    patient, spanish = Patient(page, app.url, form), Patient(page, app.url, form, "es")
    patient.open(f"?i={code}")
    asked = page.read("input[type=radio], [role=radio]")
    patient.tick("headache")
    page.tap("Español", "button")
    spanish.wait()
    kept = page.ticked()
    spanish.tap(words.SEND)
    spanish.heading("Sent. Thank you.")
    page.open(f"{patient.address}?i={code}")
    patient.heading("Already sent")

    assert asked == []
    assert kept == spanish.names("headache")
    assert app.check_ins()[-1] == ("4-24 h", ("headache",))
    assert app.column("language")[-1] == "es"


@in_every_engine
def test_a_line_lost_before_send_is_told_and_the_next_tap_sends(app, line, over_the_line):
    patient = over_the_line
    patient.open()
    patient.choose("4-24 h")
    patient.tick("nausea", "bladder")

    line.cut()
    patient.tap(words.SEND)
    patient.told(NO_CONNECTION)
    kept = patient.page.ticked()
    line.mend()
    patient.tap(words.SEND)
    patient.heading("Sent. Thank you.")

    assert kept == patient.names("nausea", "bladder")
    assert app.check_ins()[-1] == ("4-24 h", ("nausea", "bladder"))


@pytest.mark.parametrize(("engine", "form"), [(engine, "app") for engine in APP], indirect=["engine"])
def test_a_line_that_streamlit_loses_gives_the_html_form_back_with_its_ticks(app, line, over_the_line):
    patient = over_the_line
    patient.open()
    patient.choose("4-24 h")
    patient.tick("nausea", "bladder")

    line.cut()
    patient.wait("html")
    kept = patient.page.ticked()
    line.mend()
    patient.tick("headache")
    patient.tap(words.SEND)
    patient.heading("Sent. Thank you.")

    assert kept == patient.names("nausea", "bladder")
    assert app.check_ins()[-1] == ("4-24 h", ("nausea", "headache", "bladder"))


@pytest.mark.parametrize(("engine", "form"), [(engine, "app") for engine in APP], indirect=["engine"])
def test_back_shows_no_confirmation_of_streamlits_form_again(app, page, form):
    patient = Patient(page, app.url, form)
    patient.open()
    patient.choose("4-24 h")
    patient.tick("nausea")
    patient.tap(words.SEND)
    patient.heading("Sent. Thank you.")

    page.open(f"{app.url}/code")
    page.run("history.back()")
    patient.heading(words.TITLE)

    assert page.read(".receipt") == []
    assert page.ticked() == []


@pytest.mark.parametrize("sockets", ["refused", "swallowed"])
@pytest.mark.parametrize("engine", APP, indirect=True)
def test_where_a_network_lets_no_sockets_through_the_html_form_stays_and_sends(app, line, page, sockets):
    line.sockets = sockets
    patient = Patient(page, f"http://localhost:{line.port}", "alone")
    patient.open()
    until("Streamlit's socket", lambda: line.asked)

    patient.choose("4-24 h")
    patient.tick("nausea")
    patient.tap(words.SEND)
    patient.heading("Sent. Thank you.")

    assert app.check_ins()[-1] == ("4-24 h", ("nausea",))


@pytest.mark.parametrize("engine", TOO_OLD, indirect=True)
def test_where_streamlit_cannot_run_the_form_is_whole_and_nothing_is_loaded_or_wrong(app, page):
    page.begin_with(ERRORS)
    page.open(app.url)

    seen = page.wait("the moment when Streamlit would be loaded", UNTOUCHED)
    told = page.read("body")

    assert seen == {"form": "html", "more": 0, "errors": [], "send": "function"}
    assert told[0].endswith(words.SEND)
    assert not re.search("load|wait|old", told[0])
