"""Leading an older database to this release, in one transaction, after a copy: steps move data, then tables follow."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKeyConstraint,
    Table,
    UniqueConstraint,
    inspect,
    text,
    update,
)
from sqlalchemy.schema import AddConstraint, CreateColumn, CreateTable

from data import settings
from data.storage import database
from data.storage.schema import SCHEMA_VERSION, about, metadata

KEYS = (ForeignKeyConstraint, UniqueConstraint)


def _attempts_by_purpose(connection: Connection) -> None:
    """Version 2: attempts are kept by purpose; those of the last two days are forgotten."""
    connection.execute(text("DROP TABLE sign_in_attempts"))


# A step moves data between the tables as it finds them; `rebuild` then makes these as `schema` has them.
STEPS: dict[int, Callable[[Connection], None]] = {2: _attempts_by_purpose}  # by the version they lead to


def migrate() -> None:
    """Lead the database to this release's schema; safe to do again, and by several servers at once.

    A copy of an embedded database is made first, beside it; of PostgreSQL the operator makes one. Raises `OSError`
    where there is no room for the copy, or `database.Unavailable`: nothing is changed then.
    """
    with database.rebuilding() as connection:
        database.take_turns(connection, "schema")
        database.take_time(connection)
        version = schema_version(connection)
        if version == SCHEMA_VERSION:  # another server was quicker
            return
        if file := settings.current().database_file:
            _copy(file, file.with_name(f"{file.name}.schema-{version}"))
        for step in range(version + 1, SCHEMA_VERSION + 1):
            if step in STEPS:
                STEPS[step](connection)
        rebuild(connection)
        connection.execute(update(about).where(about.c.name == "schema_version").values(value=str(SCHEMA_VERSION)))


def schema_version(connection: Connection) -> int:
    """Return the version of the database's tables, 0 where it says none."""
    return int(database.note(connection, "schema_version") or 0)


def rebuild(connection: Connection) -> None:
    """Make every table as `schema` has it, with the rows it has; a new column that may not be empty begins at 0.

    A column or table that `schema` does not have is dropped from a changed table and left as it is elsewhere.
    """
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
    """Put a new table in place of one that is defined otherwise: SQLite alters no CHECK and no order of columns.

    Source: https://www.sqlite.org/lang_altertable.html#otheralter
    """
    defined = text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND type IN ('table', 'trigger')")
    stored = connection.execute(defined, {"table": table.name}).all()
    wanted = str(CreateTable(table).compile(connection))
    if any(_bare(sql) == _bare(wanted) for _, sql in stored):
        return
    kept = [column["name"] for column in inspect(connection).get_columns(table.name) if column["name"] in table.c]
    begun = [column.name for column in table.c if column.name not in kept and not column.nullable]
    columns = [f'"{name}"' for name in kept]
    new, values = f"new_{table.name}", ", ".join([*columns, *("0" for _ in begun)])
    names = ", ".join([*columns, *(f'"{name}"' for name in begun)])
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
    """Add the columns that a table does not have yet, and put today's CHECKs in place of its own."""
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
        if is_check or (isinstance(constraint, KEYS) and not there.issuperset(constraint.columns.keys())):
            connection.execute(AddConstraint(constraint, isolate_from_table=False))


def _copy(file: Path, copy: Path) -> None:
    """Copy what is committed, whole or not at all; the umask of the start keeps the copy its owner's."""
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(unfinished)) as target:
            source.backup(target)
        unfinished.replace(copy)
    except sqlite3.Error as error:
        raise OSError(str(error)) from None
    finally:
        for left in (unfinished, unfinished.with_name(f"{unfinished.name}-journal")):
            left.unlink(missing_ok=True)
