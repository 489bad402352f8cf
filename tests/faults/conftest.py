"""The browser tests' browser and phone; every fault gets an app of its own."""

import pytest

from tests.app import running
from tests.browser.conftest import browser, phone, set_clock

__all__ = ["app", "browser", "phone", "set_clock"]


@pytest.fixture
def app(tmp_path):
    with running(tmp_path) as started:
        yield started
