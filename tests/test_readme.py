import re

import pytest

from data import VERSION, settings
from data import __main__ as console
from tests.app import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def documented():
    rows = re.findall(r"^\| `(CHECKIN_\w+)` \| (.*?) \|", README, re.MULTILINE)
    return dict(rows)


def test_every_setting_is_documented_and_no_other():
    assert sorted(documented()) == sorted(settings.NAMES)


@pytest.mark.parametrize("name", [name for name, default in documented().items() if default.startswith("`")])
def test_a_documented_default_is_the_true_one(name):
    field = settings.Settings.model_fields[name.removeprefix(settings.PREFIX).lower()]

    assert documented()[name] == f"`{field.default}`"


def test_every_command_is_documented():
    named = set(re.findall(r"python -m data (\w+)", README))

    assert named == set(console.cli.commands)


def test_the_pictures_are_there():
    for picture in re.findall(r'src="([^"]+)"', README):
        assert (ROOT / picture).stat().st_size > 10_000


def test_every_named_file_of_the_code_is_there():
    tree = README.split("## The code")[1].split("```")[1]

    for name in re.findall(r"\b(\w+\.py)\b", tree):
        assert list(ROOT.glob(f"[dps]*/**/{name}")) or (ROOT / name).exists(), name


def test_the_changes_begin_with_this_release():
    changes = (ROOT / ".readme/changes.md").read_text(encoding="utf-8")

    assert re.search("^## (.*)", changes, re.MULTILINE)[1] == VERSION


def test_the_run_command_is_the_contracts():
    assert "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/streamlit run\n" in README
