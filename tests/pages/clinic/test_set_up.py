import pytest

from data.staff import links, passphrase, persons
from data.staff.roles import CLINICIAN, RECEPTION
from data.storage import database
from tests.app import PASSPHRASE
from tests.conftest import PRODUCTION
from tests.pages.clinic.test_sign_in import sign_in


@pytest.fixture
def nobody(client, configure, monkeypatch):
    """Leave nobody who can sign in; gives the client."""
    monkeypatch.delenv("CHECKIN_PASSPHRASE_HASH")
    configure()
    return client


def set_passphrase(client, link, chosen=PASSPHRASE, again=None):
    return client.post("/set-up", data={"link": link, "passphrase": chosen, "again": again or chosen})


def test_the_set_up_link_sets_the_passphrase_and_nothing_else(nobody):
    link = links.first("clinic.example")
    assert "Nobody can sign in here yet." in nobody.get("/sign-in").text

    differing, weak = set_passphrase(nobody, link, again="x"), set_passphrase(nobody, link, "short")
    right, again = set_passphrase(nobody, link), set_passphrase(nobody, link, "another passphrase")

    assert [answer.status_code for answer in (differing, weak, right, again)] == [400, 400, 303, 403]
    assert f'value="{link}"' in weak.text
    assert "set-cookie" not in right.headers
    assert sign_in(nobody).status_code == 303


def test_a_link_says_whom_it_is_for_and_asks_only_the_first_person_for_a_name(nobody):
    first = nobody.post("/set-up", data={"link": links.first("clinic.example")}).text
    named = nobody.post("/set-up", data={"link": persons.add("Ana Ruiz", RECEPTION)}).text

    assert ("<h1>Add the first person</h1>" in first, "Your name" in first) == (True, True)
    assert ("<h1>Add a device for Ana Ruiz</h1>" in named, "Your name" in named) == (True, False)


def test_no_passphrase_is_offered_over_https_nor_to_reception_nor_where_one_is_set(nobody, configure):
    offered = [offers_passphrase(nobody, role) for role in (CLINICIAN, RECEPTION)]
    passphrase.store(PASSPHRASE)
    beside_another = offers_passphrase(nobody, CLINICIAN)
    with database.writing() as connection:
        passphrase.clear(connection)
    configure(**PRODUCTION | {"public_url": "https://clinic.example"})

    assert (offered, beside_another) == ([True, False], False)
    assert not offers_passphrase(nobody, CLINICIAN)
    assert set_passphrase(nobody, persons.add("Dr Berg")).status_code == 403


def offers_passphrase(client, role):
    return 'name="passphrase"' in client.post("/set-up", data={"link": persons.add("Dr Berg", role)}).text


@pytest.mark.parametrize("name", ["", "operator", "a@b.example", "x" * 61, "a\nb"])
def test_a_name_that_cannot_be_a_persons_is_refused_in_words(nobody, name):
    asked = {"link": links.first("clinic.example"), "name": name}

    answer = nobody.post("/device/options", data=asked, headers={"x-check-in": "fetch"})

    assert answer.status_code == 400
    assert answer.json()["sentence"].startswith("Choose another name: a name ")


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "[::1]:8501"])
def test_passkeys_need_a_name_so_an_address_by_number_leads_to_localhost(nobody, host):
    for path in ("/sign-in?next=%2Finfusions", "/set-up"):
        answer = nobody.get(path, headers={"host": host})

        assert (answer.status_code, answer.headers["location"]) == (303, f"http://localhost:8501{path}")


def test_a_device_is_asked_to_check_a_finger_for_a_challenge_that_lives_five_minutes_in_its_browser(client):
    """ASVS 6.3.3, 6.7.2."""
    asked = client.post("/device/options")
    answer = client.post("/device/options", data={"x": ""})

    assert (asked.status_code, answer.status_code) == (415, 400)
    given = client.post("/device/options", data={"link": persons.add("Dr Berg")})
    assert given.json()["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert given.json()["rp"]["id"] == "clinic.example"
    assert "HttpOnly; Max-Age=300; Path=/; SameSite=lax" in given.headers["set-cookie"]
