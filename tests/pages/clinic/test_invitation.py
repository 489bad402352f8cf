import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote

import pytest

from data import languages, settings
from data.reports import infusions, registration
from data.staff import passphrase
from pages.clinic import invitation
from tests.app import PASSPHRASE
from tests.conftest import PRODUCTION, USUAL
from tests.counted import audited
from tests.pages.patient.test_plain import invite

BASE = "https://checkin.example.org"
INFUSION = infusions.Infusion(281, USUAL, 3, "2nd-6th", USUAL)


@pytest.fixture
def signed_in(client):
    client.cookies.set("clinic_session", passphrase.sign_in(PASSPHRASE, "address"))
    return client


def test_the_panel_has_code_link_and_ways_to_hand_it_over(configure):
    configure(**PRODUCTION)

    shown = invitation.panel(BASE, INFUSION, "K7QM-4TXD-R2W9")

    link = f"{BASE}/?i=K7QM-4TXD-R2W9"
    assert f'<p class="link">{link}</p>' in shown
    assert f'data-copy="{link}"' in shown
    assert '<input type="hidden" name="infusion" value="281">' in shown
    assert "Phones cannot open this address" not in shown


def test_no_tap_opens_the_link_in_the_browser_that_is_signed_in(configure):
    configure(**PRODUCTION)

    shown = invitation.panel(BASE, INFUSION, "K7QM-4TXD-R2W9")

    assert [href.partition(":")[0] for href in re.findall(r'href="([^"]+)"', shown)] == ["sms", "mailto"]


def test_a_message_begins_with_the_clinics_name_and_never_names_the_treatment(configure):
    configure(**PRODUCTION)

    shown = invitation.panel(BASE, INFUSION, "K7QM-4TXD-R2W9")

    sms, mail = (unquote(re.search(f'href="({kind}:[^"]+)"', shown).group(1)) for kind in ("sms", "mailto"))
    what = "Riverside: your check-in after your visit / su cuestionario después de su visita"
    text = f"{what}: {BASE}/?i=K7QM-4TXD-R2W9"
    assert sms == f"sms:?&amp;body={text}"
    assert mail == f"mailto:?subject={what}&amp;body={text}"
    assert not any(word in (sms + mail).lower() for word in ("ketamin", "infusi"))


@pytest.mark.parametrize("base", ["http://localhost:8501", "http://127.0.0.1:8501"])
def test_an_address_that_no_phone_can_open_is_named(configure, base):
    configure()

    assert "Phones cannot open this address" in invitation.panel(base, INFUSION, "K7QM-4TXD-R2W9")


@pytest.mark.parametrize(
    ("infusion", "told"),
    [
        (INFUSION, "this invitation no longer works"),
        (replace(INFUSION, has_seed=False), "The patient’s link and code still work."),
        (replace(INFUSION, revoked=USUAL), "This invitation was revoked on"),
        (replace(INFUSION, ended=USUAL - timedelta(days=30)), "This infusion ended 30 days ago or earlier"),
    ],
)
def test_where_there_is_no_code_to_show_the_panel_says_why(configure, set_clock, infusion, told):
    configure(**PRODUCTION)
    set_clock(USUAL)

    assert told in invitation.panel(BASE, infusion, None)


def test_the_card_is_for_the_signed_in_only(client):
    invite()
    refused = client.post("/card", data={"infusion": "1"})

    assert (refused.status_code, refused.headers["location"]) == (303, "/sign-in?next=%2Finfusions")
    assert client.get("/card").headers["location"] == "/infusions"


def test_the_card_says_in_every_language_what_to_do_and_for_which_infusion(signed_in):
    code = invite()
    card = signed_in.post("/card", data={"infusion": "1"})

    assert card.status_code == 200
    assert card.headers["cache-control"] == "no-store"
    assert f'<p class="code" translate="no">{code}</p>' in card.text
    assert "<p>No. 1</p>" in card.text
    assert "About your infusion on" in card.text
    assert "Sobre su infusión del" in card.text
    assert "clinic.example/code" in card.text
    assert card.text.count("555 0100") == len(languages.NAMES)


def test_who_saw_a_card_is_in_the_audit_without_its_code(signed_in):
    code = invite()

    signed_in.post("/card", data={"infusion": "1"})

    assert audited()[-1] == ("passphrase", "saw the card of infusion No. 1")
    assert not any(code in did for _, did in audited())


@pytest.mark.parametrize("number", ["2", "0", "-1", "", "K7QM-4TXD-R2W9", "9" * 30, "1e3", "²"])
def test_no_card_is_made_of_what_is_no_infusion(signed_in, number):
    invite()

    card = signed_in.post("/card", data={"infusion": number})

    assert card.status_code == 404
    assert "This invitation cannot be shown." in card.text


def test_no_card_is_made_of_a_revoked_invitation(signed_in):
    code = invite()
    registration.revoke(signed_in.cookies["clinic_session"], 1)

    card = signed_in.post("/card", data={"infusion": "1"})

    assert card.status_code == 404
    assert code not in card.text


def test_the_poster_has_three_lines_in_every_language(client, configure, database_file):
    configure(database_url=database_file, **PRODUCTION)
    poster = client.get("/poster").text

    sections = re.findall(r'<section lang="(\w+)">(.*?)</section>', poster, re.DOTALL)
    assert [language for language, _ in sections] == [*languages.NAMES]
    assert [len(re.findall("<(?:h1|p)>", lines)) for _, lines in sections] == [3] * len(languages.NAMES)
    assert "checkin.example.org" in poster
    assert "After your ketamine infusion: how are you now?" in poster


def test_there_is_no_poster_of_a_closed_open_link(client, configure, database_file):
    configure(database_url=database_file, open_link="off")

    closed = client.get("/poster")

    assert closed.status_code == 404
    assert "The open link is switched off" in closed.text
    assert settings.current().open_link == "off"


def test_the_infusions_page_asks_for_the_sign_in_and_leads_back(client):
    asked = client.get("/infusions")
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=%2Finfusions")

    signed = client.post("/sign-in", data={"passphrase": PASSPHRASE, "next": "/infusions"})

    assert (signed.status_code, signed.headers["location"]) == (303, "/infusions")
    assert "Infusions: loading." in client.get("/infusions").text


def test_a_code_stands_in_no_referer(client):
    code = invite()

    for path in (f"/?i={code}", f"/plain?i={code}", f"/sent?i={code}"):
        assert client.get(path).headers["referrer-policy"] == "strict-origin"


def test_an_infusion_registered_twice_has_two_codes(signed_in):
    token = signed_in.cookies["clinic_session"]

    assert registration.register(token)[1] != registration.register(token)[1]
