import pytest
from sqlalchemy import select

from data.staff import audit as audit_log
from data.staff import challenges, links, persons, sessions, ways
from data.staff.roles import CLINICIAN, RECEPTION
from data.storage import database
from data.storage.schema import audit, staff_devices
from tests.conftest import USUAL


def begin(who, role=CLINICIAN):
    with database.writing() as connection:
        return sessions.begin(connection, who, role, ways.PASSKEY)


def listed():
    return [(person.name, person.role.name, person.devices, person.hosts) for person in persons.everyone()]


def test_persons_are_listed_by_name_with_role_devices_and_hosts(prepared):
    persons.add("dr Berg")
    persons.add("Ana Ruiz", RECEPTION)
    device = {"who": "dr Berg", "public_key": "", "uses": 0, "added": persons.everyone()[0].added}
    with database.writing() as connection:
        for number, host in enumerate(("new.example", "old.example", "new.example")):
            connection.execute(staff_devices.insert(), device | {"credential": str(number), "host": host})

    assert listed() == [
        ("Ana Ruiz", "reception", 0, ()),
        ("dr Berg", "clinician", 3, ("new.example", "old.example")),
    ]
    assert persons.hosts() == ["new.example", "old.example"]


def test_a_link_for_a_known_person_keeps_the_role_and_another_role_ends_the_sessions(prepared):
    """ASVS 8.3.2: another role counts at once."""
    persons.add("Ana Ruiz", CLINICIAN)
    token = begin("Ana Ruiz")

    persons.add("Ana Ruiz")
    kept = sessions.is_live(token)
    persons.add("Ana Ruiz", RECEPTION)

    assert (kept, sessions.is_live(token), listed()) == (True, False, [("Ana Ruiz", "reception", 0, ())])


def test_a_person_who_is_removed_is_out_at_once_and_nobody_else(prepared):
    """ASVS 7.4.2."""
    link = persons.add("Ana Ruiz")
    persons.add("Dr Berg")
    leaver, other = begin("Ana Ruiz"), begin("Dr Berg")

    persons.remove("Ana Ruiz")

    assert [sessions.is_live(token) for token in (leaver, other)] == [False, True]
    assert [name for name, *_ in listed()] == ["Dr Berg"]
    with pytest.raises(links.Refused):
        links.look(link)
    with database.reading() as connection:
        noted = connection.execute(select(audit.c.who, audit.c.did).order_by(audit.c.id)).all()
    assert tuple(noted[-1]) == ("operator", "removed Ana Ruiz")


def test_only_persons_are_removed(prepared):
    with pytest.raises(persons.Refused, match='nobody is called "Ana Ruiz"'):
        persons.remove("Ana Ruiz")


@pytest.mark.parametrize(
    "name", ["", " ", "x" * 61, "a\nb", "a\x00", "\ud800", "a@b.example", "Operator", "set-up link"]
)
def test_a_name_is_one_line_and_nobody_elses(prepared, name):
    with pytest.raises(persons.Refused, match="a name "):
        persons.add(name)
    assert listed() == []


def test_with_accounts_nobody_is_added(prepared, configure):
    configure(oidc_issuer="https://accounts.example", oidc_client_id="x", oidc_client_secret="y")

    with pytest.raises(persons.Refused, match="CHECKIN_STAFF"):
        persons.add("Ana Ruiz")


def test_a_challenge_is_answered_once(prepared):
    """ASVS 6.5.1."""
    sealed = challenges.new()
    with database.writing() as connection:
        challenges.answer(connection, sealed)

    with pytest.raises(challenges.Refused), database.writing() as connection:
        challenges.answer(connection, sealed)


def test_a_challenge_lives_five_minutes(prepared, set_clock):
    set_clock(USUAL)
    sealed = challenges.new()

    set_clock(USUAL + challenges.VALID)
    assert len(challenges.read(sealed)) == 32
    set_clock(USUAL + challenges.VALID * 1.01)
    with pytest.raises(challenges.Refused):
        challenges.read(sealed)


@pytest.mark.parametrize("sealed", ["", ".", "1796000000_00.00", "\ud800"])
def test_a_forged_challenge_is_refused(prepared, sealed):
    with pytest.raises(challenges.Refused):
        challenges.read(sealed)


@pytest.mark.parametrize("given", ["Ana Ruiz", "ana  RUIZ", "\uff21na Ruiz"])
def test_a_first_person_is_nobody_who_is_known_in_whatever_capitals(prepared, given):
    persons.add("Ana Ruiz", RECEPTION)

    with database.reading() as connection, pytest.raises(persons.Refused, match="this person is known"):
        persons.new_name(connection, given)
    persons.add(given)
    assert listed() == [("Ana Ruiz", "reception", 0, ())]


def test_a_link_that_is_refused_is_counted(prepared):
    with pytest.raises(links.Refused):
        links.look("unknown")

    assert list(audit_log._refused.values()) == [1]
