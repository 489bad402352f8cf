from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, update

from data import clock
from data.catalogue import WINDOWS
from data.reports import infusions, issued, receipts, registration, roster
from data.reports.infusions import Infusion
from data.staff import passphrase
from data.storage import database, schema
from tests.app import PASSPHRASE
from tests.data.reports.test_infusions import HOUR, NOBODYS, ago, answer, rows, token

__all__ = ["token"]


def ids(listed):
    return [each.id for each in listed]


def signed_in():
    return passphrase.sign_in(PASSPHRASE, "address")


def put(token, hours):
    """Register an infusion that ended some hours ago, however long; return its number and code."""
    infusion, code = registration.register(token)
    moved = update(schema.infusions).where(schema.infusions.c.id == infusion.id)
    with database.writing() as connection:
        connection.execute(moved.values(ended=clock.now() - hours * HOUR))
    return infusion.id, code


def test_the_latest_are_those_registered_last_with_the_windows_that_are_answered(token):
    old, code = registration.register(token, ended=ago(days=2), number=1)
    new, of_new = registration.register(token, ended=ago(days=3), number=8)
    answer(code, recorded=old.ended + HOUR)
    answer(code)
    receipts.withdraw(answer(of_new).receipt, "address")

    listed = roster.read(token)

    assert listed == [
        new,
        Infusion(old.id, old.ended, 1, "1st", old.registered, None, frozenset({"0-4 h", "1-7 d"})),
    ]
    assert [each.has_check_in for each in listed] == [False, True]


@pytest.mark.parametrize(("most", "listed"), [(3, 3), (1, 1), (0, 1), (-1, 1), (2**70, 5)])
def test_the_list_holds_as_many_as_are_asked_for_and_any_other_is_found_by_its_number(token, most, listed):
    made = [registration.register(token)[0] for _ in range(5)]

    assert roster.read(token, most=most) == made[::-1][:listed]
    assert ids(roster.read(token, "open", most=most)) == ids(made[::-1][:listed])
    assert roster.read(token, number=made[0].id, most=most) == made[:1]


@pytest.mark.parametrize("number", [one for one in NOBODYS if one is not None])
def test_the_number_of_no_infusion_finds_none_and_is_not_noted(token, number):
    registration.register(token)

    assert roster.read(token, number=number) == []
    assert rows(schema.audit)[-1]["did"] == "saw the list of infusions"


@pytest.mark.parametrize("shown", ["", "Latest", "all", None, 1, ["open"]])
def test_the_list_can_be_of_nothing_else(token, shown):
    with pytest.raises(ValueError, match=r"the list cannot be of .* expected one of latest, today, open"):
        roster.read(token, shown)


def test_open_are_those_of_which_a_window_is_open_and_not_answered(token):
    for hours in (0, 3, 5, 23, 25, 167, 169, 719, 720, 900):
        put(token, hours)
        _, code = put(token, hours)
        if hours < 720:
            answer(code)
            early, code = put(token, hours)
            answer(code, recorded=infusions.ended(early))
            _, code = put(token, hours)
            receipts.withdraw(answer(code).receipt, "address")
        revoked, _ = put(token, hours)
        registration.revoke(token, revoked)
    now = clock.now()

    listed = roster.read(token, "open")

    number = len(rows())
    everyone = [one for each in range(1, number + 1) for one in roster.read(token, number=each, refresh=True)]
    expected = [one.id for one in everyone if "open" in [one.state(window, now) for window in WINDOWS]]
    assert len(expected) == 8 * 3 - 2  # at once, the early answer is that of the open window
    assert ids(listed) == sorted(expected, reverse=True)


def test_an_infusion_whose_end_was_corrected_to_later_is_open_while_its_invitation_works(prepared, set_clock):
    began = clock.now()
    infusion, _ = registration.register(signed_in(), ended=began - HOUR)
    set_clock(began + timedelta(days=29))
    registration.change(signed_in(), infusion.id, ended=clock.now(), number=None)

    set_clock(began + timedelta(days=50))

    assert ids(roster.read(signed_in(), "open")) == [infusion.id]


MADRID, HAVANA = ZoneInfo("Europe/Madrid"), ZoneInfo("America/Havana")


@pytest.mark.parametrize(
    ("midnight", "last"),
    [
        (datetime(2026, 11, 25, tzinfo=MADRID), datetime(2026, 11, 25, 23, 59, 59, tzinfo=MADRID)),
        (datetime(2026, 11, 25, tzinfo=MADRID), datetime(2026, 11, 25, 0, 0, 1, tzinfo=MADRID)),
        (datetime(2026, 10, 25, tzinfo=MADRID), datetime(2026, 10, 25, 23, 59, 59, tzinfo=MADRID)),  # 25 hours
        (datetime(2026, 3, 29, tzinfo=MADRID), datetime(2026, 3, 29, 23, 59, 59, tzinfo=MADRID)),  # 23 hours
        (datetime(2026, 11, 1, tzinfo=HAVANA), datetime(2026, 11, 1, 0, 30, fold=1, tzinfo=HAVANA)),  # midnight twice
        (datetime(2026, 3, 8, 1, tzinfo=HAVANA), datetime(2026, 3, 8, 1, 30, tzinfo=HAVANA)),  # midnight never
    ],
)
def test_today_begins_at_the_clinics_midnight(prepared, configure, set_clock, midnight, last):
    configure(timezone=midnight.tzinfo.key)
    first = midnight.astimezone(UTC)
    set_clock(last)
    token = signed_in()
    ended = [registration.register(token, ended=first + timedelta(microseconds=after))[0].id for after in (-1, 0, 1)]

    assert ids(roster.read(token, "today")) == ended[:0:-1]


def test_today_are_those_that_work_and_have_no_check_in(token, set_clock):
    midnight = clock.instant(clock.shown(clock.now()).replace(hour=0, minute=0))
    set_clock(midnight + 6 * HOUR)
    token = signed_in()
    waiting, (_, code), (withdrawn, of_withdrawn), (revoked, _) = (put(token, 5) for _ in range(4))
    answer(code, recorded=midnight + 2 * HOUR)  # of a window that is over
    receipts.withdraw(answer(of_withdrawn).receipt, "address")
    registration.revoke(token, revoked)

    assert ids(roster.read(token, "today")) == [withdrawn, waiting[0]]


def test_of_more_that_are_open_than_are_asked_for_those_that_ended_last_are_listed(token):
    last, _, first = (put(token, hours)[0] for hours in (1, 30, 3))

    assert (
        ids(roster.read(token, "open", most=2))
        == ids(roster.read(token, "open", most=2, refresh=True))
        == [first, last]
    )


@pytest.mark.parametrize("asked", [{}, {"shown": "today"}, {"shown": "open"}, {"number": 1}])
def test_a_page_that_refreshes_writes_nothing_and_renews_no_session(token, monkeypatch, asked):
    registration.register(token)
    before = rows(schema.staff_sessions), rows(schema.audit)
    read = roster.read(token, **asked)
    opened = rows(schema.staff_sessions), rows(schema.audit)
    monkeypatch.setattr(database, "writing", lambda: pytest.fail("a write transaction"))

    refreshed = [roster.read(token, **asked, refresh=True), [issued.show(token, 1, refresh=True)[0]]]

    assert refreshed == [read, read]
    assert (rows(schema.staff_sessions), rows(schema.audit)) == opened
    assert opened[0][0]["seen"] > before[0][0]["seen"]
    assert len(opened[1]) == len(before[1]) + 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_here_reads_every_check_in_or_infusion(token):
    infusion, _ = registration.register(token)
    asked = []
    event.listen(database.engine(), "before_cursor_execute", lambda *given: asked.append(given[2:4]))
    for shown in roster.SHOWN:
        roster.read(token, shown, refresh=True)
    issued.show(token, infusion.id, refresh=True)
    registration.change(token, infusion.id, ended=ago(hours=5), number=3)

    with database.reading() as connection:
        plans = [
            step[3]
            for statement, values in [*asked]
            if statement.startswith(("SELECT", "UPDATE")) and "infusion" in statement
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]

    assert len(plans) > 10
    assert [step for step in plans if step.startswith("SCAN ") and "CONSTANT" not in step] == [
        "SCAN infusions"  # the latest, in their order
    ]
    assert not any("TEMP B-TREE" in step for step in plans)
