import os
import resource
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from data import backups
from data.reports import check_ins
from data.storage import chain, copies, database, dumps, preparation, schema, sqlite_file
from tests.conftest import USUAL, forget
from tests.counted import ON_SQLITE, audited, put
from tests.data.storage.test_migrations import definitions, older
from tests.data.test_main import run

__all__ = ["older", "run"]

ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
END = {"sqlite": "db", "postgresql": "dump"}


@pytest.fixture(autouse=True)
def programs(postgresql_programs):
    """Have PostgreSQL's programs of the server's version."""


@pytest.fixture
def backed_up(tmp_path, set_clock):
    """Back up so many minutes later than usual; gives the backup."""

    def back_up(minutes=0, progress=None):
        set_clock(USUAL + timedelta(minutes=minutes))
        return backups.make(tmp_path / "backups", progress)

    return back_up


def names(folder):
    return sorted(file.name for file in folder.iterdir())


def modes(folder):
    return {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}


def send(*ticked):
    return check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=ticked, recorded=USUAL)


def test_a_backup_is_one_file_that_only_its_owner_reads(prepared, backed_up):
    send("nausea")

    made = backed_up()

    assert modes(made.file.parent) == {made.file.name: 0o600}
    assert made.file.name == f"checkins-2026-11-25T120000Z.{END[database.engine().dialect.name]}"
    assert made.file.parent.stat().st_mode & 0o777 == 0o700
    assert (made.number, made.wrong) == (1, [])


def test_a_backup_of_a_database_with_a_key_file_has_the_key_beside_it(embedded, backed_up):
    preparation.prepare()

    made = backed_up()

    assert modes(made.file.parent) == {made.file.name: 0o600, f"{made.file.name}.key": 0o600}
    assert backups.key_of(made.file).read_bytes() == embedded.with_name("checkins.db.key").read_bytes()


def test_a_backup_is_noted_in_the_database_and_in_the_audit_log(prepared, backed_up):
    send("sleep")

    made = backed_up()

    with database.reading() as connection:
        assert database.note(connection, "backup") == "2026-11-25T12:00:00+00:00"
        assert database.note(connection, "copy") is None
    assert audited() == [("operator", f"backed up 1 check-in to {made.file.name}")]


def test_the_command_says_where_the_backup_is_and_where_its_audit_log_ends(prepared, run, tmp_path):
    send("sleep")
    with database.writing() as connection:
        chain.append(connection, "operator", "did something")
    with database.reading() as connection:
        number, mac = chain.end(connection)

    code, said, errors = run("backup", str(tmp_path / "backups"))

    (file,) = (tmp_path / "backups").iterdir()
    assert (code, errors) == (0, "")
    assert said.splitlines()[1:] == [
        f"{file}: 1 check-in, {file.stat().st_size / 1e6:.1f} MB.",
        "Keep CHECKIN_SECRET_KEY somewhere else: without it no receipt and no invitation works.",
        f"The audit log in it ends with row {number}, {mac}",
    ]


@ON_SQLITE
def test_no_one_waits_for_a_backup_and_it_begins_only_once_while_others_write(prepared, backed_up, monkeypatch):
    monkeypatch.setattr(copies, "STEP", 5)
    put(50, "headache")
    looks = []

    def another_writes(_, left, pages):
        looks.append((left, pages))
        assert len(looks) < 1000, "it begins again and again"
        with closing(sqlite3.connect(database.engine().url.database, timeout=0)) as other, other:
            other.execute("INSERT INTO about VALUES (?, ?)", [f"written {len(looks)}", "x" * 5000])

    made = backed_up(progress=another_writes)

    left = [left for left, _ in looks]
    assert len(looks) > 5
    assert left == sorted({*left}, reverse=True)
    assert len({pages for _, pages in looks}) == 1
    with closing(sqlite3.connect(made.file)) as copy:
        assert copy.execute("SELECT count(*) FROM about WHERE name LIKE 'written%'").fetchone() == (0,)


@ON_SQLITE
def test_a_backup_is_taken_while_a_writer_holds_the_lock(prepared, backed_up):
    send("sleep")
    with closing(sqlite3.connect(database.engine().url.database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM check_ins")

        made = backed_up(progress=lambda *_: writer.in_transaction and writer.execute("ROLLBACK"))

    assert (made.number, made.wrong) == (1, [])


def test_a_backup_that_is_put_beside_an_old_log_by_hand_is_not_spoilt(embedded, backed_up):
    preparation.prepare()
    send("sleep")
    made = backed_up()
    send("vision")
    log = embedded.with_name("checkins.db-wal")
    newest = log.read_bytes()
    forget()
    embedded.write_bytes(made.file.read_bytes())
    log.write_bytes(newest)

    with pytest.raises(sqlite_file.Unusable, match="-wal belongs to another database"):
        preparation.prepare()

    assert embedded.read_bytes() == made.file.read_bytes()


def test_an_existing_file_is_never_replaced(prepared, backed_up):
    made = backed_up()
    before = made.file.read_bytes()

    with pytest.raises(backups.NotMade, match="it is there already"):
        backed_up()

    assert names(made.file.parent) == [made.file.name]
    assert made.file.read_bytes() == before


def test_only_the_newest_backups_are_kept_and_nothing_else_is_removed(prepared, backed_up):
    made = [backed_up(minutes).file for minutes in (1, 2, 3, 4)]
    end, folder = made[0].suffix, made[0].parent
    for name in (
        made[0].name + ".key",
        made[3].name + ".key",
        f"checkins-2026-11-24T120000Z{end}.unfinished",  # of a backup that was killed
        f"checkins-2026-11-25T120500Z{end}.unfinished",  # of one that is being made
        "checkins-2026-11-24.db",
        "notes.txt",
    ):
        (folder / name).touch()

    assert backups.remove_older(made[3], 2) == 2

    assert names(folder) == sorted(
        [
            made[2].name,
            made[3].name,
            made[3].name + ".key",
            f"checkins-2026-11-25T120500Z{end}.unfinished",
            "checkins-2026-11-24.db",
            "notes.txt",
        ]
    )


@ON_SQLITE
def test_a_new_backup_is_kept_even_where_a_wrong_clock_made_others_look_newer(prepared, backed_up):
    future, new = backed_up(60 * 24 * 365).file, backed_up().file

    backups.remove_older(new, 1)

    assert names(new.parent) == [new.name]
    assert not future.exists()


def test_backups_of_wrong_counters_fail_but_are_kept_and_removed_apart_from_the_others(
    prepared, run, tmp_path, set_clock
):
    send("sleep")

    def back_up(minutes):
        set_clock(USUAL + timedelta(minutes=minutes))
        return run("backup", str(tmp_path / "backups"), "--keep", "2")

    for minutes in (1, 2):
        back_up(minutes)
    with database.writing() as connection:
        connection.execute(update(schema.tallies).values(n=7))
    told = [back_up(minutes) for minutes in (3, 4, 5)]

    assert {code for code, _, _ in told} == {1}
    _, said, errors = told[-1]
    end = END[database.engine().dialect.name]
    assert said.splitlines()[-1] == "Removed 1 older backup."
    assert errors.startswith("Error: the backup is whole, but something is wrong:\n")
    assert "n is 7 in the tally, 1 in the rows" in errors
    assert names(tmp_path / "backups") == [
        f"checkins-2026-11-25T120100Z.{end}",
        f"checkins-2026-11-25T120200Z.{end}",
        f"checkins-2026-11-25T120400Z.differs.{end}",
        f"checkins-2026-11-25T120500Z.differs.{end}",
    ]


def test_the_key_of_a_backup_that_differs_is_beside_it_and_removed_with_it(embedded, backed_up):
    preparation.prepare()
    send("sleep")
    with database.writing() as connection:
        connection.execute(update(schema.tallies).values(n=7))
    old, new = backed_up(1), backed_up(2)
    assert names(old.file.parent) == sorted(
        each.name for made in (old, new) for each in (made.file, backups.key_of(made.file))
    )

    backups.remove_older(new.file, 1)

    assert names(new.file.parent) == [new.file.name, f"{new.file.name}.key"]


@pytest.mark.parametrize("older", ["schema-1", "schema-6"], indirect=True)
def test_a_database_of_an_earlier_release_is_backed_up_before_a_start_migrates_it(older, run, tmp_path):
    before = definitions()

    code, said, errors = run("backup", str(tmp_path / "backups"), "--keep", "1")

    (file,) = (tmp_path / "backups").iterdir()
    assert (code, errors) == (0, "")
    assert said.splitlines()[1:] == [
        f"{file}: 4 check-ins, {file.stat().st_size / 1e6:.1f} MB.",
        "Keep CHECKIN_SECRET_KEY somewhere else: without it no receipt and no invitation works.",
        "The database is of an earlier release: counters were not recounted, the audit log not checked nor added to.",
    ]
    assert definitions() == before
    with database.reading() as connection:
        assert database.note(connection, "backup")
        assert connection.execute(text("SELECT count(*) FROM audit WHERE did LIKE 'backed up%'")).scalar() == 0


def test_a_backup_by_root_belongs_to_the_owner_of_its_folder(embedded, backed_up, monkeypatch):
    preparation.prepare()
    given = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "chown", lambda path, *owner, **_: given.append((Path(path).name, *owner)))

    made = backed_up()

    owner = made.file.parent.stat()
    assert given == [
        (f"{name}.unfinished", owner.st_uid, owner.st_gid) for name in (made.file.name, f"{made.file.name}.key")
    ]


DANGLING = "INSERT INTO staff_devices VALUES ('c', 'nobody', 'localhost', 'k', 0, 0)"
INCOMPLETE = """
    CREATE TABLE emptied (what TEXT NOT NULL) STRICT;
    CREATE INDEX incomplete ON emptied (what);
    PRAGMA writable_schema = ON;
    UPDATE sqlite_master SET tbl_name = 'about', sql = 'CREATE INDEX incomplete ON about (value)'
    WHERE name = 'incomplete';
"""


@ON_SQLITE
@pytest.mark.parametrize(
    ("damage", "told"), [(DANGLING, "a row of staff_devices refers"), (INCOMPLETE, "missing from index incomplete")]
)
def test_a_damaged_copy_is_no_backup_and_leaves_nothing(prepared, backed_up, damage, told):
    with closing(sqlite3.connect(database.engine().url.database)) as connection:
        connection.executescript(damage)

    with pytest.raises(backups.NotMade, match=f"the copy is damaged .*{told}.*keep every earlier backup"):
        backed_up()

    assert names(Path(database.engine().url.database).with_name("backups")) == []


@pytest.mark.parametrize("room", [0, 20_000])
def test_on_a_full_disk_the_earlier_backups_stay_and_no_half_file(prepared, backed_up, room):
    put(100, "nausea")
    first = backed_up(1)
    before = first.file.read_bytes()
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (room, usual[1]))
    try:
        with pytest.raises(backups.NotMade) as error:
            backed_up(2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)

    assert "\n" not in str(error.value)
    assert names(first.file.parent) == [first.file.name]
    assert first.file.read_bytes() == before


@ON_SQLITE
def test_a_folder_that_cannot_be_written_is_named(prepared, tmp_path, run):
    (tmp_path / "file").touch()

    code, _, errors = run("backup", str(tmp_path / "file" / "folder"))

    assert (code, errors) == (1, f"Error: {tmp_path / 'file' / 'folder'} cannot be written: Not a directory\n")


@ON_SQLITE
def test_a_folder_whose_own_folder_is_missing_is_not_made_as_its_disk_may_not_be_mounted(prepared, tmp_path, run):
    code, _, errors = run("backup", str(tmp_path / "disk" / "backups"))

    assert (code, errors) == (
        1,
        f"Error: there is no folder {tmp_path / 'disk'}, and no backup was made: mount its disk, or make it\n",
    )
    assert not (tmp_path / "disk").exists()


@pytest.fixture
def pretended(tmp_path, monkeypatch):
    """Put a program of a version in the place of each of PostgreSQL's, which writes down how it was called."""

    def put_there(version):
        folder = tmp_path / "bin"
        folder.mkdir()
        for name in ("pg_dump", "pg_restore"):
            (folder / name).write_text(
                f'#!/bin/sh\n[ "$1" = --version ] && echo "{name} (PostgreSQL) {version}" && exit\n'
                f'echo "$@" >"{folder}/words"; echo "$PGPASSWORD" >"{folder}/password"; echo "no luck" >&2; exit 1\n',
                encoding="ascii",
            )
            (folder / name).chmod(0o700)
        monkeypatch.setenv("PATH", str(folder))
        monkeypatch.setattr(dumps, "_OF_DEBIAN", str(tmp_path / "none"))
        return folder

    return put_there


@ON_POSTGRESQL
def test_an_older_pg_dump_than_the_server_is_refused_with_what_to_install(prepared, backed_up, pretended):
    pretended("9.6.24")
    with database.reading() as connection:
        server = int(connection.exec_driver_sql("SHOW server_version_num").scalar()) // 10_000

    with pytest.raises(backups.NotMade) as error:
        backed_up()

    assert str(error.value) == (
        f"pg_dump {server} or newer is needed for this server, and there is only version 9: "
        f"install postgresql-client-{server}"
    )


@ON_POSTGRESQL
def test_the_password_is_not_on_the_command_line(prepared, backed_up, pretended, configure, tmp_path):
    configure(database_url=database.engine().url.set(password="sesame").render_as_string(hide_password=False))
    folder = pretended("99.1")

    with pytest.raises(backups.NotMade, match="pg_dump failed: no luck"):
        backed_up()

    assert "dbname=test_" in (folder / "words").read_text(encoding="ascii")
    assert "sesame" not in (folder / "words").read_text(encoding="ascii")
    assert (folder / "password").read_text(encoding="ascii") == "sesame\n"
    assert names(tmp_path / "backups") == []


@ON_SQLITE
def test_a_database_that_could_not_note_its_backup_still_has_it(prepared, backed_up, monkeypatch):
    def full(*_):
        raise database.Unavailable("OperationalError SQLITE_FULL")

    monkeypatch.setattr(database, "upsert", full)

    made = backed_up()

    assert made.file.exists()
    assert made.wrong == ["the database could not note when it was backed up: OperationalError SQLITE_FULL"]
    forget()
