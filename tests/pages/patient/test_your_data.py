import re

import pytest

from data import languages
from tests.conftest import PRODUCTION

IN = {"en": "Your data", "es": "Sus datos"}


def links(page, text):
    return re.findall(rf'<a class="line" href="([^"]+)"[^>]*>{text}</a>', page)


@pytest.mark.parametrize("path", ["/", "/plain", "/receipt"])
@pytest.mark.parametrize("language", languages.NAMES)
def test_the_pages_of_patients_lead_to_your_data_and_back_in_their_language(client, path, language):
    (there,) = links(client.get(f"{path}?language={language}").text, IN[language])
    page = client.get(there.replace("&amp;", "&"))

    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert f'<html lang="{language}">' in page.text
    assert re.findall("<h1>(.*?)</h1>", page.text) == [IN[language]]
    door = "/plain" if path == "/plain" else "/"
    assert re.findall(r'href="(/[^"]*)"', page.text)[-1] == f"{door}?language={language}"


def test_a_code_stays_in_the_addresses_of_the_links(client):
    (there,) = links(client.get("/?i=K7QM-4TXD-R2AB").text, IN["en"]) or links(
        client.get("/your-data?i=K7QM-4TXD-R2AB").text, "Go to the check-in"
    )

    assert "i=K7QM-4TXD-R2AB" in there


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ({}, "As long as your clinic decides."),
        ({"retention_days": 365}, "Your check-in is deleted 365 days after the end of the week you sent it in."),
    ],
)
def test_it_says_how_long_check_ins_are_kept_as_it_is_set(client, configure, days, told):
    configure(**days)

    page = client.get("/your-data").text
    assert told in page
    assert page.count("365 days") == len(days)
    assert client.get("/receipt").text.count("365 days") == len(days)


@pytest.mark.parametrize(("open_link", "times"), [("on", 1), ("off", 0)])
def test_it_says_what_cannot_be_deleted_where_there_is_an_open_link(client, configure, open_link, times):
    configure(open_link=open_link)

    assert client.get("/your-data").text.count("it cannot be deleted on its own") == times


def test_it_names_whom_to_call_and_sets_no_cookie(client, configure):
    configure(**PRODUCTION)

    page = client.get("/your-data", headers={"host": "checkin.example.org"})
    assert "call Riverside, " in page.text
    assert 'href="tel:+34912345678"' in page.text
    assert "set-cookie" not in page.headers
