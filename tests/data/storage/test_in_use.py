import subprocess
import sys

import pytest

from data.storage import in_use

HOLDS = """import sys, pathlib
from data.storage import in_use
in_use.hold(pathlib.Path(sys.argv[1]))
print("held", flush=True)
input()"""


@pytest.fixture
def file(tmp_path):
    yield tmp_path / "checkins.db"
    in_use.let_go()


def test_many_use_a_database_at_once_and_meanwhile_nobody_has_it_alone(file):
    assert in_use.hold(file)
    assert not in_use.hold(file)
    with subprocess.Popen([sys.executable, "-c", HOLDS, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        in_use.let_go()
        assert not in_use.hold(file)
        in_use.let_go()

        with pytest.raises(in_use.InUse, match="a server or a command uses"), in_use.alone(file):
            pass
        other.kill()
    with in_use.alone(file):
        pass


def test_many_that_begin_at_once_all_may(file):
    begun = [subprocess.Popen([sys.executable, "-c", HOLDS, file], stdin=-1, stdout=-1) for _ in range(6)]
    try:
        assert [other.stdout.readline() for other in begun] == [b"held\n"] * 6
    finally:
        for other in begun:
            other.communicate()


def test_nobody_begins_to_use_a_database_that_somebody_has_alone(file):
    with in_use.alone(file), pytest.raises(in_use.InUse, match="is being restored"):
        in_use.hold(file)

    in_use.hold(file)
