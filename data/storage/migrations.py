"""The steps from an older schema to this release's: each small, in order, in one transaction, after a backup."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, text, update

from data import settings
from data.storage import database
from data.storage.schema import SCHEMA_VERSION, about, attempts, corrections, infusion_tallies, infusions, one_check_in


def _receipts_in_use(connection: Connection) -> None:
    """Version 2: check-ins are corrected, and attempts are counted at receipts too."""
    whole = "BIGINT" if settings.current().uses_postgresql else "INTEGER"
    connection.execute(text(f"ALTER TABLE check_ins ADD COLUMN corrected {whole}"))
    connection.execute(
        text("DROP TABLE sign_in_attempts")
    )  # attempts of the last two days, kept by purpose from now on
    attempts.create(connection)
    corrections.create(connection)


def _infusions_registered(connection: Connection) -> None:
    """Version 3: infusions are registered, and check-ins may belong to one."""
    whole = "BIGINT" if settings.current().uses_postgresql else "INTEGER"
    infusions.create(connection)
    infusion_tallies.create(connection)
    connection.execute(text(f"ALTER TABLE check_ins ADD COLUMN infusion {whole} REFERENCES infusions (id)"))
    one_check_in.create(connection)


# A step makes tables as they are in `schema` now: whoever changes such a table next writes its older form out here.
STEPS: dict[int, Callable[[Connection], None]] = {  # by the version they lead to
    2: _receipts_in_use,
    3: _infusions_registered,
}


def migrate(connection: Connection, version: int) -> None:
    """Lead a database from an older version to this release's, within the transaction of `connection`.

    A copy of an embedded database is made first, beside it; of PostgreSQL the operator makes one. Raises `OSError` or
    `sqlite3.Error` where there is no room for the copy: nothing is changed then.
    """
    if file := settings.current().database_file:
        _copy(file, file.with_name(f"{file.name}.schema-{version}"))
    database.take_time(connection)
    for step in range(version + 1, SCHEMA_VERSION + 1):
        STEPS[step](connection)
    connection.execute(update(about).where(about.c.name == "schema_version").values(value=str(SCHEMA_VERSION)))


def _copy(file: Path, copy: Path) -> None:
    """Copy what is committed, whole or not at all; the umask of the start keeps the copy its owner's."""
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(unfinished)) as target:
            source.backup(target)
        unfinished.replace(copy)
    finally:
        for left in (unfinished, unfinished.with_name(f"{unfinished.name}-journal")):
            left.unlink(missing_ok=True)
