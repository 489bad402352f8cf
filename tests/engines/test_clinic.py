"""The clinicians' dashboard in Safari's and Firefox's engines: signed in, drawn, printed."""

import pypdfium2 as pdfium
import pytest

from data.catalogue import SIDE_EFFECTS
from data.views import FREQUENCIES, NAMES
from tests.app import PASSPHRASE
from tests.engines.conftest import MODERN

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
