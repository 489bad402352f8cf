from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from data.reports import check_ins, receipts, registration, responses, retention, tallies
from data.staff import passphrase
from data.storage import database, schema
from tests.app import PASSPHRASE
from tests.counted import audited

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)
HERE = "192.0.2.1"


@pytest.fixture
def kept(prepared, configure, set_clock):
    """Keep check-ins for 100 days, and let it be some days after NOON; gives what does."""
    configure(retention_days=100)

    def days_later(days):
        set_clock(NOON + days * DAY)

    days_later(0)
    return days_later


def send(*ticked, at=NOON, **changed):
    usual = {"key": check_ins.new_key(), "window": "4-24 h", "ticked": ticked, "recorded": at}
    return check_ins.record(**usual | changed)


def count(table):
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def delete_all():
    portions = 1
    while retention.delete_portion():
        portions += 1
    return portions


def counted():
    """Return every counter, whatever became of the rows."""
    with database.reading() as connection:
        return [connection.execute(select(table)).all() for table in (schema.tallies, schema.infusion_tallies)]


def test_by_default_every_check_in_is_kept(prepared, set_clock):
    send("sleep")
    set_clock(NOON + 5000 * DAY)

    assert not retention.delete_portion()
    assert count(schema.check_ins) == 1
    assert retention.told() == ""


@pytest.mark.parametrize(("day", "left"), [(104, 1), (105, 0)])
def test_a_check_in_goes_once_its_whole_week_ended_so_many_days_ago(kept, day, left):
    send("sleep")  # its week ends on the fifth day from then
    kept(day)
    delete_all()

    assert count(schema.check_ins) == left


def test_rows_and_their_corrections_go_and_what_was_counted_stays(kept):
    receipts.correct(send("sleep").receipt, HERE, ticked=["vision"])
    receipts.withdraw(send("nausea").receipt, HERE)
    newer = send("bladder", at=NOON + 90 * DAY)
    before = counted()
    kept(110)
    delete_all()

    assert (count(schema.check_ins), count(schema.corrections)) == (1, 0)
    assert receipts.find(newer.receipt, HERE) == newer
    assert counted() == before
    assert retention.told() == "2026-11-30"
    assert audited() == [
        ("server", "deleted 2 check-ins of the weeks from 2026-11-23 to 2026-11-23: older than 100 days")
    ]


def test_verify_compares_from_the_first_week_whose_rows_are_kept(kept):
    send("sleep")
    send("sleep", at=NOON + 90 * DAY)
    kept(110)
    delete_all()

    assert tallies.differences() == responses.differences() == []

    with database.writing() as connection:
        connection.execute(schema.tallies.update().values(n=7))
    assert [line.partition(",")[0] for line in tallies.differences()] == ["2027-02-22"]


def test_what_was_begun_in_portions_is_finished_after_an_interruption(kept, monkeypatch):
    monkeypatch.setattr(retention, "_PORTION", 2)
    for _ in range(5):
        send("sleep")
    kept(110)

    assert retention.delete_portion()
    assert count(schema.check_ins) == 3
    assert tallies.differences() == []
    assert delete_all() == 2
    assert count(schema.check_ins) == 0
    assert [did.split(" of ")[0] for _, did in audited()] == ["deleted 2 check-ins"] * 2 + ["deleted 1 check-ins"]


def test_a_quiet_hour_looks_at_no_row_and_writes_nothing(kept, monkeypatch):
    send("sleep")
    kept(110)
    delete_all()
    monkeypatch.setattr(database, "writing", lambda: pytest.fail("a write transaction"))

    assert not retention.delete_portion()


def test_a_longer_retention_later_brings_nothing_back_and_a_shorter_one_deletes_more(kept, configure):
    send("sleep")
    send("sleep", at=NOON + 10 * DAY)
    kept(110)
    delete_all()
    configure(retention_days=400)
    delete_all()

    assert retention.told() == "2026-11-30"
    assert count(schema.check_ins) == 1

    configure(retention_days=90)
    delete_all()
    assert retention.told() == "2026-12-14"
    assert count(schema.check_ins) == 0


def test_the_receipt_of_a_deleted_check_in_is_unknown_and_its_form_is_stored_as_a_new_one(kept):
    key = check_ins.new_key()
    stored = send("sleep", key=key)
    kept(110)
    delete_all()

    with pytest.raises(receipts.UnknownReceipt):
        receipts.find(stored.receipt, HERE)
    again = send("sleep", key=key, at=NOON + 110 * DAY)
    assert again.recorded == NOON + 110 * DAY
    assert count(schema.check_ins) == 1
    assert tallies.differences() == []


def answered_twice(kept):
    """Answer an infusion in its first week and a month later, then delete what is older; return number and receipt."""
    token = passphrase.sign_in(PASSPHRASE, HERE)
    infusion, code = registration.register(token, ended=NOON - DAY / 2)
    send("sleep", window=None, code=code)
    late = send("vision", window=None, code=code, at=NOON + 25 * DAY)
    kept(110)
    delete_all()
    return infusion.id, late.receipt


def test_an_infusion_stays_and_what_is_left_of_its_check_ins_can_still_be_withdrawn(kept):
    _, receipt = answered_twice(kept)

    assert count(schema.infusions) == 1
    assert receipts.withdraw(receipt, HERE).withdrawn
    with database.reading() as connection:
        row = connection.execute(select(schema.infusion_tallies)).mappings().one()
    assert tuple(row[name] for name in ("invited", "answered", "answered_from_4_h", "answered_from_168_h")) == (
        1,
        1,
        1,
        0,
    )
    assert tallies.differences() == responses.differences() == []


def test_to_revoke_an_infusion_whose_check_ins_were_deleted_changes_no_counter(kept):
    infusion, receipt = answered_twice(kept)
    receipts.withdraw(receipt, HERE)
    before = counted()

    registration.revoke(passphrase.sign_in(PASSPHRASE, HERE), infusion)

    assert counted() == before
