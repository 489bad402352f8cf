from datetime import UTC, date, datetime, timedelta

import pytest

from data.figures import changes
from data.staff import passphrase, sessions
from data.storage import database
from tests.app import PASSPHRASE
from tests.counted import audited

THURSDAY = datetime(2026, 10, 1, 12, tzinfo=UTC)


def marked():
    with database.reading() as connection:
        return [(change.week, change.text) for change in changes.read(connection)]


@pytest.fixture
def token(prepared, set_clock):
    set_clock(THURSDAY)
    return passphrase.sign_in(PASSPHRASE, "address")


def test_a_change_counts_from_the_first_whole_week_on(token):
    changes.add(token, date(2026, 10, 1), " new\u00a0 antiemetic ")
    changes.add(token, date(2026, 9, 14), "slower infusions")

    assert marked() == [(date(2026, 9, 14), "slower infusions"), (date(2026, 10, 5), "new antiemetic")]
    assert audited()[-2:] == [
        ("passphrase", "marked a change from the week of 2026-10-05 on"),
        ("passphrase", "marked a change from the week of 2026-09-14 on"),
    ]


def test_a_removed_change_is_gone_and_its_week_free_again(token):
    changes.add(token, date(2026, 9, 14), "slower infusions")
    with database.reading() as connection:
        (change,) = changes.read(connection)

    changes.remove(token, change.id)
    changes.remove(token, change.id)

    assert marked() == []
    assert [did for _, did in audited()[-2:]] == [
        "removed the mark of a change (2026-09-14)",
        "removed the mark of a change (none was there)",
    ]
    changes.add(token, date(2026, 9, 14), "slower infusions")


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 9, 14), ""),
        (date(2026, 9, 14), " \n"),
        (date(2026, 9, 14), "a" * 61),
        (date(2026, 9, 14), "new\x00rule"),
        (date(2026, 10, 5), "of next week"),
        (date(2016, 9, 14), "of more than ten years ago"),
        (None, "of no day"),
    ],
)
def test_what_is_no_change_is_refused_without_a_word_of_it(token, day, text):
    with pytest.raises(changes.InvalidChange) as refused:
        changes.add(token, day, text)

    assert not text.strip() or text not in str(refused.value)
    assert marked() == []


def test_two_changes_in_one_week_are_refused_as_nobody_could_tell_them_apart(token):
    changes.add(token, date(2026, 9, 29), "new antiemetic")

    with pytest.raises(changes.InvalidChange, match="same week"):
        changes.add(token, date(2026, 10, 3), "slower infusions")


def test_who_is_signed_out_marks_and_removes_nothing(token, set_clock):
    changes.add(token, date(2026, 9, 14), "slower infusions")
    set_clock(THURSDAY + timedelta(hours=1))

    with pytest.raises(sessions.SignedOut):
        changes.add(token, date(2026, 9, 7), "new antiemetic")
    with pytest.raises(sessions.SignedOut):
        changes.remove(token, 1)
    assert len(marked()) == 1
