"""In Safari's and Firefox's engines too the HTML form and Streamlit's look the same, and one gives way to the other."""

import time

import pytest

from tests.app import AT_ONCE, ROOT
from tests.engines.conftest import APP, MODERN
from tests.engines.patient import Patient

INSIDE = ROOT / "pages" / "streamlit_inside"
SAME = "".join((INSIDE / name).read_text(encoding="utf-8") for name in ("hooks.js", "same.js"))
# Both forms stay, until `go` is called.
HELD = f"""{AT_ONCE} {{
  const draw = requestAnimationFrame, held = [];
  window.requestAnimationFrame = (then) => then.name === "look" ? held.push(then) : draw(then);
  window.go = () => {{ window.requestAnimationFrame = draw; held[0](); }};
}}"""
COMPLETE = f"""{SAME} const number = (selector) => document.querySelectorAll(selector).length;
return number("#root .st-key-check_in_send button")
    && SAME_PAIRS.every(([, html, app]) => number(html) === number(app));
"""
# A window that got narrower leaves buttons of Streamlit's as high as they were, until it lays the page out again.
DIFFERENCES = f"""{SAME}
root.style.display = "none";
root.offsetHeight;
root.style.display = "";
return innerWidth === width ? sameDifferences() : ["the width"];
"""
MEASURES = f"""{SAME} return SAME_PAIRS.map(([name, html, app, what]) =>
    [name, [...document.querySelectorAll(side === "html" ? html : app)].map((e) => sameMeasures(e, what))]);
"""

FRAMES = "return [...document.querySelectorAll('label')].map((e) => getComputedStyle(e).outlineStyle)"


def open_both(page, address):
    """Open the check-in and wait until both forms are there."""
    page.begin_with(HELD)
    page.open(address)
    page.wait("Streamlit's form", COMPLETE)


def differences(page, width):
    """Return the names of the pairs that still differ a moment after a change of the window's width."""
    page.resize(width, 740)
    deadline = time.monotonic() + 2
    while (names := page.ask(DIFFERENCES, width=width)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return names


@pytest.mark.parametrize("engine", MODERN, indirect=True)
@pytest.mark.parametrize("query", ["open", "invitation"])
@pytest.mark.parametrize(("clinic", "language"), [("app", "en"), ("demonstration", "es")])  # a banner above Spanish
def test_both_forms_have_everything_at_the_same_place(request, page, clinic, language, query):
    started = request.getfixturevalue(clinic)
    invited = f"&i={started.invite(hours=1)}" if query == "invitation" else ""
    open_both(page, f"{started.url}/?language={language}{invited}")

    found = {}
    for pixels in (16, 32):
        page.size_text(pixels)
        for width in (320, 360, 390, 414):
            found[f"{width} wide, text of {pixels} px"] = differences(page, width)

    assert {where: names for where, names in found.items() if names} == {}


@pytest.mark.parametrize("engine", APP, indirect=True)
@pytest.mark.parametrize("width", [360, 390])
def test_nothing_moves_when_streamlit_takes_over(app, page, width):
    page.resize(width, 740)
    if width == 390:
        page.darken()
    open_both(page, app.url)
    before = page.ask(MEASURES, side="html")

    page.run("go()")
    page.wait("Streamlit's form alone", "return document.documentElement.dataset.form === 'app'")

    after = dict(page.ask(MEASURES, side="app"))
    assert len(after["rows"]) == 15
    for name, measures in before:
        assert after[name] == [pytest.approx(one, abs=1) for one in measures], name


@pytest.mark.parametrize("engine", APP, indirect=True)
def test_whoever_touches_the_html_form_first_keeps_it(app, page):
    open_both(page, app.url)

    page.tap("Headache")

    assert page.run("return [document.documentElement.dataset.form, document.querySelector('#root')]") == ["html", None]
    assert page.ticked() == ["Headache"]


@pytest.mark.parametrize("engine", APP, indirect=True)
@pytest.mark.parametrize("form", ["html", "app"])
def test_a_tapped_row_has_no_frame_which_is_for_keys(app, page, form):
    patient = Patient(page, app.url, form)
    patient.open()

    patient.tick("headache")

    assert page.ticked() == ["Headache"]
    assert set(page.run(FRAMES)) == {"none"}
