import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import create_engine, inspect, text, update

from data import catalogue, demonstration
from data.reports import check_ins
from data.storage import database, digests, preparation, schema, sqlite_file
from tests.app import QUICK_HASH
from tests.conftest import PRODUCTION, forget
from tests.counted import count_check_ins


def test_a_new_database_is_made_with_its_key_and_only_its_owner_reads_them(embedded):
    preparation.prepare()

    assert embedded.stat().st_size > 0
    files = ("checkins.db", "checkins.db-wal", "checkins.db-shm", "checkins.db.key", "checkins.db.lock")
    modes = {file.name: file.stat().st_mode & 0o777 for file in embedded.parent.iterdir()}
    assert modes == dict.fromkeys(files, 0o600)
    assert embedded.parent.stat().st_mode & 0o777 == 0o700


def test_preparing_again_changes_nothing(prepared):
    check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["nausea"])

    preparation.prepare()

    assert count_check_ins() == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_servers_may_prepare_a_new_database_at_once(configure, database_url):
    configure(database_url=database_url, secret_key="s" * 32, passphrase_hash=QUICK_HASH)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: preparation.prepare(), range(4)))

    assert count_check_ins() == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"SQLite format 3\0" + b"\x10\x00" + b"\0" * 10, "is truncated"),
        (b"some other file, longer than the head of a database" * 4, "is not a SQLite database"),
    ],
)
def test_a_file_that_is_no_whole_database_refuses_to_start_and_is_left_alone(embedded, content, says):
    embedded.parent.mkdir()
    embedded.write_bytes(content)

    with pytest.raises(sqlite_file.Unusable, match=says):
        preparation.prepare()

    assert embedded.read_bytes() == content


def test_a_place_that_cannot_be_written_is_named(configure, tmp_path):
    (tmp_path / "file").touch()
    configure(database_url=f"sqlite:///{tmp_path / 'file' / 'checkins.db'}")

    with pytest.raises(sqlite_file.Unusable, match="cannot be read or made: File exists"):
        preparation.prepare()


def test_a_truncated_database_refuses_to_start(embedded):
    preparation.prepare()
    forget()
    embedded.write_bytes(embedded.read_bytes()[:-4096])

    with pytest.raises(sqlite_file.Unusable, match="is truncated"):
        preparation.prepare()


def test_a_missing_database_beside_its_key_refuses_to_start(embedded):
    preparation.prepare()
    forget()
    embedded.unlink()

    with pytest.raises(sqlite_file.Unusable, match="is missing but its key"):
        preparation.prepare()

    assert not embedded.exists()


def test_a_blank_database_beside_an_existing_key_is_not_taken_for_a_new_one(embedded):
    preparation.prepare()
    forget()
    for file in embedded.parent.glob("checkins.db*"):
        if file.suffix != ".key":
            file.unlink()
    with closing(sqlite3.connect(embedded)) as blank:  # as a server leaves it that connects after the deletion
        blank.execute("PRAGMA journal_mode = WAL")

    with pytest.raises(sqlite_file.Unusable, match="is blank but its key"):
        preparation.prepare()


def test_a_recount_makes_no_new_database(embedded):
    with pytest.raises(sqlite_file.Unusable, match="there is no database"):
        preparation.prepare(create=False)

    assert not embedded.parent.exists()


def test_a_database_without_its_key_refuses_to_start(embedded):
    preparation.prepare()
    forget()
    embedded.with_name("checkins.db.key").unlink()

    with pytest.raises(digests.SecretKeyMissing, match="Put it back from the backup"):
        preparation.prepare()


def test_another_secret_key_refuses_to_start_until_it_is_accepted(prepared, configure):
    check_ins.record(key=check_ins.new_key(), window="0-4 h", ticked=["nausea"])
    configure(secret_key="t" * 32)

    with pytest.raises(sqlite_file.Unusable, match="belongs to another secret key: set CHECKIN_SECRET_KEY to that one"):
        preparation.prepare()
    preparation.prepare(any_key=True)
    with pytest.raises(sqlite_file.Unusable, match="another secret key"):
        preparation.prepare()
    with database.writing() as connection:
        preparation.accept_key(connection)

    preparation.prepare()
    assert count_check_ins() == 1


@pytest.mark.parametrize("unknown", [["key"], ["key", "audit_end"]])
def test_a_database_of_an_earlier_release_keeps_the_key_it_was_used_with(prepared, configure, unknown):
    with database.writing() as connection:
        connection.execute(schema.about.delete().where(schema.about.c.name.in_(unknown)))
    if "audit_end" in unknown:  # then nothing says which key that was
        preparation.prepare()
    configure(secret_key="t" * 32)

    with pytest.raises(sqlite_file.Unusable, match="another secret key"):
        preparation.prepare()


def test_a_key_that_is_only_asked_about_is_not_noted(prepared, configure):
    with database.writing() as connection:
        connection.execute(schema.about.delete().where(schema.about.c.name == schema.KEY))
    configure(secret_key="t" * 32)

    preparation.check(any_key=True)

    with pytest.raises(sqlite_file.Unusable, match="another secret key"):
        preparation.prepare()


def test_an_older_database_is_only_looked_at_where_it_must_not_be_migrated(prepared):
    with database.writing() as connection:
        database.upsert(connection, schema.about, {"name": "schema_version", "value": "5"})

    with pytest.raises(sqlite_file.Unusable, match="is of an earlier release: start the server, which migrates it"):
        preparation.check()
    preparation.check(older=True)

    with database.reading() as connection:
        assert database.note(connection, "schema_version") == "5"


def test_a_link_to_the_database_leads_to_its_log_lock_and_key(configure, tmp_path):
    configure(database_url=f"sqlite:///{tmp_path / 'disk' / 'checkins.db'}")
    preparation.prepare()
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "disk" / "checkins.db")
    configure(database_url=f"sqlite:///{link}")

    preparation.prepare()

    assert [file.name for file in tmp_path.glob("*.*")] == ["link.db"]


def test_the_same_key_in_the_setting_as_in_the_file_starts(embedded, configure):
    preparation.prepare()
    configure(secret_key=embedded.with_name("checkins.db.key").read_text(encoding="ascii"))

    preparation.prepare()


def test_a_database_of_something_else_refuses_to_start(configure, database_url):
    other = create_engine(database_url)
    with other.begin() as connection:
        connection.execute(text("CREATE TABLE invoices (id INTEGER)"))
    other.dispose()
    configure(database_url=database_url, secret_key="s" * 32, passphrase_hash=QUICK_HASH)

    with pytest.raises(sqlite_file.Unusable, match="another program's tables"):
        preparation.prepare()

    with database.reading() as connection:
        assert inspect(connection).get_table_names() == ["invoices"]


def test_a_newer_schema_refuses_to_start(prepared):
    with database.writing() as connection:
        connection.execute(update(schema.about).values(value="8"))

    with pytest.raises(sqlite_file.Unusable, match="schema version 8, this release supports 7"):
        preparation.prepare()


ITCH = catalogue.SideEffect("itch", "Itching")


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (lambda items: (*items, ITCH), "itch"),
        (lambda items: items[:-1], "bladder"),
        (lambda items: (*items[:-1], ITCH), "bladder, itch"),
        (lambda items: items[::-1], "the order"),
    ],
    ids=["added", "removed", "replaced", "reordered"],
)
def test_a_list_that_changed_without_a_new_version_refuses_to_start(prepared, monkeypatch, change, names):
    changed = replace(catalogue.LISTS[1], side_effects=change(catalogue.SIDE_EFFECTS))
    monkeypatch.setitem(catalogue.LISTS, 1, changed)

    with pytest.raises(sqlite_file.Unusable, match=rf"its version did not \(list version 1: {names}\)") as refused:
        preparation.prepare()

    assert "\n" not in str(refused.value)


def test_a_newer_list_refuses_to_start(prepared):
    with database.writing() as connection:
        database.upsert(connection, schema.about, {"name": "list version 2", "value": "nausea itch"})

    with pytest.raises(sqlite_file.Unusable, match="list version 2, this release supports 1: start the release"):
        preparation.prepare()


def test_made_up_check_ins_refuse_to_start_in_production(prepared, configure):
    demonstration.fill(10, 1, lambda _: None)
    preparation.prepare()
    configure(**PRODUCTION)

    with pytest.raises(sqlite_file.Unusable, match="holds made-up check-ins, and CHECKIN_PUBLIC_URL is set"):
        preparation.prepare()
