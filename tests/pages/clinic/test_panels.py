"""Groups side by side: the four windows, or the infusion numbers."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from data import clock, demonstration
from data.catalogue import NONE_OF_THESE, WINDOWS
from data.figures import views
from data.reports import check_ins, registration, responses, tallies
from data.staff import passphrase
from data.storage import database, schema
from pages.clinic import figures
from pages.clinic.views import panels
from tests.app import PASSPHRASE
from tests.counted import ON_SQLITE, put
from tests.pages.clinic.test_dashboard import dashboard, html, signed_in

__all__ = ["signed_in"]
BASELINE = (
    "Insomnia, anxiety, appetite changes and fatigue can also be symptoms of what is treated; there is no baseline."
)


@pytest.fixture
def token(prepared):
    return passphrase.sign_in(PASSPHRASE, "address")


def shown(token, view="By infusion number", **fields):
    return views.read(token, views.chosen({"view": view, **fields}, views.known(token)))


def heads(token, *view, **fields):
    """Return the heads of the table as they are read, without what only keeps their lines together."""
    columns = panels.as_table(shown(token, *view, **fields)).columns
    return [" ".join(head.split()).replace("\\>", ">") for head in columns[1:]]


def answer(token, number, times, of):
    """Register some infusions of one number that ended two weeks ago, and answer the first of them at once."""
    for place in range(of):
        ended = clock.now() - timedelta(weeks=2)
        _, code = registration.register(token, ended=ended, number=number)
        if place < times:
            check_ins.record(key=check_ins.new_key(), ticked=["nausea"], code=code, recorded=ended)


@ON_SQLITE
def test_each_group_says_how_many_of_its_infusions_were_answered(token):
    answer(token, 1, 12, of=16)
    answer(token, 7, 10, of=40)
    answer(token, 13, 3, of=20)
    answer(token, 25, 2, of=4)

    assert heads(token) == [
        "1st, n = 12, answered 12 of 16 (75 %)",
        "2nd–6th, n = 0, answered: not known",
        "7th–12th, n = 10, answered 10 of 40 (25 %)",
        "13th–24th, n < 10, answered fewer than 10 of 20",
        "25th+, n < 10, answered: too few",
    ]


@ON_SQLITE
def test_the_days_of_response_rates_are_in_the_heads_only_where_they_differ(token):
    demonstration.fill(2500, 1, lambda _: None)

    first = clock.monday(clock.now()) - timedelta(weeks=30)
    ends = [clock.monday(clock.now() - window.end) - timedelta(days=1) for window in WINDOWS]
    assert all(head.count(str(ends[0].year)) == 0 for head in heads(token))
    assert [head.rpartition(", ")[2] for head in heads(token, "Since the infusion")] == [
        figures.days(first, end) for end in ends
    ]


@ON_SQLITE
def test_infusions_that_were_not_told_apart_are_a_group_of_their_own_as_long_as_there_are_some(token):
    answer(token, 7, 12, of=12)
    assert len(heads(token)) == 5

    with database.writing() as connection:
        for table in (schema.infusions, schema.check_ins, schema.tallies, schema.infusion_tallies):
            connection.execute(update(table).values(number_band="later"))
    answer(token, 7, 11, of=11)

    assert heads(token)[2:] == [
        "7th–12th, n = 11, answered 11 of 11 (100 %)",
        "13th–24th, n = 0, answered: not known",
        "25th+, n = 0, answered: not known",
        "7th or later, not told apart, n = 12, answered 12 of 12 (100 %)",
    ]
    assert tallies.differences() == responses.differences() == []


@ON_SQLITE
@pytest.mark.parametrize("order", ["Most frequent first", "Order of the list"])
def test_none_of_these_is_the_last_row_of_table_and_picture(token, order):
    demonstration.fill(2500, 1, lambda _: None)
    found = shown(token)

    rows = panels.one_window.ordered(found.first, order)["side_effect"].tolist()

    assert rows[-1] == NONE_OF_THESE
    plot = panels.plot(found, found.table, rows).to_dict()
    assert plot["layer"][0]["encoding"]["y"]["sort"] == rows


def test_the_view_by_number_says_that_later_infusions_are_of_those_who_went_on(signed_in):
    put(12, number_band="1st", origin="invited")

    (chart,) = dashboard(view="By infusion number").get("vega_lite_chart")

    assert "Later infusions are of patients who went on with the treatment." in chart.proto.spec


def test_the_windows_side_by_side_are_said_to_be_of_those_who_answered_then(signed_in):
    put(12)

    (chart,) = dashboard(view="Since the infusion").get("vega_lite_chart")

    assert "Each column is of those who answered then, partly the same infusions" in chart.proto.spec
    assert "those who answer late may differ" in chart.proto.spec


@pytest.mark.parametrize(
    ("view", "window", "says"),
    [
        ("Since the infusion", "0-4 h", True),
        ("Frequencies", "0-4 h", False),
        ("Frequencies", "4-24 h", False),
        ("Frequencies", "1-7 d", True),
        ("By infusion number", ">7 d", True),
    ],
)
def test_what_may_be_a_symptom_of_what_is_treated_is_said_once_where_days_have_passed(signed_in, view, window, says):
    put(12, number_band="1st", origin="invited", window=window)

    assert html(dashboard(view=view, window=window)).count(BASELINE) == says
