from datetime import UTC, date, datetime

import pandas as pd
import pytest

from data import clock
from data.catalogue import CODES, LABELS
from data.figures import frequencies, response_rates, views
from data.figures.disclosure import SHARING
from data.figures.selections import Selection
from data.reports import check_ins, receipts
from data.staff import passphrase
from tests.app import PASSPHRASE
from tests.counted import put

NOBODY = response_rates.Response(0, 0, None, None)


@pytest.fixture
def token(prepared):
    return passphrase.sign_in(PASSPHRASE, "address")


def read(token, window="0-4 h", origin="Both", **how):
    """Return the frequencies of all weeks."""
    chosen = {"view": "Frequencies", "window": window, "weeks": "All weeks", "origin": origin}
    return views.read(token, views.chosen(chosen), **how).groups[0]


def send(number, **changed):
    usual = {"window": "0-4 h", "ticked": ["headache"], "recorded": datetime(2026, 9, 2, 12, tzinfo=UTC)}
    for _ in range(number):
        check_ins.record(**usual | {"key": check_ins.new_key()} | changed)


def test_nothing_yet_is_told_apart_from_too_few(token):
    send(9)

    assert read(token, "4-24 h") == frequencies.Frequencies(Selection("4-24 h"), 0, response=NOBODY)
    assert read(token) == frequencies.Frequencies(Selection("0-4 h"), None, response=NOBODY)


def test_from_the_minimum_group_on_there_are_figures_of_all_fourteen(token):
    send(6)
    send(3, ticked=["headache", "vision"], recorded=datetime(2026, 9, 9, 12, tzinfo=UTC))
    send(1, ticked=[], none=True)
    send(4, window=">7 d")

    shown = read(token)

    assert (shown.check_ins, shown.first_day, shown.last_day) == (10, date(2026, 8, 31), date(2026, 9, 13))
    assert shown.table["side_effect"].tolist() == [*LABELS.values(), "None of these"]
    assert shown.table.loc[shown.table["reported"] > 0, ["side_effect", "reported", "check_ins", "share"]].to_dict(
        "records"
    ) == [
        {"side_effect": LABELS["vision"], "reported": 3, "check_ins": 10, "share": 0.3},
        {"side_effect": LABELS["headache"], "reported": 9, "check_ins": 10, "share": 0.9},
        {"side_effect": "None of these", "reported": 1, "check_ins": 10, "share": 0.1},
    ]
    assert shown.table.loc[2, ["low", "high"]].round(3).tolist() == [0.108, 0.603]
    assert shown.how_many[["side_effect", "reported", "check_ins"]].to_numpy().tolist() == [
        ["1 side effect", 6, 10],
        ["2 side effects", 3, 10],
        ["3 side effects", 0, 10],
        ["4 or more side effects", 0, 10],
    ]


def test_four_side_effects_and_all_beyond_are_counted_together(token):
    for ticked in (CODES[:4], CODES[:5], CODES):
        send(4, ticked=ticked)

    assert read(token).how_many["reported"].tolist() == [0, 0, 0, 12]


def test_unless_asked_otherwise_only_invited_check_ins_of_the_last_52_weeks_are_counted(token):
    put(10, weeks_ago=51)
    put(11, weeks_ago=52)
    put(12, origin="open")

    assert views.read(token, views.chosen({"view": "Frequencies"})).groups[0].check_ins == 10
    assert (read(token, origin="Invited").check_ins, read(token).check_ins) == (21, 33)


def test_a_week_whose_check_ins_are_withdrawn_is_not_counted_in_the_span(token):
    send(1, recorded=datetime(2026, 1, 7, 12, tzinfo=UTC), key="a" * 32)
    send(10)
    receipts.withdraw(check_ins.by_key("a" * 32).receipt, "address")

    shown = read(token)

    assert (shown.check_ins, shown.first_day) == (10, date(2026, 8, 31))


def test_check_ins_of_another_list_version_are_not_counted(token):
    put(10, "headache")
    put(12, "headache", list_version=2)

    assert (read(token).check_ins, read(token).left_out) == (10, 12)


def test_so_few_check_ins_of_another_list_version_are_not_told(token):
    put(10, "headache")
    put(9, "headache", list_version=2)

    assert read(token).left_out is None


def test_the_languages_counted_together_are_named(token):
    send(9)
    send(1, visit=check_ins.Visit(language="es"))

    assert read(token).languages == ("en", "es")


def test_the_current_week_is_counted_up_to_today(token):
    send(10, recorded=clock.now())

    assert read(token).last_day == clock.shown(clock.now()).date()


def test_the_minimum_group_is_the_clinics(token, configure):
    send(3)
    configure(min_group=3)

    assert isinstance(read(token).table, pd.DataFrame)


def test_for_sharing_every_count_is_blanked_or_rounded(token, monkeypatch):
    monkeypatch.setattr(response_rates, "read", lambda *_: response_rates.Response(23, 9, None, None))
    put(13, "headache", origin="open")
    put(9, "headache", "vision", origin="open")
    put(9, number_band="1st")

    shown = read(token, rule=SHARING)

    assert shown.check_ins == 30
    assert shown.table.set_index("side_effect")["reported"].dropna().to_dict() == {LABELS["headache"]: 20}
    assert set(shown.table["check_ins"]) == {30}
    assert shown.how_many["reported"].dropna().tolist() == [15]
    assert shown.table[["share", "low", "high"]].isna().all(axis=None)  # of fewer than fifty
    assert shown.by_open_link == 20
    assert shown.response.infusions == 25
    assert pd.isna(shown.response.answered)


def test_for_sharing_shares_are_whole_per_cents(token):
    put(31, "headache")
    put(30)

    told = read(token, rule=SHARING).table.set_index("side_effect").loc[LABELS["headache"]]

    assert told[["reported", "check_ins", "share"]].tolist() == [30, 60, 0.5]
    assert told[["low", "high"]].tolist() == [0.38, 0.62]


def test_for_sharing_the_minimum_group_is_thirteen_or_what_the_clinic_sets_above(token, configure):
    put(12, "headache")
    configure(min_group=1)
    assert read(token, rule=SHARING).table is None

    put(1, "headache")
    assert read(token, rule=SHARING).check_ins == 15

    configure(min_group=14)
    assert read(token, rule=SHARING).table is None
