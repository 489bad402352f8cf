import re
import subprocess
import sys
from collections import defaultdict

import pytest

from data import VERSION, settings
from data import __main__ as console
from tests.app import ROOT

README, OPERATING, CODE = FILES = ("README.md", ".readme/operating.md", ".readme/code.md")
BOOKS = {file: (ROOT / file).read_text(encoding="utf-8") for file in FILES}


def documented():
    rows = re.findall(r"^\| `(CHECKIN_\w+)` \| (.*?) \|", BOOKS[OPERATING], re.MULTILINE)
    return dict(rows)


def test_every_setting_is_documented_and_no_other():
    assert sorted(documented()) == sorted(settings.NAMES)


@pytest.mark.parametrize("name", [name for name, default in documented().items() if default.startswith("`")])
def test_a_documented_default_is_the_true_one(name):
    field = settings.Settings.model_fields[name.removeprefix(settings.PREFIX).lower()]

    assert documented()[name] == f"`{field.default}`"


def test_every_command_is_documented():
    named = {file: set(re.findall(r"python -m data (\w[\w-]*)", book)) for file, book in BOOKS.items()}

    assert named[OPERATING] == set(console.cli.commands)
    assert named[README] | named[CODE] <= named[OPERATING]


def test_the_pictures_are_there():
    pictures = re.findall(r'src="([^"]+)"', BOOKS[README])

    assert len(pictures) == 2
    for picture in pictures:
        assert (ROOT / picture).stat().st_size > 10_000


def test_the_tree_names_every_module_in_its_room_and_no_other():
    tree = BOOKS[CODE].split("```")[1]
    _, *rooms = re.split(r"^ *(\w+)/ ", tree, flags=re.MULTILINE)
    named = {room: re.findall(r"\b(\w+)\.py\b", text) for room, text in zip(rooms[::2], rooms[1::2], strict=True)}
    there = defaultdict(list)
    for file in [*ROOT.glob("data/**/*.py"), *ROOT.glob("pages/**/*.py")]:
        if file.stat().st_size and "local" not in file.parts and file.name != "__init__.py":
            there[file.parent.name].append(file.stem)

    assert {room: sorted(names) for room, names in named.items() if names} == {
        room: sorted(names) for room, names in there.items()
    }


@pytest.mark.parametrize("file", [README, OPERATING, CODE, ".readme/changes.md"])
def test_every_link_leads_to_a_file_and_heading_that_is_there(file):
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", (ROOT / file).read_text(encoding="utf-8")):
        path, _, heading = link.partition("#")
        book = (ROOT / file).parent / path if path else ROOT / file
        headings = re.findall(r"^#+ (.+)", book.read_text(encoding="utf-8"), re.MULTILINE)

        assert heading in {"", *(re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings)}, link


def test_every_file_a_change_touches_is_there():
    rows = BOOKS[CODE].split("## Ten changes")[1].split("\n## ")[0]
    paths = re.findall(r"`((?:data|pages|tests|\.\w+)/[\w./-]+|\w+\.\w+)`", rows)

    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_table_of_benchmarks_has_every_benchmark_and_no_other():
    told = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--help"], cwd=ROOT, check=True, capture_output=True
    )
    listed = re.findall(r"^  (\w+)  ", told.stdout.decode(), re.MULTILINE)
    sources = {file.stem: file.read_text(encoding="utf-8") for file in (ROOT / "tests/benchmarks").glob("*.py")}
    there = [name for name, source in sources.items() if "\ndef measure(" in source]
    table = BOOKS[CODE].split("## Benchmarks")[1].split("\n## ")[0]

    assert sorted(listed) == sorted(there)
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(there)


def test_the_readme_is_short():
    assert len(BOOKS[README].splitlines()) <= 90


def test_the_changes_begin_with_this_release():
    changes = (ROOT / ".readme/changes.md").read_text(encoding="utf-8")

    assert re.search("^## (.*)", changes, re.MULTILINE)[1] == VERSION


def test_the_run_command_is_the_contracts():
    run = "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/streamlit run\n"

    assert run in BOOKS[README]
