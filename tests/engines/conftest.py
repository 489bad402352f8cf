"""Engines other than today's Chromium, each started once, and a window in them for each test."""

from contextlib import ExitStack
from functools import cache, partial

import pytest

from tests.browser.conftest import app, demonstration, set_clock
from tests.engines.drivers import firefox, webkit, wpe
from tests.engines.old_chromium import VERSIONS, old_chromium

__all__ = ["app", "demonstration", "set_clock"]
MODERN = {"webkit": webkit, "firefox": firefox}
OLD = {"wpe": wpe} | {f"chromium-{version}": partial(old_chromium, version) for version in VERSIONS}


@pytest.fixture(scope="package")
def start(tmp_path_factory):
    """Give what starts an engine at its first use; all that were started run until the end."""
    with ExitStack() as running:
        yield cache(lambda name: running.enter_context((MODERN | OLD)[name](tmp_path_factory.mktemp("engine"))))


@pytest.fixture(params=[*MODERN, *OLD])
def engine(request, start):
    return start(request.param)


@pytest.fixture
def page(engine):
    with engine.page() as opened:
        yield opened
