"""Migrations of an older database to the tables and the list of this release, in one transaction, after a copy."""

import logging
import re
from collections.abc import Callable

from sqlalchemy import CheckConstraint, Connection, ForeignKeyConstraint, Table, UniqueConstraint, inspect, select, text
from sqlalchemy.schema import AddConstraint, CreateColumn, CreateTable

from data import settings
from data.catalogue import EVERY_CODE, LIST_VERSION, LISTS
from data.storage import chain, copies, database, protection
from data.storage.columns import CELL, TICKED, TICKS
from data.storage.schema import SCHEMA_VERSION, about, check_ins, metadata

log = logging.getLogger("checkin.database")

_LIST = "list version "
_KEYS = (ForeignKeyConstraint, UniqueConstraint)


def _attempts_by_purpose(connection: Connection) -> None:
    """Migrate to version 2: attempts are kept by purpose, so those of the last two days are forgotten."""
    connection.execute(text("DROP TABLE sign_in_attempts"))


def _sessions_by_role(connection: Connection) -> None:
    """Migrate to version 6: a session has a role, so everybody signs in again."""
    connection.execute(text("DELETE FROM staff_sessions"))


def _listed_by_number(connection: Connection) -> None:
    """Migrate to version 7: infusions are listed by number or end, so nothing asks for their order of registration."""
    connection.execute(text("DROP INDEX IF EXISTS infusions_by_registration"))


def _ticks_counted(connection: Connection) -> None:
    """Migrate to version 5: fill the counters of how many check-ins have how many ticks."""
    cell = ", ".join(f'"{name}"' for name in CELL)
    each = ", ".join(f"sum(CASE WHEN {TICKS} = {m} THEN 1 ELSE 0 END) AS {name}" for m, name in enumerate(TICKED, 1))
    counted = f"SELECT {cell}, {each} FROM check_ins WHERE withdrawn IS NULL GROUP BY {cell}"  # noqa: S608 - own names
    values = ", ".join(f"{name} = counted.{name}" for name in TICKED)
    same = " AND ".join(f'tallies."{name}" = counted."{name}"' for name in CELL)
    connection.exec_driver_sql(f"UPDATE tallies SET {values} FROM ({counted}) AS counted WHERE {same}")  # noqa: S608


# By the version that each migrates to: what `rebuild` cannot do, in the older tables before it, in the new after.
Steps = dict[int, Callable[[Connection], None]]
STEPS: Steps = {2: _attempts_by_purpose, 6: _sessions_by_role, 7: _listed_by_number}
AFTER: Steps = {5: _ticks_counted, 6: chain.take_over}


def migrate() -> None:
    """Migrate the database to this release's tables and list; safe to repeat, and for several servers at once.

    An embedded database is first copied into its own folder; a PostgreSQL database is not, so the operator makes a
    backup. Raises `OSError` if it cannot be copied, or `database.Unavailable`; then nothing is changed.
    """
    with database.rebuilding() as connection:
        database.take_turns(connection, "schema")
        database.take_time(connection)
        if is_current(connection):  # another server has just done it
            return
        version = schema_version(connection)
        if file := settings.current().database_file:
            older = f"schema-{version}" if version < SCHEMA_VERSION else f"list-{max(known_lists(connection))}"
            with copies.finished(file.with_name(f"{file.name}.{older}"), replace=True) as unfinished:
                copies.copy(file, unfinished)
        due = range(version + 1, SCHEMA_VERSION + 1)
        for step in (STEPS[one] for one in due if one in STEPS):
            step(connection)
        rebuild(connection)
        for step in (AFTER[one] for one in due if one in AFTER):
            step(connection)
        protection.protect(connection)
        sign(connection)
    log.info("migrated the database from schema %d to %d", version, SCHEMA_VERSION)


def schema_version(connection: Connection) -> int:
    """Return the schema version noted in the database, 0 if there is none."""
    return int(database.note(connection, "schema_version") or 0)


def known_lists(connection: Connection) -> dict[int, tuple[str, ...]]:
    """Return the codes of each list that the database may have answers to, by list version."""
    notes = select(about.c.name, about.c.value).where(about.c.name.like(f"{_LIST}%"))
    noted = {int(name.removeprefix(_LIST)): tuple(value.split()) for name, value in connection.execute(notes)}
    if noted:
        return noted
    columns = (column["name"] for column in inspect(connection).get_columns(check_ins.name))
    others = {*check_ins.c.keys()} - {*EVERY_CODE}
    return {1: tuple(name for name in columns if name not in others)}  # before schema version 4 there was one list


def is_current(connection: Connection) -> bool:
    """Return whether the database has this release's tables and list."""
    return schema_version(connection) == SCHEMA_VERSION and LIST_VERSION in known_lists(connection)


def sign(connection: Connection) -> None:
    """Note in the database its schema version and the codes of each list."""
    lists = {f"{_LIST}{version}": " ".join(asked.codes) for version, asked in LISTS.items()}
    for name, value in (lists | {"schema_version": str(SCHEMA_VERSION)}).items():
        database.upsert(connection, about, {"name": name, "value": value})


def rebuild(connection: Connection) -> None:
    """Bring each table to its definition in `schema`, keeping its rows; a new column that must not be empty gets 0."""
    there = inspect(connection).get_table_names()
    for table in metadata.sorted_tables:
        if table.name not in there:
            table.create(connection)
        elif connection.dialect.name == "sqlite":
            _replace(connection, table)
        else:
            _alter(connection, table)
        for index in table.indexes:
            index.create(connection, checkfirst=True)


def _replace(connection: Connection, table: Table) -> None:
    """Replace a table whose definition has changed by a new one: SQLite can alter neither CHECK nor STRICT.

    Source: https://www.sqlite.org/lang_altertable.html#otheralter
    """
    defined = text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND type IN ('table', 'trigger')")
    stored = connection.execute(defined, {"table": table.name}).all()
    wanted = str(CreateTable(table).compile(connection))
    if any(_bare(sql) == _bare(wanted) for _, sql in stored):
        return
    kept = {column["name"] for column in inspect(connection).get_columns(table.name)}
    filled = [column.name for column in table.c if column.name in kept or not column.nullable]
    names = ", ".join(f'"{name}"' for name in filled)
    values = ", ".join(f'"{name}"' if name in kept else "0" for name in filled)
    new = f"new_{table.name}"
    for statement in (
        wanted.replace(table.name, new, 1),
        f"INSERT INTO {new} ({names}) SELECT {values} FROM {table.name}",  # noqa: S608 - names of the schema
        f"DROP TABLE {table.name}",
        f"ALTER TABLE {new} RENAME TO {table.name}",
        *(sql for kind, sql in stored if kind == "trigger"),
    ):
        connection.exec_driver_sql(statement)


def _bare(definition: str) -> str:
    return re.sub(r'[\s"]', "", definition)


def _alter(connection: Connection, table: Table) -> None:
    """Add the columns that a table lacks, and replace its CHECKs by those in `schema`."""
    looked = inspect(connection)
    there = {column["name"] for column in looked.get_columns(table.name)}
    new = [column for column in table.c if column.name not in there]
    changes = [f'DROP CONSTRAINT "{check["name"]}"' for check in looked.get_check_constraints(table.name)]
    for column in new:
        added = f"ADD COLUMN {CreateColumn(column).compile(connection)}"
        changes.append(added if column.nullable else f"{added} DEFAULT 0")
    changes += [f'ALTER COLUMN "{column.name}" DROP DEFAULT' for column in new if not column.nullable]
    for change in changes:
        connection.exec_driver_sql(f"ALTER TABLE {table.name} {change}")
    for constraint in table.constraints:
        is_check = isinstance(constraint, CheckConstraint)
        if is_check or (isinstance(constraint, _KEYS) and not there.issuperset(constraint.columns.keys())):
            connection.execute(AddConstraint(constraint, isolate_from_table=False))
