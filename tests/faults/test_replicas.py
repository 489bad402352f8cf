"""Two servers share a database, and one of them ends while patients are on its page; the proxy is played."""

import re
from contextlib import closing

import pytest

from data.catalogue import DOORS
from tests.faults.load import BELIEVING, COUNTED, UNHARMED, Load, harm
from tests.form import Form, Line

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def replicas(start, database_url):
    return start(database_url=database_url), start(database_url=database_url)


def opened(door, app):
    """Open the page; return the form it shows, filled in."""
    with closing(Line(app)) as line:
        _, page = line.ask("GET", "/")
    return Form(door, key=re.search('name="key" value="([^"]+)"', page.decode())[1])


def receipt(form, app):
    """Send a form, whatever it was told before; return the receipt."""
    form.receipt = ""
    assert form.send(app) == "Sent. Thank you."
    return form.receipt


def test_a_form_of_a_killed_replica_is_stored_once_by_the_other_and_keeps_its_receipt(replicas):
    first, second = replicas
    forms = [opened(door, first) for door in DOORS]

    first.kill()
    by_second = [receipt(form, second) for form in forms]
    first.start(**BELIEVING)
    by_first = [receipt(form, first) for form in forms]

    assert by_first == by_second
    assert harm(first, forms) == UNHARMED


def test_a_rolling_restart_under_load_loses_nothing_and_refuses_nobody_who_tries_the_other_replica(replicas):
    with Load(*replicas) as load:
        for app in replicas * 3:
            load.wait_for(10)
            app.stop()
            app.start(**BELIEVING)
            load.settle()

    assert load.confirmed == len(load.forms)
    assert max(form.attempts for form in load.forms) == 2
    assert harm(replicas[0], load.forms) == UNHARMED
    assert replicas[0].operate("verify") == COUNTED
