"""The clinicians' dashboard in Safari's and Firefox's engines: signed in, drawn, printed."""

import pypdfium2 as pdfium
import pytest

from data.catalogue import SIDE_EFFECTS
from data.views import FREQUENCIES, NAMES
from tests.app import PASSPHRASE
from tests.engines.conftest import MODERN
from tests.engines.old_chromium import TOO_OLD

SELECTED = """if (!all("[role=tab][aria-selected=true]").some((e) => words(e) === view)) return false;
"""
DRAWN = """return all(".take").length && all("tbody tr").length
    && all("[data-testid=stVegaLiteChart] :is(canvas, svg)").some((e) => e.getBoundingClientRect().height > 100);
"""


def sign_in(page, app):
    page.resize(1280, 800)
    page.open(f"{app.url}/clinic")
    page.tap("Passphrase", "label")
    page.type(PASSPHRASE)
    page.tap("Sign in", "button")
    page.wait("the figures", DRAWN)


@pytest.mark.parametrize("engine", MODERN, indirect=True)
def test_a_clinician_signs_in_and_finds_table_and_chart(demonstration, page):
    sign_in(page, demonstration)

    assert page.read("[role=tab][aria-selected=true]") == [FREQUENCIES]
    assert sorted(page.read("tbody td:first-child")) == sorted(effect.label for effect in SIDE_EFFECTS)


@pytest.mark.parametrize("engine", ["webkit"], indirect=True)
def test_every_view_is_printed_on_one_page(demonstration, page, tmp_path):
    sign_in(page, demonstration)
    printed = {}
    for view in NAMES:
        page.tap(view, "[role=tab]")
        page.wait("the view", SELECTED + DRAWN, view=view)

        page.print(tmp_path / f"{view}.pdf")

        with pdfium.PdfDocument(tmp_path / f"{view}.pdf") as paper:
            printed[view] = len(paper), "Internal" in paper[0].get_textpage().get_text_range()

    assert printed == dict.fromkeys(NAMES, (1, True))


@pytest.mark.parametrize("engine", [f"chromium-{TOO_OLD}"], indirect=True)
def test_a_clinician_with_a_browser_that_is_too_old_is_told_so(demonstration, page):
    page.open(f"{demonstration.url}/clinic")
    page.tap("Passphrase", "label")
    page.type(PASSPHRASE)
    page.tap("Sign in", "button")
    page.wait("what is wrong", "return all('[role=alert]').some((e) => words(e).startsWith('This browser is too old'))")

    assert page.read("body") == page.read("#too-old")
