import os
import subprocess
import sys
import time

import httpx2
import pytest
import streamlit

from data import VERSION
from tests.app import ROOT, App, free_port, running

SERVERS = {
    "streamlit": ["streamlit", "run", "streamlit_app.py", "--server.port"],
    "uvicorn": ["uvicorn", "streamlit_app:app", "--port"],
}


def refused(tmp_path, server="streamlit", **environment):
    """Start a server that refuses to; return what it prints."""
    command = [sys.executable, "-m", *SERVERS[server], str(free_port())]
    named = {"CHECKIN_DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}"} | environment
    out = subprocess.run(
        command, cwd=ROOT, env=os.environ | named, check=False, capture_output=True, encoding="utf-8", timeout=60
    )
    assert out.returncode == 1
    return (out.stdout + out.stderr).splitlines()


NO_NUMBER = "CHECKIN_MIN_GROUP must be a whole number from 1 to 1000."
NO_HOST = "server.baseUrlPath is not supported; give it a host name of its own."


@pytest.mark.parametrize(
    ("server", "environment", "says"),
    [
        ("streamlit", {"CHECKIN_MIN_GROUP": "ten"}, NO_NUMBER),
        ("uvicorn", {"CHECKIN_MIN_GROUP": "ten"}, NO_NUMBER),
        ("streamlit", {"STREAMLIT_SERVER_BASE_URL_PATH": "check-in"}, NO_HOST),
    ],
)
def test_a_refused_start_prints_its_reason_and_nothing_else(tmp_path, server, environment, says):
    printed = refused(tmp_path, server, **environment)

    assert [line for line in printed if not line.startswith("INFO:")] == [f"The check-in does not start: {says}"]


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        ('<div id="root"></div>', 'expected one <div id="root"></div>, found 0'),
        ('type="module"', "expected one entry, found 0"),
    ],
)
def test_a_start_with_a_streamlit_that_does_not_fit_says_what_differs(tmp_path, missing, says):
    (tmp_path / "sitecustomize.py").write_text(
        f"""import pathlib
whole = pathlib.Path.read_text
pathlib.Path.read_text = lambda file, *a, **k: whole(file, *a, **k).replace({missing!r}, "")
""",
        encoding="utf-8",
    )

    printed = refused(tmp_path, PYTHONPATH=str(tmp_path))

    assert printed == [f"The check-in does not start: it does not fit Streamlit {streamlit.__version__}: {says}."]


def test_a_start_says_where_the_pages_are_and_warns_in_one_line_each(tmp_path):
    with running(tmp_path, secret_key="changeme" * 4, mingroup="5") as app:
        printed = app.console.read_text(encoding="utf-8")

    assert f"  The check-in: {app.url}/\n  The dashboard: {app.url}/clinic\n" in printed
    assert printed.splitlines()[0].endswith(f" INFO checkin: Infusion check-in {VERSION}")
    warnings = [line.partition(" WARNING checkin: ")[2] for line in printed.splitlines() if " WARNING " in line]
    assert [warning.split()[0] for warning in warnings] == ["CHECKIN_MINGROUP", "CHECKIN_SECRET_KEY"]
    assert "changeme" not in printed


def test_uvicorn_logs_requests_without_the_code_in_their_address(tmp_path):
    app = App(tmp_path)
    with app.console.open("wb") as console:
        server = subprocess.Popen(
            [sys.executable, "-m", *SERVERS["uvicorn"], str(app.port)],
            cwd=ROOT,
            env=os.environ | {"CHECKIN_DATABASE_URL": app.database_url},
            stdout=console,
            stderr=console,
        )
    try:
        deadline = time.monotonic() + 60
        while not app._answers() and time.monotonic() < deadline:
            time.sleep(0.1)
        httpx2.get(f"{app.url}/?i=ABCD-EFGH-JKMN")
        httpx2.get(f"{app.url}/plain?i=ABCD-EFGH-JKMN&language=es")
    finally:
        server.terminate()
        server.wait(20)
    printed = app.console.read_text(encoding="utf-8")

    assert '"GET / HTTP/1.1" 404' in printed
    assert '"GET /plain HTTP/1.1" ' in printed
    assert "ABCD" not in printed
