from datetime import timedelta

import httpx2
import pytest

from data import doctor
from data.reports import check_ins
from data.staff import persons
from data.storage import database, preparation, readiness, schema
from data.storage.sqlite_file import Unusable
from tests.app import App
from tests.conftest import PRODUCTION, USUAL, forget


def found():
    """Return what the doctor says, by the words before the first colon."""
    return {finding.told.partition(":")[0]: finding for finding in doctor.findings()}


def note(name, value):
    with database.writing() as connection:
        database.upsert(connection, schema.about, {"name": name, "value": value})


def test_a_server_that_is_well_has_nothing_wrong(embedded, set_clock):
    preparation.prepare()
    note(schema.BACKUP, USUAL.isoformat())
    set_clock(USUAL + timedelta(hours=3))

    assert {finding.state for finding in doctor.findings()} <= {doctor.OK, doctor.LOOK}
    assert found()["Backup"].told == "Backup: the last one is 3 hours old"


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        (None, "Backup: there has never been one; run `python -m data backup DIR`, daily by a timer"),
        (37, "Backup: the last one is 37 hours old: does the timer run? See its log"),
    ],
)
def test_a_missing_or_late_backup_is_wrong(prepared, set_clock, hours, told):
    if hours:
        note(schema.BACKUP, (USUAL - timedelta(hours=hours)).isoformat())

    set_clock(USUAL)

    assert found()["Backup"] == doctor.Finding(doctor.WRONG, told)


def test_a_clock_behind_the_newest_check_in_is_wrong(prepared, set_clock):
    set_clock(USUAL)
    check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["nausea"])
    set_clock(USUAL - timedelta(hours=2))

    clock = found()["Clock"]

    assert clock.state == doctor.WRONG
    assert "the newest check-in was recorded at 2026-11-25" in clock.told


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_clock_apart_from_that_of_postgresql_is_wrong(prepared):
    assert "that of PostgreSQL shows" in found()["Clock"].told  # the tests' clock shows another day


def test_files_that_others_can_read_are_wrong(embedded):
    preparation.prepare()
    assert found()["Files"].state == doctor.OK
    embedded.chmod(0o644)

    assert found()["Files"].told.endswith(f"chmod 600 {embedded}")


def test_a_database_that_takes_no_check_in_is_wrong(embedded, monkeypatch):
    preparation.prepare()
    monkeypatch.setattr(readiness, "LEAST_FREE", 2**60)

    assert found()["Database and its secret key"].state == doctor.WRONG
    assert found()["Space"].state == doctor.LOOK


def test_an_older_database_is_left_as_it_is(prepared):
    note("schema_version", "6")

    assert "the next start migrates it to schema 7" in found()["Database"].told

    with database.reading() as connection:
        assert database.note(connection, "schema_version") == "6"


def test_whether_anybody_can_sign_in_is_told(embedded):
    preparation.prepare()
    assert found()["Signing in"].state == doctor.LOOK

    with database.writing() as connection:
        connection.execute(schema.staff.insert(), {"name": "Ana", "role": "clinician", "added": USUAL})
        device = {"credential": "x", "who": "Ana", "host": "h", "public_key": "x", "uses": 0, "added": USUAL}
        connection.execute(schema.staff_devices.insert(), device)
    assert persons.hosts() == ["h"]
    assert found()["Signing in"].state == doctor.OK


def test_a_damaged_file_ends_the_visit(embedded):
    preparation.prepare()
    database.fold_log()
    forget()
    embedded.write_bytes(embedded.read_bytes()[:-4096])

    with pytest.raises(Unusable, match="truncated"):
        found()


@pytest.mark.parametrize("trusted", ["127.0.0.1,::ffff:127.0.0.1", "192.0.2.1"])
def test_from_outside_proxy_and_websockets_are_looked_at(tmp_path, configure, monkeypatch, trusted):
    get, by_proxy = httpx2.get, {"x-forwarded-for": "198.51.100.7"}
    monkeypatch.setattr(httpx2, "get", lambda url, headers={}, **more: get(url, headers=headers | by_proxy, **more))
    app = App(tmp_path)
    try:
        app.start(FORWARDED_ALLOW_IPS=trusted)
        configure(**PRODUCTION | {"public_url": app.url})
        told = [(finding.state, finding.told) for finding in doctor._from_outside()]
    finally:
        app.stop()

    assert told[0] == (doctor.OK, f"Address {app.url}: ready")
    assert told[1][0] == (doctor.OK if trusted.startswith("127") else doctor.WRONG)
    assert told[2] == (doctor.OK, "Websockets")


def test_a_server_that_is_not_there_or_something_else_is_told(configure):
    configure(**PRODUCTION | {"public_url": "http://localhost:1"})

    (only,) = doctor._from_outside()

    assert only.state == doctor.WRONG
    assert (
        only.told
        == "Address http://localhost:1: from this machine, no check-in answers there (ConnectError); try a phone too"
    )
