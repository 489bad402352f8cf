import asyncio
import logging

import pytest

from pages.streamlit_inside import guard
from pages.web import logs, open_files


@pytest.fixture
def crowd():
    return guard.Crowd()


def enter(crowd, number, *networks):
    for each in range(number):
        crowd.enter(networks[each % len(networks)])


def test_a_network_has_room_until_its_sockets_are_all_open(crowd):
    enter(crowd, guard.SOCKETS, "192.0.2.1")

    assert not crowd.has_room("192.0.2.1")
    assert crowd.has_room("192.0.2.2")
    crowd.leave("192.0.2.1")
    assert crowd.has_room("192.0.2.1")


def test_whoever_has_one_address_of_a_network_of_ipv6_has_its_room(crowd):
    enter(crowd, guard.SOCKETS, "2001:db8::/64")

    assert not crowd.has_room("2001:db8::1")
    assert not crowd.has_room("2001:db8::ffff")
    assert crowd.has_room("2001:db8:0:1::1")


def test_all_together_have_the_room_that_open_files_leave(crowd, monkeypatch):
    monkeypatch.setattr(open_files, "most", lambda: 1024)
    enter(crowd, 95, *(f"192.0.2.{number}" for number in range(100)))

    assert crowd.has_room("192.0.2.200")
    crowd.enter("192.0.2.200")
    assert not crowd.has_room("192.0.2.201")  # 4 files each, 640 kept for everything else


def test_the_limit_of_open_files_is_raised_as_far_as_it_goes():
    open_files.allow_all()

    assert open_files.most() >= 1024


@pytest.fixture
def waits(crowd, monkeypatch):
    """Give how long each message of a network waits for its turn, the clock standing still at 1000 seconds."""
    waited = []

    async def sleep(seconds):
        waited.append(seconds)

    monkeypatch.setattr(guard.asyncio, "sleep", sleep)
    monkeypatch.setattr(guard.time, "monotonic", lambda: 1000.0)
    return waited


def take_turns(crowd, number, network="192.0.2.1"):
    async def take():
        for _ in range(number):
            await crowd.take_turn(network)

    asyncio.run(take())


def test_a_burst_passes_at_once_and_then_each_message_waits_for_its_turn(crowd, waits):
    take_turns(crowd, guard.BURST + 1)
    assert sum(waits) == pytest.approx(0, abs=1e-6)

    waits.clear()
    take_turns(crowd, 3)
    assert waits == pytest.approx([1 / guard.RATE, 2 / guard.RATE, 3 / guard.RATE])


def test_another_network_does_not_wait(crowd, waits):
    take_turns(crowd, guard.BURST + 11)
    waits.clear()

    take_turns(crowd, 1, "192.0.2.2")

    assert waits == []


def test_leaving_and_coming_back_gains_no_time(crowd, waits):
    crowd.enter("192.0.2.1")
    take_turns(crowd, guard.BURST + 11)
    waits.clear()

    crowd.leave("192.0.2.1")
    crowd.enter("192.0.2.1")
    take_turns(crowd, 1)

    assert waits == pytest.approx([11 / guard.RATE])


def test_who_has_left_long_ago_is_forgotten(crowd, waits, monkeypatch):
    for number in range(50):
        crowd.enter(f"192.0.2.{number}")
        take_turns(crowd, 1, f"192.0.2.{number}")
        crowd.leave(f"192.0.2.{number}")
    monkeypatch.setattr(guard.time, "monotonic", lambda: 2000.0)

    crowd.enter("192.0.2.100")

    assert not crowd._turn
    assert crowd._sockets == {"192.0.2.100": 1}


@pytest.fixture
def log():
    """Give a logger that spares lines."""
    logger, spares = logging.getLogger("checkin.test"), logs.Sparing()
    logger.addFilter(spares)
    yield logger
    logger.removeFilter(spares)


def test_a_line_that_strangers_cause_is_logged_once_a_minute(log, monkeypatch, caplog):
    seconds = iter([0, 1, 2, 59, 60, 61])
    monkeypatch.setattr(logs.time, "monotonic", lambda: next(seconds))

    for _ in range(2):
        log.warning("websockets closed: %s", "too many messages")
    log.warning("websockets closed: %s", "another reason")
    for _ in range(3):
        log.warning("websockets closed: %s", "too many messages")

    assert caplog.messages == [
        "websockets closed: too many messages",
        "websockets closed: another reason",
        "websockets closed: too many messages",
    ]


def test_lines_that_all_differ_are_not_remembered_for_ever(log, caplog):
    for number in range(5_000):
        log.warning("a socket at port %d", number)

    assert len(caplog.messages) == 5_000
    assert len(log.filters[0]._logged) <= logs.REMEMBERED


def test_what_a_stranger_sends_makes_no_line_of_its_own(log, caplog):
    for host in ("a.example", "b.example"):
        log.warning("a request for %r", host)

    assert caplog.messages == ["a request for 'a.example'"]
