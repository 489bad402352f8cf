from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from sqlalchemy import select

from data import clock, demonstration
from data.catalogue import CODES, WINDOW_BY_CODE
from data.figures import views, weeks
from data.reports import check_ins, infusions, responses, tallies
from data.staff import sessions
from data.storage import database, schema
from tests.app import PASSPHRASE
from tests.counted import ON_SQLITE, count_check_ins

MADRID = ZoneInfo("Europe/Madrid")
DAYS = [
    datetime(2026, 11, 30, 0, 0, 5, tzinfo=MADRID),  # a Monday: this week has just begun
    datetime(2026, 11, 29, 23, 59, 50, tzinfo=MADRID),  # and before it has
    datetime(2026, 10, 25, 2, 30, tzinfo=MADRID),  # the clocks are put back, once before ...
    datetime(2026, 10, 25, 2, 30, tzinfo=MADRID, fold=1),  # ... and once after
    datetime(2027, 3, 28, 3, 0, tzinfo=MADRID),  # they have just been put forward
    datetime(2026, 12, 31, 23, 59, 50, tzinfo=MADRID),  # in the last week of 53
    datetime(2027, 1, 4, 0, 0, 5, tzinfo=MADRID),
    datetime(2028, 2, 29, 12, tzinfo=MADRID),
    *(datetime(2026, 11, day, 23, tzinfo=UTC) for day in (26, 27, 29, 30)),
    datetime(2026, 12, 3, 23, tzinfo=UTC),
    datetime(2027, 3, 14, 23, tzinfo=UTC),
    *(datetime(2026, 12, 1, tzinfo=UTC) + number * timedelta(days=26, hours=7) for number in range(26)),  # two years
]


def stored():
    with database.reading() as connection:
        return pd.DataFrame(connection.execute(select(schema.check_ins)).mappings().all())


def test_six_hundred_over_thirteen_weeks_with_plausible_rates(prepared):
    demonstration.fill(600, 1, lambda _: None)

    rows = stored()
    assert len(rows) == 600
    assert tallies.differences() == responses.differences() == []
    assert database.is_demonstration()
    assert 13 <= rows["week"].nunique() <= 14
    assert set(rows["window"]) == set(WINDOW_BY_CODE)
    acute, late = rows[rows["window"] == "0-4 h"], rows[rows["window"] == ">7 d"]
    assert acute["dissociation"].mean() > 0.2 > late["dissociation"].mean()
    assert acute["sleep"].mean() < 0.1
    acute_by_band = acute.groupby("number_band")["dissociation"].mean()
    assert acute_by_band["1st"] > acute_by_band["2nd-6th"]
    assert ((rows["origin"] == "open") == (rows["number_band"] == "unknown")).all()


def test_made_up_check_ins_by_invitation_belong_to_infusions_of_their_window(prepared):
    demonstration.fill(600, 1, lambda _: None)

    with database.reading() as connection:
        registered = pd.DataFrame(connection.execute(select(schema.infusions)).mappings().all())
    rows = stored().merge(registered, left_on="infusion", right_on="id", suffixes=("", "_of_infusion"))
    assert len(rows) == (stored()["origin"] == "invited").sum() > 500
    windows = rows["window"].map(WINDOW_BY_CODE)
    starts, ends = windows.map(lambda window: window.start), windows.map(lambda window: window.end)
    since = rows["recorded"] - rows["ended"]
    assert ((starts <= since) & (since < ends)).all()
    assert (rows["recorded"] <= clock.now()).all()
    assert (rows["number_band"] == rows["number_band_of_infusion"]).all()
    assert len(registered) > rows["infusion"].nunique()  # some did not answer


@ON_SQLITE
@pytest.mark.parametrize(("seed", "now"), list(enumerate(DAYS, 1)))
def test_made_up_check_ins_show_every_view_on_any_day(configure, prepared, set_clock, seed, now):
    configure(timezone="Europe/Madrid")
    set_clock(now)
    demonstration.fill(600, seed, lambda _: None)
    token = sessions.sign_in(PASSPHRASE, "address")

    shown = {name: views.read(token, views.chosen({"view": name})) for name in views.names()}

    assert all(group.check_ins for view in shown.values() for group in view.groups)
    assert shown["Together"].table["both"].notna().any()
    weekly = shown["Over the weeks"].table
    assert weekly["share"].notna().sum() >= weeks.LEAST_WEEKS
    assert weekly["centre"].notna().any()


@pytest.mark.parametrize("number", [1, 2, 3, 7])
def test_a_few_are_exactly_as_many_as_asked_for(prepared, number):
    demonstration.fill(number, number, lambda _: None)

    assert len(stored()) == number
    assert responses.differences() == []


def test_an_infusion_can_be_registered_after_made_up_ones(prepared):
    demonstration.fill(50, 1, lambda _: None)

    infusion, _ = infusions.register(sessions.sign_in(PASSPHRASE, "address"), number=1)

    assert infusion.id > 20
    assert responses.differences() == []


def test_the_same_seed_gives_the_same_answers(prepared):
    demonstration.fill(50, 3, lambda _: None)
    first = stored()
    with database.writing() as connection:
        for table in (schema.check_ins, schema.infusions, schema.tallies, schema.infusion_tallies, schema.about):
            connection.execute(table.delete())
    demonstration.fill(50, 3, lambda _: None)

    assert stored()[["window", "number_band", *CODES]].equals(first[["window", "number_band", *CODES]])


def test_made_up_check_ins_are_never_mixed_with_true_ones(prepared):
    check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["nausea"])

    with pytest.raises(demonstration.NotEmpty, match="only to an empty one"):
        demonstration.fill(10, 1, lambda _: None)

    assert count_check_ins() == 1
    assert not database.is_demonstration()
