from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from sqlalchemy import select

from data import clock, demonstration, settings
from data.catalogue import CODES, WINDOW_BY_CODE
from data.figures import changes, views
from data.reports import check_ins, codes, invitations, registration, responses, tallies
from data.staff import passphrase
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


def stored(table=schema.check_ins):
    with database.reading() as connection:
        return pd.DataFrame(connection.execute(select(table).order_by(table.c.id)).mappings().all())


def test_as_many_as_by_default_over_thirty_weeks_with_plausible_rates(prepared):
    demonstration.fill(2500, 1, lambda _: None)

    rows = stored()
    assert len(rows) == 2500
    assert tallies.differences() == responses.differences() == []
    assert database.is_demonstration()
    assert rows["week"].nunique() == 31  # the last one is that of today
    assert set(rows["window"]) == set(WINDOW_BY_CODE)
    acute, late = rows[rows["window"] == "0-4 h"], rows[rows["window"] == ">7 d"]
    assert acute["dissociation"].mean() > 0.2 > late["dissociation"].mean()
    assert acute["sleep"].mean() < 0.1
    by_band = rows.groupby("number_band")[["dissociation", "bladder"]].mean()
    assert by_band.loc["1st", "dissociation"] > by_band.loc["2nd-6th", "dissociation"]
    assert by_band.loc["25th+", "bladder"] > by_band.loc["1st", "bladder"]
    assert ((rows["origin"] == "open") == (rows["number_band"] == "unknown")).all()
    assert set(late["door"]) == {"app", "plain"}
    assert (acute["door"] == "kiosk").mean() == pytest.approx(0.1, abs=0.03)


@ON_SQLITE
def test_nausea_is_rarer_since_the_change_that_is_marked(prepared):
    demonstration.fill(10_000, 1, lambda _: None)

    with database.reading() as connection:
        (mark,) = changes.read(connection)
    acute = stored().query("window == '0-4 h'")
    since = acute["week"] >= mark.week.isoformat()
    assert (mark.week, mark.text) == (clock.monday(clock.now()) - timedelta(weeks=8), "new antiemetic")
    assert acute[~since]["nausea"].mean() == pytest.approx(0.30, abs=0.02)
    assert acute[since]["nausea"].mean() == pytest.approx(0.12, abs=0.03)


@ON_SQLITE
def test_infusions_are_registered_in_their_order_also_where_they_are_made_in_parts(prepared):
    demonstration.fill(demonstration.CHUNK + 2000, 1, lambda _: None)

    made = stored(schema.infusions)
    assert made["id"].tolist() == list(range(1, len(made) + 1))
    assert made["ended"].is_monotonic_increasing
    assert made["registered"].is_monotonic_increasing
    by_number = made["number"].value_counts().sort_index()
    assert (by_number.index[0], by_number.index[-1]) == (1, 40)
    assert by_number[1] > by_number[7] > by_number[13] > by_number[25] > by_number[40]
    assert made.groupby("number_band")["number"].agg(["min", "max"]).to_dict("index") == {
        "1st": {"min": 1, "max": 1},
        "2nd-6th": {"min": 2, "max": 6},
        "7th-12th": {"min": 7, "max": 12},
        "13th-24th": {"min": 13, "max": 24},
        "25th+": {"min": 25, "max": 40},
    }


def test_made_up_check_ins_by_invitation_belong_to_infusions_of_their_window(prepared):
    demonstration.fill(600, 1, lambda _: None)

    registered = stored(schema.infusions)
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
    demonstration.fill(2500, seed, lambda _: None)
    token = passphrase.sign_in(PASSPHRASE, "address")

    shown = {name: views.read(token, views.chosen({"view": name})) for name in views.names()}

    assert all(group.check_ins for view in shown.values() for group in view.groups)
    assert shown["Together"].table["both"].notna().any()
    weekly = shown["Over the weeks"].table
    assert weekly["share"].notna()[:-1].all()  # the last week may have just begun
    by_week = stored().query("origin == 'invited'").groupby(["window", "week"]).size().unstack("week", fill_value=0)
    assert (by_week.loc[["0-4 h", "4-24 h"]].iloc[:, :-1] >= settings.current().min_group).all(axis=None)


@pytest.mark.parametrize("number", [1, 2, 3, 7])
def test_a_few_are_exactly_as_many_as_asked_for(prepared, number):
    demonstration.fill(number, number, lambda _: None)

    assert len(stored()) == number
    assert responses.differences() == []


@ON_SQLITE
def test_the_codes_of_made_up_infusions_that_can_still_be_answered_can_be_shown(prepared):
    demonstration.fill(600, 1, lambda _: None)

    made = stored(schema.infusions)
    recent = made["ended"] > clock.now() - timedelta(days=30)
    assert (made["seed"].notna() == recent).all()
    assert set(recent) == {True, False}
    for row in made[recent].tail(3).itertuples():
        assert invitations.find(codes.invitation(row.seed), "address").ended == row.ended


def test_an_infusion_can_be_registered_after_made_up_ones(prepared):
    demonstration.fill(50, 1, lambda _: None)

    infusion, _ = registration.register(passphrase.sign_in(PASSPHRASE, "address"), number=1)

    assert infusion.id > 20
    assert responses.differences() == []


def test_the_same_seed_gives_the_same_answers(prepared):
    demonstration.fill(50, 3, lambda _: None)
    first = stored()
    with database.writing() as connection:
        for table in reversed(schema.metadata.sorted_tables):
            if table not in (schema.about, schema.audit):
                connection.execute(table.delete())
        connection.execute(schema.about.delete().where(schema.about.c.name == "demonstration"))
    demonstration.fill(50, 3, lambda _: None)

    assert stored()[["window", "number_band", *CODES]].equals(first[["window", "number_band", *CODES]])


def test_made_up_check_ins_are_never_mixed_with_true_ones(prepared):
    check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["nausea"])

    with pytest.raises(demonstration.NotEmpty, match="only to an empty one"):
        demonstration.fill(10, 1, lambda _: None)

    assert count_check_ins() == 1
    assert not database.is_demonstration()
