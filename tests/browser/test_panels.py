"""Groups side by side, on a desk and on a phone: every word is legible, and the twentieth infusion is found at once."""

import re

import pytest
from playwright.sync_api import expect

from tests.app import App, sign_in, wait_until_complete
from tests.browser.conftest import DESK, PHONE

NOT_TOLD_APART = """
from sqlalchemy import update
from data.reports import responses, tallies
from data.storage import database, schema
with database.writing() as connection:
    for table in (schema.infusions, schema.check_ins):
        of = table.c.number_band.in_(["7th-12th", "13th-24th", "25th+"]) & (table.c.id < 500)
        connection.execute(update(table).where(of).values(number_band="later"))
    for table in (schema.tallies, schema.infusion_tallies):
        connection.execute(table.delete())
    tallies.count_all(connection)
    responses.count_all(connection)
"""
# Texts of the picture that touch each other, as pairs; a pixel may be rounding.
TOUCHING = """() => {
  const boxes = [...document.querySelectorAll(".stVegaLiteChart svg text")]
    .filter((text) => text.textContent.trim())
    .map((text) => [text.textContent, text.getBoundingClientRect()]);
  return boxes.flatMap(([one, a], place) => boxes.slice(place + 1)
    .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3)
    .map(([other]) => `${one} | ${other}`));
}"""
WIDE = "document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth"


@pytest.fixture(scope="module", params=["told apart", "not told apart"])
def app(request, tmp_path_factory):
    """Give an app whose earlier infusions are, or are not, told apart from the seventh on."""
    app = App(tmp_path_factory.mktemp("panels"))
    app.make_up_check_ins()
    if request.param == "not told apart":
        app.run(NOT_TOLD_APART)
    app.start()
    yield app
    app.stop()


@pytest.fixture(params=["desk", "phone"])
def screen(request, browser):
    context = browser.new_context(**(DESK if request.param == "desk" else PHONE))
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("view", ["By infusion number", "Since the infusion"])
def test_no_words_of_the_picture_touch_and_nothing_scrolls_sideways(app, screen, view):
    sign_in(screen, app, f"/clinic?dashboard_view={view.replace(' ', '+')}")
    screen.locator(".mark-symbol path").first.wait_for()
    wait_until_complete(screen)

    assert screen.evaluate(TOUCHING) == []
    assert screen.evaluate(WIDE) <= 0


def test_bladder_problems_at_the_twentieth_infusion_are_one_tap_away(app, screen):
    sign_in(screen, app)

    screen.get_by_role("radio", name="By infusion number", exact=True).click()
    table = screen.locator(".st-key-dashboard_table_panels")
    row = table.get_by_role("row").filter(has_text="Bladder problems")
    row.wait_for()
    heads = [head.strip().partition(",")[0] for head in table.locator("th").all_inner_texts()]

    expect(row.get_by_role("cell").nth(heads.index("13th–24th"))).to_have_text(re.compile(r"^\d+\s\([\d.<]+\s%\) .+"))
