import re

from data.staff import throttle
from tests.pages.patient.test_plain import invite


def told(page):
    return re.search('role="alert"[^>]*>(.*?)</p>', page.text).group(1)


def test_a_typed_code_leads_to_its_check_in_in_any_spelling(client):
    code = invite()

    followed = client.post("/code?language=es", data={"code": f" {code.lower().replace('-', ' ')} "})

    assert (followed.status_code, followed.headers["location"]) == (303, f"/?i={code}&language=es")
    assert followed.headers["cache-control"] == "no-store"


def test_the_door_it_was_asked_from_is_kept(client):
    code = invite()
    page = client.get("/code?door=/plain").text

    action = re.search('action="([^"]+)"', page).group(1).replace("&amp;", "&")
    assert client.post(action, data={"code": code}).headers["location"].startswith(f"/plain?i={code}&language=en")


def test_another_sites_address_is_no_door(client):
    code = invite()

    assert client.post("/code?door=//evil.example", data={"code": code}).headers["location"] == f"/?i={code}"


def test_a_wrong_code_is_said_and_stays_in_its_field(client):
    refused = client.post("/code", data={"code": '"><b>0000-0000-0000'})

    assert refused.status_code == 404
    assert told(refused) == "This code does not work."
    assert 'value="&#34;&gt;&lt;b&gt;0000-0000-0000"' in refused.text


def test_what_has_not_the_form_of_a_code_is_told_the_form_and_is_no_guess(client, monkeypatch):
    monkeypatch.setattr(throttle, "INVITATION", throttle.Limit("invitation", 0, 0))
    refused = client.post("/code", data={"code": "K7QM-4TXD-R2"})

    assert told(refused) == (
        "This does not look like a code. Codes have twelve letters and digits, like K7QM-4TXD-R2AB. Check your card."
    )
    assert 'value="K7QM-4TXD-R2"' in refused.text


def test_the_whole_link_of_a_card_may_be_pasted(client):
    code = invite()
    link = f"Check-in / Cuestionario: https://clinic.example/?i={code}&language=es"

    assert client.post("/code", data={"code": link}).headers["location"] == f"/?i={code}"
    assert int(re.search('id="code"[^>]* maxlength="([0-9]+)"', client.get("/code").text).group(1)) >= len(link)


def test_a_switch_of_the_language_keeps_what_was_typed(client):
    switched = client.post("/code?door=/plain", data={"code": "K7QM", "language": "es"}).text

    assert '<html lang="es">' in switched
    assert 'name="code" value="K7QM"' in switched
    assert "door=%2Fplain" in switched


def test_guesses_are_limited(client, monkeypatch):
    monkeypatch.setattr(throttle, "INVITATION", throttle.Limit("invitation", 2, 5))
    codes = [client.post("/code", data={"code": "0000-0000-0000"}).status_code for _ in range(3)]

    assert codes == [404, 404, 429]


def test_the_way_without_a_code_is_there_only_while_the_open_link_is_on(client, configure, database_file):
    assert "Check in without a code" in client.get("/code").text

    configure(database_url=database_file, open_link="off")

    assert "Check in without a code" not in client.get("/code").text
