from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select, update

from data import clock
from data.staff import audit as audit_log
from data.staff import hashing, passphrase, sessions, throttle, ways
from data.staff.roles import CLINICIAN, RECEPTION
from data.storage import database, schema
from tests.app import PASSPHRASE


@pytest.fixture
def token(prepared):
    return passphrase.sign_in(PASSPHRASE, "address")


def begin(who="Ana", role=CLINICIAN, way=ways.PASSKEY, **more):
    with database.writing() as connection:
        return sessions.begin(connection, who, role, way, **more)


def move(**ago):
    """Let every session have been seen, or end, some time ago."""
    moved = {name: clock.now() - value for name, value in ago.items()}
    with database.writing() as connection:
        connection.execute(update(schema.staff_sessions).values(**moved))


def attempt(address, limit=throttle.SIGN_IN):
    """Count one attempt where the limit allows it."""
    throttle.attempt(limit, address)


def audit():
    with database.reading() as connection:
        return connection.scalars(select(schema.audit.c.did).order_by(schema.audit.c.id)).all()


def test_the_passphrase_begins_a_session(token):
    assert sessions.holder(token) == sessions.Holder("passphrase", CLINICIAN)
    assert audit() == ["signed in as clinician by passphrase"]


def test_the_token_is_not_stored(token):
    with database.reading() as connection:
        row = connection.execute(select(schema.staff_sessions)).one()

    assert token not in row


@pytest.mark.parametrize("given", ["", "wrong", PASSPHRASE + " ", PASSPHRASE.upper(), "\x00", "\ud800", "x" * 5000])
def test_anything_else_begins_none_and_is_counted(prepared, given, monkeypatch):
    refused = []
    monkeypatch.setattr(audit_log, "refused", refused.append)

    with pytest.raises(passphrase.WrongPassphrase):
        passphrase.sign_in(given, "address")

    assert (audit(), refused) == ([], ["a wrong passphrase"])


def test_a_passphrase_replaced_while_it_is_compared_begins_no_session(prepared, configure, monkeypatch):
    def replaced_meanwhile(*_):
        configure(passphrase_hash=hashing.hashed("another passphrase"))
        return True

    monkeypatch.setattr(hashing, "matches", replaced_meanwhile)

    with pytest.raises(passphrase.WrongPassphrase):
        passphrase.sign_in(PASSPHRASE, "address")


def test_a_session_ends_after_twenty_idle_minutes(token):
    move(seen=timedelta(minutes=19))
    assert sessions.is_live(token)

    move(seen=timedelta(minutes=21))
    assert not sessions.is_live(token)


def test_seeing_figures_renews_the_session_and_asking_does_not(token):
    move(seen=timedelta(minutes=19))
    sessions.is_live(token)
    with database.reading() as connection:
        asked = connection.scalar(select(schema.staff_sessions.c.seen))

    sessions.record_view(token, "something")

    with database.reading() as connection:
        renewed = connection.scalar(select(schema.staff_sessions.c.seen))
    assert clock.now() - asked > timedelta(minutes=18)
    assert clock.now() - renewed < timedelta(minutes=1)


def test_a_session_ends_after_eight_hours_however_busy(token, set_clock):
    begun = clock.now()
    for minutes in range(19, 8 * 60, 19):
        set_clock(begun + timedelta(minutes=minutes))
        sessions.record_view(token, "something")

    set_clock(begun + timedelta(hours=8, seconds=1))
    with pytest.raises(sessions.SignedOut):
        sessions.record_view(token, "the last thing")
    assert "saw the last thing" not in audit()


@pytest.mark.parametrize(
    ("began", "lives", "ended"),
    [
        ("2026-11-25T08:00+01:00", "2026-11-25T19:59+01:00", "2026-11-25T20:01+01:00"),  # twelve hours
        ("2026-11-25T15:00+01:00", "2026-11-25T23:59+01:00", "2026-11-26T00:01+01:00"),  # the clinic's midnight
        ("2026-10-25T00:30+02:00", "2026-10-25T11:29+01:00", "2026-10-25T11:31+01:00"),  # the clocks go back
    ],
)
def test_reception_is_signed_in_for_a_day_at_the_clinic(prepared, configure, set_clock, began, lives, ended):
    configure(timezone="Europe/Madrid")
    set_clock(datetime.fromisoformat(began))
    token = begin(role=RECEPTION)

    for at, live in ((lives, True), (ended, False)):
        set_clock(datetime.fromisoformat(at))
        with database.writing() as connection:
            connection.execute(update(schema.staff_sessions).values(seen=clock.now()))
        assert sessions.is_live(token) is live


def test_reception_may_be_idle_for_four_hours(prepared, set_clock):
    begun = datetime(2026, 11, 25, 8, tzinfo=UTC)
    set_clock(begun)
    token = begin(role=RECEPTION)

    for minutes, live in ((239, True), (241, False)):
        set_clock(begun + timedelta(minutes=minutes))
        assert sessions.is_live(token) is live


def test_reception_is_given_no_figures(prepared, monkeypatch):
    refused = []
    monkeypatch.setattr(audit_log, "refused", refused.append)
    token = begin(role=RECEPTION)

    with pytest.raises(sessions.NotForThisRole):
        sessions.record_view(token, "figures")
    with database.reading() as connection, pytest.raises(sessions.NotForThisRole):
        sessions.require(connection, token)
    sessions.record_view(token, "the latest infusions", RECEPTION)

    assert audit()[1:] == ["saw the latest infusions"]
    assert refused == ["figures for Ana (reception)"] * 2


def test_signing_out_ends_the_session_in_every_tab_and_no_other(token):
    other = begin("passphrase", way=ways.PASSPHRASE)
    sessions.sign_out(token)
    sessions.sign_out("unknown")

    assert (sessions.is_live(token), sessions.is_live(other)) == (False, True)
    assert audit()[2:] == ["signed out"]


def test_signing_out_everywhere_ends_all_sessions_of_the_person_alone(prepared):
    tokens = [begin(), begin(), begin("Eva")]

    sessions.sign_out(tokens[0], everywhere=True)

    assert [sessions.is_live(token) for token in tokens] == [False, False, True]


def test_a_new_sign_in_ends_the_session_whose_cookie_came_along(prepared):
    first, other = begin(), begin()
    second = begin(before=first)

    assert [sessions.is_live(token) for token in (first, other, second)] == [False, True, True]
    assert audit()[2:] == ["signed out by a new sign-in", "signed in as clinician by passkey"]


def test_a_way_may_end_a_session_before_its_role_does(prepared, set_clock):
    begun = clock.now()
    token = begin(last=begun + timedelta(minutes=10))

    set_clock(begun + timedelta(minutes=11))
    assert not sessions.is_live(token)


PROVIDER = {"oidc_issuer": "https://provider.example", "oidc_client_id": "x", "oidc_client_secret": "y"}


def test_with_accounts_no_other_session_lives(prepared, configure):
    tokens = [begin(), begin("passphrase", way=ways.PASSPHRASE)]

    configure(**PROVIDER, staff="ana@clinic.org")

    assert [sessions.is_live(token) for token in tokens] == [False, False]


@pytest.mark.parametrize(
    ("staff", "live"),
    [
        ("eva@clinic.org, ANA@clinic.org", True),
        ("ana@clinic.org=reception", False),
        ("eva@clinic.org", False),
        ("", False),
    ],
)
def test_an_account_taken_off_the_list_or_given_another_role_is_out(prepared, configure, staff, live):
    configure(**PROVIDER, staff="ana@clinic.org")
    token = begin("ana@clinic.org", way=ways.ACCOUNT)
    assert sessions.is_live(token)

    configure(staff=staff)

    assert sessions.is_live(token) is live


def test_another_passphrase_ends_every_session(token, configure):
    configure(passphrase_hash=hashing.hashed("another passphrase"))

    assert not sessions.is_live(token)


def test_ten_attempts_of_one_address_are_enough_for_fifteen_minutes(prepared):
    for _ in range(throttle.SIGN_IN.per_address):
        with pytest.raises(passphrase.WrongPassphrase):
            passphrase.sign_in("wrong", "address")

    with pytest.raises(throttle.Throttled):
        passphrase.sign_in(PASSPHRASE, "address")
    assert passphrase.sign_in(PASSPHRASE, "another address")

    with database.writing() as connection:
        connection.execute(update(schema.attempts).values(at=clock.now() - timedelta(minutes=16)))
    assert passphrase.sign_in(PASSPHRASE, "address")


def test_two_hundred_attempts_of_all_addresses_are_enough(prepared):
    for number in range(throttle.SIGN_IN.overall):
        attempt(f"address {number}")

    with pytest.raises(throttle.Throttled):
        attempt("one more")


def test_nothing_is_hashed_once_the_throttle_holds(prepared, monkeypatch):
    for _ in range(throttle.SIGN_IN.per_address):
        attempt("address")
    monkeypatch.setattr(hashing, "matches", lambda *_: pytest.fail("hashed"))

    with pytest.raises(throttle.Throttled):
        passphrase.sign_in(PASSPHRASE, "address")


def test_a_success_forgives_the_attempts_of_its_address(prepared):
    for _ in range(throttle.SIGN_IN.per_address - 1):
        attempt("address")
    passphrase.sign_in(PASSPHRASE, "address")

    assert passphrase.sign_in(PASSPHRASE, "address")


def lock_out_strangers():
    now = clock.now()
    rows = [{"what": "sign-in", "address_digest": f"{number % 20:064x}", "at": now} for number in range(200)]
    with database.writing() as connection:
        connection.execute(insert(schema.attempts), rows)


def test_strangers_guesses_lock_out_no_browser_that_has_signed_in_before(prepared):
    device = passphrase.new_device()
    lock_out_strangers()

    with pytest.raises(throttle.Throttled):
        passphrase.sign_in(PASSPHRASE, "address")
    assert passphrase.sign_in(PASSPHRASE, "address", device)


def test_a_forged_device_is_a_stranger(prepared):
    device = passphrase.new_device()
    lock_out_strangers()

    for forged in ("", ".", device[:-1], device.upper(), "x" * 32 + device[32:], "\ud800." + device):
        with pytest.raises(throttle.Throttled):
            passphrase.sign_in(PASSPHRASE, "address", forged)


def test_a_device_has_ten_attempts_and_is_then_a_stranger(prepared):
    device = passphrase.new_device()
    for number in range(throttle.DEVICE.per_address + throttle.SIGN_IN.per_address):
        with pytest.raises(passphrase.WrongPassphrase):
            passphrase.sign_in("wrong", "address", device)
        assert (number < throttle.DEVICE.per_address) == (count_of("sign-in") == 0)

    with pytest.raises(throttle.Throttled):
        passphrase.sign_in(PASSPHRASE, "address", device)
    assert passphrase.sign_in(PASSPHRASE, "address", passphrase.new_device())


def test_a_success_forgives_the_attempts_of_its_device_and_not_those_of_the_address(prepared):
    device = passphrase.new_device()
    for given in ("address", "address"):
        attempt(given)
    for _ in range(throttle.DEVICE.per_address - 1):
        with pytest.raises(passphrase.WrongPassphrase):
            passphrase.sign_in("wrong", "address", device)

    passphrase.sign_in(PASSPHRASE, "address", device)

    assert (count_of("device"), count_of("sign-in")) == (0, 2)


def test_a_device_is_no_session(token):
    assert not sessions.is_live(passphrase.new_device())


def count_of(what):
    with database.reading() as connection:
        return connection.scalar(select(func.count()).where(schema.attempts.c.what == what))


def test_attempts_at_receipts_leave_the_sign_in_open(prepared):
    for _ in range(throttle.RECEIPT.per_address):
        attempt("address", throttle.RECEIPT)

    assert passphrase.sign_in(PASSPHRASE, "address")


def test_an_ipv6_network_is_one_address_and_an_ipv4_address_is_one_in_both_spellings(prepared):
    for number in range(throttle.SIGN_IN.per_address):
        attempt(f"2001:db8:1:2::{number}")
    with pytest.raises(throttle.Throttled):
        attempt("2001:db8:1:2:ffff::1")
    attempt("2001:db8:1:3::1")

    for _ in range(throttle.SIGN_IN.per_address):
        attempt("::ffff:192.0.2.7")
    with pytest.raises(throttle.Throttled):
        attempt("192.0.2.7")
    attempt("::ffff:192.0.2.8")


def test_addresses_are_kept_as_digests_and_for_two_days(prepared):
    attempt("192.0.2.7")
    with database.writing() as connection:
        connection.execute(update(schema.attempts).values(at=clock.now() - timedelta(hours=47, minutes=1)))

    attempt("192.0.2.8")

    throttle.forget_old()

    with database.reading() as connection:
        kept = connection.scalars(select(schema.attempts.c.address_digest)).all()
    assert len(kept) == 1
    assert len(kept[0]) == 64
