from datetime import timedelta

import pytest

from data import clock
from data.staff import hashing, passphrase, sessions
from data.storage import preparation
from tests.app import PASSPHRASE


@pytest.fixture
def fresh(configure, tmp_path):
    """Prepare an embedded database without a passphrase."""
    configure(database_url=f"sqlite:///{tmp_path / 'checkins.db'}")
    preparation.prepare()


def test_a_set_up_link_sets_the_first_passphrase_once(fresh):
    secret = passphrase.new_set_up_link()
    passphrase.set_up(secret, PASSPHRASE)

    assert passphrase.sign_in(PASSPHRASE, "address")
    assert passphrase.new_set_up_link() is None
    with pytest.raises(passphrase.SetUpRefused):
        passphrase.set_up(secret, "another passphrase")


@pytest.mark.parametrize("secret", ["", "x", "\ud800"])
def test_an_unknown_link_sets_nothing(fresh, secret):
    passphrase.new_set_up_link()

    with pytest.raises(passphrase.SetUpRefused):
        passphrase.set_up(secret, PASSPHRASE)
    assert not passphrase.is_set()


def test_a_link_expires_after_thirty_minutes(fresh):
    secret = passphrase.new_set_up_link()
    passphrase._set_up_links[secret] = clock.now() - timedelta(seconds=1)

    with pytest.raises(passphrase.SetUpRefused):
        passphrase.set_up(secret, PASSPHRASE)


def test_a_new_link_voids_the_one_before(fresh):
    first = passphrase.new_set_up_link()
    passphrase.new_set_up_link()

    with pytest.raises(passphrase.SetUpRefused):
        passphrase.set_up(first, PASSPHRASE)


@pytest.mark.parametrize("weak", ["", "eleven char", "x" * 1001])
def test_a_weak_passphrase_is_refused_and_the_link_stays_valid(fresh, weak):
    secret = passphrase.new_set_up_link()

    with pytest.raises(hashing.WeakPassphrase, match="12 to 1000 characters"):
        passphrase.set_up(secret, weak)
    passphrase.set_up(secret, PASSPHRASE)

    assert passphrase.is_set()


def test_the_setting_goes_before_the_stored_one(fresh, configure):
    passphrase.store("the stored passphrase")
    configure(passphrase_hash=hashing.hashed("the passphrase of the setting"))

    assert passphrase.sign_in("the passphrase of the setting", "address")
    with pytest.raises(passphrase.WrongPassphrase):
        passphrase.sign_in("the stored passphrase", "address")


def test_storing_another_ends_every_session(fresh):
    passphrase.store(PASSPHRASE)
    token = passphrase.sign_in(PASSPHRASE, "address")

    passphrase.store("another passphrase")

    assert not sessions.is_live(token)


def test_the_same_words_from_another_keyboard_are_the_same():
    assert hashing.matches(hashing.hashed("café au lait, café"), "cafe\u0301 au lait, cafe\u0301")


def test_without_a_passphrase_nobody_signs_in(fresh):
    with pytest.raises(passphrase.WrongPassphrase):
        passphrase.sign_in("", "address")
