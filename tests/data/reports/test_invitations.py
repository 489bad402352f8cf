import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from types import ModuleType

import pytest
from sqlalchemy import select

from data import clock
from data.reports import check_ins, codes, invitations, receipts, registration, responses, tallies
from data.reports.check_ins import Visit
from data.staff import passphrase, throttle
from data.storage import database, schema
from tests.app import PASSPHRASE

HOUR = timedelta(hours=1)
WRONG = "0000-0000-0000"


@pytest.fixture
def token(prepared):
    return passphrase.sign_in(PASSPHRASE, "address")


def rows():
    with database.reading() as connection:
        return connection.execute(select(schema.check_ins).order_by(schema.check_ins.c.id)).mappings().all()


def attempts():
    with database.reading() as connection:
        return connection.execute(select(schema.attempts)).mappings().all()


def invite(token, hours=0.0, number=2):
    return registration.register(token, ended=clock.now() - hours * HOUR, number=number)


def answer(code, *ticked, **changed):
    usual = {"key": check_ins.new_key(), "ticked": ticked or ("nausea",), "code": code, "visit": Visit(address="here")}
    return check_ins.record(**usual | changed)


def in_order():
    return tallies.differences() == responses.differences() == []


@pytest.mark.parametrize(
    ("hours", "window"), [(0, "0-4 h"), (3.9, "0-4 h"), (4, "4-24 h"), (24, "1-7 d"), (168, ">7 d"), (719.9, ">7 d")]
)
def test_the_window_is_computed_when_the_check_in_is_recorded(token, hours, window):
    infusion, code = invite(token, hours)

    assert invitations.find(code, "here") == invitations.Invitation(infusion.ended, window, answered=False)
    assert answer(code, window="0-4 h").window == window  # whatever window came along

    (row,) = rows()
    asked = ("infusion", "window", "number_band", "origin")
    assert [row[name] for name in asked] == [infusion.id, window, "2nd-6th", "invited"]
    assert in_order()


def test_the_boundary_belongs_to_the_later_window(token):
    infusion, code = invite(token, 30)

    assert answer(code, recorded=infusion.ended + 4 * HOUR - timedelta(microseconds=1)).window == "0-4 h"
    assert answer(code, recorded=infusion.ended + 4 * HOUR).window == "4-24 h"


@pytest.mark.parametrize("spelling", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code}\n"])
def test_a_code_is_taken_in_any_spelling(token, spelling):
    _, code = invite(token)

    assert not invitations.find(spelling(code), "here").answered
    assert answer(spelling(code)).window == "0-4 h"


def test_look_alikes_are_read_as_what_was_meant(token, monkeypatch):
    monkeypatch.setattr(codes, "invitation", lambda _: "0011-K7QM-4TXD")
    invite(token)

    assert invitations.find("oOiL-k7qm-4txd", "here").window == "0-4 h"


def test_one_check_in_for_each_infusion_and_window(token):
    infusion, code = invite(token, 30)
    answer(code, "nausea", recorded=infusion.ended + 5 * HOUR)  # another window
    answer(code, "headache")

    with pytest.raises(invitations.AnsweredAlready):
        answer(code, "nausea")
    assert invitations.find(code, "here").answered

    assert [(row["window"], row["headache"]) for row in rows()] == [("4-24 h", 0), ("1-7 d", 1)]
    assert in_order()


def test_the_next_window_opens_at_the_end_of_this_one(token):
    infusion, code = invite(token, 5)
    _, late_code = invite(token, 200)

    assert invitations.find(code, "here").opens_again == infusion.ended + 24 * HOUR
    assert invitations.find(late_code, "here").opens_again is None


def test_a_clock_that_was_set_back_opens_no_window_before_one_that_is_answered(token, set_clock):
    began = clock.now()
    _, code = invite(token)
    set_clock(began + 5 * HOUR)
    assert answer(code).window == "4-24 h"

    set_clock(began + HOUR)

    found = invitations.find(code, "here")
    assert (found.window, found.answered) == ("4-24 h", True)
    with pytest.raises(invitations.AnsweredAlready):
        answer(code)
    set_clock(began + 30 * HOUR)
    assert answer(code).window == "1-7 d"
    assert in_order()


def test_a_withdrawal_reopens_the_window(token):
    _, code = invite(token)
    first = answer(code, key="a" * 32)

    receipts.withdraw(first.receipt, "here")
    assert not invitations.find(code, "here").answered
    again = answer(code, "sleep")

    assert again.ticked == ("sleep",)
    assert answer(code, key="a" * 32).withdrawn  # the first form sent once more stores nothing
    assert in_order()
    with pytest.raises(invitations.AnsweredAlready):
        answer(code)


def test_a_correction_keeps_the_window_answered(token):
    _, code = invite(token)

    receipts.correct(answer(code).receipt, "here", ticked=["sleep"])

    assert invitations.find(code, "here").answered
    assert in_order()


def test_the_same_form_sent_twice_is_one_check_in_and_no_mistake(token):
    _, code = invite(token)

    assert answer(code, "headache", key="b" * 32) == answer(code, "nausea", key="b" * 32)
    assert len(rows()) == 1


def test_unknown_revoked_and_expired_codes_get_one_same_answer(token):
    revoked, of_revoked = invite(token)
    registration.revoke(token, revoked.id)
    old, of_old = invite(token, 719)
    with database.writing() as connection:
        connection.execute(
            schema.infusions.update().where(schema.infusions.c.id == old.id).values(ended=old.ended - HOUR)
        )

    told = set()
    for code in (of_revoked, of_old, codes.invitation(codes.new_key()), "0" * 12):
        for attempt in (lambda code=code: invitations.find(code, "here"), lambda code=code: answer(code)):
            with pytest.raises(invitations.UnknownInvitation) as refused:
                attempt()
            told.add(str(refused.value))

    assert len(told) == 1
    assert rows() == []


@pytest.mark.parametrize("typed", ["x", " ", "\ud800", "0" * 400, "K7QM-4TXD-R2", "this is my card: K7QM"])
def test_what_has_not_the_form_of_a_code_is_no_guess(token, typed):
    for attempt in (lambda: invitations.find(typed, "here"), lambda: answer(typed)):
        with pytest.raises(invitations.NotACode):
            attempt()

    assert attempts() == []


def test_without_a_tick_no_invitation_is_answered(token):
    _, code = invite(token)

    with pytest.raises(check_ins.answers.NothingTicked):
        answer(code, ticked=())

    assert not invitations.find(code, "here").answered


def test_wrong_codes_are_limited_by_address_and_right_ones_are_not(token, monkeypatch):
    monkeypatch.setattr(throttle, "INVITATION", throttle.Limit("invitation", 3, 5))
    _, code = invite(token)
    for _ in range(10):
        invitations.find(code, "here")
    for attempt in (lambda: invitations.find(WRONG, "here"), lambda: answer(WRONG), lambda: answer(WRONG)):
        with pytest.raises(invitations.UnknownInvitation):
            attempt()

    for attempt in (lambda: invitations.find(WRONG, "here"), lambda: answer(WRONG)):
        with pytest.raises(throttle.Throttled):
            attempt()
    assert len(attempts()) == 3
    assert invitations.find(code, "here").window == "0-4 h"
    assert answer(code).window == "0-4 h"


def test_a_page_view_writes_only_to_count_a_wrong_code_within_the_limit(token, monkeypatch):
    monkeypatch.setattr(throttle, "INVITATION", throttle.Limit("invitation", 1, 5))
    _, code = invite(token)
    with pytest.raises(invitations.UnknownInvitation):
        invitations.find(WRONG, "here")
    monkeypatch.setattr(database, "writing", lambda: pytest.fail("a write transaction"))

    assert invitations.find(code, "here").window == "0-4 h"
    with pytest.raises(throttle.Throttled):
        invitations.find(WRONG, "here")


def test_wrong_codes_are_limited_overall(token, monkeypatch):
    monkeypatch.setattr(throttle, "INVITATION", throttle.Limit("invitation", 3, 5))
    for number in range(5):
        with pytest.raises(invitations.UnknownInvitation):
            answer(WRONG, visit=Visit(address=f"10.0.0.{number}"))

    with pytest.raises(throttle.Throttled):
        invitations.find(WRONG, "10.0.0.9")
    _, code = invite(token)
    assert invitations.find(code, "10.0.0.9").window == "0-4 h"  # strangers lock out nobody who has a code


def test_addresses_are_kept_as_keyed_digests(token):
    with pytest.raises(invitations.UnknownInvitation):
        invitations.find(WRONG, "192.0.2.7")

    assert [row["what"] for row in attempts()] == ["invitation"]
    assert "192.0.2.7" not in str(attempts())


def test_twenty_threads_with_one_code_end_in_one_row(token):
    _, code = invite(token)

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(lambda _: outcome(code), range(20)))

    assert sorted(outcomes) == ["answered already"] * 19 + ["stored"]
    assert len(rows()) == 1
    assert in_order()


def outcome(code, key=None, recorded=None):
    try:
        answer(code, key=key or check_ins.new_key(), recorded=recorded)
    except invitations.AnsweredAlready:
        return "answered already"
    return "stored"


def test_twenty_threads_with_one_code_and_one_key_are_all_told_that_it_is_stored(token):
    _, code = invite(token)

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(lambda _: outcome(code, "c" * 32), range(20)))

    assert outcomes == ["stored"] * 20
    assert len(rows()) == 1
    assert in_order()


def test_two_processes_with_one_code_end_in_one_row(token, monkeypatch):
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))  # a process would run the last screen's anew
    made = [invite(token)[1] for _ in range(10)]
    answered_now = partial(outcome, recorded=clock.now())  # the others would ask the true clock
    database.engine().dispose()

    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(abs, range(2)))  # both are up
        outcomes = [list(pool.map(answered_now, [code] * 4)) for code in made]

    assert [sorted(of_code) for of_code in outcomes] == [["answered already"] * 3 + ["stored"]] * 10
    assert len(rows()) == 10
    assert in_order()


def test_answers_and_withdrawals_at_once_leave_the_counters_true(token):
    made = [invite(token)[1] for _ in range(4)]

    def answer_and_withdraw(number):
        for _ in range(4):
            try:
                stored = answer(made[number % 4])
            except invitations.AnsweredAlready:
                continue
            receipts.withdraw(stored.receipt, "here")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(answer_and_withdraw, range(8)))

    assert in_order()
    assert all(row["withdrawn"] for row in rows())


def test_the_database_itself_refuses_a_second_check_in_of_a_window(token):
    _, code = invite(token)
    answer(code)
    row = {name: value for name, value in rows()[0].items() if name != "id"} | {"key_digest": "0" * 64}

    with pytest.raises(database.Unavailable), database.writing() as connection:
        connection.execute(schema.check_ins.insert(), row)

    assert len(rows()) == 1
