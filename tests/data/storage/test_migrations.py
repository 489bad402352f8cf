import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from data.catalogue import LISTS
from data.reports import (
    answers,
    check_ins,
    invitations,
    issued,
    receipts,
    registration,
    responses,
    roster,
    tallies,
)
from data.staff import audit, passphrase, throttle
from data.storage import chain, database, migrations, preparation, schema, sqlite_file
from tests.app import PASSPHRASE, QUICK_HASH, ROOT
from tests.conftest import forget

# Databases as the releases of each schema version left them, under the secret key of `older` and with the same five
# submission keys; schema-3-from-1 was led there by that release.
DUMPS = ROOT / "tests" / "databases"
EVERY = ["schema-1", "schema-2", "schema-3", "schema-3-from-1", "schema-4", "schema-5", "schema-6"]
INVITATION = "K7QM-4TXD-R2AB"  # in schema-3 and schema-6, of the infusion that has a check-in already
UNANSWERED = "K7QM-4TXD-R2AC"

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def older(request, configure, database_url):
    """Put an older release's database in the place of a new one; gives how tables of a new one are defined."""
    configure(database_url=database_url, secret_key="s" * 32, passphrase_hash=QUICK_HASH)
    preparation.prepare()
    new = definitions()
    name = getattr(request, "param", "schema-1")
    if database_url.startswith("sqlite"):
        file = database.engine().url.database
        forget()
        Path(file).unlink()
        with closing(sqlite3.connect(file)) as connection:
            connection.executescript((DUMPS / f"{name}.sql").read_text(encoding="utf-8"))
        return new
    dump = DUMPS / f"{name}.postgresql.sql"
    with database.writing() as connection:
        for table in schema.metadata.tables:
            connection.exec_driver_sql(f"DROP TABLE {table} CASCADE")
        connection.exec_driver_sql(dump.read_text(encoding="utf-8"))
    return new


def definitions():
    """Return how tables and indexes are defined; of PostgreSQL in no order, as it appends new columns."""
    with database.reading() as connection:
        if connection.dialect.name == "sqlite":
            defined = text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
            return {name: re.sub(r'[\s"]', "", sql) for name, sql in connection.execute(defined)}
        looked = """
            SELECT table_name, column_name, concat_ws(' ', data_type, is_nullable, column_default)
            FROM information_schema.columns WHERE table_schema = 'public'
            UNION SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace
            UNION SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        """
        return {tuple(row) for row in connection.execute(text(looked))}


def of_each_kind(names):
    """Return names for SQLite and, where there is such a dump, for PostgreSQL."""
    kinds = {"sqlite": ".sql", "postgresql": ".postgresql.sql"}
    return [(kind, name) for name in names for kind, end in kinds.items() if (DUMPS / f"{name}{end}").exists()]


@pytest.mark.parametrize(("database_url", "older"), of_each_kind(EVERY), indirect=True)
def test_a_database_of_an_older_release_gets_the_tables_of_a_new_one_and_keeps_its_check_ins(older):
    preparation.prepare()

    assert definitions() == older
    with database.reading() as connection:
        assert migrations.schema_version(connection) == schema.SCHEMA_VERSION
    assert check_ins.by_key("1" * 32).ticked == ("nausea",)
    assert check_ins.by_key("2" * 32).ticked == ()
    assert tallies.differences() == responses.differences() == []


def test_every_older_version_is_kept_as_its_release_wrote_it():
    kept = {int(re.match(r"schema-(\d+)", file.name)[1]) for file in DUMPS.iterdir()}

    assert kept == set(range(1, schema.SCHEMA_VERSION))


@pytest.mark.parametrize("older", ["schema-4"], indirect=True)
def test_infusions_from_the_seventh_on_that_an_older_release_told_not_apart_stay_so(older):
    preparation.prepare()

    with database.reading() as connection:
        bands = connection.execute(text("SELECT number, number_band FROM infusions ORDER BY id")).all()
        counted = connection.execute(
            text("SELECT n, ticked_3, ticked_1 FROM tallies WHERE number_band = 'later'")
        ).one()
    assert bands == [(20, "later"), (7, "later")]
    assert counted == (1, 1, 0)


@pytest.mark.parametrize("older", ["schema-2", "schema-5", "schema-6"], indirect=True)
def test_the_audit_log_is_taken_over_and_chained(older):
    with database.reading() as connection:
        earlier = connection.execute(text("SELECT at, who, did FROM audit ORDER BY id")).all()
    preparation.prepare()

    with database.writing() as connection:
        audit.note(connection, "Ana", "saw figures")
    with database.reading() as connection:
        kept = connection.execute(text("SELECT at, who, did FROM audit ORDER BY id")).all()
        assert chain.fault(connection) is None
    assert kept[:-1] == earlier
    assert len(earlier) >= 3
    with pytest.raises(database.Unavailable), database.writing() as connection:
        connection.execute(text("DELETE FROM audit"))


@pytest.mark.parametrize("older", ["schema-2", "schema-3", "schema-6"], indirect=True)
def test_what_was_corrected_and_withdrawn_is_so_after_the_migration(older):
    preparation.prepare()

    corrected, withdrawn = (check_ins.by_key(key * 32) for key in "34")
    assert (corrected.ticked, corrected.corrected) == (("fatigue",), True)
    assert withdrawn.withdrawn


@pytest.mark.parametrize("older", ["schema-3", "schema-6"], indirect=True)
def test_an_invitation_opens_after_the_migration_what_it_opened_before(older, set_clock):
    set_clock(datetime(2026, 11, 25, 12, tzinfo=UTC))  # when its windows were open
    preparation.prepare()

    assert invitations.find(INVITATION, "address").window == "1-7 d"
    assert check_ins.record(key="6" * 32, code=UNANSWERED, ticked=["sleep"]).window == "1-7 d"
    assert [each.answered for each in roster.read(passphrase.sign_in(PASSPHRASE, "address"))] == [
        frozenset(),
        frozenset({"1-7 d"}),
        frozenset({"0-4 h"}),
    ]
    assert tallies.differences() == responses.differences() == []


@pytest.mark.parametrize("older", ["schema-3", "schema-6"], indirect=True)
def test_a_code_of_before_cannot_be_shown_until_the_infusion_gets_a_new_one(older, set_clock):
    set_clock(datetime(2026, 11, 25, 12, tzinfo=UTC))
    preparation.prepare()
    token = passphrase.sign_in(PASSPHRASE, "address")
    assert issued.show(token, 2)[1] is None

    issued.renew(token, 2)

    with pytest.raises(invitations.UnknownInvitation):
        invitations.find(UNANSWERED, "address")
    code = issued.show(token, 2)[1]
    assert check_ins.record(key="6" * 32, code=code, ticked=["sleep"]).window == "1-7 d"
    assert tallies.differences() == responses.differences() == []


@pytest.mark.parametrize("older", ["schema-6"], indirect=True)
def test_a_tablet_of_the_clinic_is_a_door_only_after_the_migration(older):
    by_tablet = text("UPDATE check_ins SET door = 'kiosk' WHERE id = 2")
    with pytest.raises(database.Unavailable), database.writing() as connection:
        connection.execute(by_tablet)

    preparation.prepare()

    visit = check_ins.Visit(door="kiosk")
    assert check_ins.record(key="6" * 32, window="0-4 h", ticked=["sleep"], visit=visit).ticked == ("sleep",)
    assert tallies.differences() == []


@pytest.mark.parametrize("older", ["schema-2"], indirect=True)
def test_infusions_can_be_registered_and_answered_once_in_a_window_after_the_migration(older):
    preparation.prepare()

    _, code = registration.register(passphrase.sign_in(PASSPHRASE, "address"), number=2)
    check_ins.record(key="b" * 32, code=code, ticked=["sleep"])

    with pytest.raises(invitations.AnsweredAlready):
        check_ins.record(key="c" * 32, code=code, ticked=["sleep"])
    assert tallies.differences() == responses.differences() == []


def test_what_was_stored_before_is_there_and_can_be_corrected(older):
    preparation.prepare()

    stored = check_ins.by_key("1" * 32)
    assert receipts.correct(stored.receipt, "address", ticked=["sleep"]).ticked == ("sleep",)
    assert receipts.withdraw(stored.receipt, "address").withdrawn
    assert tallies.differences() == []


def test_attempts_are_counted_anew_and_limited_as_before(older):
    preparation.prepare()

    for _ in range(throttle.SIGN_IN.per_address):
        with pytest.raises(passphrase.WrongPassphrase):
            passphrase.sign_in("wrong", "192.0.2.1")
    with pytest.raises(throttle.Throttled):
        passphrase.sign_in(PASSPHRASE, "192.0.2.1")


@ON_SQLITE
def test_foreign_keys_hold_after_a_migration(older):
    preparation.prepare()

    with pytest.raises(database.Unavailable, match="SQLITE_CONSTRAINT_FOREIGNKEY"), database.writing() as connection:
        connection.exec_driver_sql("UPDATE check_ins SET infusion = 99 WHERE id = 1")


@ON_SQLITE
@pytest.mark.parametrize("older", ["schema-3"], indirect=True)
def test_a_row_that_refers_to_none_is_named_and_nothing_is_changed(older):
    with closing(sqlite3.connect(database.engine().url.database)) as other:
        other.execute("UPDATE check_ins SET infusion = 99 WHERE id = 1")
        other.commit()
    before = definitions()

    with pytest.raises(sqlite_file.Unusable, match="a row refers to one that does not exist"):
        preparation.prepare()

    assert definitions() == before


@ON_SQLITE
def test_a_trigger_of_the_operators_own_stays(older):
    with database.writing() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER kept BEFORE DELETE ON check_ins BEGIN SELECT raise(ABORT, 'never deleted'); END"
        )

    preparation.prepare()

    with pytest.raises(database.Unavailable, match="TRIGGER"), database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM check_ins")


@ON_POSTGRESQL
def test_a_table_in_use_by_another_program_is_named_and_nothing_is_changed(older):
    reader = create_engine(database.engine().url)
    with reader.connect() as connection:
        connection.execute(text("SELECT count(*) FROM check_ins"))
        with pytest.raises(sqlite_file.Unusable, match="stop every other server and backup"):
            preparation.prepare()
    reader.dispose()

    preparation.prepare()
    assert definitions() == older


@ON_SQLITE
def test_a_copy_of_the_older_database_stands_beside_the_new_one(older, tmp_path):
    preparation.prepare()

    copy = tmp_path / "checkins.db.schema-1"
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as opened:
        assert opened.execute("SELECT value FROM about WHERE name = 'schema_version'").fetchone() == ("1",)
        assert opened.execute("SELECT nausea FROM check_ins").fetchall() == [(1,), (0,), (0,), (0,)]
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@ON_SQLITE
def test_without_room_for_the_copy_nothing_is_changed(older, tmp_path):
    (tmp_path / "checkins.db.schema-1").mkdir()  # what the copy would be renamed to

    with pytest.raises(sqlite_file.Unusable, match="no copy could be made first"):
        preparation.prepare()

    assert list(tmp_path.glob("*.unfinished*")) == []

    with database.reading() as connection:
        assert database.note(connection, "schema_version") == "1"


def test_a_migration_that_fails_leaves_the_older_database_whole(older, monkeypatch):
    before, rebuild = definitions(), migrations.rebuild

    def fails_at_its_end(connection):
        rebuild(connection)
        connection.execute(text("SELECT nonsense"))

    monkeypatch.setattr(migrations, "rebuild", fails_at_its_end)

    with pytest.raises(sqlite_file.Unusable, match="and is unchanged"):
        preparation.prepare()

    assert definitions() == before
    with database.reading() as connection:
        assert database.note(connection, "schema_version") == "1"
        assert "corrections" not in inspect(connection).get_table_names()


def test_an_item_that_is_asked_no_more_keeps_its_answers(prepared, monkeypatch):
    check_ins.record(key="1" * 32, window="0-4 h", ticked=["bladder"])
    monkeypatch.setitem(LISTS, 2, replace(LISTS[1], side_effects=LISTS[1].side_effects[:-1]))
    monkeypatch.setattr(migrations, "LIST_VERSION", 2)

    preparation.prepare()

    with database.reading() as connection:
        assert migrations.known_lists(connection) == {1: LISTS[1].codes, 2: LISTS[1].codes[:-1]}
    assert check_ins.by_key("1" * 32).ticked == ("bladder",)
    with pytest.raises(answers.UnknownSideEffect):
        check_ins.record(key="2" * 32 + "v2", window="0-4 h", ticked=["bladder"])
    assert check_ins.record(key="2" * 32 + "v2", window="0-4 h", ticked=["nausea"]).list_version == 2
    assert tallies.differences() == []


@ON_SQLITE
def test_a_copy_is_made_before_the_list_changes_too(prepared, monkeypatch, tmp_path):
    monkeypatch.setitem(LISTS, 2, LISTS[1])
    monkeypatch.setattr(migrations, "LIST_VERSION", 2)

    preparation.prepare()

    with closing(sqlite3.connect(tmp_path / "checkins.db.list-1")) as opened:
        assert opened.execute("SELECT name FROM about WHERE name LIKE 'list%'").fetchall() == [("list version 1",)]


@pytest.mark.parametrize("older", ["schema-3"], indirect=True)
def test_an_older_database_with_an_item_that_no_list_has_is_refused_and_keeps_it(older, monkeypatch):
    with database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE check_ins ADD COLUMN itch INTEGER NOT NULL DEFAULT 1")

    with pytest.raises(sqlite_file.Unusable, match=r"its version did not \(list version 1: itch\)"):
        preparation.prepare()

    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT sum(itch) FROM check_ins").scalar() == 5
