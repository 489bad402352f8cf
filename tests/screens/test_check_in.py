import re

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from data import check_ins, database, digests, receipts, schema
from data.catalogue import LABELS
from tests.app import QUICK_HASH, ROOT


@pytest.fixture
def screen(configure, tmp_path):
    configure(database_url=f"sqlite:///{tmp_path / 'checkins.db'}", passphrase_hash=QUICK_HASH)
    return AppTest.from_file(ROOT / "pages" / "navigation.py", default_timeout=20).run()


def html(screen):
    return " ".join(element.proto.body for element in screen.get("html"))


def send(screen):
    return screen.button(key="check_in_send").click().run()


def test_the_form_shows_the_list_the_question_and_the_safety_line(screen):
    assert [box.label for box in screen.checkbox] == [*LABELS.values(), "None of these"]
    assert screen.header[0].value == "Which of these do you have now? Select all that apply."
    assert "Nobody is watching these answers as they arrive." in html(screen)
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
    assert digests.receipt(key) in html(screen)
    assert "When in doubt, call." in html(screen)
    assert "healthcare provider before making any change to your medication" in html(screen)
    assert not screen.checkbox
    assert [button.label for button in screen.button] == ["Español"]


def test_none_of_these_can_be_sent(screen):
    screen.checkbox(key="check_in_none").check()
    screen.segmented_control(key="check_in_window").select("0-4 h")
    send(screen)

    assert "<li>None of these</li>" in html(screen)
    assert check_ins.count() == 1


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
    assert check_ins.count() == 0


def test_a_key_that_was_tampered_with_stores_nothing(screen):
    screen.text_input(key="check_in_key").set_value("' OR 1=1 --")
    screen.checkbox(key="check_in_none").check()
    screen.segmented_control(key="check_in_window").select("0-4 h")
    send(screen)

    assert "Load it anew and tick again." in screen.error[0].value
    assert check_ins.count() == 0


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
    assert check_ins.count() == 1


def test_a_stored_check_in_is_shown_again_without_storing_another(screen):
    screen.checkbox(key="check_in_none").check()
    screen.segmented_control(key="check_in_window").select("0-4 h")
    send(screen)
    screen.run()

    assert screen.title[0].value == "Sent. Thank you."
    assert check_ins.count() == 1


def test_the_sent_page_depends_on_what_was_ticked_in_its_list_and_receipt_only(screen):
    def sent(*codes):
        fresh = AppTest.from_file(ROOT / "pages" / "navigation.py", default_timeout=20).run()
        receipt = digests.receipt(fresh.text_input(key="check_in_key").value)
        for code in codes:
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

    receipts.correct(digests.receipt(key), "address", ticked=["sleep"])
    screen.run()

    assert screen.title[0].value == "Sent. Your correction is saved."
    assert re.findall("<li>(.*?)</li>", html(screen)) == ["Insomnia or changes in sleep patterns"]

    receipts.withdraw(digests.receipt(key), "address")
    screen.run()

    assert screen.title[0].value == "This check-in is withdrawn."
    assert re.findall("<li>(.*?)</li>", html(screen)) == []
    assert digests.receipt(key) not in html(screen)
    assert "When in doubt, call." in html(screen)


def test_links_keep_the_invitation_code_and_the_language(configure, tmp_path):
    configure(database_url=f"sqlite:///{tmp_path / 'checkins.db'}", passphrase_hash=QUICK_HASH)
    screen = AppTest.from_file(ROOT / "pages" / "navigation.py", default_timeout=20)
    screen.query_params["i"], screen.query_params["language"] = "K7QM-4TXD", "es"
    screen.run()

    assert 'href="/receipt?i=K7QM-4TXD&amp;language=es"' in html(screen)

    screen.checkbox(key="check_in_none").check()
    screen.segmented_control(key="check_in_window").select("0-4 h")
    send(screen)

    assert 'action="/receipt?i=K7QM-4TXD&amp;language=es"' in html(screen)
    assert 'href="/reminder.ics?i=K7QM-4TXD&amp;language=es"' in html(screen)
    assert 'href="/?i=K7QM-4TXD&amp;language=es"' in html(screen)
