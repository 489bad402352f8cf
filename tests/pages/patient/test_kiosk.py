import re
from datetime import timedelta
from html import unescape

import pytest

from data import clock, languages
from data.catalogue import LABELS
from data.reports import check_ins, tallies
from data.staff import throttle
from data.storage import database, schema
from pages.web import qr, scripts
from tests.app import PASSPHRASE
from tests.data.test_catalogue import ARTICLE
from tests.pages.patient.test_plain import invite, labels, rows, ticked, title

UNKNOWN = "K7QM-4TXD-R2AB"
BY_SCRIPT = {"x-check-in": "fetch"}


def hidden(page):
    posted = "".join(re.findall('<form method="post".*?</form>', page.text, re.DOTALL))
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', posted))


def begin(client, code="", address="/kiosk"):
    """Load the tablet's first page and take the first step: by a code, or without one."""
    step = {"code": code} if code else {"code": "", "open": "yes"}
    return client.post(address, data=hidden(client.get(address)) | step)


def fill_in(page, **changed):
    """Return what the form on a page sends, with `ticked` and `window` as they are given."""
    asks_window = {} if "invitation" in hidden(page) else {"window": "0-4 h"}
    return hidden(page) | asks_window | {"ticked": ["dizziness", "headache"]} | changed


def spanish(sentence):
    return languages.translator("es")(sentence)


def told(page):
    return re.search('role="alert"[^>]*>(.*?)</p>', page.text).group(1)


def receipt(page):
    return re.search('<p class="receipt" translate="no">(.*?)</p>', page.text).group(1)


def test_a_check_in_without_a_code_is_stored_confirmed_and_cleared(client):
    form = begin(client)
    sent = client.post("/kiosk", data=fill_in(form))

    assert labels(form.text) == [*ARTICLE, "None of these"]
    assert (sent.status_code, title(sent.text)) == (200, "Sent. Thank you.")
    assert re.findall("<li>(.*?)</li>", sent.text)[:2] == [LABELS["dizziness"], LABELS["headache"]]
    assert "open clinic.example/receipt on your own phone" in sent.text
    assert qr.image(receipt(sent), "QR code of the receipt") in sent.text
    assert sent.headers["refresh"] == "20; url=/kiosk"
    (row,) = rows()
    assert (row["door"], row["origin"], row["window"], row["language"]) == ("kiosk", "open", "0-4 h", "en")
    assert tallies.differences() == []


def test_a_code_opens_the_form_of_its_infusion(client):
    code = invite(hours=5)
    form = begin(client, code.lower().replace("-", " "))
    sent = client.post("/kiosk", data=fill_in(form))

    assert 'class="about">About your infusion on' in form.text
    assert 'name="window"' not in form.text
    assert "Your next check-in opens on" in sent.text
    (row,) = rows()
    assert (row["door"], row["origin"], row["window"], row["number_band"]) == ("kiosk", "invited", "4-24 h", "2nd-6th")


def test_no_address_and_no_header_holds_a_code_a_receipt_or_an_answer_and_no_cache_keeps_anything(client):
    code = invite(hours=5)
    answers = [client.get("/kiosk"), begin(client, UNKNOWN), begin(client, code)]
    answers.append(client.post("/kiosk", data=fill_in(answers[-1], ticked=[])))
    answers.append(client.post("/kiosk", data=fill_in(answers[-1], language="es")))
    answers.append(client.post("/kiosk", data=fill_in(answers[-1])))
    answers.append(client.post("/kiosk", data={"visit": "old"}))
    answers.append(begin(client, code))
    answers.append(client.post("/kiosk", data={"visit": "old", "name": "Maria"}))

    assert [answer.status_code for answer in answers] == [200, 404, 200, 422, 200, 200, 200, 200, 400]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
    kept = {code, UNKNOWN, receipt(answers[5]), "dizziness"}
    for answer in answers:
        addresses = re.findall(r'(?:src|href|action|data-start|content)="(?!data:)([^"]*)"', answer.text)
        said = [*addresses, *answer.headers.values(), str(answer.url)]
        assert [(one, what) for one in said for what in kept if what in one] == []


def test_only_the_number_of_the_visit_is_in_a_cookie(client):
    start = client.get("/kiosk")
    form = begin(client)
    sent = client.post("/kiosk", data=fill_in(form))

    kept = [re.sub("=[^;]{22};", "=…;", one.headers.get("set-cookie")) for one in (start, form, sent)]
    assert kept == [
        "kiosk=…; HttpOnly; Path=/; SameSite=lax",
        *["kiosk=…; HttpOnly; Max-Age=600; Path=/; SameSite=lax"] * 2,
    ]
    assert list(client.cookies) == ["kiosk"]


def test_where_the_script_fetches_the_steps_a_slow_patient_keeps_the_visit(client):
    form = client.post("/kiosk", data=hidden(client.get("/kiosk")) | {"code": "", "open": "yes"}, headers=BY_SCRIPT)
    sent = client.post("/kiosk", data=fill_in(form), headers=BY_SCRIPT)

    assert title(sent.text) == "Sent. Thank you."
    assert [one.headers.get("set-cookie") for one in (form, sent)] == [None, None]


def test_nothing_on_a_page_leads_away_from_the_tablet(client):
    start = client.get("/kiosk")
    form = begin(client)
    sent = client.post("/kiosk", data=fill_in(form))

    for page in (start, form, sent):
        leads = set(re.findall(r'(?:href|action)="(?!data:)([^"]*)"', page.text))
        assert leads == {"/kiosk"}
        assert re.findall(r'src="(?!data:)([^"]*)"', page.text) == [scripts.ADDRESSES["kiosk"]]
    assert form.text.count('<form method="post" action="/kiosk" autocomplete="off"') == 1
    assert 'name="format-detection" content="telephone=no"' in form.text


def test_where_no_script_runs_every_page_with_something_on_it_is_cleared_all_the_same(client):
    start = client.get("/kiosk")
    form = begin(client)
    sent = client.post("/kiosk", data=fill_in(form))
    more = client.post("/kiosk", data=hidden(sent) | {"more": "yes"})

    assert '<noscript><meta http-equiv="refresh" content="600; url=/kiosk"></noscript>' in start.text
    assert [page.headers.get("refresh", "").partition(";")[0] for page in (start, form, sent, more)] == [
        "",
        "600",
        "20",
        "60",
    ]
    assert "<noscript" not in form.text
    assert receipt(more) == receipt(sent)
    assert len(rows()) == 1


@pytest.mark.parametrize("step", ["first", "form", "sent", "language"])
def test_a_page_of_the_visit_before_stores_nothing_and_shows_nothing(client, step):
    code = invite(hours=5)
    form = begin(client, code)
    sent = client.post("/kiosk", data=fill_in(form))
    pages = {
        "first": hidden(client.get("/kiosk")) | {"code": code},
        "form": fill_in(form, key="b" * 32, ticked=["nausea"]),
        "sent": hidden(sent) | {"more": "yes"},
        "language": fill_in(form, language="es"),
    }
    client.get("/kiosk")

    answer = client.post("/kiosk", data=pages[step])

    assert (answer.status_code, 'id="code"' in answer.text) == (200, True)
    cleared = "Not sent. This page had been cleared. Start again, or tell a member of staff."
    assert told(answer) == {"sent": "", "language": spanish(cleared)}.get(step, cleared)
    assert ('name="code" value=""' in answer.text, ticked(answer.text)) == (True, [])
    assert [one for one in (code, receipt(sent), pages[step]["visit"]) if one in answer.text] == []
    assert len(rows()) == 1


def test_a_form_whose_visit_has_expired_is_told_so(client):
    form = fill_in(begin(client))
    client.cookies.clear()

    answer = client.post("/kiosk", data=form)

    assert told(answer).startswith("Not sent. This page had been cleared.")
    assert rows() == []


def test_two_taps_on_send_are_one_check_in_and_say_the_same(client):
    form = fill_in(begin(client))
    first, second = client.post("/kiosk", data=form), client.post("/kiosk", data=form | {"ticked": ["nausea"]})

    assert first.text == second.text
    assert len(rows()) == 1


@pytest.mark.parametrize("purpose", [{"sec-purpose": "prefetch;prerender"}, {"purpose": "prefetch"}])
def test_a_browser_that_looks_ahead_ends_nobodys_visit(client, purpose):
    form = fill_in(begin(client))

    ahead = client.get("/kiosk", headers=purpose)

    assert (ahead.status_code, ahead.headers["cache-control"]) == (503, "no-store")
    assert "set-cookie" not in ahead.headers
    assert title(client.post("/kiosk", data=form).text) == "Sent. Thank you."


def test_a_browser_that_blocks_cookies_is_told_so(client):
    first = hidden(client.get("/kiosk"))
    client.cookies.clear()

    blocked = client.post("/kiosk", data=first | {"code": "", "open": "yes"})

    assert told(blocked).startswith("Nothing was sent. The browser of this tablet seems to block cookies.")
    assert ticked(blocked.text) == []
    assert rows() == []


@pytest.mark.parametrize(
    ("code", "status", "why"),
    [
        (UNKNOWN, 404, "This code does not work. Ask a member of staff for another one."),
        ("K7QM", 404, "This does not look like a code."),
        ('"><b>', 404, "This does not look like a code."),
    ],
)
def test_a_code_that_opens_nothing_is_said_and_stays_in_its_field(client, code, status, why):
    asked = begin(client, code)

    assert (asked.status_code, told(asked).startswith(why)) == (status, True)
    assert unescape(re.search(r'name="code" value="([^"]*)"', asked.text).group(1)) == code
    assert 'type="checkbox"' not in asked.text


def test_a_code_that_was_typed_is_used_also_by_the_button_for_those_without_one(client):
    first = hidden(client.get("/kiosk"))
    form = client.post("/kiosk", data=first | {"code": invite(hours=5), "open": "yes"})
    client.post("/kiosk", data=fill_in(form))

    assert [row["origin"] for row in rows()] == ["invited"]


@pytest.mark.parametrize("typed", ["K7QM", UNKNOWN])
def test_what_was_typed_and_is_no_code_is_not_dropped_by_the_button_for_those_without_one(client, typed):
    first = hidden(client.get("/kiosk"))
    refused = client.post("/kiosk", data=first | {"code": typed, "open": "yes"})
    emptied = client.post("/kiosk", data=hidden(refused) | {"code": " ", "open": "yes"})

    assert refused.status_code == 404
    assert told(refused).endswith("To check in without a code, empty the field first.")
    assert f'name="code" value="{typed}"' in refused.text
    assert labels(emptied.text) == [*ARTICLE, "None of these"]


def test_a_form_can_be_left_by_a_form_of_its_own_that_sends_nothing(client):
    form = begin(client, invite(hours=5))
    spanish_form = begin(client, address="/kiosk?language=es")

    left = [re.findall('<form id="leave".*?</form>', one.text, re.DOTALL)[0] for one in (form, spanish_form)]
    assert '<button class="link" form="leave">Not you? Start again</button>' in form.text
    assert [re.findall('(?:action|name|value)="(.*?)"', one) for one in left] == [
        ["/kiosk"],
        ["/kiosk", "language", "es"],
    ]


def test_patients_are_told_to_turn_to_staff_before_the_numbers_for_later(client):
    form = begin(client)
    sent = client.post("/kiosk", data=fill_in(form))

    for page in (client.get("/kiosk"), form, sent):
        shown = re.sub("<.*?>", "", page.text)
        said = ("tell a member of staff now.", "Nobody monitors these answers as they arrive.", "later", "mergency")
        places = [shown.lower().index(one.lower()) for one in said]
        assert places == sorted(places)


def test_guesses_are_limited(client, monkeypatch):
    monkeypatch.setattr(throttle, "INVITATION", throttle.Limit("invitation", 2, 5))

    assert [begin(client, UNKNOWN).status_code for _ in range(3)] == [404, 404, 429]


def test_a_code_that_is_answered_for_now_is_told_when_it_opens_again(client):
    code = invite(hours=5)
    client.post("/kiosk", data=fill_in(begin(client, code)))

    answered = begin(client, code)
    more = client.post("/kiosk", data=hidden(answered) | {"more": "yes"})

    for page in (answered, more):
        assert (page.status_code, title(page.text)) == (200, "Already sent")
        assert "Your next check-in opens on" in page.text
        assert page.headers["refresh"] == "60; url=/kiosk"
        assert LABELS["headache"] not in page.text


def test_a_code_revoked_meanwhile_can_be_mended_by_another_one_without_ticking_again(client):
    code, other = invite(hours=5), invite(hours=30)
    form = fill_in(begin(client, code))
    with database.writing() as connection:
        first = schema.infusions.c.id == 1
        connection.execute(schema.infusions.update().where(first).values(revoked=clock.now()))

    refused = client.post("/kiosk", data=form)
    with database.reading() as connection:
        counted = connection.execute(schema.attempts.select()).all()
    sent = client.post("/kiosk", data=fill_in(refused, code=other))

    assert (refused.status_code, len(counted)) == (404, 1)
    assert told(refused).endswith("The code does not work. Ask a member of staff for another one.")
    assert ticked(refused.text) == ["dizziness", "headache"]
    assert '<label for="code">' in refused.text
    assert title(sent.text) == "Sent. Thank you."
    assert [row["window"] for row in rows()] == ["1-7 d"]


def test_without_an_open_link_there_is_no_way_but_a_code(client, configure, database_file):
    form = fill_in(begin(client))
    configure(database_url=database_file, open_link="off")

    assert "Check in without a code" not in client.get("/kiosk").text
    assert told(begin(client)).endswith("Check your card.")
    form |= {"visit": hidden(client.get("/kiosk"))["visit"]}
    refused = client.post("/kiosk", data=form)
    assert refused.status_code == 429
    assert told(refused).endswith("No code? Ask a member of staff.")
    assert ticked(refused.text) == ["dizziness", "headache"]
    assert rows() == []


@pytest.mark.parametrize(
    ("changed", "why", "kept"),
    [
        ({"window": ""}, "Choose how long ago your infusion ended", ["dizziness", "headache"]),
        ({"ticked": []}, "Nothing is ticked yet.", []),
        ({"none": "yes"}, "and more. Untick one or the other.", ["dizziness", "headache", "none"]),
        ({"key": "x"}, "Something went wrong on this page.", ["dizziness", "headache"]),
    ],
)
def test_a_mistake_is_named_and_the_ticks_stay(client, changed, why, kept):
    answer = client.post("/kiosk", data=fill_in(begin(client), **changed))

    assert answer.status_code == 422
    assert why in told(answer)
    assert ticked(answer.text) == kept
    assert rows() == []


def test_a_database_that_is_gone_keeps_the_ticks_and_the_key(client, monkeypatch):
    form = fill_in(begin(client))

    def gone(**_):
        raise database.Unavailable("OperationalError")

    monkeypatch.setattr(check_ins, "record", gone)
    answer = client.post("/kiosk", data=form)

    assert answer.status_code == 503
    assert "Not sent yet. Your ticks are still here." in told(answer)
    assert told(answer).endswith("If it still fails, tell a member of staff.")
    assert (ticked(answer.text), hidden(answer)["key"]) == (["dizziness", "headache"], form["key"])


def test_what_is_stored_stays_sent_where_its_invitation_can_no_longer_be_told(client):
    code = invite(hours=5)
    sent = client.post("/kiosk", data=fill_in(begin(client, code)))
    with database.writing() as connection:
        connection.execute(schema.infusions.update().values(ended=clock.now() - timedelta(days=40)))

    again = client.post("/kiosk", data=hidden(sent) | {"more": "yes"})

    assert (title(again.text), receipt(again)) == ("Sent. Thank you.", receipt(sent))
    assert "Your next check-in" not in again.text


def test_a_language_lasts_for_one_visit_and_is_in_no_address(client):
    start = client.get("/kiosk")
    switched = client.post("/kiosk", data=hidden(start) | {"code": "K7QM", "language": "es"})
    form = client.post("/kiosk", data=hidden(switched) | {"code": "", "open": "yes"})
    sent = client.post("/kiosk", data=fill_in(form))

    assert 'name="code" value="K7QM"' in switched.text
    for page in (switched, form, sent):
        assert '<html lang="es"' in page.text
        assert 'action="/kiosk"' in page.text
        assert page.headers["refresh"].endswith("; url=/kiosk")
    assert title(sent.text) == "Enviado. Gracias."
    assert rows()[0]["language"] == "es"
    assert '<html lang="en"' in client.get("/kiosk").text


def test_a_switch_of_the_language_loses_no_tick_and_stores_nothing(client):
    form = fill_in(begin(client), none="yes", window="1-7 d")
    switched = client.post("/kiosk", data=form | {"language": "es"})

    assert ticked(switched.text) == ["dizziness", "headache", "none"]
    assert 'value="1-7 d" checked' in switched.text
    assert hidden(switched)["key"] == form["key"]
    assert rows() == []


def test_a_tablet_can_be_set_up_in_another_language(client):
    form = begin(client, address="/kiosk?language=es")
    sent = client.post("/kiosk?language=es", data=fill_in(form))

    assert title(sent.text) == "Enviado. Gracias."
    assert sent.headers["refresh"] == "20; url=/kiosk?language=es"
    done = re.search("<form action.*?</form>", sent.text, re.DOTALL)[0]
    assert re.findall('(?:action|name|value)="(.*?)"', done) == ["/kiosk", "language", "es"]


def test_a_browser_that_is_signed_in_is_no_tablet_until_it_has_signed_out(client):
    form = fill_in(begin(client))
    client.post("/sign-in", data={"passphrase": PASSPHRASE})

    refused = [client.get("/kiosk"), client.post("/kiosk", data=form)]
    out = client.post("/sign-out", data=hidden(refused[0]), headers={"origin": "http://clinic.example"})

    for page in refused:
        assert (page.status_code, title(page.text)) == (403, "This browser is signed in")
        assert page.headers["cache-control"] == "no-store"
        assert "Sign out to use it as a tablet for patients." in page.text
    assert rows() == []
    assert (out.status_code, out.headers["location"], out.headers["clear-site-data"]) == (303, "/kiosk", '"cache"')
    assert client.get("/clinic").status_code == 303
    assert client.get("/kiosk").status_code == 200


def test_a_tablet_that_begins_in_spanish_still_does_after_signing_out(client):
    client.post("/sign-in", data={"passphrase": PASSPHRASE})
    refused = client.get("/kiosk?language=es")

    out = client.post("/sign-out", data=hidden(refused), headers={"origin": "http://clinic.example"})

    assert out.headers["location"] == "/kiosk?language=es"


@pytest.mark.parametrize("then", ["/kiosk?language=xx", "/clinic", "//evil.example", "https://evil.example/kiosk", ""])
def test_signing_out_leads_nowhere_else(client, then):
    client.post("/sign-in", data={"passphrase": PASSPHRASE})

    assert client.post("/sign-out", data={"next": then}).headers["location"] == "/sign-in"


def test_what_was_sent_from_the_tablet_by_another_door_is_forgotten(client):
    key = re.search(r'name="key" value="(\w+)"', client.get("/plain").text).group(1)
    client.post("/plain", data={"key": key, "window": "0-4 h", "none": "yes"})
    assert client.get("/sent").status_code == 200

    start = client.get("/kiosk")

    assert start.headers["clear-site-data"] == '"cache"'
    assert client.get("/sent").status_code == 404


def test_what_is_refused_leads_back_to_the_tablets_first_page(client):
    answer = client.post("/kiosk?language=es", data={"visit": "1", "name": "Maria"})

    assert answer.headers["refresh"] == "60; url=/kiosk?language=es"
    assert set(re.findall(r'href="(/[^"]*)"', answer.text)) == {"/kiosk?language=es"}


def test_the_form_of_another_site_is_refused(client):
    form = fill_in(begin(client))

    answer = client.post("/kiosk", data=form, headers={"origin": "https://evil.example"})

    assert answer.status_code == 403
    assert rows() == []


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        (f"/kiosk?i={UNKNOWN}", "/kiosk"),
        (f"/KIOSK?i={UNKNOWN}", "/kiosk"),
        (f"/kiosk/?i={UNKNOWN}&language=es", "/kiosk?language=es"),
        (f"/kiosk/{UNKNOWN}", "/kiosk"),
        (f"/kiosk%3Fi={UNKNOWN}", "/kiosk"),
        (f"/kiosk?language=es&{UNKNOWN}", "/kiosk?language=es"),
        ("/kiosk?name=Maria", "/kiosk"),
        ("/kiosk?language=xx", "/kiosk"),
        ("/Kiosk", "/kiosk"),
    ],
)
def test_an_address_of_the_tablet_with_anything_in_it_leads_to_a_clean_one(client, asked, led):
    answer = client.get(asked)

    assert (answer.status_code, answer.headers["location"]) == (303, led)
    assert client.get(led).status_code == 200
