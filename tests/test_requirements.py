import re

import pytest

from tests.app import ROOT

PRODUCT, TESTS = "requirements.txt", "tests/requirements.txt"
LOCKS = {".requirements/lock.txt": [PRODUCT], ".requirements/tests.txt": [PRODUCT, TESTS]}
# A package, on which systems if not on all, and the hashes of its files. Nothing else: no index, no host, no folder.
LOCKED = re.compile(r"[a-z0-9-]+==[\w.]+( ; [^#]+?)?( --hash=sha256:[0-9a-f]{64})+")
EXPLAINED = re.compile(r"\S+==[\w.]+ +# \w.+")


def lines(file):
    joined = re.sub(r" \\\n +", " ", (ROOT / file).read_text(encoding="utf-8"))
    return [line for line in joined.splitlines() if not line.lstrip().startswith("#")]


def direct(file):
    """Return the direct pins of a list as a lock spells them."""
    pins = re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)", "\n".join(lines(file)), re.MULTILINE)
    return {f"{name.lower().replace('.', '-').replace('_', '-')}=={version}" for name, version in pins}


@pytest.mark.parametrize("file", [PRODUCT, TESTS])
def test_every_direct_requirement_is_pinned_and_says_why_it_is_there(file):
    assert [line for line in lines(file) if not EXPLAINED.fullmatch(line)] in ([], ["-r ../requirements.txt"])


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_one_package_with_its_hashes(lock):
    assert [line for line in lines(lock) if not LOCKED.fullmatch(line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_direct_pin_is_locked_on_every_system(lock):
    everywhere = {line.partition(" ")[0] for line in lines(lock) if " ; " not in line}

    assert set().union(*map(direct, LOCKS[lock])) - everywhere == set()


def test_the_tests_run_on_exactly_what_the_product_is_locked_to():
    product, tests = map(lines, LOCKS)

    assert set(product) - set(tests) == set()


def test_production_and_the_tests_install_by_hash():
    install = re.compile(r"--require-hashes (?:-r|--requirement) (\S+\.txt)")

    assert [
        install.findall((ROOT / file).read_text(encoding="utf-8")) for file in (".readme/operating.md", "tests/run")
    ] == [[lock] for lock in LOCKS]
