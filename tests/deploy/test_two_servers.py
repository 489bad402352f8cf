"""Two servers with one PostgreSQL database, behind HAProxy and behind Caddy."""

import re
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from tests.app import App, free_port
from tests.conftest import empty_database
from tests.deploy.any_proxy import BehindAProxy
from tests.deploy.proxies import caddy, haproxy
from tests.deploy.server import Server
from tests.deploy.visitors import (
    NO_ANSWER,
    SENT,
    check_in,
    filled_in,
    heading,
    open_socket,
    send,
    visitor,
    wait_for,
)

COOKIE = "clinic_server"


@pytest.fixture(scope="module")
def database(postgresql):
    with empty_database(postgresql) as url:
        yield url


@pytest.fixture(scope="module")
def url():
    return f"https://localhost:{free_port()}"


@pytest.fixture(scope="module")
def servers(tmp_path_factory, database, url):
    same = {"public_url": url, "database_url": database, "secret_key": "a key that both servers have, of 40 letters"}
    servers = {name: Server(tmp_path_factory.mktemp(name), **same) for name in ("one", "two")}
    with ThreadPoolExecutor() as at_once:
        list(at_once.map(Server.start, servers.values()))
    yield servers
    for server in servers.values():
        server.stop()


@pytest.fixture(scope="module")
def log(tmp_path_factory, servers, url):
    with haproxy(tmp_path_factory.mktemp("haproxy"), url, *servers.values()) as written:
        wait_for(lambda: "one_anyway" not in written.read_text(encoding="utf-8"))
        yield written


@pytest.fixture
def count(database):
    """Give what counts the stored check-ins."""
    engine = create_engine(database.replace("postgresql:", "postgresql+psycopg:"), poolclass=NullPool)

    def number():
        with engine.connect() as connection:
            return connection.scalar(text("SELECT count(*) FROM check_ins"))

    yield number
    engine.dispose()


@pytest.fixture
def outage(postgresql, database):
    """Give a block during which nobody gets into the database."""
    server, name = create_engine(postgresql, isolation_level="AUTOCOMMIT"), make_url(database).database

    @contextmanager
    def block():
        with server.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :it"), {"it": name}
            )
            try:
                yield
            finally:
                connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))

    yield block
    server.dispose()


@pytest.fixture
def wait_until(log):
    """Give what waits until HAProxy sends visitors to a server, or does not."""

    def wait(name, state):
        states = re.compile(f"check_in/{name} is (UP|DOWN)")
        wait_for(lambda: ["UP", *states.findall(log.read_text(encoding="utf-8"))][-1] == state)

    return wait


@contextmanager
def visitor_of(name, url):
    """Give a visitor whom HAProxy has led to one of the servers."""
    with visitor(url) as somebody:
        while somebody.get("/plain").cookies.get(COOKIE) != name:
            somebody.cookies.clear()
        yield somebody


def test_each_visitor_stays_on_one_of_two_servers(servers, log, url, count):
    before = count()
    with visitor(url) as first, visitor(url) as second:
        assert [check_in(first), check_in(second)] == [SENT, SENT]
        assert {first.cookies[COOKIE], second.cookies[COOKIE]} == {"one", "two"}
        again = first.get("/plain")

    assert COOKIE not in again.headers.get("set-cookie", "")
    assert count() == before + 2


def test_scripts_and_unencrypted_pages_get_no_cookie_of_haproxys(log, url):
    with visitor(url) as patient:
        set_by_haproxy = patient.get("/plain").headers["set-cookie"]

    assert re.fullmatch(f"{COOKIE}=(one|two); path=/; HttpOnly; Secure; SameSite=Lax", set_by_haproxy)


class TestHAProxy(BehindAProxy):
    shows = " 404 GET /plain"


def test_a_check_in_that_kills_its_server_is_confirmed_by_the_other_and_stored_once(servers, url, count, wait_until):
    dying = servers["one"]
    dying.restart(to_die=True)
    wait_until("one", "UP")
    with visitor_of("one", url) as patient, visitor_of("one", url) as late:
        forms, before = [filled_in(patient), filled_in(late)], count()
        at_once = send(patient, forms[0])
        killed = dying.process.wait(20)
        wait_until("one", "DOWN")
        later = send(late, forms[1])
        dying.restart(to_die=False)
        wait_until("one", "UP")

    assert killed == -signal.SIGKILL
    assert [heading(at_once), heading(later)] == [SENT, SENT]
    assert [patient.cookies[COOKIE], late.cookies[COOKIE]] == ["two", "two"]
    assert count() == before + 2


def test_while_neither_stores_haproxy_leads_to_the_page_that_says_so_and_cuts_nobody_off(
    outage, url, count, wait_until
):
    with visitor(url) as patient, visitor(url) as reader, open_socket(reader) as still_open:
        form, before = filled_in(patient), count()
        with outage():
            wait_until("one", "DOWN")
            wait_until("two", "DOWN")
            refused = send(patient, form)
            assert still_open()
        wait_until("one", "UP")
        sent = send(patient, form)

    assert (refused.status_code, form["key"] in refused.text) == (503, True)
    assert heading(sent) == SENT
    assert count() == before + 1


def test_behind_caddy_one_of_two_servers_may_stop(servers, tmp_path, count):
    door, before = f"http://localhost:{free_port()}", count()
    with caddy(tmp_path, door, *servers.values()):
        servers["one"].stop()
        for last in range(2, 8):  # each address has a server of its own
            with visitor(door, f"127.0.0.{last}") as patient:
                assert send(patient, filled_in(patient)).url.path == "/sent"
        servers["one"].start()

    assert count() == before + 6


def test_where_no_server_answers_at_all_caddy_says_what_to_do(tmp_path):
    door = f"http://localhost:{free_port()}"
    with caddy(tmp_path, door, App(tmp_path), App(tmp_path), patience="1s") as log, visitor(door) as patient:
        wait_for(lambda: log.read_text(encoding="utf-8").count("HTTP request failed") > 1)
        sent, read = patient.post("/plain"), patient.get("/plain")

    assert [sent.status_code, read.status_code] == [503, 503]
    assert {page.text.splitlines()[0] for page in (sent, read)} == {NO_ANSWER}
