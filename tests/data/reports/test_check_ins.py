import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from data import clock
from data.catalogue import CODES, LABELS, WINDOW_BY_CODE
from data.figures import views
from data.reports import answers, check_ins, codes, registration, tallies
from data.reports.check_ins import Visit
from data.staff import passphrase
from data.storage import database, digests, schema
from tests.app import PASSPHRASE
from tests.conftest import USUAL
from tests.counted import count_check_ins

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def send(**changed):
    usual = {"key": check_ins.new_key(), "window": "0-4 h", "ticked": ["headache"], "recorded": NOON}
    return check_ins.record(**usual | changed)


def rows():
    with database.reading() as connection:
        return connection.execute(select(schema.check_ins)).mappings().all()


def test_a_check_in_is_stored_whole_and_given_back(prepared):
    key = check_ins.new_key()

    stored = send(key=key, window="4-24 h", ticked={"vision", "nausea"})

    assert stored == check_ins.CheckIn("4-24 h", ("nausea", "vision"), NOON, codes.receipt(key))
    assert check_ins.by_key(key) == stored
    (row,) = rows()
    assert dict(row) == {
        "id": row["id"],
        "key_digest": digests.digest("submission key", key),
        "receipt_digest": digests.digest("receipt", stored.receipt),
        "week": "2026-11-16",
        "window": "4-24 h",
        "number_band": "unknown",
        "origin": "open",
        "door": "app",
        "language": "en",
        "list_version": 1,
        **dict.fromkeys(CODES, 0),
        "nausea": 1,
        "vision": 1,
        "none": 0,
        "recorded": NOON,
        "withdrawn": None,
        "corrected": None,
        "infusion": None,
    }


def test_the_door_and_the_language_are_stored(prepared):
    send(visit=Visit("plain", "es"))

    (row,) = rows()
    assert (row["door"], row["language"], row["list_version"]) == ("plain", "es", 1)


def test_none_of_these_is_an_answer(prepared):
    stored = send(ticked=[], none=True)

    assert stored.ticked == ()
    assert rows()[0]["none"] == 1


@pytest.mark.parametrize(
    ("changed", "error", "says"),
    [
        (
            {"ticked": ["nauseaa"]},
            answers.UnknownSideEffect,
            "no side effect has the code 'nauseaa'; the catalogue has",
        ),
        ({"ticked": ["none"]}, answers.UnknownSideEffect, "no side effect has the code 'none'"),
        ({"ticked": [7]}, answers.UnknownSideEffect, "no side effect has the code 7"),
        ({"ticked": ["head\x00ache"]}, answers.UnknownSideEffect, "no side effect has the code"),
        ({"ticked": ["headache\ud800"]}, answers.UnknownSideEffect, "no side effect has the code"),
        ({"ticked": ["headache", "headache"]}, answers.UnknownSideEffect, "ticked twice"),
        ({"none": True}, answers.NoneWithTicks, "'None of these' excludes ticks"),
        ({"ticked": []}, answers.NothingTicked, "nothing is ticked"),
        (
            {"window": None},
            answers.InvalidWindow,
            "no window has the code None; there are: 0-4 h, 4-24 h, 1-7 d, >7 d",
        ),
        ({"window": "0-5 h"}, answers.InvalidWindow, "no window has the code '0-5 h'"),
        ({"window": ["0-4 h"]}, answers.InvalidWindow, "no window has the code"),
        ({"key": ""}, answers.InvalidKey, "missing or malformed"),
        ({"key": None}, answers.InvalidKey, "missing or malformed"),
        ({"key": "A" * 32}, answers.InvalidKey, "missing or malformed"),
        ({"key": "a" * 31}, answers.InvalidKey, "missing or malformed"),
        ({"key": "a" * 32 + "\n"}, answers.InvalidKey, "missing or malformed"),
        ({"key": "\ud800" * 32}, answers.InvalidKey, "missing or malformed"),
        (
            {"key": "a" * 32 + "v2"},
            answers.InvalidKey,
            "missing or malformed",
        ),  # a list that this release does not know
        ({"key": "a" * 32 + "v0"}, answers.InvalidKey, "missing or malformed"),
        ({"visit": Visit(door="window")}, answers.InvalidCheckIn, "there is no door 'window'; there are: app, plain"),
        ({"visit": Visit(language="xx")}, answers.InvalidCheckIn, "there is no language 'xx'; there are: en, es"),
        ({"recorded": NOON.replace(tzinfo=None)}, answers.InvalidCheckIn, "no time zone"),
    ],
)
def test_a_broken_check_in_is_refused_by_name_and_nothing_is_stored(prepared, changed, error, says):
    with pytest.raises(error, match=says):
        send(**changed)

    assert rows() == []
    assert tallies.differences() == []


def test_the_same_key_never_stores_twice_and_the_answer_is_what_is_stored(prepared):
    key = check_ins.new_key()
    first = send(key=key, ticked=["fatigue"])

    again = send(key=key, window="nonsense", ticked=["nausea", "nonsense"], none=True, code="nonsense")
    assert send(key=key, window=None) == first

    assert again == first
    assert count_check_ins() == 1


def test_many_at_once_with_one_key_end_in_one_row(prepared):
    key = check_ins.new_key()

    with ThreadPoolExecutor(12) as pool:
        given = list(pool.map(lambda code: send(key=key, ticked=[code]), CODES))

    assert set(given) == {check_ins.by_key(key)}
    assert count_check_ins() == 1
    assert tallies.differences() == []


def test_many_at_once_are_all_stored_and_counted(prepared):
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda number: send(ticked=[CODES[number % 14]]), range(120)))

    assert count_check_ins() == 120
    assert tallies.differences() == []


@pytest.mark.parametrize("key", ["", None, "x", "0" * 32, "a\x00" * 16, 7])
def test_nothing_is_found_under_an_unknown_or_malformed_key(prepared, key):
    send()

    assert check_ins.by_key(key) is None


def by_address(address):
    return send(visit=Visit(address=address))


@pytest.mark.parametrize(
    ("later", "told"),
    [
        (timedelta(), 0),
        (timedelta(minutes=-59), 0),
        (timedelta(days=30), 0),
        (timedelta(minutes=-61), 1),
        (timedelta(days=32), 1),
    ],
)
def test_a_check_in_far_from_the_newest_is_noted_and_stored(prepared, caplog, later, told):
    send(recorded=USUAL)
    send(recorded=USUAL + later)

    assert count_check_ins() == 2
    assert sum("is the clock right?" in message for message in caplog.messages) == told


def test_among_made_up_check_ins_which_are_in_no_order_no_clock_is_doubted(prepared, caplog):
    with database.writing() as connection:
        database.upsert(connection, schema.about, {"name": "demonstration", "value": "yes"})
    send(recorded=USUAL - timedelta(days=100))
    send(recorded=USUAL)

    assert caplog.messages == []


def test_over_the_limit_of_an_address_the_open_link_asks_for_a_code(prepared, configure, caplog):
    configure(open_limit=3)
    for _ in range(3):
        by_address("192.0.2.1")

    with pytest.raises(check_ins.CodeNeeded, match="too many check-ins came through the open link"):
        by_address("192.0.2.1")

    assert caplog.messages == [
        "the open link takes no more for now: CHECKIN_OPEN_LIMIT is reached, and a code is asked for"
    ]
    by_address("192.0.2.2")
    assert count_check_ins() == 4
    assert tallies.differences() == []


def test_the_open_link_is_limited_overall(prepared, configure):
    configure(open_limit=1)
    for number in range(20):
        by_address(f"192.0.2.{number}")

    with pytest.raises(check_ins.CodeNeeded):
        by_address("192.0.2.99")


def test_the_limit_is_of_an_hour(prepared, configure):
    configure(open_limit=1)
    by_address("192.0.2.1")
    with database.writing() as connection:
        an_hour_ago = clock.now() - timedelta(minutes=60)
        connection.execute(schema.attempts.update().values(at=an_hour_ago))

    by_address("192.0.2.1")

    assert count_check_ins() == 2


def test_over_the_limit_a_known_key_is_still_confirmed_and_a_code_still_opens(prepared, configure):
    configure(open_limit=1)
    key = check_ins.new_key()
    first = send(key=key, visit=Visit(address="192.0.2.1"))
    _, code = registration.register(passphrase.sign_in(PASSPHRASE, "address"))

    assert send(key=key, visit=Visit(address="192.0.2.1")) == first
    assert send(code=code, visit=Visit(address="192.0.2.1"), recorded=clock.now()).window == "0-4 h"


def test_a_closed_open_link_takes_check_ins_by_invitation_only(prepared, configure):
    configure(open_link="off")
    _, code = registration.register(passphrase.sign_in(PASSPHRASE, "address"))

    with pytest.raises(check_ins.CodeNeeded, match="the open link is closed"):
        send()
    send(code=code, recorded=clock.now())

    assert count_check_ins() == 1


def test_the_database_itself_refuses_none_together_with_ticks(prepared):
    send()
    row = dict(rows()[0]) | {"id": None, "key_digest": "0" * 64, "none": 1}

    with pytest.raises(database.Unavailable), database.writing() as connection:
        connection.execute(insert(schema.check_ins), {k: v for k, v in row.items() if k != "id"})

    assert count_check_ins() == 1


def test_a_fault_in_the_middle_stores_nothing(prepared, monkeypatch):
    monkeypatch.setattr(tallies, "bump", lambda connection, _row: connection.exec_driver_sql("SELECT nonsense"))

    with pytest.raises(database.Unavailable):
        send()

    assert count_check_ins() == 0


def test_no_answer_stands_in_a_fault_message_or_the_log(prepared, monkeypatch, caplog):
    def broken(connection, row):
        connection.execute(insert(schema.check_ins), row)  # the same key again: the driver's text quotes the row

    monkeypatch.setattr(tallies, "bump", broken)

    with pytest.raises(database.Unavailable) as fault:
        send(ticked=["bladder"], window="1-7 d")

    told = f"{fault.value!r} {fault.value.__cause__} {caplog.text}"
    assert "database fault" in caplog.text
    assert not any(word in told for word in ("bladder", "1-7 d", "INSERT", "key_digest"))


sent_answers = st.builds(
    dict,
    window=st.sampled_from(sorted(WINDOW_BY_CODE)),
    ticked=st.sets(st.sampled_from(CODES), max_size=14),
    recorded=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    key=st.integers(0, 30).map(lambda number: f"{number:032x}"),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.lists(sent_answers, max_size=12))
def test_tallies_equal_a_recount_after_any_sequence_of_check_ins(prepared, sent):
    with database.writing() as connection:
        connection.execute(delete(schema.check_ins))
        connection.execute(delete(schema.tallies))

    for answer in sent:
        check_ins.record(**answer, none=not answer["ticked"])

    assert count_check_ins() == len({answer["key"] for answer in sent})
    assert tallies.differences() == []


def test_a_thousand_check_ins_give_the_dashboards_table_of_an_independent_count(prepared):
    chance = random.Random(7)
    sent = []
    for _ in range(1000):
        ticked = [code for code in CODES if chance.random() < 0.2]
        sent.append((chance.choice(list(WINDOW_BY_CODE)), ticked))
        send(window=sent[-1][0], ticked=ticked, none=not ticked)
    token = passphrase.sign_in(PASSPHRASE, "address")

    for window in WINDOW_BY_CODE:
        of_window = [ticked for sent_window, ticked in sent if sent_window == window]
        shown = views.read(
            token, views.chosen({"view": "Frequencies", "window": window, "origin": "Open link"})
        ).groups[0]
        assert shown.check_ins == len(of_window)
        assert dict(zip(shown.table["side_effect"], shown.table["reported"], strict=True)) == {
            LABELS[code]: sum(code in ticked for ticked in of_window) for code in CODES
        } | {"None of these": sum(not ticked for ticked in of_window)}
    assert tallies.differences() == []
