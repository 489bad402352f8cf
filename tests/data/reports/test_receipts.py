from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from data import clock
from data.catalogue import CODES
from data.figures import views
from data.reports import answers, check_ins, codes, receipts, tallies
from data.staff import passphrase, throttle
from data.storage import database, schema
from tests.app import PASSPHRASE
from tests.counted import count_check_ins

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HERE = "192.0.2.1"
WRONG = "0000-0000-00"


def send(*ticked, **changed):
    usual = {"key": check_ins.new_key(), "window": "4-24 h", "ticked": ticked, "none": not ticked, "recorded": NOON}
    return check_ins.record(**usual | changed)


def rows(table):
    with database.reading() as connection:
        return connection.execute(select(table).order_by(table.c.id)).mappings().all()


def answered(row):
    return [column for column in (*CODES, "none") if row[column]]


def test_a_receipt_finds_its_check_in_however_it_is_typed(prepared, monkeypatch):
    monkeypatch.setattr(codes, "receipt", lambda _: "K0QM-1TXD-R2")
    stored = send("headache")

    for typed in ("K0QM-1TXD-R2", "k0qm1txdr2", " K0QM 1TXD R2 ", "KOQM-LTXD-R2", "koqm-itxd-r2"):
        assert receipts.find(typed, HERE) == stored


@pytest.mark.parametrize(
    ("typed", "error", "counted"),
    [
        ("0000-0000-00", receipts.UnknownReceipt, 3),
        ("K7QM-4TXD-R2'; --", receipts.UnknownReceipt, 3),
        *((typed, receipts.NotAReceipt, 0) for typed in ("", "K7QM", "x" * 5000, "\x00", "\ud800", "ıııı-ıııı-ıı")),
        ("K7QM-4TXD-R2AB", receipts.NotAReceipt, 0),
    ],
)
def test_an_unknown_receipt_is_counted_and_what_is_none_is_not(prepared, typed, error, counted):
    send("headache")

    for act in (
        lambda: receipts.find(typed, HERE),
        lambda: receipts.correct(typed, HERE, ticked=["nausea"]),
        lambda: receipts.withdraw(typed, HERE),
    ):
        with pytest.raises(receipts.UnknownReceipt) as unknown:
            act()
        assert (type(unknown.value), unknown.value.args) == (error, ())
    assert len(rows(schema.attempts)) == counted
    assert answered(rows(schema.check_ins)[0]) == ["headache"]


def test_two_check_ins_that_share_a_receipt_are_shown_to_nobody(prepared, monkeypatch):
    monkeypatch.setattr(codes, "receipt", lambda _: "K7QM-4TXD-R2")
    send("headache")
    send("nausea")

    with pytest.raises(receipts.UnknownReceipt):
        receipts.find("K7QM-4TXD-R2", HERE)


def test_a_correction_replaces_the_answers_and_keeps_everything_else(prepared):
    stored = send("headache", "vision")
    (before,) = rows(schema.check_ins)

    corrected = receipts.correct(stored.receipt, HERE, ticked=["nausea"])

    (after,) = rows(schema.check_ins)
    changed = {name for name in before if before[name] != after[name]}
    assert corrected == check_ins.CheckIn("4-24 h", ("nausea",), NOON, stored.receipt, corrected=True)
    assert changed == {"headache", "vision", "nausea", "corrected"}
    (old,) = rows(schema.corrections)
    assert (old["check_in"], answered(old)) == (before["id"], ["vision", "headache"])
    assert old["replaced"] == after["corrected"]
    assert tallies.differences() == []


def test_a_correction_is_counted_in_the_same_cell_once(prepared, configure):
    configure(min_group=1)
    stored = send("headache", "vision")
    send("headache")
    token = passphrase.sign_in(PASSPHRASE, HERE)

    receipts.correct(stored.receipt, HERE, ticked=[], none=True)

    shown = views.read(
        token, views.chosen({"view": "Frequencies", "window": "4-24 h", "origin": "Open link", "weeks": "All weeks"})
    ).groups[0]
    assert shown.check_ins == 2
    assert shown.table.loc[shown.table["reported"] > 0, ["side_effect", "reported"]].to_numpy().tolist() == [
        ["Headache", 1],
        ["None of these", 1],
    ]


def test_the_same_answers_again_are_no_correction(prepared):
    stored = send("headache")

    assert receipts.correct(stored.receipt, HERE, ticked=["headache"]) == stored
    assert rows(schema.corrections) == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"ticked": []}, answers.NothingTicked),
        ({"ticked": ["headache"], "none": True}, answers.NoneWithTicks),
        ({"ticked": ["headache", "headache"]}, answers.UnknownSideEffect),
        ({"ticked": ["none"]}, answers.UnknownSideEffect),
    ],
)
def test_a_broken_correction_is_refused_and_changes_nothing(prepared, answer, error):
    stored = send("headache")
    before = rows(schema.check_ins)

    with pytest.raises(error):
        receipts.correct(stored.receipt, HERE, **answer)

    assert rows(schema.check_ins) == before


def test_a_withdrawal_empties_the_answers_and_the_earlier_ones_and_counts_nowhere(prepared):
    kept = send("fatigue")
    stored = send("headache", "vision")
    receipts.correct(stored.receipt, HERE, ticked=["bladder"])

    withdrawn = receipts.withdraw(stored.receipt, HERE)

    assert (withdrawn.withdrawn, withdrawn.ticked) == (True, ())
    of_kept, tombstone = rows(schema.check_ins)
    assert answered(of_kept) == ["fatigue"]
    assert answered(tombstone) == []
    assert [answered(row) for row in rows(schema.corrections)] == [[]]
    assert count_check_ins() == 1
    assert tallies.differences() == []
    assert receipts.find(kept.receipt, HERE) == kept


def test_a_withdrawn_check_in_stays_withdrawn(prepared):
    key = check_ins.new_key()
    stored = send("headache", key=key)
    receipts.withdraw(stored.receipt, HERE)

    again = [
        receipts.withdraw(stored.receipt, HERE),
        receipts.correct(stored.receipt, HERE, ticked=["nausea"]),
        receipts.find(stored.receipt, HERE),
        send("headache", key=key),
        check_ins.by_key(key),
    ]

    assert {(one.withdrawn, one.ticked) for one in again} == {(True, ())}
    assert count_check_ins() == 0
    assert tallies.differences() == []


def test_the_sent_form_shows_the_correction_and_never_undoes_it(prepared):
    key = check_ins.new_key()
    stored = send("headache", key=key)
    receipts.correct(stored.receipt, HERE, ticked=["nausea"])

    assert send("headache", key=key).ticked == ("nausea",)
    assert check_ins.by_key(key).corrected


def test_a_fault_in_the_middle_changes_nothing(prepared, monkeypatch):
    stored = send("headache")
    before = rows(schema.check_ins)
    for change in ("replace", "subtract"):
        monkeypatch.setattr(tallies, change, lambda connection, *_: connection.exec_driver_sql("SELECT nonsense"))

    for act in (
        lambda: receipts.correct(stored.receipt, HERE, ticked=["nausea"]),
        lambda: receipts.withdraw(stored.receipt, HERE),
    ):
        with pytest.raises(database.Unavailable):
            act()

    assert rows(schema.check_ins) == before
    assert rows(schema.corrections) == []
    assert tallies.differences() == []


def test_many_corrections_and_a_withdrawal_at_once_leave_the_tallies_right(prepared):
    stored = send("headache")

    def act(number):
        if number == 9:
            return receipts.withdraw(stored.receipt, HERE)
        return receipts.correct(stored.receipt, HERE, ticked=[CODES[number]])

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(act, range(14)))

    assert receipts.find(stored.receipt, HERE).withdrawn
    assert count_check_ins() == 0
    assert tallies.differences() == []


def test_twenty_wrong_receipts_of_one_address_are_enough_for_fifteen_minutes(prepared):
    for number in range(throttle.RECEIPT.per_address):
        with pytest.raises(receipts.UnknownReceipt):
            receipts.find(f"0000-0000-{number:02}", HERE)

    for act in (receipts.find, receipts.withdraw):
        with pytest.raises(throttle.Throttled):
            act(WRONG, HERE)
    with pytest.raises(receipts.UnknownReceipt):
        receipts.find(WRONG, "another address")

    with database.writing() as connection:
        connection.execute(update(schema.attempts).values(at=clock.now() - timedelta(minutes=16)))
    with pytest.raises(receipts.UnknownReceipt):
        receipts.find(WRONG, HERE)


@pytest.mark.parametrize("limit", [throttle.Limit("receipt", 1, 1000), throttle.Limit("receipt", 20, 1)])
def test_a_right_receipt_passes_whatever_wrong_ones_came_before(prepared, monkeypatch, limit):
    monkeypatch.setattr(throttle, "RECEIPT", limit)
    stored = send("headache")
    with pytest.raises(receipts.UnknownReceipt):
        receipts.find(WRONG, HERE)

    assert receipts.find(stored.receipt, HERE) == stored
    assert receipts.correct(stored.receipt, HERE, ticked=["sleep"]).ticked == ("sleep",)
    assert receipts.withdraw(stored.receipt, HERE).withdrawn


def test_a_look_by_receipt_writes_only_to_count_a_wrong_one_within_the_limit(prepared, monkeypatch):
    monkeypatch.setattr(throttle, "RECEIPT", throttle.Limit("receipt", 1, 5))
    stored = send("headache")
    with pytest.raises(receipts.UnknownReceipt):
        receipts.find(WRONG, HERE)
    monkeypatch.setattr(database, "writing", lambda: pytest.fail("a write transaction"))

    assert receipts.find(stored.receipt, HERE) == stored
    with pytest.raises(throttle.Throttled):
        receipts.find(WRONG, HERE)


def test_a_thousand_wrong_receipts_of_all_addresses_are_enough(prepared):
    attempt = {"what": "receipt", "address_digest": "0" * 64, "at": clock.now()}
    with database.writing() as connection:
        connection.execute(insert(schema.attempts), [attempt] * throttle.RECEIPT.overall)

    with pytest.raises(throttle.Throttled):
        receipts.find(WRONG, HERE)


def test_the_right_receipt_may_be_used_any_number_of_times(prepared):
    stored = send("headache")

    for _ in range(throttle.RECEIPT.per_address + 5):
        assert receipts.find(stored.receipt, HERE) == stored
    assert rows(schema.attempts) == []


def test_a_sealed_receipt_shows_its_check_in_and_a_forged_seal_shows_nothing(prepared):
    stored = send("headache")
    sealed = receipts.seal(stored.receipt)

    assert receipts.by_seal(sealed) == stored
    for forged in ("", stored.receipt, f"{stored.receipt}.", sealed[:-1], sealed + "0", "\ud800.x", sealed.lower()):
        assert receipts.by_seal(forged) is None
    assert receipts.by_seal(receipts.seal("0000-0000-00")) is None


steps = st.lists(
    st.tuples(
        st.sampled_from(["record", "correct", "withdraw"]),
        st.integers(0, 4),
        st.sets(st.sampled_from(CODES), max_size=5),
        st.sampled_from(["0-4 h", "1-7 d"]),
    ),
    max_size=20,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_tallies_equal_a_recount_after_any_sequence_of_sending_correcting_and_withdrawing(prepared, steps):
    with database.writing() as connection:
        for table in (schema.corrections, schema.check_ins, schema.tallies, schema.attempts):
            connection.execute(delete(table))
    expected = {}

    for act, number, ticked, window in steps:
        key = f"{number:032x}"
        receipt = codes.receipt(key)
        if act == "record":
            send(*ticked, key=key, window=window)
            expected.setdefault(key, ticked)
        elif key in expected and act == "correct":
            receipts.correct(receipt, HERE, ticked=ticked, none=not ticked)
            expected[key] = None if expected[key] is None else ticked
        elif key in expected:
            receipts.withdraw(receipt, HERE)
            expected[key] = None

    assert tallies.differences() == []
    for key, ticked in expected.items():
        stored = check_ins.by_key(key)
        assert (stored.withdrawn, set(stored.ticked)) == (ticked is None, ticked or set())
