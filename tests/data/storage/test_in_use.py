import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from data.storage import in_use

HOLDS = """import sys, pathlib
from data.storage import in_use
in_use.hold(pathlib.Path(sys.argv[1]), lambda: None)
print("held", flush=True)
input()"""


@pytest.fixture
def file(tmp_path):
    yield tmp_path / "checkins.db"
    in_use.let_go()


def hold(file):
    """Begin to use a database; return how often it was checked."""
    checked = []
    in_use.hold(file, lambda: checked.append(1))
    return len(checked)


def test_many_use_a_database_at_once_and_meanwhile_nobody_has_it_alone(file):
    assert [hold(file), hold(file)] == [1, 0]
    with subprocess.Popen([sys.executable, "-c", HOLDS, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        in_use.let_go()
        assert hold(file) == 0  # the other one has checked it
        in_use.let_go()

        with pytest.raises(in_use.InUse, match="a server or a command uses"), in_use.alone(file):
            pass
        other.kill()
    with in_use.alone(file):
        pass


def test_whoever_begins_while_another_checks_waits_for_that_and_checks_where_it_failed(file):
    order = []

    def refuse():
        order.append("began")
        wait_for_the_other.wait(5)
        order.append("refused")
        raise ValueError

    wait_for_the_other = Event()
    with ThreadPoolExecutor() as pool:
        first = pool.submit(in_use.hold, file, refuse)
        while not order:
            time.sleep(0.01)
        second = pool.submit(in_use.hold, file, lambda: order.append("checked again"))
        time.sleep(0.3)
        wait_for_the_other.set()
        second.result(15)

    assert isinstance(first.exception(), ValueError)
    assert order == ["began", "refused", "checked again"]


def test_a_lock_that_may_not_be_written_keeps_nobody_from_being_told(file):
    (lock := file.with_name("checkins.db.lock")).touch(mode=0o600)
    code = "import os, sys, pathlib; from data.storage import in_use; os.setuid(54321)\n"
    for act in ("in_use.hold(file, lambda: None)", "in_use.alone(file).__enter__()"):
        words = f"{code}file = pathlib.Path(sys.argv[1])\ntry: {act}\nexcept PermissionError as e: print(e.filename)"
        file.parent.chmod(0o777)
        told = subprocess.run([sys.executable, "-c", words, file], capture_output=True, encoding="utf-8", check=True)
        assert told.stdout == f"{lock}\n"


def test_a_lock_that_root_makes_belongs_to_the_owner_of_the_folder(file):
    os.chown(file.parent, 54321, 54321)

    hold(file)

    assert file.with_name("checkins.db.lock").stat().st_uid == 54321


def test_many_that_begin_at_once_all_may(file):
    begun = [subprocess.Popen([sys.executable, "-c", HOLDS, file], stdin=-1, stdout=-1) for _ in range(6)]
    try:
        assert [other.stdout.readline() for other in begun] == [b"held\n"] * 6
    finally:
        for other in begun:
            other.communicate()


def test_nobody_begins_to_use_a_database_that_somebody_has_alone(file, monkeypatch):
    monkeypatch.setattr(in_use, "_PATIENCE", 0.2)
    with in_use.alone(file), pytest.raises(in_use.InUse, match="is being restored"):
        hold(file)

    assert hold(file) == 1
