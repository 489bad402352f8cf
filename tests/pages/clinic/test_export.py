import re
from urllib.parse import quote_plus, urlencode

import pytest

from data.figures import views
from data.figures.selections import Selection
from data.files import downloads
from data.staff import passphrase
from pages.web import rendering
from tests.app import PASSPHRASE
from tests.counted import audited, put, table_of

CLINIC = {"view": "Frequencies", "window": "0-4 h", "use": "clinic"}


@pytest.fixture
def signed_in(client):
    client.cookies.set("clinic_session", passphrase.sign_in(PASSPHRASE, "address"))
    return client


def words(answer):
    return re.search(r"<h1>(.*?)</h1>\s*<p>(.*?)</p>", answer.text, re.DOTALL).groups()


def exports():
    return [did for _, did in audited() if did.startswith("exported")]


def test_a_view_is_given_as_a_file_that_no_cache_keeps(signed_in):
    put(12, "headache")

    answer = signed_in.post("/export", data=CLINIC)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="frequencies-internal.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert table_of(answer.content).loc[4, ["side_effect", "reported", "check_ins"]].tolist() == ["Headache", 12, 12]
    assert len(exports()) == 1


def test_a_file_for_sharing_says_so_in_its_name_and_is_rounded(signed_in):
    put(14, "headache", number_band="1st")

    answer = signed_in.post("/export", data={"view": "By infusion number", "use": "sharing"})

    assert answer.headers["content-disposition"] == 'attachment; filename="by-infusion-number-for-sharing.csv"'
    assert set(table_of(answer.content)["check_ins"]) == {15}
    assert "CSV for sharing" in exports()[0]


def test_the_form_of_the_dashboard_asks_for_what_is_shown(signed_in):
    put(13, "headache", window=">7 d")
    asked = {"view": "Frequencies", "window": ">7 d", "number": "", "language": '"><b>'}
    caveats = {"later": False, "by_device": False}
    shown = rendering.rendered("below_figures.html", of=Selection("0-4 h"), fields=asked, **caveats)

    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(.*?)">', shown))
    uses = re.findall(r'<button name="use" value="(\w+)">', shown)

    assert fields == {"view": "Frequencies", "window": "&gt;7 d", "number": "", "language": "&#34;&gt;&lt;b&gt;"}
    assert uses == ["clinic", "sharing"]
    for use in uses:
        asked = {"view": "Frequencies", "window": ">7 d", "number": "", "language": "", "use": use}
        assert signed_in.post("/export", data=asked).status_code == 200


@pytest.mark.parametrize("cookie", [None, "x"])
def test_without_a_session_the_sign_in_comes_and_nothing_is_written_down(client, cookie):
    put(12)
    if cookie:
        client.cookies.set("clinic_session", cookie)

    answer = client.post("/export", data=CLINIC)

    back = quote_plus(f"/clinic?{urlencode({'dashboard_view': 'Frequencies', 'dashboard_window': '0-4 h'})}")
    assert (answer.status_code, answer.headers["location"], answer.content) == (303, f"/sign-in?next={back}", b"")
    assert answer.headers["cache-control"] == "no-store"
    assert audited() == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_another_sites_form_gets_no_file(signed_in, origin):
    put(12)

    answer = signed_in.post("/export", data=CLINIC, headers={"origin": origin})

    assert answer.status_code == 403
    assert exports() == []


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"role": "owner"}, 400, "This form has a field we do not recognise."),
        ({"window": ["0-4 h", "4-24 h"]}, 400, "This form has the same field twice."),
        ({"window": "all"}, 422, "This form has a filter we do not recognise."),
        ({"view": "Everything"}, 422, "This form has a filter we do not recognise."),
        (
            {"language": "\x00\udcff".encode("utf-8", "surrogatepass")},
            422,
            "This form has a filter we do not recognise.",
        ),
        ({"use": "everybody"}, 422, "Choose a file for the clinic or one for sharing."),
        ({"use": ""}, 422, "Choose a file for the clinic or one for sharing."),
        ({"view": "Compare", "a": "Last 4 weeks", "b": "Last 12 weeks"}, 422, "A and B overlap"),
        ({"window": "1-7 d"}, 422, "There are too few check-ins for any figure"),
    ],
)
def test_what_gives_no_file_is_said_in_words(signed_in, changed, status, said):
    put(12)
    put(9, window="1-7 d")

    answer = signed_in.post("/export", data=CLINIC | changed)

    assert answer.status_code == status
    assert words(answer)[1].startswith(said)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert exports() == []


@pytest.mark.parametrize(("sent", "status"), [({"json": CLINIC}, 415), ({"data": CLINIC | {"a": "x" * 9000}}, 413)])
def test_what_is_not_our_form_gets_no_file(signed_in, sent, status):
    assert signed_in.post("/export", **sent).status_code == status


def test_a_database_that_is_gone_is_said_in_words(signed_in, configure, tmp_path):
    configure(database_url=f"sqlite:///{tmp_path / 'nowhere' / 'x.db'}", secret_key="s" * 32)

    answer = signed_in.post("/export", data=CLINIC)

    assert answer.status_code == 503
    assert "The database is not responding." in answer.text


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_a_file_is_only_posted_for(signed_in, method):
    assert getattr(signed_in, method)("/export").status_code in (303, 405)


@pytest.mark.parametrize("name", views.names())
def test_every_view_has_a_file(signed_in, name):
    put(10, "headache", "sleep", number_band="1st")
    put(10, "headache", "sleep", weeks_ago=4)

    answer = signed_in.post("/export", data={"view": name, "use": "clinic"})

    assert answer.status_code == 200
    assert list(table_of(answer.content)) == list(views.VIEWS[views.names().index(name)].columns)


def test_the_dictionary_is_a_file_for_anybody(client):
    answer = client.get("/data-dictionary.csv")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["content-disposition"] == 'attachment; filename="data-dictionary.csv"'
    assert answer.content == downloads.dictionary()
