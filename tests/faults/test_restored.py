"""A database is lost while patients send: what they were told before the backup is there after the restore, once."""

import re

import pytest

from data import settings
from data.reports import invitations, issued, receipts, registration
from data.staff import passphrase
from tests.app import PASSPHRASE, QUICK_HASH
from tests.conftest import forget
from tests.data.test_main import run
from tests.data.test_restores import lost
from tests.faults.load import BELIEVING, COUNTED, SECRET, UNHARMED, Load, harm

__all__ = ["lost", "run"]

ADDRESS = "192.0.2.1"
BETWEEN = 10


def confirmed(load):
    return [form for form in load.forms if form.receipt]


def harm_to(app, forms):
    """Compare some of the forms that were sent with the rows."""
    return harm(app, forms) | {"never sent": 0}


def back_up(app, folder):
    """Return the new backup and the end of the audit log in it, as it is printed."""
    told = app.operate("backup", str(folder), "--keep", "5")
    return re.search(r"^(.*): \d+ check-ins,", told, re.MULTILINE)[1], re.search(r"row (\d+), (\w+)", told).groups()


def overwrite(file):
    """Put nonsense in the place of some pages."""
    pages = bytearray(file.read_bytes())
    for start in range(4096, len(pages), 5 * 4096):
        pages[start : start + 4096] = b"\xa5" * 4096
    file.write_bytes(pages)


@pytest.fixture
def operate(run):
    """Run a command of the operator, as a process that has not used the database before; gives all it says."""

    def operated(*words):
        forget()
        _, said, errors = run(*map(str, words))
        forget()
        return said + errors

    return operated


def test_what_patients_were_told_before_a_backup_is_there_once_after_the_database_was_lost_and_restored(
    start, operate, lost, configure, database_url, tmp_path, postgresql_programs
):
    configure(database_url=database_url, secret_key=SECRET, passphrase_hash=QUICK_HASH)
    app = start(database_url=database_url)
    infusion, code = registration.register(passphrase.sign_in(PASSPHRASE, ADDRESS), number=2)
    embedded = settings.current().database_file
    with Load(app, patients=4, doors=["plain"]) as load:
        load.wait_for(BETWEEN)
        told_first = confirmed(load)
        first, _ = back_up(app, tmp_path / "backups")
        load.wait_for(BETWEEN)
        told = confirmed(load)
        newest, end = back_up(app, tmp_path / "backups")
        load.wait_for(BETWEEN)
        refused = operate("restore", newest, "--yes")
        app.kill()
        lost()
        app.database_url = app.settings["database_url"] = settings.current().database_url
        if embedded:
            assert operate("restore", first, "--yes").startswith("Restored ")
            assert harm_to(app, told_first) == UNHARMED
            overwrite(embedded)
            assert f"{embedded} is damaged" in operate("verify")
        assert operate("restore", newest, "--yes").startswith("Restored ")
        until_then = confirmed(load)
        app.start(**BELIEVING)
        load.wait_for(BETWEEN)

    since = [form for form in confirmed(load) if form not in until_then]
    assert ("stop it first" if embedded else "has tables already") in refused
    assert harm_to(app, told + since) == UNHARMED
    assert all(receipts.find(form.receipt, ADDRESS).ticked == form.ticked for form in told)
    assert not invitations.find(code, ADDRESS).answered
    assert issued.show(passphrase.sign_in(PASSPHRASE, ADDRESS), infusion.id) == (infusion, code)
    assert operate("verify") == COUNTED
    assert "is as it was written" in operate("audit", "verify", "--end", *end)
