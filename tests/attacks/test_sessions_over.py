"""What was opened while signed in is asked again when the session is over, or by somebody else (ASVS 5.0, 7.4.1)."""

import sqlite3
from contextlib import closing
from urllib.parse import urlencode

import pytest

from tests.app import PASSPHRASE, App
from tests.attacks.pages import OF_FIGURES, asked, opened
from tests.browser.conftest import demonstration as app

__all__ = ["app"]

OVER = {
    "signed out": "from data.staff import sessions; sessions.sign_out({token!r})",
    "expired": (
        "from datetime import timedelta; from sqlalchemy import update; from data import clock\n"
        "from data.storage import database; from data.storage.schema import staff_sessions as table\n"
        "with database.writing() as connection:\n"
        "    connection.execute(update(table).values(seen=clock.now() - timedelta(minutes=21)))"
    ),
}
EXPORTS = "audit WHERE did LIKE 'exported%'"


@pytest.fixture
def token(app):
    _, headers, _ = asked(app, "/sign-in", fields={"passphrase": PASSPHRASE})
    return next(one for one in headers.get_all("set-cookie") if "session" in one).partition(";")[0].partition("=")[2]


def number(app, what):
    """Count rows in the file of the database, past the code under test."""
    with closing(sqlite3.connect(f"file:{app.folder / 'checkins.db'}?mode=ro", uri=True)) as connection:
        return connection.execute(f"SELECT count(*) FROM {what}").fetchone()[0]


@pytest.mark.parametrize("way", OVER)
def test_a_fragment_that_is_asked_again_shows_no_figure(app, token, way):
    with opened(app, f"clinic_session={token}") as page:
        page.run("clinic", urlencode({"dashboard_view": "Frequencies"}))
        assert page.kinds & OF_FIGURES
        fragments = set(page.fragments)
        assert fragments

        app.run(OVER[way].format(token=token))
        for fragment in fragments:
            page.run("clinic", fragment=fragment)
            assert page.kinds & OF_FIGURES == set()

        page.run("clinic", urlencode({"dashboard_view": "Compare"}))
        assert page.kinds & OF_FIGURES == set()
        assert "You are signed out." in page.text


@pytest.mark.parametrize("way", OVER)
def test_a_button_that_is_pressed_again_does_nothing(app, token, way):
    with opened(app, f"clinic_session={token}") as page:
        page.run("infusions")
        before = number(app, "infusions")

        app.run(OVER[way].format(token=token))
        page.run("infusions", pressed="Make invitation")

        assert "You are signed out." in page.text
        assert number(app, "infusions") == before


@pytest.mark.parametrize("way", OVER)
def test_a_file_that_is_asked_for_again_is_not_given(app, token, way):
    form, cookie = {"view": "Frequencies", "use": "clinic"}, f"clinic_session={token}"
    assert "Side effect" in asked(app, "/export", cookie, form)[2]
    before = number(app, EXPORTS)

    app.run(OVER[way].format(token=token))
    status, headers, told = asked(app, "/export", cookie, form)

    assert (status, headers["location"].partition("?")[0], told) == (303, "/sign-in", "")
    assert number(app, EXPORTS) == before


def test_a_stolen_session_of_streamlits_shows_nothing_without_the_cookie(app, token):
    with opened(app, f"clinic_session={token}") as page:
        page.run("clinic", urlencode({"dashboard_view": "Frequencies"}))
        stolen, fragments = page.session, set(page.fragments)
    assert stolen

    with opened(app, "", "x", stolen) as thief:
        for fragment in fragments:
            thief.run("clinic", fragment=fragment)
            assert thief.kinds & OF_FIGURES == set()
        thief.run("clinic", urlencode({"dashboard_view": "Frequencies"}))

    assert thief.kinds & OF_FIGURES == set()
    assert "You are signed out." in thief.text


@pytest.mark.parametrize("made_up", ["", "x", "0" * 43, "{token}x", "{token}, x"])
def test_a_made_up_session_opens_nothing(app, token, made_up):
    cookie = f"clinic_session={made_up.format(token=token)}"

    for address in ("/clinic", "/infusions"):
        assert asked(app, address, cookie)[0] == 303


def guess(app):
    return asked(app, "/sign-in", fields={"passphrase": "a wrong guess of it"})[0]


def test_guesses_are_counted_across_a_restart(tmp_path):
    app = App(tmp_path)
    app.start()
    told = [guess(app) for _ in range(6)]
    app.kill()
    app.start()
    told += [guess(app) for _ in range(5)]
    app.stop()

    assert told == [401] * 10 + [429]


def test_guesses_are_counted_for_several_servers_together(tmp_path, database_url):
    if database_url.startswith("sqlite"):
        database_url = f"sqlite:///{tmp_path / 'checkins.db'}"
    servers = [App(tmp_path, database_url=database_url, secret_key="k" * 32) for _ in "ab"]
    for server in servers:
        server.start()
    told = [guess(servers[turn % 2]) for turn in range(11)]
    for server in servers:
        server.stop()

    assert told == [401] * 10 + [429]
