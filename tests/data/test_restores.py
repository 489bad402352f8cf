import os
import re
import shutil
import sqlite3
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from data import __main__ as console
from data import backups, demonstration, restores
from data.reports import check_ins, receipts
from data.staff import audit
from data.storage import chain, copies, database, exchange, in_use, preparation, sqlite_file
from tests.app import ROOT
from tests.conftest import PRODUCTION, USUAL, forget
from tests.counted import audited, count_check_ins
from tests.data.test_backups import names, send

ADDRESS = "192.0.2.1"


@pytest.fixture(autouse=True)
def programs(postgresql_programs):
    """Have PostgreSQL's programs of the server's version."""


@pytest.fixture
def backup(tmp_path, set_clock):
    """Back up what is there; gives the file."""

    def make():
        set_clock(USUAL)
        return backups.make(tmp_path / "backups").file

    return make


@pytest.fixture
def lost(database_url, configure):
    """Lose the database: an embedded one is deleted, of PostgreSQL another one is named that is empty."""
    made = []

    def lose():
        if database_url.startswith("sqlite"):
            forget()
            for file in Path(database_url.removeprefix("sqlite:///")).parent.glob("checkins.db*"):
                file.unlink()
            return
        url = database.engine().url
        made.append(f"{url.database}_new")
        change(url, f"CREATE DATABASE {made[0]}")
        configure(database_url=url.set(database=made[0]).render_as_string(hide_password=False))

    yield lose
    forget()
    for name in made:
        change(database_url, f"DROP DATABASE {name} WITH (FORCE)")


def change(url, statement):
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))


@pytest.fixture
def used(embedded):
    """Prepare an embedded database with its key, and store a check-in; gives its file."""
    preparation.prepare()
    send("sleep")
    return embedded


def restore(file):
    """Restore as another process does, without a question."""
    forget()
    return restores.restore(file, lambda _: None)


def refused(file):
    """Try to restore; return what is said. Nothing is changed."""
    forget()
    folder = restores.settings.current().database_file.parent
    before = {each.name: each.read_bytes() for each in folder.iterdir() if each.suffix != ".lock"}
    with pytest.raises(restores.Refused) as error:
        restores.restore(file, lambda _: pytest.fail("asked"))
    assert {each.name: each.read_bytes() for each in folder.iterdir() if each.suffix != ".lock"} == before
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_lost_database_is_restored_with_receipts_and_an_audit_log_that_says_so(prepared, backup, lost):
    sent = send("nausea", "sleep")
    file = backup()
    lost()

    did = restore(file)

    assert receipts.find(sent.receipt, ADDRESS).ticked == ("nausea", "sleep")
    assert count_check_ins() == 1
    assert audited() == [("operator", did)]
    with database.reading() as connection:
        assert chain.fault(connection) is None
        assert database.note(connection, "copy") is None
        assert database.note(connection, "backup") is None


def test_the_database_that_is_replaced_is_kept_whole_and_can_be_restored_itself(used, backup, set_clock):
    file = backup()
    later = send("vision")
    set_clock(USUAL)

    did = restore(file)
    assert count_check_ins() == 1
    aside = used.with_name("checkins.db.replaced-2026-11-25T120000Z")
    assert did == (
        f"restored {file.name} of 2026-11-25 12:00 UTC with 1 check-in in place of the database {used} with 2 "
        f"check-ins; what it replaces is kept as {aside.name}"
    )
    restore(aside)

    assert {name for name in names(used.parent) if name.startswith("checkins.db.replaced-")} == {
        *(aside.name, f"{aside.name}.key"),
        *("checkins.db.replaced-2026-11-25T120001Z", "checkins.db.replaced-2026-11-25T120001Z.key"),
    }
    assert receipts.find(later.receipt, ADDRESS).ticked == ("vision",)


def test_newest_check_ins_that_are_in_the_log_alone_are_kept_with_what_is_replaced(used, backup, tmp_path):
    file, later = backup(), send("vision")
    put_back(as_its_server_was_killed(used, tmp_path), used)

    restore(file)
    (aside,) = (each for each in used.parent.glob("*.replaced-*Z"))
    restore(aside)

    assert receipts.find(later.receipt, ADDRESS).ticked == ("vision",)


@pytest.mark.parametrize("content", [b"", b"\xa5" * 20_000])
def test_a_database_that_cannot_be_read_is_replaced(used, backup, content):
    file = backup()
    forget()
    used.write_bytes(content)

    did = restore(file)

    assert count_check_ins() == 1
    assert f"in place of {used}, a database that cannot be read" in did


def test_the_log_of_the_replaced_database_does_not_spoil_the_restored_one(used, backup, tmp_path):
    file = backup()
    send("vision")
    log = used.with_name("checkins.db-wal").read_bytes()
    forget()
    used.write_bytes(b"\xa5" * 20_000)
    used.with_name("checkins.db-wal").write_bytes(log)

    restore(file)

    assert count_check_ins() == 1


def test_a_log_beside_a_backup_that_is_not_its_own_is_left_out(used, backup):
    file = backup()
    send("vision")
    file.with_name(f"{file.name}-wal").write_bytes(used.with_name("checkins.db-wal").read_bytes())

    restore(file)

    assert count_check_ins() == 1


def test_restored_files_are_private(used, backup):
    file = backup()
    file.chmod(0o644)

    restore(file)

    assert {each.stat().st_mode & 0o777 for each in used.parent.iterdir()} == {0o600}


def test_where_there_is_no_database_the_question_names_the_place(used, backup):
    file = backup()
    forget()
    shutil.rmtree(used.parent)
    asked = []

    restores.restore(file, asked.append)

    assert asked == [f"{file.name} of 2026-11-25 12:00 UTC with 1 check-in in place of no database at {used}"]


@pytest.mark.parametrize("words", [("restore", "--yes", "FILE"), ("restore", "FILE"), ("verify",)])
def test_what_a_command_by_root_makes_belongs_to_the_owner_of_the_folder(used, backup, monkeypatch, words):
    file, given = backup(), {}
    forget()
    used.with_name("checkins.db.lock").unlink()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "chown", lambda path, *owner, **_: given.update({Path(path).name: owner}))
    monkeypatch.setattr("click.confirm", decline)
    monkeypatch.setattr("sys.argv", ["data", *(str(file) if word == "FILE" else word for word in words)])

    console.main()

    owner = used.parent.stat()
    assert given.keys() >= {*names(used.parent)} > {"checkins.db.lock", "checkins.db.key"}
    assert {*given.values()} == {(owner.st_uid, owner.st_gid)}


@pytest.mark.parametrize("failing", ["prepare", "note"])
def test_a_backup_that_is_in_place_but_not_ready_is_told_so(used, backup, monkeypatch, failing):
    file = backup()

    def full(*_, **__):
        raise database.Unavailable("OperationalError SQLITE_FULL")

    monkeypatch.setattr(*{"prepare": (preparation, "prepare", full), "note": (audit, "note", full)}[failing])

    with pytest.raises(sqlite_file.Unusable) as error:
        restore(file)

    monkeypatch.undo()
    assert str(error.value).startswith(
        "the backup is in place, but OperationalError SQLITE_FULL. Mend that, then start the server. Done so "
        f"far: restored {file.name} of 2026-11-25 12:00 UTC with 1 check-in in place of the database {used} with "
    )


def test_a_demonstration_is_not_put_in_place_in_production(prepared, backup, lost, configure, monkeypatch):
    demonstration.fill(20, 1, lambda _: None)
    file = backup()
    lost()
    configure(**PRODUCTION)

    with pytest.raises(restores.Refused, match="holds made-up check-ins, and CHECKIN_PUBLIC_URL is set"):
        restore(file)

    monkeypatch.delenv("CHECKIN_PUBLIC_URL")
    restore(file)
    assert count_check_ins() == 20


def decline(*_, **__):
    raise console.click.Abort


def test_an_operator_who_says_no_changes_nothing(used, backup, monkeypatch):
    file = backup()
    forget()
    before = names(used.parent)
    monkeypatch.setattr("sys.argv", ["data", "restore", str(file)])
    monkeypatch.setattr("click.confirm", decline)

    assert console.main() == 1
    assert [name for name in names(used.parent) if not name.endswith(".lock")] == [
        name for name in before if not name.endswith(".lock")
    ]


def test_nothing_is_restored_while_a_server_or_a_command_runs(used, backup):
    file = backup()
    send("vision")

    with pytest.raises(in_use.InUse, match="stop it first"):
        restores.restore(file, lambda _: None)

    assert count_check_ins() == 2


def truncated(file):
    file.write_bytes(file.read_bytes()[:-8192])
    return "is damaged|cannot be restored: database disk image is malformed"


def overwritten(file):
    pages = bytearray(file.read_bytes())
    pages[len(pages) // 2 : len(pages) // 2 + 4096] = b"\xa5" * 4096
    file.write_bytes(pages)
    return "is damaged"


def of_another_program(file):
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE songs (name TEXT)")
    return "is no database of check-ins"


def no_database(file):
    file.write_text("some notes\n" * 1000, encoding="ascii")
    return "cannot be restored: file is not a database"


def newer(file):
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE about SET value = '99' WHERE name = 'schema_version'")
    return "the database has schema version 99"


def keyless(file):
    backups.key_of(file).unlink()
    return "is missing or truncated: put the key of this backup there"


def of_another_key(file):
    backups.key_of(file).write_text("f" * 64, encoding="ascii")
    return "was made with another secret key"


def of_postgresql(file):
    file.write_bytes(b"PGDMP" + b"\0" * 1000)
    return "is a backup of PostgreSQL"


@pytest.mark.parametrize(
    "spoil", [truncated, overwritten, of_another_program, no_database, newer, keyless, of_another_key, of_postgresql]
)
def test_a_file_that_must_not_be_restored_is_refused_and_nothing_is_changed(used, backup, spoil):
    file = backup()
    told = spoil(file)
    before = file.read_bytes()

    assert re.search(told, refused(file))
    assert file.read_bytes() == before


def test_a_backup_made_with_another_setting_of_the_key_is_refused(used, backup, configure):
    file = backup()
    configure(secret_key="t" * 32)

    assert "was made with another secret key than CHECKIN_SECRET_KEY" in refused(file)


@pytest.mark.parametrize("release", ["schema-1", "schema-6"])
def test_a_backup_of_an_older_release_is_restored_and_migrated(embedded, tmp_path, configure, release):
    configure(secret_key="s" * 32)
    file = tmp_path / "old.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((ROOT / "tests" / "databases" / f"{release}.sql").read_text(encoding="utf-8"))

    did = restore(file)

    assert did.startswith("restored old.db of an unknown time with ")
    assert check_ins.by_key("1" * 32).ticked == ("nausea",)


def test_without_room_for_the_copy_nothing_is_changed(used, backup, monkeypatch):
    file = backup()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copies.shutil, "copyfile", full)

    assert refused(file) == f"{file} cannot be read or written: No space left on device"


@pytest.mark.parametrize(("setting", "steps"), [({}, 6), ({"secret_key": "s" * 32}, 4)])
def test_a_restore_killed_at_any_step_starts_no_server_and_is_completed_by_the_next(
    embedded, backup, configure, monkeypatch, tmp_path, setting, steps
):
    configure(**setting)
    preparation.prepare()
    send("sleep")
    file = backup()
    forget()
    shutil.rmtree(embedded.parent)
    preparation.prepare()  # another one, with a key of its own
    later = send("vision")
    killed = as_its_server_was_killed(embedded, tmp_path)
    died = []
    for step in count(1):
        put_back(killed, embedded)
        if not dies_at(step, monkeypatch, file):
            break
        begun = exchange.interrupted(embedded) is not None
        died.append((step, begun))
        if begun:
            assert starts() is False
        restore(file)
        assert count_check_ins() == 1
        (aside,) = embedded.parent.glob("*.replaced-*Z")
        restore(aside)
        assert receipts.find(later.receipt, ADDRESS).ticked == ("vision",)

    assert died == [(1, False), *((step, True) for step in range(2, steps + 1))]


def test_what_a_restore_left_that_was_killed_while_copying_is_removed_by_the_next(used, backup):
    file = backup()
    for end in ("", "-journal"):
        used.with_name(f"checkins.db.restoring-2026-11-24T120000Z.unfinished{end}").touch()

    assert starts()
    restore(file)

    assert [name for name in names(used.parent) if "unfinished" in name or "restoring" in name] == []


def as_its_server_was_killed(file, tmp_path):
    """Take the database from its server with the newest check-in in the log alone; return a folder that has it."""
    shutil.copytree(file.parent, tmp_path / "killed")
    forget()
    return tmp_path / "killed"


def put_back(folder, file):
    forget()
    shutil.rmtree(file.parent)
    shutil.copytree(folder, file.parent)


def starts():
    forget()
    try:
        preparation.prepare()
    except sqlite_file.Unusable:
        return False
    return True


def dies_at(number, monkeypatch, file):
    """Let a restore die at the n-th change of a name; return whether it came so far."""
    left = [number]

    def dying(change):
        def changed(self, *words):
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt
            return change(self, *words)

        return changed

    forget()
    with monkeypatch.context() as patched:
        for name in ("rename", "replace"):
            patched.setattr(Path, name, dying(getattr(Path, name)))
        with suppress(KeyboardInterrupt):
            restores.restore(file, lambda _: None)
            return False
    return True


ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@ON_POSTGRESQL
def test_a_postgresql_database_that_is_not_empty_is_left_as_it_is(prepared, backup):
    file = backup()
    send("vision")

    with pytest.raises(restores.Refused, match="has tables already: make an empty one"):
        restore(file)

    assert count_check_ins() == 1


@ON_POSTGRESQL
@pytest.mark.parametrize("kind", ["key", "version", "damaged", "foreign"])
def test_a_dump_that_must_not_be_restored_is_refused_and_the_database_stays_empty(
    prepared, backup, lost, configure, kind
):
    if kind == "version":
        with database.writing() as connection:
            connection.execute(text("UPDATE about SET value = '99' WHERE name = 'schema_version'"))
    file = backup()
    lost()
    if kind == "key":
        configure(secret_key="t" * 32)
    if kind == "damaged":
        file.write_bytes(file.read_bytes()[:5000])
    if kind == "foreign":
        file.write_bytes(b"some notes")

    told = {
        "key": "was made with another secret key than CHECKIN_SECRET_KEY",
        "version": "has schema version 99",
        "damaged": "pg_restore failed: ",
        "foreign": "is no backup of PostgreSQL",
    }
    with pytest.raises(restores.Refused, match=told[kind]):
        restore(file)

    with database.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) == 0
