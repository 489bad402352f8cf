"""The start: making a new database, and refusing one that must not be used."""

import os
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect

from data import settings
from data.catalogue import LIST_VERSION, LISTS
from data.storage import chain, database, digests, migrations, protection
from data.storage.schema import SCHEMA_VERSION, about, metadata

HEAD_BYTES = 100  # of every SQLite file: https://www.sqlite.org/fileformat2.html#the_database_header

_OTHER_RELEASE = (
    "the database has {}, this release supports {}: start the release that wrote it, or restore a backup of this one"
)
_RESTORE = (
    "restore the database from a backup, or delete what is left of it and its key to start again with an empty one"
)


class Unusable(RuntimeError):
    """The database must not be used: empty, truncated, foreign, or newer than the code; the message says what to do."""


def prepare(*, create: bool = True) -> None:
    """Make a new database or check the existing one; done once at start, safe to do again.

    What is made is readable by its owner only. With `create=False` a missing file is refused too.

    Raises `Unusable` for a file that is empty, truncated, not ours or newer than the code, and for made-up check-ins
    in production; `digests.SecretKeyMissing` for a database without its key; `database.Unavailable` when it does not
    answer. An older database is migrated by `migrations`; nothing else that exists is altered or dropped.
    """
    file = settings.current().database_file
    if file:
        try:
            _check_file(file, create=create)
        except OSError as error:
            raise Unusable(f"{file} cannot be read or made: {error.strerror}") from None
    everybodys = os.umask(0o077)  # SQLite gives its other files the mode of the database
    try:
        _make_or_check()
    finally:
        os.umask(everybodys)
    digests.digest("start", "")


@cache
def prepare_once() -> None:
    """Do the same, but only once in a process."""
    prepare()


def _make_or_check() -> None:
    with database.writing() as connection:
        database.take_turns(connection, "schema")
        tables = inspect(connection).get_table_names()
        if about.name not in tables:
            if tables:
                raise Unusable("the database has another program's tables: use a separate database for the check-ins")
            if (key := digests.key_file()) and key.exists():
                # A server whose database is deleted may leave a blank file in its place.
                raise Unusable(f"the database is blank but its key {key.name} is there: {_RESTORE}")
            digests.make_key_file()
            metadata.create_all(connection)
            chain.take_over(connection)
            protection.protect(connection)
            migrations.sign(connection)
        check_versions(connection)
        if settings.current().public_url and database.note(connection, "demonstration"):
            raise Unusable("the database holds made-up check-ins, and CHECKIN_PUBLIC_URL is set: use another database")
        is_current = migrations.is_current(connection)
    if not is_current:
        _migrate()


def check_versions(connection: Connection) -> None:
    """Refuse tables or a list that this release does not know, and a list that was changed in place."""
    version = migrations.schema_version(connection)
    if not 1 <= version <= SCHEMA_VERSION:
        raise Unusable(_OTHER_RELEASE.format(f"schema version {version}", SCHEMA_VERSION))
    for version, codes in migrations.known_lists(connection).items():
        if version not in LISTS:
            raise Unusable(_OTHER_RELEASE.format(f"list version {version}", LIST_VERSION))
        if codes != LISTS[version].codes:
            changed = ", ".join(sorted({*codes} ^ {*LISTS[version].codes})) or "the order"
            raise Unusable(
                f"the list changed but its version did not (list version {version}: {changed}): restore it and add "
                "the changed list as a new version, as data/catalogue.py explains"
            )


def _migrate() -> None:
    try:
        migrations.migrate()
    except OSError as error:
        raise Unusable(f"the database was not migrated, because no copy could be made first: {error}") from None
    except database.Unavailable as error:
        raise Unusable(
            f"the database could not be migrated ({error}) and is unchanged: stop every other server and backup that "
            "uses it, and make sure that the disk has room for the database three times, then start again"
        ) from None


def _check_file(file: Path, *, create: bool) -> None:
    """Refuse what SQLite would silently take for a new database, and a key whose database is gone."""
    key = digests.key_file()
    if not file.exists():
        if key and key.exists():
            raise Unusable(f"{file} is missing but its key {key.name} is there: {_RESTORE}")
        if not create:
            raise Unusable(f"there is no database {file}")
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return
    written_ahead = file.with_name(file.name + "-wal")
    pending = written_ahead.exists() and written_ahead.stat().st_size > 0
    with file.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
    size = file.stat().st_size
    if size == 0 and not pending:
        raise Unusable(f"{file} is empty (0 bytes): {_RESTORE}")
    if size and not head.startswith(b"SQLite format 3\0"):
        raise Unusable(f"{file} is not a SQLite database; it is unchanged")
    page_size, pages = int.from_bytes(head[16:18]), int.from_bytes(head[28:32])
    if not pending and (len(head) < HEAD_BYTES or page_size * pages > size):
        raise Unusable(f"{file} is truncated ({size} bytes): restore it from a backup")
