"""What a server does for a clinician's look at the dashboard, timed in a process that serves one database.

A module of its own: `AppTest` puts itself in the place of `__main__`, where another process then finds nothing.
"""

import os
import time
from collections.abc import Callable
from functools import cache

from sqlalchemy import text
from streamlit.logger import set_log_level
from streamlit.testing.v1 import AppTest

from data import settings
from data.figures import views
from data.staff import passphrase
from data.storage import database
from pages.clinic import session
from tests.app import PASSPHRASE, ROOT


def milliseconds(work: Callable[[str], None], name: str) -> float:
    """Return what work at a view takes."""
    began = time.perf_counter()
    work(name)
    return 1000 * (time.perf_counter() - began)


def stay_on(processor: int) -> None:
    """Keep this process, and what serves it in PostgreSQL, on one processor."""
    os.sched_setaffinity(0, {processor})
    if settings.current().uses_postgresql:
        with database.reading() as connection:  # one connection is all that is ever made
            os.sched_setaffinity(connection.scalar(text("SELECT pg_backend_pid()")), {processor})


def reading(name: str) -> None:
    """Read a view."""
    assert views.read(_token(), views.chosen({"view": name})).table is not None


def page(name: str) -> None:
    """Run the page of a view."""
    shown = _screen(name).run().get("html")
    assert any("CSV for the clinic" in element.proto.body for element in shown)  # it stands below figures only


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
