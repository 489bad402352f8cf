"""The clinicians' dashboard in Safari's and Firefox's engines: signed in, drawn, printed."""

import time

import pypdfium2 as pdfium
import pytest
from PIL import ImageStat

from data.catalogue import SIDE_EFFECTS
from data.figures import views
from tests.app import PASSPHRASE
from tests.engines.conftest import MODERN
from tests.engines.old_chromium import TOO_OLD

OPEN = """if (!all(`${place} .take`).length || !all(`${place} tbody tr`).length) return false;
"""
DRAWN = """return all(".take").length && all("tbody tr").length
    && all("[data-testid=stVegaLiteChart] :is(canvas, svg), .st-key-dashboard_overview svg")
      .some((e) => e.getBoundingClientRect().height > 10)
    && all(".stApp[data-test-script-state=notRunning]").length && document.body.innerText.includes("Internal");
"""

A_YEAR = """const weeks = document.querySelector(".st-key-dashboard_table_weeks tbody");
while (weeks.rows.length < 52) weeks.append(weeks.rows[1].cloneNode(true));
"""


def sign_in(page, app):
    page.resize(1280, 800)
    page.open(f"{app.url}/clinic?dashboard_view=Frequencies")
    page.tap("Passphrase", "label")
    page.type(PASSPHRASE)
    page.tap("Sign in", "button")
    page.wait("the figures", DRAWN)


@pytest.mark.parametrize("engine", MODERN, indirect=True)
def test_a_clinician_signs_in_and_finds_table_and_chart(demonstration, page):
    sign_in(page, demonstration)

    assert page.read(".st-key-dashboard_view [aria-checked=true]") == ["Frequencies"]
    *labels, last = page.read(".st-key-dashboard_table tbody td:first-child")
    assert (sorted(labels), last) == (sorted(effect.label for effect in SIDE_EFFECTS), "None of these")


def printed(page, file):
    """Print the page; return how many sheets it takes, whether it is marked as internal, and whether it is white."""
    page.print(file)
    with pdfium.PdfDocument(file) as paper:
        first = paper[0]
        white = ImageStat.Stat(first.render().to_pil().convert("L")).mean[0] > 235  # of 255
        return len(paper), "Internal" in first.get_textpage().get_text_range(), white


@pytest.mark.parametrize("engine", ["webkit"], indirect=True)
def test_every_view_is_printed_on_one_page(demonstration, page, tmp_path):
    sign_in(page, demonstration)
    found = {}
    for kind in views.VIEWS:
        view = kind.name
        page.tap(view, ".st-key-dashboard_view button")
        page.wait("the view", OPEN + DRAWN, place=f".st-key-dashboard_of_{kind.__name__}")
        if view == "Over the weeks":
            page.run(A_YEAR)

        for _ in range(5):  # the picture, which has the mark, is drawn after the view is there
            found[view] = printed(page, tmp_path / f"{view}.pdf")
            if found[view][1]:
                break
            time.sleep(1)

    assert found == dict.fromkeys(views.names(), (1, True, True))


@pytest.mark.parametrize("engine", ["webkit"], indirect=True)
def test_what_is_dark_on_the_screen_is_printed_on_white(demonstration, page, tmp_path):
    page.darken()
    sign_in(page, demonstration)

    assert printed(page, tmp_path / "dark.pdf") == (1, True, True)


@pytest.mark.parametrize("engine", [f"chromium-{TOO_OLD}"], indirect=True)
def test_a_clinician_with_a_browser_that_is_too_old_is_told_so(demonstration, page):
    page.open(f"{demonstration.url}/clinic")
    page.tap("Passphrase", "label")
    page.type(PASSPHRASE)
    page.tap("Sign in", "button")
    page.wait("what is wrong", "return all('[role=alert]').some((e) => words(e).startsWith('This browser is too old'))")

    assert page.read("body") == page.read("#too-old")
