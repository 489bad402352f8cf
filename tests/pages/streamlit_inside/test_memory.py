import gc
import itertools
import sys
import weakref
from types import ModuleType

import pytest

from pages.streamlit_inside import memory


@pytest.fixture(autouse=True)
def first_run(monkeypatch):
    """Begin as a process in which nothing has run."""
    monkeypatch.setattr(memory, "_runs", itertools.count(1))
    monkeypatch.setattr(memory, "_modules_settled", 0)
    yield
    gc.unfreeze()


def froze():
    """Settle; return whether that took anything out of the collector's sight."""
    gc.unfreeze()
    memory.settle()
    return gc.get_freeze_count() > 0


def test_whenever_the_runs_have_doubled_all_there_is_leaves_the_collectors_sight():
    assert [run for run in range(1, 71) if froze()] == [1, 2, 4, 8, 16, 32, 64]


def test_after_a_run_that_imported_something_it_does_too(monkeypatch):
    ran = [froze() for _ in range(5)]
    monkeypatch.setitem(sys.modules, "imported_since", ModuleType("imported_since"))

    assert (ran[-1], froze(), froze()) == (False, True, False)


def test_what_was_out_of_sight_and_is_garbage_by_now_is_collected():
    class Page:
        """Something that a visit makes."""

    page = Page()
    page.itself, gone = page, weakref.ref(page)
    memory.settle()
    del page
    memory.settle()

    assert gone() is None
