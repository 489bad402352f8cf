"""The browser tests' browser and phone; every fault gets an app of its own."""

import pytest

from tests.app import App, running
from tests.browser.conftest import browser, phone, set_clock
from tests.faults.load import BELIEVING, SECRET

__all__ = ["app", "browser", "phone", "set_clock"]


@pytest.fixture
def app(tmp_path):
    with running(tmp_path) as started:
        yield started


@pytest.fixture
def start(tmp_path_factory):
    """Give what starts an app for a load of patients; all end with the test, however it ends."""
    started = []

    def start_app(**settings):
        started.append(App(tmp_path_factory.mktemp("app"), secret_key=SECRET, **settings))
        started[-1].start(**BELIEVING)
        return started[-1]

    yield start_app
    for app in started:
        app.kill()
