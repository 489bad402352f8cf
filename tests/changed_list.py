"""What holds once the list has a fifteenth item: run by `test_catalogue` in a copy of the product that has one.

The database is the one of the environment. It holds twelve check-ins to the first list, all with nausea, under `KEYS`.
"""

import csv
import json
import re

import pytest
from click.testing import CliRunner
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from data import demonstration
from data.__main__ import cli
from data.catalogue import CODES, LABELS, LISTS
from data.figures import frequencies, views
from data.figures.selections import Selection
from data.files import downloads
from data.reports import answers, check_ins, receipts, responses, tallies
from data.staff import passphrase
from data.storage import database, migrations, preparation
from pages import front_door
from pages.clinic import session
from tests.app import PASSPHRASE, ROOT
from tests.conftest import forget
from tests.exported import export
from tests.pages.clinic.test_dashboard import dashboard, html

KEYS = [f"{number:032x}" for number in range(12)]
HERE = "192.0.2.1"
OPEN = {"view": "Frequencies", "window": "0-4 h", "origin": "Open link", "weeks": "All weeks"}


@pytest.fixture(autouse=True)
def prepared():
    forget()
    preparation.prepare()


@pytest.fixture
def client():
    routes, middleware, handlers = front_door.ROUTES, front_door.MIDDLEWARE, front_door.EXCEPTION_HANDLERS
    served = Starlette(routes=routes, middleware=middleware, exception_handlers=handlers)
    with TestClient(served, base_url="http://localhost", follow_redirects=False) as opened:
        yield opened


def plain_form(client):
    page = client.get("/plain").text
    return re.findall('name="ticked" value="(\\w+)"', page), re.search('name="key" value="(\\w+)"', page)[1]


def streamlit_form():
    return AppTest.from_file(ROOT / "pages" / "navigation.py", default_timeout=30).run()


def send_new(number):
    for _ in range(number):
        check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["itch", "nausea"])


def test_the_database_knows_both_lists_and_counts_what_it_has():
    with database.reading() as connection:
        assert migrations.known_lists(connection) == {1: CODES[:-1], 2: CODES}
    assert CODES[-1] == "itch"
    assert tallies.differences() == responses.differences() == []


def test_an_earlier_list_can_be_chosen_on_the_day_of_the_change_when_nobody_has_answered_the_new_one():
    token = passphrase.sign_in(PASSPHRASE, HERE)

    assert views.known(token).lists == (1,)
    assert views.read(token, views.chosen(OPEN | {"list": "1"})).groups[0].check_ins == 12


def test_an_earlier_check_in_is_shown_and_corrected_by_the_list_it_answered(client):
    stored = check_ins.by_key(KEYS[0])
    assert (stored.list_version, stored.ticked) == (1, ("nausea",))

    page = client.post("/receipt", data={"receipt": stored.receipt, "cookies": "no"}).text
    assert tuple(re.findall('name="ticked" value="(\\w+)"', page)) == LISTS[1].codes
    with pytest.raises(answers.UnknownSideEffect):
        receipts.correct(stored.receipt, HERE, ticked=["itch"])
    form = {"receipt": stored.receipt, "window": "0-4 h", "list": "1"}
    mistaken = client.post("/receipt", data=form).text
    assert tuple(re.findall('name="ticked" value="(\\w+)"', mistaken)) == LISTS[1].codes
    client.post("/receipt", data=form | {"ticked": ["nausea", "sleep"]})
    assert check_ins.by_key(KEYS[0]).ticked == ("nausea", "sleep")


def test_the_html_form_asks_for_the_new_item(client):
    asked, key = plain_form(client)
    assert tuple(asked) == CODES

    client.post("/plain", data={"key": key, "window": "4-24 h", "ticked": ["itch"]})

    stored = check_ins.by_key(key)
    assert (stored.list_version, stored.ticked) == (2, ("itch",))
    assert "<li>Itching</li>" in client.get("/sent").text


def test_an_html_form_that_was_open_meanwhile_is_stored_under_the_list_it_shows(client):
    form = {"key": "a" * 32, "ticked": ["sleep"]}
    mistaken = client.post("/plain", data=form).text
    assert tuple(re.findall('name="ticked" value="(\\w+)"', mistaken)) == LISTS[1].codes

    client.post("/plain", data=form | {"window": "4-24 h"})

    stored = check_ins.by_key("a" * 32)
    assert (stored.list_version, stored.ticked) == (1, ("sleep",))


def test_streamlits_form_asks_for_the_new_item():
    screen = streamlit_form()
    assert [box.label for box in screen.checkbox] == [*LABELS.values(), "None of these"]
    key = screen.text_input(key="check_in_key").value

    screen.checkbox(key="check_in_itch").check()
    screen.segmented_control(key="check_in_window").select("1-7 d")
    screen.button(key="check_in_send").click().run()

    stored = check_ins.by_key(key)
    assert (stored.list_version, stored.ticked) == (2, ("itch",))
    assert screen.title[0].value == "Sent. Thank you."


def test_streamlits_form_that_was_open_meanwhile_stays_as_it_is_and_is_stored_under_its_list():
    screen = streamlit_form()
    screen.text_input(key="check_in_key").set_value("b" * 32).run()
    assert [box.label for box in screen.checkbox] == [*LISTS[1].labels.values(), "None of these"]

    screen.checkbox(key="check_in_sleep").check()
    screen.segmented_control(key="check_in_window").select("1-7 d")
    screen.button(key="check_in_send").click().run()

    stored = check_ins.by_key("b" * 32)
    assert (stored.list_version, stored.ticked) == (1, ("sleep",))


def test_figures_are_of_one_list_and_say_how_many_check_ins_that_leaves_out():
    send_new(10)
    token = passphrase.sign_in(PASSPHRASE, HERE)

    shown = views.read(token, views.chosen(OPEN)).groups[0]
    with database.reading() as connection:
        earlier = frequencies.read(connection, Selection("0-4 h", list_version=1))

    assert (shown.check_ins, shown.left_out) == (10, 12)
    assert dict(zip(shown.table["side_effect"], shown.table["reported"], strict=True))["Itching"] == 10
    assert (earlier.check_ins, earlier.left_out) == (12, 10)
    assert earlier.table["side_effect"].tolist() == [*LISTS[1].labels.values(), "None of these"]


def test_the_dashboard_lets_an_earlier_list_be_chosen(monkeypatch):
    token = passphrase.sign_in(PASSPHRASE, HERE)
    monkeypatch.setattr(session, "token", lambda: token)
    screen = dashboard(**OPEN)
    assert "12 check-ins with an earlier list are not included." in html(screen)
    assert "Itching" in screen.table[0].value["Side effect"].tolist()

    screen.selectbox(key="dashboard_list").set_value("1").run()

    assert dashboard(**OPEN, list="1").table[0].value.equals(screen.table[0].value)  # the address holds it as well
    assert sorted(screen.table[0].value["Side effect"]) == sorted([*LISTS[1].labels.values(), "None of these"])
    assert "10 check-ins with another list are not included." in html(screen)
    assert "Patients ticked a list (version 1)" in html(screen)
    for view in ("Since the infusion", "Over the weeks", "Compare", "Together"):
        assert html(dashboard(**OPEN | {"view": view}, list="1")).count("another list") == 1
    assert "This list did not ask about this side effect." in html(
        dashboard(**OPEN | {"view": "Over the weeks"}, list="1", side_effect="Itching")
    )
    invited = html(dashboard(**OPEN | {"origin": "Invited"}, list="1"))
    assert "No response rate by list version: only those who answered have one." in invited
    file = downloads.as_csv(token, views.chosen(OPEN | {"list": "1"}), sharing=False).decode()
    assert "list version 1: " in file
    assert "10 with another list are not included" in file


def test_the_new_item_is_compared_and_paired_like_any_other():
    token = passphrase.sign_in(PASSPHRASE, HERE)

    pairs = views.read(token, views.chosen(OPEN | {"view": "Together"})).table

    assert len(pairs) == 15 * 14 / 2
    assert pairs.loc[0, ["first", "second", "both"]].tolist() == ["Nausea or vomiting", "Itching", 10]


def test_an_export_has_no_answer_to_what_was_not_asked(tmp_path):
    rows = list(csv.DictReader(export("csv", tmp_path / "csv")["check-ins.csv"].splitlines()))
    fhir = export("fhir", tmp_path / "fhir")
    responses = [json.loads(line) for line in fhir["QuestionnaireResponse.ndjson"].splitlines()]

    assert {(row["list_version"], row["itch"]) for row in rows} == {("1", ""), ("2", "1")}
    for response in responses:
        version = int(response["questionnaire"].rpartition("|")[2])
        assert tuple(item["linkId"] for item in response["item"][:-1]) == LISTS[version].codes
    for name, version in (("Questionnaire-1.json", 1), ("Questionnaire.json", 2)):
        questionnaire = json.loads(fhir[name])
        assert (questionnaire["version"], len(questionnaire["item"])) == (str(version), len(LISTS[version].codes) + 1)


def test_a_recount_equals_the_tallies():
    result = CliRunner().invoke(cli, ["verify"])

    assert result.exit_code == 0, result.output


def test_a_demonstration_makes_the_new_item_up(configure, tmp_path):
    configure(database_url=f"sqlite:///{tmp_path / 'demonstration.db'}")
    preparation.prepare()

    demonstration.fill(200, 1, lambda _: None)

    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT sum(itch) FROM check_ins").scalar() > 0
