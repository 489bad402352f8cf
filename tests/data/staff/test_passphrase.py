import pytest

from data.staff import hashing, links, passphrase, sessions, ways
from data.storage import preparation
from tests.app import PASSPHRASE
from tests.conftest import USUAL


@pytest.fixture
def fresh(configure, tmp_path):
    """Prepare an embedded database without a passphrase."""
    configure(database_url=f"sqlite:///{tmp_path / 'checkins.db'}")
    preparation.prepare()


def test_a_set_up_link_sets_the_first_passphrase_once(fresh):
    secret = links.first("localhost")
    passphrase.set_up(secret, PASSPHRASE)

    assert passphrase.sign_in(PASSPHRASE, "address")
    assert links.first("localhost") is None
    with pytest.raises(links.Refused):
        passphrase.set_up(secret, "another passphrase")


def is_set():
    return ways.PASSPHRASE in ways.open_at("localhost")


@pytest.mark.parametrize("secret", ["", "x", "\ud800"])
def test_an_unknown_link_sets_nothing(fresh, secret):
    links.first("localhost")

    with pytest.raises(links.Refused):
        passphrase.set_up(secret, PASSPHRASE)
    assert not is_set()


def test_a_link_expires_after_thirty_minutes(fresh, set_clock):
    set_clock(USUAL)
    secret = links.first("localhost")

    set_clock(USUAL + links.VALID)
    with pytest.raises(links.Refused):
        passphrase.set_up(secret, PASSPHRASE)


def test_a_new_link_voids_the_one_before(fresh):
    first = links.first("localhost")
    links.first("localhost")

    with pytest.raises(links.Refused):
        passphrase.set_up(first, PASSPHRASE)


@pytest.mark.parametrize("weak", ["", "fourteen chars", "x" * 1001])
def test_a_weak_passphrase_is_refused_and_the_link_stays_valid(fresh, weak):
    secret = links.first("localhost")

    with pytest.raises(hashing.WeakPassphrase, match="15 to 1000 characters"):
        passphrase.set_up(secret, weak)
    passphrase.set_up(secret, PASSPHRASE)

    assert is_set()


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
