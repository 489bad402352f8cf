from datetime import UTC, date, datetime
from itertools import product

import pandas as pd
import pytest
from sqlalchemy import select

from data import access, check_ins, demonstration, frequencies, receipts, responses, schema
from data import database as db
from data.catalogue import CODES, LABELS, NUMBER_BANDS, ORIGINS
from tests.app import PASSPHRASE

NOBODY = responses.Response(0, 0, None, None)


@pytest.fixture
def token(prepared):
    return access.sign_in(PASSPHRASE, "address")


def send(number, **changed):
    usual = {"window": "0-4 h", "ticked": ["headache"], "recorded": datetime(2026, 9, 2, 12, tzinfo=UTC)}
    for _ in range(number):
        check_ins.record(**usual | {"key": check_ins.new_key()} | changed)


def test_nothing_yet_is_told_apart_from_too_few(token):
    send(9)

    assert frequencies.by_window(token, "4-24 h") == frequencies.Frequencies("4-24 h", 0, response=NOBODY)
    assert frequencies.by_window(token, "0-4 h") == frequencies.Frequencies("0-4 h", None, response=NOBODY)


def test_from_the_minimum_group_on_there_are_figures_of_all_fourteen(token):
    send(6)
    send(3, ticked=["headache", "vision"], recorded=datetime(2026, 9, 9, 12, tzinfo=UTC))
    send(1, ticked=[], none=True)
    send(4, window=">7 d")

    shown = frequencies.by_window(token, "0-4 h")

    assert (shown.check_ins, shown.first_day, shown.last_day) == (10, date(2026, 8, 31), date(2026, 9, 13))
    assert shown.table["side_effect"].tolist() == list(LABELS.values())
    assert shown.table.loc[shown.table["reported"] > 0, ["side_effect", "reported", "check_ins", "share"]].to_dict(
        "records"
    ) == [
        {"side_effect": LABELS["vision"], "reported": 3, "check_ins": 10, "share": 0.3},
        {"side_effect": LABELS["headache"], "reported": 9, "check_ins": 10, "share": 0.9},
    ]
    assert shown.table.loc[2, ["low", "high"]].round(3).tolist() == [0.108, 0.603]
    assert shown.none[["reported", "check_ins"]].tolist() == [1, 10]


def test_a_week_whose_check_ins_are_withdrawn_is_not_counted_in_the_span(token):
    send(1, recorded=datetime(2026, 1, 7, 12, tzinfo=UTC), key="a" * 32)
    send(10)
    receipts.withdraw(check_ins.by_key("a" * 32).receipt, "address")

    shown = frequencies.by_window(token, "0-4 h")

    assert (shown.check_ins, shown.first_day) == (10, date(2026, 8, 31))


def test_the_languages_counted_together_are_named(token):
    send(9)
    send(1, visit=check_ins.Visit(language="es"))

    assert frequencies.by_window(token, "0-4 h").languages == ("en", "es")


def test_the_current_week_is_counted_up_to_today(token):
    send(10, recorded=datetime.now(UTC))

    assert frequencies.by_window(token, "0-4 h").last_day == datetime.now(UTC).date()


def test_the_minimum_group_is_the_clinics(token, configure):
    send(3)
    configure(min_group=3)

    assert isinstance(frequencies.by_window(token, "0-4 h").table, pd.DataFrame)


@pytest.mark.parametrize("stranger", ["", "x", "\x00", "é"])
def test_without_a_live_session_there_is_no_figure(token, stranger):
    send(10)

    with pytest.raises(access.SignedOut):
        frequencies.by_window(stranger, "0-4 h")


def test_after_signing_out_there_is_no_figure(token):
    send(10)
    access.sign_out(token)

    with pytest.raises(access.SignedOut):
        frequencies.by_window(token, "0-4 h")


def test_every_reading_is_written_into_the_audit(token):
    frequencies.by_window(token, "1-7 d")

    with db.reading() as connection:
        told = connection.execute(select(schema.audit.c.who, schema.audit.c.did).order_by(schema.audit.c.id)).all()
    assert told == [("passphrase", "signed in"), ("passphrase", "saw the frequencies of 1-7 d")]


def test_an_unknown_window_is_refused(token):
    with pytest.raises(ValueError, match="no window has the code 'all'; there are: 0-4 h"):
        frequencies.by_window(token, "all")


def test_origin_and_number_band_select_what_an_independent_count_selects(token):
    demonstration.fill(1500, 2, lambda _: None)
    with db.reading() as connection:
        stored = pd.DataFrame(connection.execute(schema.check_ins.select()).mappings().all())
    stored = stored[stored["window"] == "0-4 h"]

    for origin, band in product([None, *ORIGINS], [None, *NUMBER_BANDS]):
        rows = stored[stored["origin"].isin([origin] if origin else ORIGINS)]
        rows = rows[rows["number_band"] == band] if band else rows
        shown = frequencies.by_window(token, "0-4 h", origin, band)

        assert (shown.check_ins or 0) == (len(rows) if len(rows) >= 10 else 0)
        if shown.table is not None:
            assert shown.table["reported"].tolist() == [rows[code].sum() for code in CODES]
            assert shown.by_open_link == (rows["origin"] == "open").sum()


@pytest.mark.parametrize("chosen", [("0-4 h", "x", None), ("0-4 h", None, "x"), ("x", None, None), (None, None, None)])
def test_an_unknown_code_is_refused_by_name(token, chosen):
    with pytest.raises(ValueError, match=r"no (window|origin|number_band) has the code"):
        frequencies.by_window(token, *chosen)
