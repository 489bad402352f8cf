import re
import shutil
import subprocess
import sys
from datetime import timedelta

import pytest

from data import catalogue
from data.reports import check_ins
from data.storage import preparation, sqlite_file
from tests.app import ROOT
from tests.changed_list import KEYS

ARTICLE = [
    "Nausea or vomiting",
    "Increased heart rate or blood pressure",
    "Changes in vision, such as blurriness or double vision",
    "Dizziness or lightheadedness",
    "Headache",
    "Increased salivation or dry mouth",
    "Muscle tremors or twitches",
    "Anxiety or restlessness",
    "Hallucinations",
    "Dissociation",
    "Fatigue or drowsiness",
    "Insomnia or changes in sleep patterns",
    "Appetite changes",
    "Bladder problems",
]


def test_the_labels_are_the_articles_words_in_its_order():
    assert [side_effect.label for side_effect in catalogue.SIDE_EFFECTS] == ARTICLE


def test_every_code_is_stable_and_stands_for_one_side_effect():
    assert catalogue.CODES == (
        "nausea",
        "heart_rate",
        "vision",
        "dizziness",
        "headache",
        "dry_mouth",
        "tremor",
        "anxiety",
        "hallucinations",
        "dissociation",
        "fatigue",
        "sleep",
        "appetite",
        "bladder",
    )


@pytest.mark.parametrize("code", ["dry skin", "dry-skin", "Itch", ""])
def test_a_code_that_could_not_be_read_back_from_the_database_is_refused(code):
    with pytest.raises(ValueError, match="lower-case letters and _ only"):
        catalogue.SideEffect(code, "Itching")


def test_the_windows_follow_each_other_without_gap_or_overlap_for_thirty_days():
    assert [window.code for window in catalogue.WINDOWS] == ["0-4 h", "4-24 h", "1-7 d", ">7 d"]
    assert catalogue.WINDOWS[0].start == timedelta(0)
    assert [window.end for window in catalogue.WINDOWS[:-1]] == [window.start for window in catalogue.WINDOWS[1:]]
    assert catalogue.WINDOWS[-1].end == timedelta(hours=720)


def test_the_question_asks_for_now():
    assert catalogue.QUESTION == "Which of these do you have now? Select all that apply."


def test_the_recipe_for_a_change_leads_a_database_with_check_ins_to_the_new_list(prepared, tmp_path):
    for key in KEYS:
        check_ins.record(key=key, window="0-4 h", ticked=["nausea"])
    recipe = re.search(r"^    (LISTS\[2\] = .*)$", catalogue.__doc__, re.MULTILINE)[1]
    changed = tmp_path / "changed"
    for name in ("data", "pages", "tests"):
        shutil.copytree(ROOT / name, changed / name, ignore=shutil.ignore_patterns("local", "__pycache__"))
    shutil.copy(ROOT / ".pytest.ini", changed)
    file = changed / "data" / "catalogue.py"
    words = file.read_text(encoding="utf-8")
    file.write_text(words.replace("\nLIST_VERSION = ", f"\n{recipe}\n\nLIST_VERSION = "), encoding="utf-8")

    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:hypothesispytest", "tests/changed_list.py"]
    run = subprocess.run(command, cwd=changed, capture_output=True, encoding="utf-8", check=False)

    assert run.returncode == 0, run.stdout + run.stderr
    with pytest.raises(sqlite_file.Unusable, match="the database has list version 2, this release supports 1"):
        preparation.prepare()
