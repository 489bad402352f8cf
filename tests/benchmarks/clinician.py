"""What a server does for a clinician's look at the dashboard, timed in a process that serves one database.

A module of its own: `AppTest` puts itself in the place of `__main__`, where another process then finds nothing.
"""

import time
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from sqlalchemy import text
from streamlit.logger import set_log_level
from streamlit.testing.v1 import AppTest

from data import settings
from data.figures import views
from data.staff import passphrase
from data.storage import database
from pages.clinic import session
from tests.app import PASSPHRASE, ROOT


class Spent(NamedTuple):
    """Seconds by the clock and of a processor."""

    clock: float
    processor: float


def spent(work: Callable[[str], None], name: str) -> Spent:
    """Return what work at a view takes."""
    before = _now()
    work(name)
    return Spent(*(after - earlier for after, earlier in zip(_now(), before, strict=True)))


def reading(name: str) -> None:
    """Read a view."""
    assert views.read(_token(), views.chosen({"view": name})).table is not None


def page(name: str) -> None:
    """Run the page of a view."""
    shown = _screen(name).run().get("html")
    assert any("CSV for the clinic" in element.proto.body for element in shown)  # it stands below figures only


def _now() -> Spent:
    of_database = time.clock_gettime(~_backend() << 3 | 2) if settings.current().uses_postgresql else 0
    return Spent(time.perf_counter(), time.process_time() + of_database)


@cache
def _backend() -> int:
    """Ask PostgreSQL which process serves this one; one connection is all that is ever made."""
    with database.reading() as connection:
        return connection.scalar(text("SELECT pg_backend_pid()"))


@cache
def _token() -> str:
    return passphrase.sign_in(PASSPHRASE, "benchmark")


@cache
def _screen(name: str) -> AppTest:
    session.token = _token  # in place of a browser's cookie
    set_log_level("ERROR")  # it warns that an AppTest is made outside a script
    screen = AppTest.from_file(ROOT / "pages" / "navigation.py", default_timeout=60)
    screen.query_params["dashboard_view"] = name
    return screen.run().switch_page("clinic/dashboard.py")
