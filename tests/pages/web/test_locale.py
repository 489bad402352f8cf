import os
import subprocess
import sys

import httpx2
import pytest

from tests.app import QUICK_HASH, ROOT, App

WITHOUT_UTF8 = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture
def app_in_the_c_locale(tmp_path):
    app = App(tmp_path)
    app.start(**WITHOUT_UTF8)
    yield app
    app.stop()


def test_every_page_is_there_whatever_the_locale_says(app_in_the_c_locale):
    paths = ["/", "/?language=es", "/plain", "/plain?language=es", "/code", "/sent", "/receipt", "/poster", "/clinic"]
    paths += ["/sign-in", "/set-up", "/reminder.ics?language=es", "/data-dictionary.csv", "/page.js", "/ready"]

    statuses = {path: httpx2.get(app_in_the_c_locale.url + path).status_code for path in paths}

    assert statuses == dict.fromkeys(paths, 200) | {"/sent": 404, "/clinic": 303}


@pytest.mark.parametrize("environment", [WITHOUT_UTF8, {"PYTHONIOENCODING": "cp936", "PYTHONUTF8": "0"}])
def test_the_console_prints_whatever_the_locale_says(tmp_path, environment):
    settings = {"CHECKIN_DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}", "CHECKIN_PASSPHRASE_HASH": QUICK_HASH}

    def run(*words):
        command = [sys.executable, "-m", "data", *words]
        environ = os.environ | settings | environment
        out = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, check=False)
        assert out.stderr == b""
        return out.stdout

    run("demo", "--check-ins", "30")
    assert b"30 check-ins are in " in run("export", "--out", tmp_path / "Žluťoučký 🐴")
    assert run("verify") == b"The counters match the check-ins and infusions.\n"
