import pytest

from data.reports import codes, infusions, invitations, issued, registration, responses, tallies
from data.staff import passphrase
from data.storage import chain, database, preparation, schema
from tests.app import PASSPHRASE
from tests.conftest import forget
from tests.data.reports.test_infusions import HOUR, ago, answer, rows, token

__all__ = ["token"]


def in_order():
    return tallies.differences() == responses.differences() == []


def test_a_code_is_shown_again_for_as_long_as_it_works(token, set_clock):
    infusion, code = registration.register(token, number=2)

    assert issued.show(token, infusion.id) == issued.show(token, infusion.id, refresh=True) == (infusion, code)

    forget()  # as a restart does
    assert issued.show(token, infusion.id) == (infusion, code)
    answer(code)
    shown, again = issued.show(token, infusion.id)
    assert (shown.answered, again) == ({"0-4 h"}, code)

    set_clock(infusion.ended + 719.99 * HOUR)
    token = passphrase.sign_in(PASSPHRASE, "address")
    assert issued.show(token, infusion.id)[1] == code
    set_clock(infusion.ended + 720 * HOUR)
    assert issued.show(token, infusion.id)[1] is None


def test_the_code_of_a_revoked_invitation_is_not_shown(token):
    infusion, _ = registration.register(token)
    registration.revoke(token, infusion.id)

    shown, code = issued.show(token, infusion.id)

    assert (shown.id, code) == (infusion.id, None)
    assert shown.revoked


def test_a_new_code_replaces_the_old_one_everywhere_and_at_once(token):
    infusion, old = registration.register(token, number=2)
    answer(old, recorded=infusion.ended)
    before = rows(schema.infusion_tallies)

    issued.renew(token, infusion.id)

    shown, new = issued.show(token, infusion.id)
    assert shown.answered == {"0-4 h"}
    for attempt in (lambda: invitations.find(old, "here"), lambda: answer(old)):
        with pytest.raises(invitations.UnknownInvitation):
            attempt()
    assert invitations.find(new, "here").answered
    with pytest.raises(invitations.AnsweredAlready):
        answer(new)
    assert rows(schema.infusion_tallies) == before
    assert before[0]["invited"] == before[0]["answered"] == 1
    assert answer(new, recorded=infusion.ended + 5 * HOUR).window == "4-24 h"
    assert in_order()


def test_a_new_code_of_an_invitation_that_does_not_work_is_refused(token, set_clock):
    revoked, _ = registration.register(token)
    registration.revoke(token, revoked.id)
    old, _ = registration.register(token, ended=ago(days=29))
    set_clock(old.ended + 720 * HOUR)
    token = passphrase.sign_in(PASSPHRASE, "address")
    before = rows(), rows(schema.audit)

    for each in (revoked, old):
        with pytest.raises(infusions.NotLive):
            issued.renew(token, each.id)

    assert (rows(), rows(schema.audit)) == before


def test_under_another_secret_key_no_code_can_be_shown_until_there_is_a_new_one(token, configure):
    infusion, code = registration.register(token)
    configure(secret_key="t" * 32)
    with database.writing() as connection:
        preparation.accept_key(connection)
    token = passphrase.sign_in(PASSPHRASE, "address")

    (row,) = rows()
    assert codes.invitation(row["seed"]) != code  # whoever has the database alone has no code
    assert issued.show(token, infusion.id)[1] is None
    with pytest.raises(invitations.UnknownInvitation):
        invitations.find(codes.invitation(row["seed"]), "here")

    issued.renew(token, infusion.id)
    new = issued.show(token, infusion.id)[1]
    assert answer(new).window == "0-4 h"
    with database.reading() as connection:
        assert chain.fault(connection) is None
    assert in_order()


def test_no_table_has_a_code(token):
    infusion, first = registration.register(token, key=codes.new_key())
    answer(first)
    issued.renew(token, infusion.id)
    _, second = issued.show(token, infusion.id)

    stored = str([rows(table) for table in schema.metadata.sorted_tables])

    for code in (first, second):
        assert not any(written in stored for written in (code, code.replace("-", ""), code.lower()))
