from sqlalchemy import delete, func, select, update

from data.catalogue import CODES
from data.reports import check_ins, receipts, tallies
from data.storage import database
from data.storage.columns import TICKED
from data.storage.schema import tallies as table


def test_a_difference_is_reported_with_cell_counter_and_both_counts(prepared):
    check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["nausea", "sleep"])
    with database.writing() as connection:
        connection.execute(update(table).values(nausea=0, n=2))

    told = tallies.differences()

    assert [line.split(": ", 1)[1] for line in told] == [
        "n is 2 in the tally, 1 in the rows",
        "nausea is 0 in the tally, 1 in the rows",
    ]
    assert "0-4 h, unknown, open, app, en, 1" in told[0]


def test_a_lost_tally_and_a_tally_without_rows_are_differences(prepared):
    check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["nausea"])
    with database.writing() as connection:
        connection.execute(delete(table))

    assert len(tallies.differences()) == 3

    with database.writing() as connection:
        tallies.count_all(connection)
        connection.exec_driver_sql("DELETE FROM check_ins")

    assert [line.split(": ", 1)[1] for line in tallies.differences()] == [
        "n is 1 in the tally, 0 in the rows",
        "nausea is 1 in the tally, 0 in the rows",
        "ticked_1 is 1 in the tally, 0 in the rows",
    ]


def test_pairs_are_counted(prepared):
    for ticked in (["nausea", "sleep"], ["nausea", "sleep", "bladder"], ["nausea"]):
        check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=ticked)

    with database.reading() as connection:
        row = connection.execute(table.select()).mappings().one()

    assert {name: value for name, value in row.items() if "_and_" in name and value} == {
        "nausea_and_sleep": 2,
        "nausea_and_bladder": 1,
        "sleep_and_bladder": 1,
    }


def test_how_many_are_ticked_is_counted_and_follows_a_correction(prepared):
    for key, ticked in {"1": [], "2": ["sleep"], "3": ["sleep", "bladder"], "4": list(CODES)}.items():
        check_ins.record(key=key * 32, window="0-4 h", ticked=ticked, none=not ticked)
    receipts.correct(check_ins.by_key("3" * 32).receipt, "address", ticked=["sleep"])

    with database.reading() as connection:
        counted = connection.execute(select(*(func.sum(table.c[name]) for name in TICKED))).one()
    assert counted == (2, *[0] * 12, 1)
    assert tallies.differences() == []
