import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.requests import Request

from data import clock
from data.catalogue import CODES, LABELS, QUESTION, WINDOW_QUESTION
from data.reports import check_ins, receipts, registration, tallies
from data.staff import passphrase, throttle
from data.storage import database, schema
from pages.patient import plain
from pages.streamlit_inside import guard
from pages.web import faults, scripts
from tests.app import PASSPHRASE
from tests.conftest import PRODUCTION
from tests.data.test_catalogue import ARTICLE

FORM = {"content-type": "application/x-www-form-urlencoded"}


def fill_in(client, path="/plain", **changed):
    """Return what the open form sends, with `ticked` and `window` as they are given."""
    key = re.search(r'name="key" value="(\w+)"', client.get(path).text).group(1)
    return {"key": key, "window": "4-24 h", "ticked": ["headache", "sleep"]} | changed


def invite(hours=0.0):
    token, ended = passphrase.sign_in(PASSPHRASE, "address"), clock.now() - timedelta(hours=hours)
    return registration.register(token, ended=ended, number=2)[1]


def rows():
    with database.reading() as connection:
        return connection.execute(select(schema.check_ins).order_by(schema.check_ins.c.id)).mappings().all()


def ticked(page):
    found = re.findall(r'name="(none|ticked)" value="(\w+)"[^>]* checked', page)
    return [value if name == "ticked" else name for name, value in found]


def labels(page):
    return re.findall(r'type="checkbox"[^>]*><span[^>]*>(.*?)</span>', page)


@pytest.fixture(params=["/", "/plain"])
def path(request):
    return request.param


def test_the_form_asks_what_the_app_asks_in_the_same_words(client, path):
    page = client.get(path).text

    assert labels(page) == [*ARTICLE, "None of these"]
    assert re.findall("<legend>(.*?)</legend>", page) == [WINDOW_QUESTION, QUESTION]
    assert re.findall(r'type="radio" name="window" value="(.*?)"', page) == ["0-4 h", "4-24 h", "1-7 d", "&gt;7 d"]
    assert "Nobody monitors these answers as they arrive." in page
    assert page.count("<form") == 1


def test_the_form_is_one_small_answer_that_asks_for_one_small_script(client, path):
    page = client.get(path, headers={"accept-encoding": "identity"})
    door = "&amp;door=%2Fplain" if path == "/plain" else ""

    assert len(page.content) < 13_000
    assert re.findall(r'(?:src|href)="(?!data:|tel:)([^"]+)"', page.text) == [
        f"/code?language=en{door}",
        f"/receipt?language=en{door}",
        f"/your-data?language=en{door}",
        scripts.ADDRESSES["first"],
    ]
    assert len(scripts.SERVED[scripts.ADDRESSES["first"]]) < 8_000
    assert "<noscript" not in page.text
    assert "url(" not in re.sub(r'url\("data:[^"]+"\)', "", page.text)
    assert page.headers["cache-control"] == "private, no-cache"
    assert "set-cookie" not in page.headers


def test_sending_stores_and_leads_to_a_page_that_reads_the_database(client, path):
    sent = client.post(path, data=fill_in(client, path))
    shown = client.get(sent.headers["location"])

    assert (sent.status_code, sent.headers["location"]) == (303, "/sent" if path == "/" else "/sent?door=%2Fplain")
    (row,) = rows()
    assert [code for code in CODES if row[code]] == ["headache", "sleep"]
    assert (row["window"], row["door"], row["language"], row["origin"]) == ("4-24 h", "plain", "en", "open")
    assert re.search("<h1[^>]*>(.*?)</h1>", shown.text).group(1) == "Sent. Thank you."
    assert re.findall("<li>(.*?)</li>", shown.text) == [LABELS["headache"], LABELS["sleep"]]
    assert "You reported, 4 to 24 hours after your infusion" in shown.text
    receipt = re.search('<p class="receipt" translate="no">(.*?)</p>', shown.text).group(1)
    assert receipts.find(receipt, "address").ticked == ("headache", "sleep")
    assert tallies.differences() == []


BY_SCRIPT = {"x-check-in": "fetch"}


def test_a_script_that_sends_is_told_where_the_confirmation_is(client):
    sent = client.post("/?language=es", data=fill_in(client, "/"), headers=BY_SCRIPT)

    assert (sent.status_code, sent.json()) == (200, {"location": "/sent?language=es"})
    assert "Su recibo" in client.get(sent.json()["location"]).text
    assert len(rows()) == 1


@pytest.mark.parametrize(
    ("changed", "status", "place", "told"),
    [
        ({"window": ""}, 422, "window", "Choose how long ago your infusion ended"),
        ({"ticked": []}, 422, "list", "Nothing is ticked yet."),
        ({"none": "yes"}, 422, "list", "You ticked “None of these” and also “Headache” and more."),
        ({"code": "K7QM-4TXD-R2AB"}, 404, "code", "The code does not work."),
        ({"code": "mine"}, 404, "code", "This does not look like a code"),
    ],
)
def test_a_script_that_sends_is_told_the_mistake_and_its_place(client, changed, status, place, told):
    answer = client.post("/", data=fill_in(client, "/", **changed), headers=BY_SCRIPT)

    assert (answer.status_code, answer.json()["place"]) == (status, place)
    assert told in answer.json()["sentence"]
    assert rows() == []


def test_whatever_else_goes_wrong_a_script_is_told_in_a_sentence(client, monkeypatch):
    foreign = client.post("/", data=fill_in(client, "/"), headers=BY_SCRIPT | {"origin": "https://evil.example"})
    unknown = client.post("/", data=fill_in(client, "/", more="1"), headers=BY_SCRIPT)
    monkeypatch.setattr(check_ins, "record", lambda **_: 1 / 0)
    fault = client.post("/", data=fill_in(client, "/"), headers=BY_SCRIPT)

    assert [answer.status_code for answer in (foreign, unknown, fault)] == [403, 400, 500]
    assert all(answer.json()["sentence"] for answer in (foreign, unknown, fault))


def test_streamlit_may_come_only_where_nobody_has_begun(client, monkeypatch):
    code, unknown = invite(hours=5), "/?i=K7QM-4TXD-R2AB"
    switched = client.post("/", data=fill_in(client, "/", language="es")).text
    mistaken = client.post("/", data=fill_in(client, "/", ticked=[])).text
    comes = [f'data-more="{scripts.ADDRESSES["more"]}"' in client.get(at).text for at in ("/", f"/?i={code}")]
    never = [client.get("/plain").text, client.get(unknown).text, switched, mistaken]
    monkeypatch.setattr(guard.crowd, "has_room", lambda *_: False)

    assert comes == [True, True]
    assert [page for page in [*never, client.get("/").text] if "data-more" in page] == []


def test_looking_at_an_invitation_waits_for_nobody_who_writes(client, monkeypatch):
    code = invite(hours=5)
    monkeypatch.setattr(database, "writing", None)

    assert client.get(f"/?i={code}").status_code == 200


def test_a_wrong_code_counts_once_a_visit(client):
    client.get("/?i=K7QM-4TXD-R2AB")

    with database.reading() as connection:
        assert len(connection.execute(select(schema.attempts)).all()) == 1


def test_the_form_comes_compressed(client, path):
    pages = {way: client.get(path, headers={"accept-encoding": way}) for way in ("br", "gzip", "identity")}

    assert [page.headers.get("content-encoding") for page in pages.values()] == ["br", "gzip", None]
    assert all(labels(page.text) == [*ARTICLE, "None of these"] for page in pages.values())
    assert {page.headers["vary"] for page in pages.values()} == {"Accept-Language, Accept-Encoding"}
    assert int(pages["br"].headers["content-length"]) < 4_000


def test_none_of_these_can_be_sent(client):
    sent = client.post("/plain", data=fill_in(client, ticked=[], none="yes"))

    assert re.findall("<li>(.*?)</li>", client.get(sent.headers["location"]).text) == ["None of these"]
    assert rows()[0]["none"] == 1


def test_neither_an_answer_nor_a_receipt_stands_in_an_address(client):
    code = invite()
    sent = client.post(f"/plain?i={code}&language=es", data=fill_in(client))

    assert sent.headers["location"] == f"/sent?i={code}&language=es&door=%2Fplain"
    assert re.fullmatch(
        r"sent=[0-9A-Z-]{12}\.[0-9a-f]{64}; HttpOnly; Max-Age=3600; Path=/; SameSite=lax",
        sent.headers["set-cookie"],
    )


def test_over_https_the_cookie_is_secure(client, configure):
    configure(**PRODUCTION | {"public_url": "https://clinic.example"})

    assert "; Secure" in client.post("/plain", data=fill_in(client)).headers["set-cookie"]


def test_sending_the_same_form_again_stores_nothing_and_shows_what_is_stored(client):
    form = fill_in(client)
    client.post("/plain", data=form)

    again = client.post("/plain", data=form | {"ticked": ["nausea"]})

    assert again.status_code == 303
    assert len(rows()) == 1
    assert re.findall("<li>(.*?)</li>", client.get("/sent").text) == [LABELS["headache"], LABELS["sleep"]]


def test_loading_the_confirmation_again_confirms_from_the_database(client):
    form = fill_in(client)
    client.post("/plain", data=form)
    receipts.withdraw(check_ins.by_key(form["key"]).receipt, "address")

    shown = client.get("/sent")

    assert "This check-in has been withdrawn." in shown.text
    assert "Sent." not in shown.text
    assert 'class="receipt"' not in shown.text


def test_who_keeps_no_cookies_is_told_that_the_check_in_is_stored(client):
    client.post("/plain", data=fill_in(client))
    client.cookies.clear()

    shown = client.get("/sent")

    assert shown.status_code == 404
    assert "If you sent it just now, it is stored." in shown.text


@pytest.mark.parametrize("cookie", ["", "sent=", "sent=K7QM-4TXD-R2", "sent=K7QM-4TXD-R2." + "0" * 64, "sent=\xff"])
def test_a_visit_that_sent_nothing_is_told_of_no_check_in(client, cookie):
    shown = client.get("/sent", headers={"cookie": cookie.encode("latin-1")})

    assert shown.status_code == 404
    assert "No check-in to show here" in shown.text
    assert "Sent." not in shown.text


def test_the_next_visitor_of_a_device_sees_nothing_of_the_one_before(client):
    client.post("/plain", data=fill_in(client))
    assert client.get("/sent").status_code == 200

    form, again = client.get("/plain"), client.get("/plain")

    assert client.get("/sent").status_code == 404
    assert form.headers["clear-site-data"] == '"cache"'
    assert "clear-site-data" not in again.headers  # once is enough: it also drops what makes the next visit quick
    for shown in (form, again):
        assert shown.headers["cache-control"] == "no-store"
        assert '<form method="post" action="/plain?language=en" autocomplete="off"' in shown.text


@pytest.mark.parametrize("path", ["/", "/receipt"])
def test_every_way_into_the_check_in_forgets_the_one_before(client, path):
    client.post("/plain", data=fill_in(client))

    client.get(path)

    assert client.get("/sent").status_code == 404


@pytest.mark.parametrize(
    ("changed", "told", "kept"),
    [
        ({"window": ""}, "Choose how long ago your infusion ended", ["headache", "sleep"]),
        ({"window": "0-5 h"}, "Choose how long ago your infusion ended", ["headache", "sleep"]),
        ({"window": "\x00\ufffd"}, "Choose how long ago your infusion ended", ["headache", "sleep"]),
        ({"ticked": []}, "Nothing is ticked yet.", []),
        ({"window": "", "ticked": []}, "Choose how long ago your infusion ended", []),
        (
            {"ticked": ["headache"], "none": "yes"},
            "You ticked “None of these” and also “Headache”. Untick one of them.",
            ["headache", "none"],
        ),
        ({"none": "yes"}, "“Headache” and more. Untick one or the other.", ["headache", "sleep", "none"]),
        ({"ticked": ["headache", "fever"]}, "Something went wrong on this page.", ["headache"]),
        ({"ticked": ["headache", "headache"]}, "Something went wrong on this page.", ["headache"]),
        ({"ticked": ["head\x00ache", "sleep"]}, "Something went wrong on this page.", ["sleep"]),
        ({"key": "x"}, "Something went wrong on this page.", ["headache", "sleep"]),
        ({"key": ""}, "Something went wrong on this page.", ["headache", "sleep"]),
    ],
)
def test_a_mistake_is_named_and_the_ticks_stay(client, changed, told, kept):
    answer = client.post("/plain", data=fill_in(client, **changed))

    assert answer.status_code == 422
    assert told in re.search('role="alert"[^>]*>(.*?)</p>', answer.text).group(1)
    assert "<title>Error: Check-in" in answer.text
    assert ticked(answer.text) == kept
    assert rows() == []


def test_a_mended_mistake_is_sent_with_the_same_key(client):
    form = fill_in(client, ticked=[])
    shown = client.post("/plain", data=form).text

    assert f'name="key" value="{form["key"]}"' in shown
    assert client.post("/plain", data=form | {"ticked": ["vision"]}).status_code == 303
    assert check_ins.by_key(form["key"]).ticked == ("vision",)


def test_after_a_forged_key_the_ticks_can_be_sent_with_a_new_one(client):
    shown = client.post("/plain", data=fill_in(client, key="' OR 1=1 --")).text
    key = re.search(r'name="key" value="(\w+)"', shown).group(1)

    assert client.post("/plain", data=fill_in(client, key=key)).status_code == 303
    assert len(rows()) == 1


def test_a_switch_of_the_language_loses_no_tick_and_stores_nothing(client):
    form = fill_in(client, none="yes", window="1-7 d")

    switched = client.post("/plain", data=form | {"language": "es"})

    assert switched.status_code == 200
    assert '<html lang="es" data-form="html">' in switched.text
    assert labels(switched.text)[4] == "Dolor de cabeza"
    assert ticked(switched.text) == ["headache", "sleep", "none"]
    assert 'value="1-7 d" checked' in switched.text
    assert f'name="key" value="{form["key"]}"' in switched.text
    assert 'action="/plain?language=es"' in switched.text
    assert rows() == []


@pytest.mark.parametrize("code", ["K7QM-4TXD-0000", None])
def test_a_switch_keeps_ticks_and_code_whether_the_code_opens_anything_or_not(client, code):
    address = f"/plain?i={code or invite()}"

    switched = client.post(address, data=fill_in(client) | {"language": "es"})

    assert ticked(switched.text) == ["headache", "sleep"]
    assert f'action="{address}&amp;language=es"' in switched.text


def test_spanish_is_chosen_by_the_browser_and_stored(client):
    client.headers["accept-language"] = "es-AR, es;q=0.9"
    sent = client.post("/plain", data=fill_in(client))
    shown = client.get(sent.headers["location"]).text

    assert rows()[0]["language"] == "es"
    assert "Enviado. Gracias." in shown
    assert "Usted indicó, de 4 a 24 horas después de su infusión" in shown
    assert re.findall("<li>(.*?)</li>", shown) == ["Dolor de cabeza", "Insomnio o cambios en el sueño"]


def test_a_database_that_is_gone_keeps_the_ticks(client, monkeypatch):
    form = fill_in(client)

    def gone(**_):
        raise database.Unavailable("OperationalError")

    monkeypatch.setattr(check_ins, "record", gone)
    answer = client.post("/plain", data=form)

    assert answer.status_code == 503
    assert "Not sent yet. Your ticks are still here." in answer.text
    assert ticked(answer.text) == ["headache", "sleep"]
    assert f'name="key" value="{form["key"]}"' in answer.text


def test_an_unforeseen_fault_is_answered_in_words_and_leaves_no_answer_in_the_log(client, monkeypatch, caplog):
    form = fill_in(client)

    def broken(**_):
        raise RuntimeError("headache")

    monkeypatch.setattr(check_ins, "record", broken)
    answer = client.post("/plain?language=es", data=form)

    assert answer.status_code == 500
    assert "Algo ha fallado en esta página." in answer.text
    assert "page fault: RuntimeError at plain.py" in caplog.text
    assert "headache" not in caplog.text


def test_a_line_lost_while_sending_is_no_fault(database_file, caplog):
    received = iter([{"type": "http.request", "body": b"window=", "more_body": True}, {"type": "http.disconnect"}])
    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    request = {"type": "http", "method": "POST", "path": "/plain", "headers": headers, "query_string": b""}

    async def receive():
        return next(received)

    async def send(message):
        pytest.fail(f"answered {message}")

    async def route(scope, receive, send):
        await plain.send(Request(scope, receive, send))

    asyncio.run(faults.FaultPages(route)(request, receive, send))

    assert caplog.text == ""


@pytest.mark.parametrize("path", ["/plain", "/receipt", "/kiosk"])
@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        ({"json": {"window": "0-4 h"}}, 415, "This form is not from this site."),
        ({"content": b"window=0-4+h", "headers": {"content-type": "text/plain"}}, 415, "form is not from this site."),
        ({"files": {"window": b"0-4 h"}}, 415, "form is not from this site."),
        ({"data": {"window": "x" * 9000}}, 413, "This form is too large."),
        ({"content": b"window=0-4+h&window=1-7+d", "headers": FORM}, 400, "This form has the same field twice."),
        ({"data": {"window": "0-4 h", "name": "Maria"}}, 400, "This form has a field we do not recognise."),
        ({"content": b"\x00=%00&\xff=%ED%A0%80", "headers": FORM}, 400, "has a field we do not recognise"),
        ({"data": {"window": "0-4 h"}, "headers": {"origin": "https://evil.example"}}, 403, "from another site"),
        ({"data": {"window": "0-4 h"}, "headers": {"origin": "null"}}, 403, "from another site"),
        ({"data": {"window": "0-4 h"}, "headers": {"origin": "http://[bad"}}, 403, "from another site"),
    ],
)
def test_what_is_not_our_form_is_refused_in_words_and_stores_nothing(client, path, sent, status, told):
    answer = client.post(path, **sent)

    assert answer.status_code == status
    assert told in answer.text
    assert rows() == []


def test_a_refusal_speaks_the_visitors_language(client):
    answer = client.post("/plain?language=es", json={})

    assert "Este formulario no es de este sitio." in answer.text
    assert '<html lang="es">' in answer.text


@pytest.mark.parametrize("path", ["/plain", "/receipt", "/sent", "/reminder.ics", "/kiosk"])
@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused_in_words(client, path, method):
    answer = getattr(client, method)(path)

    assert answer.status_code == 405
    assert "This page cannot accept what was sent." in answer.text
    assert answer.headers["allow"]


def test_what_a_browser_brings_along_is_never_shown_as_markup(client):
    answer = client.post(
        '/plain?x="><script>&language=<b>', data=fill_in(client, key='"><script>', window='"><script>', ticked=[])
    )

    assert "<script>" not in answer.text
    assert answer.text.count("<script") == 1
    assert 'action="/plain?language=en"' in answer.text


def title(page):
    return re.search("<h1[^>]*>(.*?)</h1>", page).group(1)


def test_an_invitation_asks_no_window_and_says_which_infusion(client):
    code = invite(hours=5)
    page = client.get(f"/?i={code}&language=es").text

    legends = re.findall("<legend>(.*?)</legend>", page)
    assert legends == ["¿Cuáles de estos tiene ahora? Marque todos los que correspondan."]
    assert re.search(
        r'<p class="about">Sobre su infusión del \w+ \d+ de \w+ \(hora de finalización: \d\d:\d\d\).</p>', page
    )

    sent = client.post(f"/?i={code}", data=fill_in(client, f"/?i={code}", window=""))

    (row,) = rows()
    assert (row["window"], row["origin"], row["number_band"], row["door"]) == ("4-24 h", "invited", "2nd-6th", "plain")
    assert sent.headers["location"] == f"/sent?i={code}"
    assert "Your next check-in" in client.get(sent.headers["location"]).text


def test_an_answered_window_is_said_and_the_next_one_is_open(client):
    code = invite(hours=5)
    client.post(f"/plain?i={code}", data=fill_in(client, f"/plain?i={code}"))

    answered = client.get(f"/plain?i={code}")

    assert (answered.status_code, title(answered.text)) == (200, "Already sent")
    assert "Your next check-in opens on" in answered.text
    assert f'href="/receipt?i={code}&amp;language=en&amp;door=%2Fplain"' in answered.text
    assert LABELS["headache"] not in answered.text

    with database.writing() as connection:
        connection.execute(schema.infusions.update().values(ended=clock.now() - timedelta(days=2)))
    assert len(labels(client.get(f"/plain?i={code}").text)) == 15


def test_answered_meanwhile_is_said_at_sending_and_the_ticks_stay(client):
    code = invite()
    form = fill_in(client, f"/plain?i={code}")
    check_ins.record(key="a" * 32, ticked=["nausea"], code=code)

    refused = client.post(f"/plain?i={code}", data=form)

    assert refused.status_code == 422
    assert "a check-in for this time has already been sent" in refused.text
    assert ticked(refused.text) == ["headache", "sleep"]
    assert len(rows()) == 1


def test_a_code_that_opens_nothing_gets_one_kind_page(client):
    refused = client.get("/plain?i=K7QM-4TXD-0000&x=%22%3E%3Cscript%3E")

    assert (refused.status_code, title(refused.text)) == (404, "This code does not work.")
    assert 'href="tel:5550100"' in refused.text
    assert 'href="/plain?language=en"' in refused.text
    assert "<script" not in refused.text


def test_a_code_that_is_revoked_while_the_form_is_filled_in_keeps_the_ticks(client):
    code = invite()
    form = fill_in(client, f"/plain?i={code}")
    with database.writing() as connection:
        connection.execute(schema.infusions.update().values(revoked=clock.now()))

    refused = client.post(f"/plain?i={code}", data=form)

    assert refused.status_code == 404
    assert "The code does not work. Call your clinic for another one" in refused.text
    assert ticked(refused.text) == ["headache", "sleep"]


def test_too_many_wrong_codes_are_said(client, monkeypatch):
    monkeypatch.setattr(throttle, "INVITATION", throttle.Limit("invitation", 2, 5))
    for _ in range(2):
        client.get("/plain?i=0000-0000-0000")

    refused = client.get("/plain?i=0000-0000-0000")

    assert (refused.status_code, title(refused.text)) == (429, "Not available now")
    assert "Wait 15 minutes" in refused.text


def test_over_the_limit_the_form_asks_for_a_code_and_keeps_the_ticks(client, configure, database_file):
    code = invite(hours=30)
    configure(database_url=database_file, open_limit=1)
    client.post("/plain", data=fill_in(client))
    form = fill_in(client)

    asked = client.post("/plain", data=form)
    assert asked.status_code == 429
    assert "You now need a code from your clinic" in asked.text
    assert '<label for="code">Code from your clinic</label>' in asked.text
    assert ticked(asked.text) == ["headache", "sleep"]

    for typed, told in (
        ("0000-0000-0000", "The code does not work."),
        ("wrong", "This does not look like a code"),
    ):
        wrong = client.post("/plain", data=form | {"code": typed})
        assert wrong.status_code == 404
        assert told in wrong.text
        assert f'name="code" value="{typed}"' in wrong.text
        assert ticked(wrong.text) == ["headache", "sleep"]

    assert client.post("/plain", data=form | {"code": code}).status_code == 303
    assert [row["origin"] for row in rows()] == ["open", "invited"]


def test_a_closed_open_link_leads_to_the_field_for_a_code(client, configure, database_file):
    form = fill_in(client)
    configure(database_url=database_file, open_link="off")

    assert client.get("/plain?language=es").headers["location"] == "/code?language=es&door=%2Fplain"
    assert client.get("/?language=es").headers["location"] == "/code?language=es"
    assert client.post("/plain", data=form).status_code == 429
    assert rows() == []


@pytest.mark.parametrize("tail", [".", "%0A", "%20"])
def test_a_code_with_something_behind_it_stays_an_invitation(client, tail):
    code = invite(hours=30)
    page = client.get(f"/plain?i={code.lower()}{tail}", follow_redirects=True).text

    assert f'action="/plain?i={code}&amp;language=en"' in page


def test_a_revoked_code_can_be_mended_by_another_one_without_ticking_anew(client):
    code, other = invite(), invite(hours=30)
    form = fill_in(client, f"/plain?i={code}")
    with database.writing() as connection:
        of_first = schema.infusions.c.id == 1
        connection.execute(schema.infusions.update().where(of_first).values(revoked=clock.now()))

    assert '<label for="code">' in client.post(f"/plain?i={code}", data=form).text
    assert client.post(f"/plain?i={code}", data=form | {"code": other}).status_code == 303
    assert rows()[0]["window"] == "1-7 d"
