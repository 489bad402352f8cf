from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest

from data import clock
from data.files import rows as exported
from data.reports import (
    infusions,
    invitations,
    issued,
    receipts,
    registration,
    responses,
    retention,
    tallies,
    withdrawals,
)
from data.staff import passphrase, sessions
from data.storage import database, schema
from tests.app import PASSPHRASE
from tests.data.reports.test_infusions import HOUR, ago, answer, rows, token

__all__ = ["token"]


def in_order():
    return tallies.differences() == responses.differences() == []


def counted():
    """Return what is counted in each cell of infusions, without cells of nothing."""
    found = {(row["week"], row["number_band"]): row["invited"] for row in rows(schema.infusion_tallies)}
    return {cell: number for cell, number in found.items() if number}


def week(instant):
    return clock.monday(instant).isoformat()


@pytest.fixture
def meanwhile(monkeypatch):
    """Let something begin within the transaction of another, just after it calls a function; gives its future."""
    with ThreadPoolExecutor(1) as pool:

        def begin(module, name, what):
            called, begun = getattr(module, name), []

            def then_wait(*given, **named):
                found = called(*given, **named)
                if not begun:
                    begun.append(None)
                    begun[:] = [pool.submit(what)]
                    wait(begun, timeout=0.5)
                return found

            monkeypatch.setattr(module, name, then_wait)
            return lambda: begun[0].result()  # noqa: PLW0108 - it has not begun yet

        yield begin


def test_end_and_number_are_corrected_and_the_same_link_goes_on_working(token):
    infusion, code = registration.register(token, ended=ago(hours=1), number=1)
    earlier = ago(days=8)

    registration.change(token, infusion.id, ended=earlier, number=8)

    (row,) = rows()
    changed = ("ended", "number", "week", "number_band", "registered", "revoked")
    assert [row[name] for name in changed] == [earlier, 8, week(earlier), "7th-12th", infusion.registered, None]
    assert counted() == {(week(earlier), "7th-12th"): 1}
    assert issued.show(token, infusion.id)[1] == code
    assert invitations.find(code, "here") == invitations.Invitation(earlier, ">7 d", answered=False)
    sent = answer(code)
    assert sent.window == ">7 d"
    assert rows(schema.check_ins)[0]["number_band"] == "7th-12th"
    assert in_order()


def test_what_is_not_changed_is_not_noted(token):
    infusion, _ = registration.register(token, ended=ago(hours=1), number=2)
    before = rows(), rows(schema.audit)

    registration.change(token, infusion.id, ended=infusion.ended, number=2)

    assert (rows(), rows(schema.audit)) == before


def test_a_number_that_release_1_0_told_not_apart_stays_so_unless_it_is_corrected(token):
    infusion, _ = registration.register(token, ended=ago(hours=1), number=20)
    with database.writing() as connection:
        for table in (schema.infusions, schema.infusion_tallies):
            connection.execute(table.update().values(number_band="later"))

    registration.change(token, infusion.id, ended=ago(hours=2), number=20)
    assert [band for _, band in counted()] == ["later"]

    registration.change(token, infusion.id, ended=ago(hours=2), number=21)
    assert [band for _, band in counted()] == ["13th-24th"]
    assert in_order()


def test_the_thirty_days_begin_with_the_new_end(token, set_clock):
    first = clock.now()
    infusion, code = registration.register(token, ended=first - 24 * HOUR)
    registration.change(token, infusion.id, ended=first, number=None)

    set_clock(first + 719.5 * HOUR)
    assert invitations.find(code, "here").window == ">7 d"
    assert issued.show(passphrase.sign_in(PASSPHRASE, "address"), infusion.id)[1] == code
    set_clock(first + 720 * HOUR)
    with pytest.raises(invitations.UnknownInvitation):
        invitations.find(code, "here")


def test_once_there_is_a_check_in_end_and_number_stay_until_it_is_withdrawn(token):
    infusion, code = registration.register(token, ended=ago(hours=1), number=1)
    sent = answer(code)
    before = rows(), rows(schema.audit)

    for ended, number in ((infusion.ended, 2), (ago(hours=2), 1)):
        with pytest.raises(registration.Answered):
            registration.change(token, infusion.id, ended=ended, number=number)
    registration.change(token, infusion.id, ended=infusion.ended, number=1)  # as it is
    assert (rows(), rows(schema.audit)) == before

    receipts.withdraw(sent.receipt, "here")
    registration.change(token, infusion.id, ended=ago(hours=30), number=2)

    assert answer(code).window == "1-7 d"
    assert [(row["window"], bool(row["withdrawn"])) for row in rows(schema.check_ins)] == [
        ("0-4 h", True),
        ("1-7 d", False),
    ]
    assert in_order()


def test_what_was_revoked_or_ended_thirty_days_ago_cannot_be_corrected(token, set_clock):
    revoked, _ = registration.register(token)
    registration.revoke(token, revoked.id)
    old, _ = registration.register(token, ended=ago(days=29))
    set_clock(old.ended + 720 * HOUR)
    token = passphrase.sign_in(PASSPHRASE, "address")
    before = rows()

    for each in (revoked, old):
        with pytest.raises(infusions.NotLive):
            registration.change(token, each.id, ended=ago(hours=1), number=1)

    assert rows() == before


def test_a_corrected_infusion_is_exported_erased_and_outlives_its_check_ins_as_any_other(token, set_clock, configure):
    configure(retention_days=90)
    infusion, code = registration.register(token, ended=ago(hours=1), number=1)
    registration.change(token, infusion.id, ended=ago(hours=5), number=8)
    answer(code)
    with database.reading() as connection, exported.stream(connection) as stream:
        (row,) = stream

    assert (row["infusion"], row["window"], row["number_band"]) == (infusion.id, "4-24 h", "7th-12th")
    assert withdrawals.by_operator(withdrawals.of_infusion(infusion.id, "4-24 h"), "erased", "for a patient") == 1
    answer(code)
    set_clock(clock.now() + timedelta(days=200))
    assert not retention.delete_portion()
    assert rows(schema.check_ins) == []
    assert responses.differences() == []
    assert counted() == {(week(infusion.ended - 4 * HOUR), "7th-12th"): 1}


def test_a_check_in_sent_while_the_end_is_corrected_is_stored_in_the_window_of_the_new_end(token, meanwhile):
    infusion, code = registration.register(token, ended=ago(hours=1), number=1)
    sent = meanwhile(infusions, "hold", lambda: answer(code))

    registration.change(token, infusion.id, ended=ago(hours=30), number=8)

    assert sent().window == "1-7 d"
    assert rows(schema.check_ins)[0]["number_band"] == "7th-12th"
    assert in_order()


def test_a_correction_while_a_check_in_is_stored_is_refused(token, meanwhile):
    infusion, code = registration.register(token, ended=ago(hours=1), number=1)
    changed = meanwhile(
        invitations, "hold", lambda: registration.change(token, infusion.id, ended=ago(hours=30), number=8)
    )

    assert answer(code).window == "0-4 h"

    with pytest.raises(registration.Answered):
        changed()
    assert in_order()


def test_a_correction_while_the_invitation_is_revoked_is_refused(token, meanwhile):
    infusion, _ = registration.register(token, ended=ago(hours=1), number=1)
    changed = meanwhile(
        sessions, "record_act", lambda: registration.change(token, infusion.id, ended=ago(hours=30), number=8)
    )

    registration.revoke(token, infusion.id)

    with pytest.raises(infusions.NotLive):
        changed()
    assert in_order()


def test_a_check_in_by_the_old_code_while_there_is_a_new_one_is_refused(token, meanwhile):
    infusion, old = registration.register(token)
    sent = meanwhile(infusions, "hold", lambda: answer(old))

    issued.renew(token, infusion.id)

    with pytest.raises(invitations.UnknownInvitation):
        sent()
    assert answer(issued.show(token, infusion.id)[1]).window == "0-4 h"
    assert in_order()


def test_a_new_code_while_a_check_in_by_the_old_one_is_stored_finds_the_window_answered(token, meanwhile):
    infusion, old = registration.register(token)
    renewed = meanwhile(invitations, "hold", lambda: issued.renew(token, infusion.id))

    answer(old)

    renewed()
    assert invitations.find(issued.show(token, infusion.id)[1], "here").answered
    assert in_order()


@pytest.mark.parametrize(
    "what",
    [
        registration.revoke,
        issued.renew,
        lambda token, infusion: registration.change(token, infusion, ended=ago(days=16), number=30),
    ],
)
def test_what_the_same_person_does_with_an_infusion_meanwhile_waits(token, meanwhile, what):
    infusion, _ = registration.register(token, ended=ago(hours=1), number=1)
    done = meanwhile(infusions, "hold", lambda: what(token, infusion.id))

    registration.change(token, infusion.id, ended=ago(days=8), number=8)

    done()
    did = [row["did"].split()[0] for row in rows(schema.audit)]
    assert did[:-1] == ["signed", "registered", "changed"]
    assert in_order()


def test_two_corrections_in_opposite_directions_do_not_lock_each_other(token, meanwhile):
    here, there = (registration.register(token, ended=ago(hours=1), number=number)[0] for number in (1, 8))
    other = passphrase.sign_in(PASSPHRASE, "address")
    changed = meanwhile(responses, "_add", lambda: registration.change(other, there.id, ended=there.ended, number=1))

    registration.change(token, here.id, ended=here.ended, number=8)

    changed()
    assert [row["number"] for row in sorted(rows(), key=lambda row: row["id"])] == [8, 1]
    assert in_order()


def test_an_erasure_of_several_check_ins_and_a_correction_do_not_lock_each_other(token, meanwhile):
    for number in (8, 1):
        answer(registration.register(token, ended=ago(hours=1), number=number)[1])
    infusion, _ = registration.register(token, ended=ago(hours=1), number=8)
    changed = meanwhile(
        responses, "_add", lambda: registration.change(token, infusion.id, ended=infusion.ended, number=1)
    )

    assert withdrawals.by_operator(schema.check_ins.c.infusion.is_not(None), "erased", "in a test") == 2

    changed()
    assert in_order()
