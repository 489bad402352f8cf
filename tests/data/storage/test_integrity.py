"""A damaged file, and a database beside the log of another, start nothing and stay as they are."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from data.reports import check_ins
from data.storage import database, integrity, preparation, schema
from data.storage.sqlite_file import Unusable
from tests.conftest import forget

PAGE = 4096


def store(number):
    for _ in range(number):
        check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["nausea"])


def contents(file):
    files = {one.name: one.read_bytes() for one in file.parent.glob("checkins.db*") if one.suffix in (".db", ".db-wal")}
    return {name: content for name, content in files.items() if content}


@pytest.fixture
def used(embedded):
    """Give a database with check-ins of which nobody has a connection, all in its file."""
    preparation.prepare()
    store(40)
    forget()
    return embedded


@pytest.fixture
def killed(embedded):
    """Give a database whose server was killed: its newest check-ins are in the -wal alone."""
    preparation.prepare()
    store(20)
    database.fold_log()
    store(20)
    folder = embedded.parent.with_name("killed")
    shutil.copytree(embedded.parent, folder)
    forget()
    shutil.rmtree(embedded.parent)
    folder.rename(embedded.parent)
    return embedded


def refused():
    with pytest.raises(Unusable) as error:
        preparation.prepare()
    assert "\n" not in str(error.value)
    forget()
    return str(error.value)


@pytest.mark.parametrize("tenth", range(1, 10, 2))
def test_a_database_with_overwritten_pages_does_not_start(used, tenth):
    pages = bytearray(used.read_bytes())
    first = len(pages) // PAGE * tenth // 10 * PAGE
    pages[first : first + PAGE] = b"\xa5" * PAGE
    used.write_bytes(pages)
    before = contents(used)

    told = refused()

    assert f"{used} is damaged (" in told
    assert "`python -m data restore FILE`" in told
    assert contents(used) == before


def test_a_file_that_cannot_be_read_for_now_is_not_called_damaged(killed, monkeypatch):
    monkeypatch.setattr(integrity, "_PATIENCE", 0.1)
    with closing(sqlite3.connect(killed, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")

        told = refused()

        assert "cannot be read or made: SQLite cannot read it or its -wal (SQLITE_BUSY)" in told
        assert "damaged" not in told
        assert "belongs to another" not in told


def test_a_database_too_large_to_be_checked_at_a_start_is_not(used, monkeypatch):
    monkeypatch.setattr(integrity, "CHECKED_BYTES", 1000)
    monkeypatch.setattr(integrity, "fault", lambda _: "would have been found")

    preparation.prepare()


def test_the_log_of_a_killed_server_is_taken_in(killed):
    assert killed.with_name("checkins.db-wal").stat().st_size

    preparation.prepare()

    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM check_ins").scalar() == 40


def vacuumed(file, copy):
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))


def marked(file, copy):
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("INSERT INTO about VALUES (?, 'now')", (schema.COPY,))
        target.commit()


@pytest.mark.parametrize("made", [vacuumed, marked])
def test_a_backup_beside_the_log_of_the_database_before_is_refused_and_starts_without_it(embedded, tmp_path, made):
    preparation.prepare()
    store(20)
    backup = tmp_path / "backup.db"
    made(embedded, backup)
    store(20)
    log = embedded.with_name("checkins.db-wal")
    kept = log.read_bytes()
    forget()
    shutil.copy(backup, embedded)
    log.write_bytes(kept)
    before = contents(embedded)

    told = refused()

    assert told.startswith(f"checkins.db-wal belongs to another database than {embedded} and would spoil it")
    assert contents(embedded) == before
    for name in ("checkins.db-wal", "checkins.db-shm"):
        embedded.with_name(name).unlink(missing_ok=True)
    preparation.prepare()
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM check_ins").scalar() == 20
        assert database.note(connection, schema.COPY) is None


def test_a_log_that_does_not_fit_is_told_from_a_damaged_file(used, tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.db", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("CREATE TABLE other (words TEXT)")
        other.executemany("INSERT INTO other VALUES (?)", [("x" * 3000,)] * 50)
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        other.execute("UPDATE other SET words = upper(words)")
        shutil.copy(tmp_path / "other.db-wal", used.with_name("checkins.db-wal"))
    before = contents(used)

    assert "belongs to another database" in refused()
    assert contents(used) == before


def test_a_start_that_was_killed_while_it_took_a_copy_in_use_starts_again(used):
    folder = used.parent.with_name("killed")
    with closing(sqlite3.connect(used, isolation_level=None)) as connection:
        for words in ("PRAGMA journal_mode = DELETE", "PRAGMA cache_size = 1", "BEGIN", "UPDATE about SET value = 'x'"):
            connection.execute(words)
        connection.execute("CREATE TABLE large (words TEXT)")
        connection.executemany("INSERT INTO large VALUES (?)", [("x" * 3000,)] * 50)  # so that the file is written to
        shutil.copytree(used.parent, folder)
        connection.execute("ROLLBACK")
    shutil.rmtree(used.parent)
    folder.rename(used.parent)
    assert used.with_name("checkins.db-journal").stat().st_size

    preparation.prepare()

    with database.reading() as connection:
        assert database.note(connection, "schema_version") == str(schema.SCHEMA_VERSION)


def test_a_killed_start_of_a_restored_backup_starts_again(used):
    with closing(sqlite3.connect(used)) as connection:
        connection.execute("INSERT INTO about VALUES (?, 'now')", (schema.COPY,))
        connection.commit()
    preparation.prepare()
    store(1)
    assert used.with_name("checkins.db-wal").stat().st_size
    folder = used.parent.with_name("killed")
    shutil.copytree(used.parent, folder)
    forget()
    shutil.rmtree(used.parent)
    folder.rename(used.parent)

    preparation.prepare()
