import re

import pytest
from sqlalchemy import select

from data.reports import check_ins, receipts
from data.staff import throttle
from data.storage import database, schema
from tests.pages.patient.test_plain import labels, ticked


@pytest.fixture
def stored(client):
    return check_ins.record(key="a" * 32, window="4-24 h", ticked=["headache", "dissociation"])


def now():
    return check_ins.by_key("a" * 32)


def opened(client, typed, path="/receipt", **more):
    """Type a receipt; return the page that the browser is led to."""
    return client.post(path, data={"receipt": typed} | more, follow_redirects=True)


def heading(page):
    return re.search("<h1[^>]*>(.*?)</h1>", page.text).group(1)


def test_the_receipt_is_asked_for_and_opens_its_check_in(client, stored):
    asked = client.get("/receipt")
    shown = opened(client, stored.receipt.lower())

    assert heading(asked) == "Correct or withdraw a check-in you sent"
    assert re.search('<input id="receipt"[^>]* autocomplete="off"', asked.text)
    assert shown.status_code == 200
    assert ticked(shown.text) == ["headache", "dissociation"]
    assert f'name="receipt" value="{stored.receipt}"' in shown.text
    assert "You reported, 4 to 24 hours after your infusion:" in shown.text
    assert "Tick what you had when you sent this check-in." in shown.text


def test_the_opened_check_in_has_an_address_without_receipt_or_answer_to_which_back_can_lead(client, stored):
    answer = client.post("/receipt?language=es&i=K7QM-4TXD-R2AB&door=/plain", data={"receipt": stored.receipt})
    address = answer.headers["location"]
    client.post("/receipt", data={"receipt": stored.receipt, "window": "4-24 h", "ticked": ["sleep"]})

    assert answer.status_code == 303
    assert address == "/receipt?i=K7QM-4TXD-R2AB&language=es&door=%2Fplain&step=correct"
    assert ticked(client.get(address).text) == ["sleep"]
    assert client.get(address).headers["cache-control"] == "no-store"


def test_back_to_a_check_in_that_is_withdrawn_by_now_leads_to_what_is_said_of_it(client, stored):
    opened(client, stored.receipt)
    receipts.withdraw(stored.receipt, "address")

    assert client.get("/receipt?step=correct").headers["location"] == "/sent"


@pytest.mark.parametrize("elsewhere", ["/", "/plain", "/code", "/receipt"])
def test_going_back_finds_the_opened_check_in_no_more_once_another_page_was_opened(client, stored, elsewhere):
    opened(client, stored.receipt)
    client.get(elsewhere)

    back = client.get("/receipt?step=correct")

    assert heading(back) == "Correct or withdraw a check-in you sent"
    assert 'role="alert"' not in back.text
    assert stored.receipt not in back.text


@pytest.mark.parametrize("kept", ["forgotten", "K7QM-4TXD-R2." + "0" * 64])
def test_no_cookie_but_ours_opens_a_check_in(client, stored, kept):
    client.cookies.set("sent", kept)

    assert heading(client.get("/receipt?step=correct")) == "Correct or withdraw a check-in you sent"


def test_a_browser_that_blocks_cookies_is_asked_once_more_and_then_answered_at_once(client, stored):
    def typed(receipt, **more):
        client.cookies.clear()
        data = {"receipt": receipt} | dict(re.findall('name="(cookies)" value="(.*?)"', page.text)) | more
        answer = client.post("/receipt", data=data)
        client.cookies.clear()
        return client.get(answer.headers["location"]) if answer.status_code == 303 else answer

    page = client.get("/receipt")
    page = first = typed(stored.receipt)
    page = typed(stored.receipt, language="es")
    page = typed("K7QM-4TXD-R2")
    page = typed(stored.receipt)

    assert "Your browser did not keep the receipt. Type it again to open the check-in." in first.text
    assert ticked(page.text) == ["headache", "dissociation"]


@pytest.mark.parametrize(("at", "door"), [("", "/"), ("?door=/plain", "/plain"), ("?door=/clinic", "/")])
def test_the_way_back_leads_to_the_door_the_patient_came_from(client, stored, at, door):
    pages = [client.get(f"/receipt{at}"), opened(client, stored.receipt, f"/receipt{at}")]

    assert [re.findall(r'class="line" href="(/|/plain)[?"]', page.text) for page in pages] == [[door], [door]]


def test_none_of_these_is_shown_as_it_was_sent(client):
    stored = check_ins.record(key="a" * 32, window="0-4 h", ticked=[], none=True)

    assert ticked(opened(client, stored.receipt).text) == ["none"]


def test_a_correction_is_stored_and_confirmed_from_the_database(client, stored):
    corrected = {"receipt": stored.receipt, "window": "4-24 h", "ticked": ["sleep"]}
    answer = client.post("/receipt", data=corrected)
    shown = client.get(answer.headers["location"])

    assert (answer.status_code, answer.headers["location"]) == (303, "/sent")
    assert (now().ticked, now().corrected) == (("sleep",), True)
    assert heading(shown) == "Sent. Your correction is saved."
    assert re.findall("<li>(.*?)</li>", shown.text) == ["Insomnia or changes in sleep patterns"]


def test_a_reload_of_a_correction_changes_nothing_more(client, stored):
    corrected = {"receipt": stored.receipt, "window": "4-24 h", "ticked": ["sleep"]}
    client.post("/receipt", data=corrected)
    client.post("/receipt", data=corrected)

    with database.reading() as connection:
        assert len(connection.execute(select(schema.corrections)).all()) == 1


def test_a_withdrawal_deletes_the_answers_and_says_so(client, stored):
    answer = client.post("/receipt", data={"receipt": stored.receipt, "action": "withdraw"})
    shown = client.get(answer.headers["location"])

    assert answer.status_code == 303
    assert now().withdrawn
    assert heading(shown) == "This check-in has been withdrawn."
    assert "Its answers have been deleted and no longer count." in shown.text
    assert stored.receipt not in shown.text


@pytest.mark.parametrize("more", [{}, {"window": "4-24 h", "ticked": ["sleep"]}, {"action": "withdraw"}])
def test_a_withdrawn_check_in_is_shown_as_withdrawn_whatever_is_asked(client, stored, more):
    receipts.withdraw(stored.receipt, "address")

    answer = client.post("/receipt", data={"receipt": stored.receipt} | more)

    assert heading(client.get(answer.headers["location"])) == "This check-in has been withdrawn."


@pytest.mark.parametrize("more", [{}, {"window": "4-24 h", "ticked": ["sleep"]}, {"action": "withdraw"}])
def test_an_unknown_receipt_is_told_from_what_is_none(client, stored, more):
    answers = [
        client.post("/receipt", data={"receipt": typed} | more) for typed in ("K7QM-4TXD-R2", "x", "\x00", "é" * 30)
    ]
    told = [re.search('role="alert"[^>]*>(.*?)</p>', answer.text).group(1) for answer in answers]

    assert {answer.status_code for answer in answers} == {404}
    assert told[0] == "No check-in has this receipt. Check each letter and digit, then try again."
    [form] = set(told[1:])
    assert form.startswith(
        "This does not look like a receipt. Receipts have ten letters and digits, like K7QM-4TXD-R2."
    )
    assert now() == stored


def test_a_receipt_may_be_pasted_with_what_stands_beside_it(client, stored):
    shown = opened(client, f"Receipt: {stored.receipt.replace('-', '–')}.")

    assert f'name="receipt" value="{stored.receipt}"' in shown.text
    assert int(re.search('id="receipt"[^>]* maxlength="([0-9]+)"', client.get("/receipt").text).group(1)) >= 500


def test_wrong_receipts_are_throttled_in_words(client, stored):
    for _ in range(throttle.RECEIPT.per_address):
        client.post("/receipt", data={"receipt": "K7QM-4TXD-R2"})

    answer = client.post("/receipt", data={"receipt": "K7QM-4TXD-R2"})

    assert ticked(opened(client, stored.receipt).text) == ["headache", "dissociation"]
    assert answer.status_code == 429
    assert "Wait 15 minutes" in answer.text
    assert 'type="checkbox"' not in answer.text


@pytest.mark.parametrize(
    ("answer", "told", "kept"),
    [
        ({}, "Nothing is ticked. Tick what you had, or “None of these”.", []),
        ({"ticked": ["sleep"], "none": "yes"}, "You ticked “None of these” and also “Insomnia", ["sleep", "none"]),
        ({"ticked": ["sleep", "fever"]}, "Something went wrong on this page.", ["sleep"]),
    ],
)
def test_a_mistake_is_named_and_the_ticks_stay(client, stored, answer, told, kept):
    shown = client.post("/receipt", data={"receipt": stored.receipt, "window": "4-24 h"} | answer)

    assert shown.status_code == 422
    assert told in shown.text
    assert ticked(shown.text) == kept
    assert now() == stored


def test_a_switch_of_the_language_keeps_receipt_and_ticks(client, stored):
    typed = client.post("/receipt", data={"receipt": "k7qm", "language": "es"})
    corrected = {"receipt": stored.receipt, "window": "4-24 h", "ticked": ["sleep"], "language": "es"}
    shown = client.post("/receipt", data=corrected)

    assert 'value="k7qm"' in typed.text
    assert heading(typed) == "Corregir o retirar un cuestionario enviado"
    assert labels(shown.text)[4] == "Dolor de cabeza"
    assert ticked(shown.text) == ["sleep"]
    assert 'action="/receipt?language=es"' in shown.text
    assert now() == stored


def test_a_database_that_is_gone_keeps_the_ticks(client, stored, monkeypatch):
    def gone(*_, **__):
        raise database.Unavailable("OperationalError")

    monkeypatch.setattr(receipts, "correct", gone)
    monkeypatch.setattr(receipts, "find", gone)
    shown = client.post("/receipt", data={"receipt": stored.receipt, "window": "4-24 h", "ticked": ["sleep"]})
    opened = client.post("/receipt", data={"receipt": stored.receipt})

    assert (shown.status_code, opened.status_code) == (503, 503)
    assert "then tap “Save the correction” again" in shown.text
    assert ticked(shown.text) == ["sleep"]
    assert "The database is not responding." in opened.text


def test_a_script_that_corrects_is_told_the_mistake_or_where_the_confirmation_is(client, stored):
    asked = {"data": {"receipt": stored.receipt, "window": "4-24 h"}, "headers": {"x-check-in": "fetch"}}
    mistaken = client.post("/receipt", **asked)
    asked["data"]["ticked"] = ["sleep"]
    saved = client.post("/receipt", **asked)
    asked["data"]["receipt"] = "K7QM-4TXD-R2"
    unknown = client.post("/receipt?language=es", **asked)

    assert (mistaken.status_code, mistaken.json()["place"]) == (422, "list")
    assert mistaken.json()["sentence"].startswith("Nothing is ticked.")
    assert (saved.status_code, saved.json()) == (200, {"location": "/sent"})
    assert now().ticked == ("sleep",)
    assert (unknown.status_code, unknown.json()["sentence"][:19]) == (404, "Ningún cuestionario")
