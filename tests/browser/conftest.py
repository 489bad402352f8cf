"""A running app for the browser tests, phones and desks to visit it with."""

import pytest
from playwright.sync_api import sync_playwright

from tests.app import App, chromium, running

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
# An element that is wider inside than outside either scrolls or loses a part of a word; a pixel may be rounding.
CUT_OFF = "elements => elements.filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.innerText || e.tagName)"
DESK = {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture
def set_clock():
    """Leave the clock alone: the server is another process, which has the true time."""


@pytest.fixture(scope="package")  # not the session: tests/faults has one too, and two at a time do not work
def browser():
    with sync_playwright() as playwright:
        opened = chromium(playwright)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with running(tmp_path_factory.mktemp("app"), min_group="1") as started:
        yield started


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory):
    app = App(tmp_path_factory.mktemp("demonstration"))
    app.make_up_check_ins()
    app.start()
    yield app
    app.stop()


@pytest.fixture
def phone(browser):
    context = browser.new_context(**PHONE)
    yield context.new_page()
    context.close()


@pytest.fixture
def desk(browser):
    context = browser.new_context(**DESK)
    yield context.new_page()
    context.close()


@pytest.fixture
def elsewhere(browser):
    """Give a browser of somebody else: another set of cookies."""
    context = browser.new_context()
    yield context.new_page()
    context.close()
