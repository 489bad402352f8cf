"""The clinic's tablet in Safari's and Firefox's engines, and in those of before: handed on, it has nothing."""

import time

import pytest

from data.catalogue import LABELS
from pages.web import words
from tests.engines.conftest import MODERN, OLD

READY = """return document.documentElement.dataset.kiosk === "ready" && !all("input[type=checkbox]").length
    && document.querySelector("#code")?.value === "";
"""
FOUND = """return [document.documentElement.outerHTML, document.querySelectorAll(":checked").length, document.cookie,
    JSON.stringify(sessionStorage), JSON.stringify(localStorage)];
"""


def is_ready(page):
    page.wait("the tablet's first page", READY)


@pytest.mark.parametrize("engine", [*MODERN, *OLD], indirect=True)
def test_after_done_neither_back_nor_forward_finds_anything(app, page):
    page.open(f"{app.url}/your-data")
    page.open(f"{app.url}/kiosk")
    is_ready(page)
    entries, secrets = page.run("return history.length"), ["Sent. Thank you."]
    for side_effect in ("dizziness", "bladder"):
        page.tap("Check in without a code", "button")
        page.tap("Less than 4 hours")
        page.tap(LABELS[side_effect])
        page.tap(words.SEND, "button")
        page.see("Sent. Thank you.", "h1")
        secrets += page.read(".receipt")
        page.tap("Done", "button")
        is_ready(page)

    kept, found = page.run("return history.length"), []
    for way in ("back", "forward", "back", "forward"):
        page.run(f"setTimeout(() => history.{way}(), 50)")
        time.sleep(0.5)
        page.wait("a document", "return document.readyState === 'complete'")
        found.append(page.wait("what is there", FOUND))

    assert kept == entries
    assert app.check_ins()[-2:] == [("0-4 h", ("dizziness",)), ("0-4 h", ("bladder",))]
    assert app.column("door")[-1] == "kiosk"
    assert [one[1:] for one in found] == [[0, "", "{}", "{}"]] * 4
    assert [secret for secret in secrets for one in found if secret in one[0]] == []
