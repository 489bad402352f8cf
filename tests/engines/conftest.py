"""Engines other than today's Chromium, each started once, and a window in them for each test."""

from contextlib import ExitStack
from functools import cache, partial

import pytest

from tests.browser.conftest import app, demonstration, set_clock
from tests.engines.drivers import firefox, webkit, wpe
from tests.engines.old_chromium import VERSIONS, WITHOUT_LIGHT_DARK, old_chromium

__all__ = ["app", "demonstration", "set_clock"]
MODERN = {"webkit": webkit, "firefox": firefox}
OLD = {"wpe": wpe} | {f"chromium-{version}": partial(old_chromium, version) for version in VERSIONS}
TOO_OLD = [name for name in OLD if name != f"chromium-{WITHOUT_LIGHT_DARK}"]
APP = [name for name in (*MODERN, *OLD) if name not in TOO_OLD]  # those that can run Streamlit's bundle


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
