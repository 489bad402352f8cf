import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from data import clock
from data.catalogue import WINDOWS
from data.reports import check_ins, codes, infusions, invitations, issued, receipts, registration, responses, roster
from data.staff import passphrase, sessions, ways
from data.staff.roles import RECEPTION
from data.storage import database, digests, schema
from tests.app import PASSPHRASE

HOUR = timedelta(hours=1)


@pytest.fixture
def token(prepared):
    return passphrase.sign_in(PASSPHRASE, "address")


def rows(table=schema.infusions):
    with database.reading() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def ago(**time):
    return clock.now() - timedelta(**time)


def answer(code, **changed):
    return check_ins.record(**{"key": check_ins.new_key(), "ticked": ["nausea"], "code": code} | changed)


def test_an_infusion_is_stored_with_a_seed_and_the_hmac_of_its_code_only(token):
    ended, key = clock.now() - HOUR, codes.new_key()

    infusion, code = registration.register(token, key=key, ended=ended, number=2)

    (row,) = rows()
    form, seed = row.pop("form_digest"), row.pop("seed")
    assert (len(form), len(seed), codes.invitation(seed)) == (64, 32, code)
    assert row == {
        "id": infusion.id,
        "code_digest": digests.digest("invitation", code),
        "ended": ended,
        "number": 2,
        "week": clock.monday(ended).isoformat(),
        "number_band": "2nd-6th",
        "registered": infusion.registered,
        "revoked": None,
    }
    assert (infusion.ended, infusion.number, infusion.revoked) == (ended, 2, None)
    assert not any(part in str(row) for part in (code, code.replace("-", "")))
    assert key not in (form, seed)
    (tally,) = rows(schema.infusion_tallies)
    assert (tally["invited"], tally["answered"]) == (1, 0)
    assert responses.differences() == []


def test_a_code_has_sixty_bits_in_letters_that_are_not_mistaken(token):
    made = {registration.register(token)[1] for _ in range(20)}

    assert len(made) == 20
    for code in made:
        assert [len(part) for part in code.split("-")] == [4, 4, 4]
        assert set(code) <= {*codes.ALPHABET, "-"}
    assert not set("ILOU") & set(codes.ALPHABET)
    assert len(codes.ALPHABET) ** 12 == 2**60


def test_the_same_key_registers_one_infusion_and_gives_the_same_code(token):
    key = codes.new_key()
    first = registration.register(token, key=key, number=2)

    again = registration.register(token, key=key, number=2)

    assert again == first
    assert len(rows()) == 1
    assert [row["did"] for row in rows(schema.audit)].count("registered infusion No. 1") == 1
    assert responses.differences() == []


def test_a_form_that_was_changed_since_it_was_sent_is_for_another_patient(token):
    key = codes.new_key()
    _, first = registration.register(token, key=key, number=2)

    _, another_number = registration.register(token, key=key, number=3)
    _, another_end = registration.register(token, key=key, number=2, ended=ago(days=1))

    assert len({first, another_number, another_end}) == len(rows()) == 3


def test_the_same_end_in_another_time_zone_is_the_same_infusion(token):
    key, ended = codes.new_key(), ago(hours=1)
    first = registration.register(token, key=key, ended=ended)

    assert registration.register(token, key=key, ended=ended.astimezone(ZoneInfo("Asia/Kathmandu"))) == first
    assert len(rows()) == 1


def test_after_a_correction_and_a_new_code_the_same_form_finds_its_infusion(token):
    key = codes.new_key()
    made, first = registration.register(token, key=key, number=2)
    registration.change(token, made.id, ended=ago(hours=5), number=3)
    issued.renew(token, made.id)

    again, code = registration.register(token, key=key, number=2)

    assert (again, code) == issued.show(token, made.id)
    assert (again.number, len(rows())) == (3, 1)
    assert code != first
    assert responses.differences() == []


def test_many_taps_at_once_with_one_key_register_one_infusion(token):
    key = codes.new_key()

    with ThreadPoolExecutor(6) as pool:
        made = set(pool.map(lambda _: registration.register(token, key=key), range(6)))

    assert len(made) == len(rows()) == 1


def registered(instant, token, key):
    """Do the same in a process that starts with the true time."""
    clock.now = lambda: instant
    infusion, given = registration.register(token, key=key)
    return given, issued.show(token, infusion.id)[1]


def test_two_processes_with_one_key_register_one_infusion_and_show_the_same_code(token, monkeypatch):
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))  # a process would run the last screen's anew
    key = codes.new_key()
    database.engine().dispose()

    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(abs, range(2)))  # both are up
        shown = {code for pair in pool.map(partial(registered, clock.now(), token), [key] * 6) for code in pair}

    assert len(shown) == len(rows()) == 1
    assert shown == {issued.show(token, 1)[1]}
    assert responses.differences() == []


def test_after_a_revocation_the_same_key_makes_an_invitation_that_opens(token):
    key = codes.new_key()
    wrong, of_wrong = registration.register(token, key=key)
    registration.revoke(token, wrong.id)

    made, code = registration.register(token, key=key)

    assert (made.id, code) != (wrong.id, of_wrong)
    assert not invitations.find(code, "here").answered
    assert registration.register(token, key=key) == (made, code)


def test_a_key_gives_no_code_without_a_live_session(token):
    key = codes.new_key()
    registration.register(token, key=key)

    with pytest.raises(sessions.SignedOut):
        registration.register("x", key=key)


def test_the_end_is_now_and_the_number_unknown_where_they_are_not_given(token):
    before = clock.now()

    infusion, _ = registration.register(token)

    assert before <= infusion.ended <= clock.now()
    assert (rows()[0]["number"], rows()[0]["number_band"]) == (None, "unknown")


@pytest.mark.parametrize(
    ("number", "band"),
    [(1, "1st"), (2, "2nd-6th"), (6, "2nd-6th"), (7, "7th-12th"), (20, "13th-24th"), (999, "25th+"), (None, "unknown")],
)
def test_the_number_falls_into_its_band(token, number, band):
    registration.register(token, number=number)

    assert rows()[0]["number_band"] == band


@pytest.mark.parametrize("number", [0, -1, 1000, 1.0, "2", True, 2**70, [1], float("nan")])
def test_a_number_that_is_none_is_refused_by_name(token, number):
    infusion, _ = registration.register(token, number=1)
    before = rows()

    with pytest.raises(registration.InvalidNumber, match="there is no infusion number"):
        registration.register(token, number=number)
    with pytest.raises(registration.InvalidNumber, match="there is no infusion number"):
        registration.change(token, infusion.id, ended=infusion.ended, number=number)

    assert rows() == before


@pytest.mark.parametrize(
    ("ended", "says"),
    [
        (lambda: clock.now() + timedelta(minutes=1), "within the last 30 days"),
        (lambda: ago(days=30), "within the last 30 days"),
        (lambda: datetime.min.replace(tzinfo=UTC), "within the last 30 days"),
        (lambda: datetime.max.replace(tzinfo=UTC), "within the last 30 days"),
        (lambda: datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), "within the last 30 days"),
        (lambda: clock.now().replace(tzinfo=None), "no time zone"),
        (lambda: clock.now().date(), "no time zone"),
        (lambda: "2026-11-25", "no time zone"),
        (lambda: 1_795_608_000, "no time zone"),
    ],
)
def test_an_end_in_the_future_too_old_or_naive_is_refused_in_words(token, ended, says):
    infusion, _ = registration.register(token)
    before = rows()

    with pytest.raises(registration.InvalidEnd, match=says):
        registration.register(token, ended=ended())
    with pytest.raises(registration.InvalidEnd, match=says):
        registration.change(token, infusion.id, ended=ended(), number=None)

    assert rows() == before


def test_an_end_of_just_less_than_thirty_days_ago_is_taken(token):
    registration.register(token, ended=ago(days=29, hours=23, minutes=59))

    assert len(rows()) == 1


@pytest.mark.parametrize(
    "what",
    [
        registration.register,
        roster.read,
        lambda token: roster.read(token, refresh=True),
        lambda token: registration.change(token, 1, ended=ago(hours=2), number=3),
        lambda token: registration.revoke(token, 1),
        lambda token: issued.show(token, 1),
        lambda token: issued.show(token, 1, refresh=True),
        lambda token: issued.renew(token, 1),
    ],
)
def test_without_a_live_session_nothing_is_registered_shown_or_changed(token, what):
    registration.register(token)
    sessions.sign_out(token)
    before = rows(), rows(schema.audit)

    for stranger in (token, "", "x"):
        with pytest.raises(sessions.SignedOut):
            what(stranger)

    assert (rows(), rows(schema.audit)) == before


def test_reception_does_all_of_it_and_the_audit_log_says_what_without_a_code(prepared, set_clock):
    set_clock(datetime(2026, 11, 25, 12, tzinfo=UTC))
    with database.writing() as connection:
        token = sessions.begin(connection, "Eva", RECEPTION, ways.PASSKEY)
    infusion, code = registration.register(token, ended=datetime(2026, 11, 25, 9, tzinfo=UTC), number=2)
    for _ in range(2):
        registration.change(token, infusion.id, ended=datetime(2026, 11, 25, 8, 30, tzinfo=UTC), number=None)
    roster.read(token)
    roster.read(token, "open", number=infusion.id)
    _, shown = issued.show(token, infusion.id)
    issued.renew(token, infusion.id)
    for _ in range(2):
        registration.revoke(token, infusion.id)

    told = [(row["who"], row["did"]) for row in rows(schema.audit)]
    assert shown == code
    assert told == [
        ("Eva", did)
        for did in (
            "signed in as reception by passkey",
            "registered infusion No. 1",
            "changed infusion No. 1 from 2026-11-25 09:00 UTC, number 2 to 2026-11-25 08:30 UTC, number not known",
            "saw the list of infusions",
            "saw infusion No. 1",
            "saw the invitation of infusion No. 1",
            "made a new code for infusion No. 1",
            "revoked the invitation of infusion No. 1",
        )
    ]


NOBODYS = [0, -1, 2, 2**70, -(2**70), True, 1.0, "1", "1 OR 1=1", None, [1]]


@pytest.mark.parametrize("number", NOBODYS)
def test_what_is_the_number_of_no_infusion_is_refused_and_nothing_is_noted(token, number):
    infusion, _ = registration.register(token)
    before = rows(), rows(schema.audit)

    for what in (
        lambda: registration.change(token, number, ended=infusion.ended, number=3),
        lambda: issued.renew(token, number),
        lambda: issued.show(token, number),
    ):
        with pytest.raises(infusions.NotLive):
            what()
    registration.revoke(token, number)

    assert (rows(), rows(schema.audit)) == before
    assert infusions.ended(number) is None


@pytest.mark.parametrize(
    ("hours", "states"),
    [
        (-1, ["open", "later", "later", "later"]),  # the clock was set back
        (0, ["open", "later", "later", "later"]),
        (3.99, ["open", "later", "later", "later"]),
        (4, ["no answer", "open", "later", "later"]),
        (24, ["no answer", "no answer", "open", "later"]),
        (168, ["no answer", "no answer", "no answer", "open"]),
        (720, ["no answer", "no answer", "no answer", "no answer"]),
    ],
)
def test_a_window_is_yet_to_come_open_or_passed(hours, states):
    now = clock.now()
    infusion = infusions.Infusion(1, now - hours * HOUR, 1, "1st", now)

    assert [infusion.state(window, now) for window in WINDOWS] == states
    assert infusion.is_live(now) == (hours < 720)


def test_an_answered_window_is_sent_and_a_revoked_infusion_opens_none():
    now = clock.now()
    infusion = infusions.Infusion(1, now, 1, "1st", now, now, frozenset({"0-4 h"}))

    assert [infusion.state(window, now) for window in WINDOWS] == ["sent", "", "", ""]


def test_a_revoked_and_unanswered_infusion_is_counted_no_more(token):
    infusion, _ = registration.register(token, number=1)

    registration.revoke(token, infusion.id)

    assert rows()[0]["revoked"] is not None
    assert rows(schema.infusion_tallies)[0]["invited"] == 0
    assert responses.differences() == []


def test_a_revoked_and_answered_infusion_stays_counted_until_its_answer_is_withdrawn(token):
    infusion, code = registration.register(token, number=1)
    stored = answer(code)

    registration.revoke(token, infusion.id)
    assert rows(schema.infusion_tallies)[0]["answered"] == rows(schema.infusion_tallies)[0]["invited"] == 1

    receipts.withdraw(stored.receipt, "address")
    assert rows(schema.infusion_tallies)[0]["answered"] == rows(schema.infusion_tallies)[0]["invited"] == 0
    assert responses.differences() == []


def test_revoking_again_or_what_is_unknown_changes_nothing(token):
    infusion, _ = registration.register(token)
    registration.revoke(token, infusion.id)
    before = rows()

    registration.revoke(token, infusion.id)
    registration.revoke(token, infusion.id + 1)

    assert rows() == before
    assert responses.differences() == []
