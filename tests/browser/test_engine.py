"""What clinicians see in a browser that is too old for Streamlit."""

import pytest
from playwright.sync_api import expect

from tests.app import sign_in, wait_until_complete

WITHOUT_V = """
const refuse = (how) => (whole, ...given) => {
  if (String(given.at(how === "apply" ? 1 : 0)[1]).includes("v")) throw new SyntaxError("Invalid flags");
  return Reflect[how](whole, ...given);
};
window.RegExp = new Proxy(RegExp, { construct: refuse("construct"), apply: refuse("apply") });
"""
WORDS = "This browser is too old for this page. It needs Chrome or Edge 112, Firefox 116, Safari 17 (iOS 17), or newer."


@pytest.mark.parametrize("path", ["/clinic", "/infusions"])
@pytest.mark.parametrize("parses", [True, False])
def test_a_browser_that_is_too_old_is_told_so_and_which_is_needed(app, desk, path, parses):
    desk.add_init_script(WITHOUT_V)
    if not parses:  # as the oldest do: nothing of Streamlit runs
        desk.route("**/static/js/**", lambda route: route.fulfill(body="(?", content_type="text/javascript"))

    sign_in(desk, app, path)
    told = desk.get_by_role("alert")
    told.wait_for()
    desk.wait_for_load_state("networkidle")

    expect(told).to_be_visible()
    assert told.inner_text() == f"{WORDS} Update it, or open this page in another browser."
    assert desk.locator("body").inner_text().strip() == told.inner_text()


@pytest.mark.parametrize("path", ["/clinic", "/infusions"])
def test_a_browser_that_is_new_enough_is_told_nothing(app, desk, path):
    sign_in(desk, app, path)
    desk.get_by_role("button", name="Sign out", exact=True).wait_for()
    wait_until_complete(desk)

    expect(desk.locator("#too-old")).to_be_hidden()
