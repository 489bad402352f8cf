from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from data import clock
from data.catalogue import WINDOWS
from data.reports import check_ins, codes, infusions, invitations, receipts, responses, roster
from data.staff import passphrase, sessions
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


def test_an_infusion_is_stored_with_the_hmac_of_its_code_only(token):
    ended = clock.now() - HOUR

    infusion, code = infusions.register(token, ended=ended, number=2)

    (row,) = rows()
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
    (tally,) = rows(schema.infusion_tallies)
    assert (tally["invited"], tally["answered"]) == (1, 0)
    assert responses.differences() == []


def test_a_code_has_sixty_bits_in_letters_that_are_not_mistaken(token):
    made = {infusions.register(token)[1] for _ in range(20)}

    assert len(made) == 20
    for code in made:
        assert [len(part) for part in code.split("-")] == [4, 4, 4]
        assert set(code) <= {*codes.ALPHABET, "-"}
    assert not set("ILOU") & set(codes.ALPHABET)
    assert len(codes.ALPHABET) ** 12 == 2**60


def test_the_same_key_registers_one_infusion_and_gives_the_same_code(token):
    key = codes.new_key()
    first = infusions.register(token, key=key, number=2)

    again = infusions.register(token, key=key, number=2)

    assert again == first
    assert len(rows()) == 1
    assert [row["did"] for row in rows(schema.audit)].count("registered infusion No. 1") == 1
    assert responses.differences() == []


def test_a_form_that_was_changed_since_it_was_sent_is_for_another_patient(token):
    key = codes.new_key()
    _, first = infusions.register(token, key=key, number=2)

    _, another_number = infusions.register(token, key=key, number=3)
    _, another_end = infusions.register(token, key=key, number=2, ended=ago(days=1))

    assert len({first, another_number, another_end}) == len(rows()) == 3


def test_many_taps_at_once_with_one_key_register_one_infusion(token):
    key = codes.new_key()

    with ThreadPoolExecutor(6) as pool:
        made = set(pool.map(lambda _: infusions.register(token, key=key), range(6)))

    assert len(made) == len(rows()) == 1


def test_after_a_revocation_the_same_key_makes_an_invitation_that_opens(token):
    key = codes.new_key()
    wrong, of_wrong = infusions.register(token, key=key)
    infusions.revoke(token, wrong.id)

    made, code = infusions.register(token, key=key)

    assert (made.id, code) != (wrong.id, of_wrong)
    assert not invitations.find(code, "here").answered
    assert infusions.register(token, key=key) == (made, code)


def test_a_key_gives_no_code_without_a_live_session(token):
    key = codes.new_key()
    infusions.register(token, key=key)

    with pytest.raises(sessions.SignedOut):
        infusions.register("x", key=key)


def test_the_end_is_now_and_the_number_unknown_where_they_are_not_given(token):
    before = clock.now()

    infusion, _ = infusions.register(token)

    assert before <= infusion.ended <= clock.now()
    assert (rows()[0]["number"], rows()[0]["number_band"]) == (None, "unknown")


@pytest.mark.parametrize(
    ("number", "band"),
    [(1, "1st"), (2, "2nd-6th"), (6, "2nd-6th"), (7, "7th-12th"), (20, "13th-24th"), (999, "25th+"), (None, "unknown")],
)
def test_the_number_falls_into_its_band(token, number, band):
    infusions.register(token, number=number)

    assert rows()[0]["number_band"] == band


@pytest.mark.parametrize("number", [0, -1, 1000, 1.0, "2", True, 2**40])
def test_a_number_that_is_none_is_refused_by_name(token, number):
    with pytest.raises(infusions.InvalidNumber, match="there is no infusion number"):
        infusions.register(token, number=number)

    assert rows() == []


@pytest.mark.parametrize(
    ("ended", "says"),
    [
        (lambda: clock.now() + timedelta(minutes=1), "within the last 30 days"),
        (lambda: ago(days=30), "within the last 30 days"),
        (lambda: datetime.min.replace(tzinfo=UTC), "within the last 30 days"),
        (lambda: datetime.max.replace(tzinfo=UTC), "within the last 30 days"),
        (lambda: clock.now().replace(tzinfo=None), "no time zone"),
    ],
)
def test_an_end_in_the_future_too_old_or_naive_is_refused_in_words(token, ended, says):
    with pytest.raises(infusions.InvalidEnd, match=says):
        infusions.register(token, ended=ended())

    assert rows() == []


def test_an_end_of_just_less_than_thirty_days_ago_is_taken(token):
    infusions.register(token, ended=ago(days=29, hours=23, minutes=59))

    assert len(rows()) == 1


@pytest.mark.parametrize("what", [infusions.register, roster.read, lambda token: infusions.revoke(token, 1)])
def test_without_a_live_session_nothing_is_registered_shown_or_revoked(token, what):
    infusions.register(token)
    before = rows()
    sessions.sign_out(token)

    for stranger in (token, "", "x"):
        with pytest.raises(sessions.SignedOut):
            what(stranger)

    assert rows() == before


def test_the_audit_says_who_issued_and_revoked(token):
    infusion, _ = infusions.register(token)
    roster.read(token)
    infusions.revoke(token, infusion.id)

    did = [row["did"] for row in rows(schema.audit)]
    assert did == [
        "signed in as clinician by passphrase",
        "registered infusion No. 1",
        "saw the latest infusions",
        "revoked the invitation of infusion No. 1",
    ]


def test_the_latest_are_listed_with_the_windows_that_are_answered(token):
    old, code = infusions.register(token, ended=ago(days=2), number=1)
    new, _ = infusions.register(token, number=8)
    answer(code, recorded=old.ended + HOUR)
    answer(code)

    assert roster.read(token) == [
        new,
        infusions.Infusion(old.id, old.ended, 1, "1st", old.registered, None, frozenset({"0-4 h", "1-7 d"})),
    ]


def test_the_list_holds_the_fifty_newest_and_all_whose_invitation_may_live(token):
    made = [infusions.register(token)[0].id for _ in range(roster.LATEST + 2)]

    assert [each.id for each in roster.read(token)] == made[::-1]

    with database.writing() as connection:
        connection.execute(schema.infusions.update().values(registered=ago(days=31)))

    assert [each.id for each in roster.read(token)] == made[:1:-1]


@pytest.mark.parametrize(
    ("hours", "states"),
    [
        (0, ["open", "", "", ""]),
        (3.99, ["open", "", "", ""]),
        (4, ["none", "open", "", ""]),
        (24, ["none", "none", "open", ""]),
        (168, ["none", "none", "none", "open"]),
        (720, ["none", "none", "none", "none"]),
    ],
)
def test_a_window_is_yet_to_come_open_or_passed(hours, states):
    now = clock.now()
    infusion = infusions.Infusion(1, now - hours * HOUR, 1, "1st", now)

    assert [infusion.state(window, now) for window in WINDOWS] == states


def test_an_answered_window_is_sent_and_a_revoked_infusion_opens_none():
    now = clock.now()
    infusion = infusions.Infusion(1, now, 1, "1st", now, now, frozenset({"0-4 h"}))

    assert [infusion.state(window, now) for window in WINDOWS] == ["sent", "", "", ""]


def test_a_revoked_and_unanswered_infusion_is_counted_no_more(token):
    infusion, _ = infusions.register(token, number=1)

    infusions.revoke(token, infusion.id)

    assert rows()[0]["revoked"] is not None
    assert rows(schema.infusion_tallies)[0]["invited"] == 0
    assert responses.differences() == []


def test_a_revoked_and_answered_infusion_stays_counted_until_its_answer_is_withdrawn(token):
    infusion, code = infusions.register(token, number=1)
    stored = answer(code)

    infusions.revoke(token, infusion.id)
    assert rows(schema.infusion_tallies)[0]["answered"] == rows(schema.infusion_tallies)[0]["invited"] == 1

    receipts.withdraw(stored.receipt, "address")
    assert rows(schema.infusion_tallies)[0]["answered"] == rows(schema.infusion_tallies)[0]["invited"] == 0
    assert responses.differences() == []


def test_revoking_again_or_what_is_unknown_changes_nothing(token):
    infusion, _ = infusions.register(token)
    infusions.revoke(token, infusion.id)
    before = rows()

    infusions.revoke(token, infusion.id)
    infusions.revoke(token, infusion.id + 1)

    assert rows() == before
    assert responses.differences() == []
