from datetime import UTC, date, datetime

import pandas as pd
import pytest

from data import clock
from data.catalogue import LABELS
from data.figures import frequencies, response_rates, views
from data.figures.disclosure import SHARING
from data.figures.selections import Selection
from data.reports import check_ins, receipts
from data.staff import sessions
from tests.app import PASSPHRASE
from tests.counted import put

NOBODY = response_rates.Response(0, 0, None, None)


@pytest.fixture
def token(prepared):
    return sessions.sign_in(PASSPHRASE, "address")


def read(token, window="0-4 h", **how):
    return views.read(token, views.chosen({"window": window}), **how).groups[0]


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
    assert shown.table["side_effect"].tolist() == list(LABELS.values())
    assert shown.table.loc[shown.table["reported"] > 0, ["side_effect", "reported", "check_ins", "share"]].to_dict(
        "records"
    ) == [
        {"side_effect": LABELS["vision"], "reported": 3, "check_ins": 10, "share": 0.3},
        {"side_effect": LABELS["headache"], "reported": 9, "check_ins": 10, "share": 0.9},
    ]
    assert shown.table.loc[2, ["low", "high"]].round(3).tolist() == [0.108, 0.603]
    assert shown.none[["side_effect", "reported", "check_ins"]].tolist() == ["None of these", 1, 10]


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
    put(13, "headache")
    put(9, "headache", "vision")
    put(9, origin="invited", number_band="1st")

    shown = read(token, rule=SHARING)

    assert shown.check_ins == 30
    counts = shown.table.set_index("side_effect")["reported"].dropna().to_dict()
    assert counts == {label: 20 if code == "headache" else 0 for code, label in LABELS.items() if code != "vision"}
    assert set(shown.table["check_ins"]) == {30}
    assert pd.isna(shown.none["reported"])
    assert shown.by_open_link == 20
    assert shown.response.infusions == 25
    assert pd.isna(shown.response.answered)


def test_for_sharing_the_minimum_group_is_ten_or_what_the_clinic_sets_above(token, configure):
    put(9, "headache")
    configure(min_group=1)
    assert read(token, rule=SHARING).table is None

    put(1, "headache")
    assert read(token, rule=SHARING).check_ins == 10

    configure(min_group=11)
    assert read(token, rule=SHARING).table is None
