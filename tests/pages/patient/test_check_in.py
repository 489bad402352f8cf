import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from data import clock, languages
from data.catalogue import LABELS
from data.reports import check_ins, codes, invitations, receipts, registration
from data.staff import passphrase
from data.storage import database, preparation, schema
from pages.patient import visit
from pages.web import faults
from tests.app import PASSPHRASE, QUICK_HASH, ROOT
from tests.counted import count_check_ins


@pytest.fixture
def screen(configure, tmp_path):
    configure(database_url=f"sqlite:///{tmp_path / 'checkins.db'}", passphrase_hash=QUICK_HASH)
    return AppTest.from_file(ROOT / "pages" / "navigation.py", default_timeout=20).run()


def invite(hours=0):
    preparation.prepare()
    ended = clock.now() - timedelta(hours=hours)
    return registration.register(passphrase.sign_in(PASSPHRASE, "address"), ended=ended, number=2)[1]


def by_link(code, language=None):
    opened = AppTest.from_file(ROOT / "pages" / "navigation.py", default_timeout=20)
    opened.query_params["i"] = code
    if language:
        opened.query_params["language"] = language
    return opened.run()


def html(screen):
    return " ".join(element.proto.body for element in screen.get("html"))


def send(screen):
    return screen.button(key="check_in_send").click().run()


def test_the_form_shows_the_list_the_question_and_the_safety_line(screen):
    assert [box.label for box in screen.checkbox] == [*LABELS.values(), "None of these"]
    assert screen.header[0].value == "Which of these do you have now? Select all that apply."
    assert "Nobody monitors these answers as they arrive." in html(screen)
    assert 'href="tel:5550100"' in html(screen)
    assert screen.button(key="check_in_send").label == "Send to my clinic"


def test_sending_stores_what_was_ticked_and_shows_it_from_the_database(screen):
    key = screen.text_input(key="check_in_key").value
    screen.checkbox(key="check_in_fatigue").check()
    screen.checkbox(key="check_in_nausea").check()
    screen.segmented_control(key="check_in_window").select("1-7 d")
    send(screen)

    assert check_ins.by_key(key).ticked == ("nausea", "fatigue")
    assert screen.title[0].value == "Sent. Thank you."
    assert re.findall("<li>(.*?)</li>", html(screen)) == ["Nausea or vomiting", "Fatigue or drowsiness"]
    assert codes.receipt(key) in html(screen)
    assert "When in doubt, call." in html(screen)
    assert "healthcare provider before making any change to your medication" in html(screen)
    assert not screen.checkbox
    assert [button.label for button in screen.button] == [*languages.NAMES.values()][1:]


def test_none_of_these_can_be_sent(screen):
    screen.checkbox(key="check_in_none").check()
    screen.segmented_control(key="check_in_window").select("0-4 h")
    send(screen)

    assert "<li>None of these</li>" in html(screen)
    assert count_check_ins() == 1


@pytest.mark.parametrize(
    ("window", "ticked", "says"),
    [
        (None, ["nausea"], "Choose how long ago your infusion ended"),
        ("0-4 h", [], "Nothing is ticked yet."),
        ("0-4 h", ["none", "headache"], "You ticked “None of these” and also “Headache”. Untick one of them."),
        ("0-4 h", ["none", "headache", "sleep"], "“Headache” and more. Untick one or the other."),
    ],
)
def test_a_mistake_is_named_and_the_ticks_stay(screen, window, ticked, says):
    for code in ticked:
        screen.checkbox(key=f"check_in_{code}").check()
    if window:
        screen.segmented_control(key="check_in_window").select(window)
    send(screen)

    assert says in screen.error[0].value
    assert {box.key.removeprefix("check_in_") for box in screen.checkbox if box.value} == set(ticked)
    assert count_check_ins() == 0


def test_a_key_that_was_tampered_with_stores_nothing(screen):
    screen.text_input(key="check_in_key").set_value("' OR 1=1 --")
    screen.checkbox(key="check_in_none").check()
    screen.segmented_control(key="check_in_window").select("0-4 h")
    send(screen)

    assert "Reload it and tick again." in screen.error[0].value
    assert count_check_ins() == 0


def test_when_saving_fails_the_same_key_is_tried_again(screen, monkeypatch):
    key = screen.text_input(key="check_in_key").value
    screen.checkbox(key="check_in_sleep").check()
    screen.segmented_control(key="check_in_window").select("0-4 h")
    true_record = check_ins.record
    monkeypatch.setattr(
        check_ins, "record", lambda **_: (_ for _ in ()).throw(database.Unavailable("OperationalError"))
    )
    send(screen)

    assert screen.error[0].value.startswith("Not sent yet. Your ticks are still here.")
    assert screen.checkbox(key="check_in_sleep").value

    monkeypatch.setattr(check_ins, "record", true_record)
    send(screen)

    assert check_ins.by_key(key).ticked == ("sleep",)
    assert count_check_ins() == 1


def test_a_stored_check_in_is_shown_again_without_storing_another(screen):
    screen.checkbox(key="check_in_none").check()
    screen.segmented_control(key="check_in_window").select("0-4 h")
    send(screen)
    screen.run()

    assert screen.title[0].value == "Sent. Thank you."
    assert count_check_ins() == 1


def test_the_sent_page_depends_on_what_was_ticked_in_its_list_and_receipt_only(screen):
    def sent(*ticked):
        fresh = AppTest.from_file(ROOT / "pages" / "navigation.py", default_timeout=20).run()
        receipt = codes.receipt(fresh.text_input(key="check_in_key").value)
        for code in ticked:
            fresh.checkbox(key=f"check_in_{code}").check()
        fresh.segmented_control(key="check_in_window").select("0-4 h")
        return re.sub(r"<ul>.*</ul>", "", html(send(fresh)), flags=re.DOTALL).replace(receipt, "")

    assert sent("nausea") == sent("hallucinations", "heart_rate", "bladder") == sent("none")


def test_the_language_of_the_address_is_the_pages_and_is_stored(screen):
    key = screen.text_input(key="check_in_key").value
    screen.checkbox(key="check_in_fatigue").check()
    screen.segmented_control(key="check_in_window").select("1-7 d")
    screen.button(key="check_in_language_es").click().run()

    assert screen.query_params["language"] == "es"
    assert screen.checkbox(key="check_in_fatigue").value
    assert screen.checkbox(key="check_in_fatigue").label == "Cansancio o somnolencia"
    assert screen.segmented_control(key="check_in_window").value == "1-7 d"
    assert screen.text_input(key="check_in_key").value == key

    send(screen)

    assert screen.title[0].value == "Enviado. Gracias."
    assert "<li>Cansancio o somnolencia</li>" in html(screen)
    with database.reading() as connection:
        (row,) = connection.execute(select(schema.check_ins)).mappings()
    assert (row["language"], row["door"]) == ("es", "app")


def test_a_mistake_is_named_in_the_pages_language(screen):
    screen.button(key="check_in_language_es").click().run()
    screen.checkbox(key="check_in_none").check()
    screen.checkbox(key="check_in_headache").check()
    screen.segmented_control(key="check_in_window").select("0-4 h")
    send(screen)

    assert screen.error[0].value == "Marcó «Ninguno de estos» y también «Dolor de cabeza». Desmarque uno de los dos."


def test_the_sent_page_follows_a_correction_and_a_withdrawal(screen):
    key = screen.text_input(key="check_in_key").value
    screen.checkbox(key="check_in_headache").check()
    screen.segmented_control(key="check_in_window").select("0-4 h")
    send(screen)

    receipts.correct(codes.receipt(key), "address", ticked=["sleep"])
    screen.run()

    assert screen.title[0].value == "Sent. Your correction is saved."
    assert re.findall("<li>(.*?)</li>", html(screen)) == ["Insomnia or changes in sleep patterns"]

    receipts.withdraw(codes.receipt(key), "address")
    screen.run()

    assert screen.title[0].value == "This check-in has been withdrawn."
    assert re.findall("<li>(.*?)</li>", html(screen)) == []
    assert codes.receipt(key) not in html(screen)
    assert "When in doubt, call." in html(screen)


def test_links_keep_the_invitation_code_and_the_language(configure, tmp_path):
    configure(database_url=f"sqlite:///{tmp_path / 'checkins.db'}", passphrase_hash=QUICK_HASH)
    code = invite()
    screen = by_link(code, language="es")

    assert f'href="/receipt?i={code}&amp;language=es"' in html(screen)

    screen.checkbox(key="check_in_none").check()
    send(screen)

    assert f'action="/receipt?i={code}&amp;language=es"' in html(screen)
    assert f'href="/reminder.ics?i={code}&amp;language=es"' in html(screen)
    assert f'href="/?i={code}&amp;language=es" target="_self">Su próximo cuestionario' in html(screen)


def test_an_invitation_asks_no_window_and_says_which_infusion(configure, tmp_path):
    configure(
        database_url=f"sqlite:///{tmp_path / 'checkins.db'}", passphrase_hash=QUICK_HASH, timezone="America/New_York"
    )
    code = invite(hours=30)
    screen = by_link(code)

    assert not screen.segmented_control
    ended = (clock.now() - timedelta(hours=30)).astimezone(ZoneInfo("America/New_York"))
    assert f"About your infusion on {ended:%A %-d %B}, ended {ended:%H:%M}." in html(screen)

    screen.checkbox(key="check_in_headache").check()
    send(screen)

    assert screen.title[0].value == "Sent. Thank you."
    assert "You reported, 1 to 7 days after your infusion" in html(screen)


def test_an_answered_window_leads_to_the_receipt_and_says_when_the_next_opens(screen):
    code = invite(hours=5)
    check_ins.record(key="a" * 32, ticked=["nausea"], code=code)

    shown = by_link(code)

    opens = clock.shown(clock.now() + timedelta(hours=19))
    assert "<h1>Already sent</h1>" in html(shown)
    assert f"Your next check-in opens on {opens:%A %-d %B} at {opens:%H:%M}. Use the same link or code." in html(shown)
    assert f'href="/receipt?i={code}"' in html(shown)
    assert not shown.checkbox
    assert "Nausea" not in html(shown)


@pytest.mark.parametrize("code", ["K7QM-4TXD-0000", "x", '"><script>alert(1)</script>', "é" * 50, "\x00"])
def test_a_code_that_opens_nothing_gets_one_kind_page(screen, code):
    shown = by_link(code)

    assert "<h1>This code does not work.</h1>" in html(shown)
    assert "It may be mistyped, more than 30 days old, or replaced by a newer one." in html(shown)
    assert 'href="tel:5550100"' in html(shown)
    assert 'href="/?language=en" target="_self">Check in without a code' in html(shown)
    assert "<script>" not in html(shown)
    assert not shown.checkbox


def test_where_the_open_link_is_closed_a_wrong_code_offers_no_way_there(configure, tmp_path):
    configure(database_url=f"sqlite:///{tmp_path / 'checkins.db'}", passphrase_hash=QUICK_HASH, open_link="off")

    assert "Check in without a code" not in html(by_link("wrong"))


def test_answered_meanwhile_on_another_phone_is_said_at_sending_and_the_ticks_stay(screen):
    code = invite()
    shown = by_link(code)
    shown.checkbox(key="check_in_headache").check()
    check_ins.record(key="a" * 32, ticked=["nausea"], code=code)

    send(shown)

    assert shown.error[0].value.startswith("Not sent: a check-in for this time has already been sent")
    assert shown.checkbox(key="check_in_headache").value
    assert count_check_ins() == 1


def test_over_the_limit_a_code_can_be_typed_and_the_ticks_stay(configure, tmp_path, monkeypatch):
    monkeypatch.setattr(visit, "current", lambda: check_ins.Visit(address="192.0.2.1"))
    configure(database_url=f"sqlite:///{tmp_path / 'checkins.db'}", passphrase_hash=QUICK_HASH, open_limit=1)
    code = invite(hours=30)
    first = AppTest.from_file(ROOT / "pages" / "navigation.py", default_timeout=20).run()
    first.checkbox(key="check_in_none").check()
    first.segmented_control(key="check_in_window").select("0-4 h")
    send(first)
    screen = AppTest.from_file(ROOT / "pages" / "navigation.py", default_timeout=20).run()
    screen.checkbox(key="check_in_headache").check()
    screen.segmented_control(key="check_in_window").select("0-4 h")

    send(screen)
    assert "You now need a code from your clinic" in screen.error[0].value
    for typed, told in (
        ("0000-0000-0000", "The code does not work."),
        ("wrong", "This does not look like a code"),
    ):
        screen.text_input(key="check_in_code").set_value(typed)
        send(screen)
        assert told in screen.error[0].value
        assert screen.text_input(key="check_in_code").value == typed
    screen.text_input(key="check_in_code").set_value(code.lower())
    send(screen)

    assert "You reported, 1 to 7 days after your infusion" in html(screen)
    assert re.findall("<li>(.*?)</li>", html(screen)) == ["Headache"]
    assert count_check_ins() == 2


def test_without_the_database_an_invitation_still_shows_the_form_and_keeps_the_ticks(screen, monkeypatch):
    code = invite()

    def gone(*_, **__):
        raise database.Unavailable("OperationalError")

    monkeypatch.setattr(invitations, "find", gone)
    monkeypatch.setattr(check_ins, "record", gone)
    shown = by_link(code)
    shown.checkbox(key="check_in_headache").check()
    send(shown)

    assert shown.error[0].value.startswith("Not sent yet. Your ticks are still here.")
    assert shown.checkbox(key="check_in_headache").value
    assert not shown.segmented_control


def test_what_is_ticked_stays_over_every_run_after_the_invitation_was_answered_elsewhere(screen):
    code = invite()
    shown = by_link(code)
    shown.checkbox(key="check_in_headache").check()
    check_ins.record(key="a" * 32, ticked=["nausea"], code=code)

    shown.button(key="check_in_language_es").click().run()
    send(shown)
    shown.button(key="check_in_language_en").click().run()

    assert shown.checkbox(key="check_in_headache").value


def test_a_revoked_code_can_be_mended_by_another_one_without_ticking_anew(screen):
    code, other = invite(), invite(hours=30)
    shown = by_link(code)
    shown.checkbox(key="check_in_headache").check()
    token = passphrase.sign_in(PASSPHRASE, "address")
    registration.revoke(token, 1)

    send(shown)
    assert shown.error[0].value.startswith("Not sent. Your ticks are still here. The code does not work.")
    shown.text_input(key="check_in_code").set_value(other)
    send(shown)

    assert "You reported, 1 to 7 days after your infusion" in html(shown)


def test_a_language_that_fails_is_one_sentence_and_one_line_of_log(screen, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("a value that only the patient may see")

    monkeypatch.setattr(languages, "choose", broken)

    screen.run()

    assert [error.value for error in screen.error] == [faults.WORDS]
    assert len(screen.exception) == 0
    assert [record.message.split(" at ")[0] for record in caplog.records] == ["page fault: RuntimeError"]
