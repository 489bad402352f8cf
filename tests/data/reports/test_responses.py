from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from data import clock, demonstration
from data.catalogue import WINDOW_BY_CODE
from data.figures import response_rates
from data.figures.selections import Selection
from data.reports import answers, check_ins, infusions, issued, receipts, registration, responses, tallies
from data.staff import passphrase
from data.storage import database, schema
from tests.app import PASSPHRASE


@pytest.fixture
def token(prepared):
    return passphrase.sign_in(PASSPHRASE, "address")


@pytest.fixture
def today(set_clock):
    set_clock(datetime(2026, 11, 25, 12, tzinfo=UTC))  # a Wednesday


def put(token, ended, number=1, answered_after=()):
    """Register an infusion with any end, also one that is too old by now, and answer it after some hours."""
    infusion, code = registration.register(token, number=number)
    moved = {"ended": ended, "week": clock.monday(ended).isoformat()}
    with database.writing() as connection:
        connection.execute(update(schema.infusions).where(schema.infusions.c.id == infusion.id).values(moved))
        connection.execute(delete(schema.infusion_tallies))
        responses.count_all(connection)
    for hours in answered_after:
        recorded = ended + timedelta(hours=hours)
        check_ins.record(key=check_ins.new_key(), ticked=["sleep"], code=code, recorded=recorded)


def of_window(window, number_band=None, **chosen):
    with database.reading() as connection:
        return response_rates.read(connection, Selection(window, number_band, **chosen))


def test_infusions_are_counted_by_the_week_they_ended_and_answers_whenever_they_came(today, token):
    put(token, datetime(2026, 11, 3, 15, tzinfo=UTC), answered_after=(1, 30))
    put(token, datetime(2026, 11, 5, 15, tzinfo=UTC), answered_after=(30, 200))
    put(token, datetime(2026, 11, 12, 15, tzinfo=UTC))

    assert of_window("1-7 d") == response_rates.Response(2 + 1, 2, date(2026, 11, 2), date(2026, 11, 15))
    assert of_window("0-4 h") == response_rates.Response(3, 1, date(2026, 11, 2), date(2026, 11, 15))


@pytest.mark.parametrize(
    ("window", "last_monday"),
    [
        ("0-4 h", date(2026, 11, 16)),
        ("4-24 h", date(2026, 11, 16)),
        ("1-7 d", date(2026, 11, 9)),
        (">7 d", date(2026, 10, 19)),
    ],
)
def test_only_weeks_whose_window_is_over_are_counted(today, token, window, last_monday):
    for week in range(7):
        put(token, datetime(2026, 11, 25, 9, tzinfo=UTC) - timedelta(weeks=week))

    told = of_window(window)

    assert told.last_day == last_monday + timedelta(days=6)
    assert told.infusions == (last_monday - date(2026, 10, 12)).days // 7 + 1


def test_a_number_band_has_its_own_response(today, token):
    put(token, datetime(2026, 11, 3, 15, tzinfo=UTC), number=1, answered_after=(1,))
    put(token, datetime(2026, 11, 3, 15, tzinfo=UTC), number=3)

    assert of_window("0-4 h", "1st").answered == of_window("0-4 h", "1st").infusions == 1
    assert (of_window("0-4 h", "2nd-6th").answered, of_window("0-4 h", "2nd-6th").infusions) == (0, 1)
    assert of_window("0-4 h", "later") == response_rates.Response(0, 0, None, None)


def test_weeks_select_infusions_by_the_week_they_ended(today, token):
    for week in range(1, 5):
        put(token, datetime(2026, 11, 25, 9, tzinfo=UTC) - timedelta(weeks=week), answered_after=[1] * (week > 2))
    third, second = date(2026, 11, 2), date(2026, 11, 9)

    told = of_window("0-4 h", first=third, last=second)

    assert told == response_rates.Response(2, 1, third, second + timedelta(days=6))


@pytest.mark.parametrize("chosen", [{"origin": "open"}, {"language": "es"}, {"origin": "invited", "language": "en"}])
def test_nobody_knows_who_could_have_answered_by_the_open_link_or_in_one_language(today, token, chosen):
    put(token, datetime(2026, 11, 3, 15, tzinfo=UTC), answered_after=(1,))

    assert of_window("0-4 h", **chosen) is None
    assert of_window("0-4 h", origin="invited").answered == 1


def test_made_up_infusions_have_the_response_of_an_independent_count(prepared):
    demonstration.fill(3000, 5, lambda _: None)

    with database.reading() as connection:
        of = connection.execute(schema.infusions.select()).mappings().all()
        sent = {(row["infusion"], row["window"]) for row in connection.execute(schema.check_ins.select()).mappings()}
    for window in WINDOW_BY_CODE.values():
        over = clock.shown(clock.now() - window.end)
        monday = (over - timedelta(days=over.weekday())).date()
        counted = [row["id"] for row in of if clock.shown(row["ended"]).date() < monday]
        told = of_window(window.code)
        assert (told.infusions, told.answered) == (len(counted), sum((one, window.code) in sent for one in counted))


def test_a_difference_is_told_with_cell_and_counter(token):
    registration.register(token, number=1)
    with database.writing() as connection:
        connection.execute(update(schema.infusion_tallies).values(invited=5))

    (told,) = responses.differences()

    assert told.endswith("1st: invited is 5 in the tally, 1 in the rows")


ACTS = ["register", "answer", "correct", "withdraw", "change", "renew", "revoke"]
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 3), st.integers(0, 400)), max_size=20)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_counters_equal_a_recount_after_any_sequence(token, steps):
    with database.writing() as connection:
        for table in (schema.corrections, schema.check_ins, schema.infusions, schema.tallies, schema.infusion_tallies):
            connection.execute(delete(table))
    made, sent = [], []

    for step, which, hours in steps:
        ended, number = clock.now() - timedelta(hours=hours), 3 * which or None
        one, receipt = made and made[which % len(made)], sent and sent[which % len(sent)]
        with suppress(infusions.InvalidInfusion, answers.InvalidCheckIn):
            match step:
                case "register":
                    made.append(registration.register(token, ended=ended, number=number)[0].id)
                case "answer" if made:
                    code, recorded = issued.show(token, one)[1] or "", infusions.ended(one) + timedelta(hours=hours)
                    new = {"key": check_ins.new_key(), "ticked": ["sleep"], "code": code, "recorded": recorded}
                    sent.append(check_ins.record(**new).receipt)
                case "correct" if sent:
                    receipts.correct(receipt, "address", ticked=["nausea"])
                case "withdraw" if sent:
                    receipts.withdraw(receipt, "address")
                case "change" if made:
                    registration.change(token, one, ended=ended, number=number)
                case "renew" if made:
                    issued.renew(token, one)
                case "revoke" if made:
                    registration.revoke(token, one)

    assert responses.differences() == tallies.differences() == []


def test_a_withdrawal_waits_until_a_revocation_of_its_infusion_has_ended(token):
    infusion, code = registration.register(token)
    receipt = check_ins.record(key=check_ins.new_key(), ticked=["sleep"], code=code).receipt

    with ThreadPoolExecutor(1) as pool:
        with database.writing() as connection, responses.kept(connection, infusion.id):
            withdrawal = pool.submit(receipts.withdraw, receipt, "address")
            wait([withdrawal], timeout=0.5)
            connection.execute(update(schema.infusions).values(revoked=clock.now()))
        assert withdrawal.result().withdrawn

    assert responses.differences() == []
