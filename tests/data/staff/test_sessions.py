from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from data import clock
from data.staff import hashing, passphrase, sessions, throttle
from data.storage import database, schema
from tests.app import PASSPHRASE


@pytest.fixture
def token(prepared):
    return passphrase.sign_in(PASSPHRASE, "address")


def move(**ago):
    """Let the one session have been seen, or begun, some time ago."""
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
    assert sessions.is_live(token)
    assert audit() == ["signed in"]


def test_the_token_is_not_stored(token):
    with database.reading() as connection:
        row = connection.execute(select(schema.staff_sessions)).one()

    assert token not in row


@pytest.mark.parametrize("given", ["", "wrong", PASSPHRASE + " ", PASSPHRASE.upper(), "\x00", "\ud800", "x" * 5000])
def test_anything_else_begins_none_and_is_written_down(prepared, given):
    with pytest.raises(passphrase.WrongPassphrase):
        passphrase.sign_in(given, "address")

    assert audit() == ["failed to sign in"]


def test_a_passphrase_replaced_while_it_is_compared_begins_no_session(prepared, configure, monkeypatch):
    def replaced_meanwhile(*_):
        configure(passphrase_hash=hashing.hashed("another passphrase"))
        return True

    monkeypatch.setattr(passphrase, "matches", replaced_meanwhile)

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


def test_a_session_ends_after_eight_hours_however_busy(token):
    move(began=timedelta(hours=8, minutes=1))

    with pytest.raises(sessions.SignedOut):
        sessions.record_view(token, "something")
    assert "saw something" not in audit()


def test_signing_out_ends_the_session_everywhere(token):
    sessions.sign_out(token)
    sessions.sign_out("unknown")

    assert not sessions.is_live(token)
    assert audit() == ["signed in", "signed out"]


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
    monkeypatch.setattr(passphrase, "matches", lambda *_: pytest.fail("hashed"))

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
