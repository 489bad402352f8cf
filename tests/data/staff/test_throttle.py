from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from data import clock
from data.staff import throttle
from data.staff.throttle import RECEIPT, SIGN_IN, Throttled
from data.storage import database, schema
from tests.conftest import USUAL

ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer


def counted():
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(schema.attempts))


@ON_POSTGRESQL
def test_an_attempt_waits_for_none_of_another_address_and_of_another_kind(prepared):
    with ThreadPoolExecutor() as pool, database.writing() as connection:
        throttle.count(connection, SIGN_IN, "192.0.2.1")
        others = [pool.submit(throttle.attempt, *other) for other in ((SIGN_IN, "192.0.2.2"), (RECEIPT, "192.0.2.1"))]

        assert [other.result(timeout=4) for other in others] == [None, None]


@ON_POSTGRESQL
def test_an_attempt_waits_for_another_one_of_its_address(prepared):
    with ThreadPoolExecutor() as pool:
        with database.writing() as connection:
            throttle.count(connection, SIGN_IN, "192.0.2.1")
            same = pool.submit(throttle.attempt, SIGN_IN, "192.0.2.1")
            with pytest.raises(TimeoutError):
                same.result(timeout=0.5)
        same.result(timeout=4)

    assert counted() == 2


def test_attempts_at_once_of_one_address_keep_to_its_limit(prepared):
    def attempt(_):
        try:
            throttle.attempt(SIGN_IN, "192.0.2.1")
        except Throttled:
            return 0
        return 1

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(attempt, range(30))) == SIGN_IN.per_address


def test_attempts_of_a_clock_that_was_ahead_keep_nobody_out_and_go(prepared, set_clock):
    set_clock(USUAL + timedelta(days=3))
    for _ in range(SIGN_IN.per_address):
        throttle.attempt(SIGN_IN, "192.0.2.1")

    set_clock(USUAL)
    throttle.attempt(SIGN_IN, "192.0.2.1")
    throttle.forget_old()

    assert counted() == 1


def test_what_is_refused_opens_no_write_transaction(prepared, monkeypatch):
    for _ in range(SIGN_IN.per_address):
        throttle.attempt(SIGN_IN, "192.0.2.1")
    monkeypatch.setattr(database, "writing", lambda: pytest.fail("a write transaction"))

    with pytest.raises(Throttled):
        throttle.attempt(SIGN_IN, "192.0.2.1")


def test_no_address_is_kept_for_more_than_two_days_though_nobody_comes(prepared, monkeypatch):
    now = clock.now()
    throttle.attempt(SIGN_IN, "192.0.2.1")
    hourly = timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=48) - hourly - timedelta(minutes=1))
    throttle.forget_old()
    assert counted() == 1

    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=48) - timedelta(seconds=1))
    throttle.forget_old()
    assert counted() == 0
