from sqlalchemy import delete, update

from data.reports import check_ins, tallies
from data.storage import database
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

    assert len(tallies.differences()) == 2

    with database.writing() as connection:
        tallies.count_all(connection)
        connection.exec_driver_sql("DELETE FROM check_ins")

    assert [line.split(": ", 1)[1] for line in tallies.differences()] == [
        "n is 1 in the tally, 0 in the rows",
        "nausea is 1 in the tally, 0 in the rows",
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
