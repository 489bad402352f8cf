"""One server, from nothing to the first check-in, with the files of `.deploy/`."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.app import free_port
from tests.deploy.any_proxy import BehindAProxy
from tests.deploy.proxies import caddy
from tests.deploy.server import Server
from tests.deploy.visitors import (
    NO_ANSWER,
    SENT,
    check_in,
    filled_in,
    heading,
    send,
    visitor,
    wait_for,
)


@pytest.fixture(scope="module")
def url():
    return f"http://localhost:{free_port()}"


@pytest.fixture(scope="module")
def server(tmp_path_factory, url):
    server = Server(tmp_path_factory.mktemp("server"), confined=True, public_url=url)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def log(server, url):
    with caddy(server.folder.parent, url, server, patience="60s") as written:
        yield written


def test_a_new_server_confirms_its_first_check_in_and_keeps_it_to_itself(server, log, url):
    with visitor(url) as patient:
        assert check_in(patient) == SENT

    assert "WARNING" not in server.console.read_text(encoding="utf-8")
    assert server.check_ins() == [("0-4 h", ("headache",))]
    modes = {file.name: file.stat().st_mode & 0o777 for file in server.folder.glob("checkins.db*")}
    assert {"checkins.db", "checkins.db.key"} < modes.keys()
    assert set(modes.values()) == {0o600}


def test_the_daily_backup_is_whole_and_then_the_doctor_finds_nothing(server, log):
    folder = server.folder.parent / "backups"
    folder.mkdir(mode=0o700)

    server.do()
    found = server.do("-m", "data", "doctor").splitlines()

    (copy,), (key,) = folder.glob("checkins-*.db"), folder.glob("checkins-*.db.key")
    assert key.read_bytes() == (server.folder / "checkins.db.key").read_bytes()
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM check_ins").fetchone() == (len(server.check_ins()),)
    assert [line for line in found if not line.startswith("ok ")] == []


class TestCaddy(BehindAProxy):
    shows = '"status":404'


def test_a_check_in_that_is_sent_during_a_restart_is_confirmed_after_it(server, log, url):
    with visitor(url) as patient, ThreadPoolExecutor() as meanwhile:
        form, before = filled_in(patient), len(server.check_ins())
        server.stop()
        wait_for(lambda: "connection refused" in log.read_text(encoding="utf-8"))
        sending = meanwhile.submit(send, patient, form)
        server.start()
        sent = sending.result()

    assert heading(sent) == SENT
    assert len(server.check_ins()) == before + 1


def test_while_nothing_can_be_stored_caddy_leads_to_the_page_that_says_so(server, log, url):
    database, aside = server.folder / "checkins.db", server.folder / "aside.db"
    with visitor(url) as patient:
        form, before = filled_in(patient), len(server.check_ins())
        database.rename(aside)
        wait_for(lambda: patient.get("/ready").status_code == 503)
        refused = send(patient, form)
        aside.rename(database)
        wait_for(lambda: patient.get("/ready").status_code == 200)
        sent = send(patient, form)

    assert (refused.status_code, form["key"] in refused.text) == (503, True)
    assert "no upstreams available" not in log.read_text(encoding="utf-8")
    assert heading(sent) == SENT
    assert len(server.check_ins()) == before + 1


def test_a_check_in_that_kills_the_server_is_not_lost_and_stored_once(server, log, url):
    server.restart(to_die=True)
    with visitor(url) as patient:
        form, before = filled_in(patient), len(server.check_ins())
        cut_off = send(patient, form)
        server.restart(to_die=False)
        sent = send(patient, form)

    assert (cut_off.status_code, cut_off.text.splitlines()[0]) == (502, NO_ANSWER)
    assert heading(sent) == SENT
    assert len(server.check_ins()) == before + 1
