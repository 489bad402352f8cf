"""Servers are killed while patients send by every door: what a patient was told is sent is stored, once."""

from tests.faults.load import BELIEVING, COUNTED, UNHARMED, Load, harm
from tests.postgresql import Server

KILLS, BETWEEN = 6, 12


def test_a_server_that_is_killed_under_load_loses_and_doubles_nothing(start):
    app = start()

    with Load(app) as load:
        for _ in range(KILLS):
            load.wait_for(BETWEEN)
            app.kill()
            app.start(**BELIEVING)

    assert harm(app, load.forms) == UNHARMED
    assert app.operate("verify") == COUNTED


def test_a_postgresql_that_is_killed_under_load_loses_and_doubles_nothing(start):
    with Server() as postgresql:
        app = start(database_url=postgresql.url)

        with Load(app) as load:
            for _ in range(KILLS):
                load.wait_for(BETWEEN)
                postgresql.kill_and_start()

        assert harm(app, load.forms) == UNHARMED
        assert app.operate("verify") == COUNTED
