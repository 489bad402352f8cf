from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from data.catalogue import CODES
from data.reports import check_ins, receipts, registration, responses, tallies, withdrawals
from data.staff import audit, passphrase
from data.storage import database, schema
from tests.app import PASSPHRASE
from tests.counted import audited, count_check_ins

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def afternoon(set_clock):
    set_clock(NOON + 2 * HOUR)


def send(*ticked, at=NOON, **changed):
    usual = {"key": check_ins.new_key(), "window": "0-4 h", "ticked": ticked, "none": not ticked, "recorded": at}
    return check_ins.record(**usual | changed)


def invited(*hours, ended=NOON - 10 * HOUR):
    """Register an infusion and answer it so many hours after its end; return its number and its code."""
    token = passphrase.sign_in(PASSPHRASE, "address")
    infusion, code = registration.register(token, ended=ended)
    for later in hours:
        send("nausea", at=ended + later * HOUR, window=None, code=code)
    return infusion.id, code


def answers():
    """Return the ticked codes of each row in the order of arrival, and those before each correction."""
    with database.reading() as connection:
        return [
            [tuple(code for code in CODES if row[code]) for row in connection.execute(rows).mappings()]
            for rows in (select(table).order_by(table.c.id) for table in (schema.check_ins, schema.corrections))
        ]


def prank(start=NOON, end=NOON + HOUR, origin="open"):
    return withdrawals.recorded_in(origin, start, end)


def test_a_discard_withdraws_what_came_by_its_origin_from_its_beginning_until_before_its_end(prepared):
    send("headache", at=NOON - timedelta(microseconds=1))
    send("vision")
    send("sleep", "vision", window=">7 d")
    send("bladder", at=NOON + HOUR)
    invited(4)

    assert withdrawals.found(prank()) == {"0-4 h": 1, ">7 d": 1}
    assert withdrawals.by_operator(prank(), "discarded", "by the open link") == 2
    assert withdrawals.found(prank()) == {}
    assert answers()[0] == [("headache",), (), (), ("bladder",), ("nausea",)]
    assert tallies.differences() == responses.differences() == []
    assert audited()[-1] == ("operator", "discarded 2 check-ins by the open link")


def test_a_discard_of_more_rows_than_one_statement_takes_leaves_the_counters_right(prepared, monkeypatch):
    monkeypatch.setattr(withdrawals, "_PORTION", 2)
    for code in CODES[:5]:
        send(code)
    corrected = send("sleep", window="4-24 h")
    receipts.correct(corrected.receipt, "address", ticked=["vision"])

    assert withdrawals.by_operator(prank(), "discarded", "") == 6
    assert answers() == [[()] * 6, [()]]
    assert tallies.differences() == []
    assert count_check_ins() == 0


def test_what_is_withdrawn_already_is_not_discarded_again_and_nothing_is_audited_for_nothing(prepared):
    receipts.withdraw(send("sleep").receipt, "address")

    assert withdrawals.found(prank()) == {}
    assert withdrawals.by_operator(prank(), "discarded", "") == 0
    assert audited() == []


def test_a_span_that_is_not_over_is_refused_as_more_could_come_in_while_somebody_decides(prepared):
    with pytest.raises(withdrawals.InvalidSpan, match="expected a span that is over"):
        prank(end=NOON + 3 * HOUR)


@pytest.mark.parametrize("span", [timedelta(0), -HOUR, timedelta(days=7, minutes=1)])
def test_a_span_that_is_empty_reversed_or_longer_than_a_week_is_refused(prepared, span, set_clock):
    set_clock(NOON + timedelta(days=8))
    with pytest.raises(withdrawals.InvalidSpan, match="at most 7 days"):
        prank(end=NOON + span)

    assert prank(end=NOON + timedelta(days=7)) is not None


def test_a_discard_that_cannot_be_audited_does_not_happen(prepared, monkeypatch):
    send("sleep")
    monkeypatch.setattr(audit, "note", lambda connection, *_: connection.exec_driver_sql("SELECT nonsense"))

    with pytest.raises(database.Unavailable):
        withdrawals.by_operator(prank(), "discarded", "")

    assert answers()[0] == [("sleep",)]
    assert tallies.differences() == []


def test_an_erasure_withdraws_the_check_in_of_one_infusion_and_window_and_opens_the_window_again(prepared, set_clock):
    set_clock(NOON)
    other, _ = invited(1)
    mine, code = invited(1, 5)

    assert withdrawals.by_operator(withdrawals.of_infusion(mine, "4-24 h"), "erased", f"of No. {mine}") == 1
    assert answers()[0] == [("nausea",), ("nausea",), ()]
    assert withdrawals.found(withdrawals.of_infusion(other, "0-4 h")) == {"0-4 h": 1}
    assert responses.differences() == tallies.differences() == []
    assert audited()[-1] == ("operator", f"erased 1 check-in of No. {mine}")
    send("sleep", at=NOON - 3 * HOUR, window=None, code=code)
    assert responses.differences() == tallies.differences() == []


def test_patients_who_correct_withdraw_and_send_during_a_discard_leave_the_counters_right(prepared):
    sent = [send(code) for code in CODES]
    _, code = invited(1, ended=NOON - 2 * HOUR)

    def act(number):
        if number == 7:
            return withdrawals.by_operator(prank(), "discarded", "")
        if number == 8:
            return withdrawals.by_operator(prank(NOON - 5 * HOUR, origin="invited"), "discarded", "")
        if number == 9:
            return send("sleep", at=NOON + 3 * HOUR, window=None, code=code)
        do = receipts.withdraw if number % 2 else lambda *to: receipts.correct(*to, ticked=["vision", "sleep"])
        return do(sent[number].receipt, "address") and send("nausea")

    with ThreadPoolExecutor(14) as pool:
        list(pool.map(act, range(14)))

    assert tallies.differences() == responses.differences() == []
