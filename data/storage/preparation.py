"""The start: making a new database, and refusing one that must not be used."""

import os
from functools import cache

from sqlalchemy import Connection, inspect

from data import settings
from data.catalogue import LIST_VERSION, LISTS
from data.storage import chain, database, digests, migrations, protection
from data.storage.schema import KEY, SCHEMA_VERSION, about, metadata
from data.storage.sqlite_file import RESTORE, Unusable, open_up

_OTHER_RELEASE = (
    "the database has {}, this release supports {}: start the release that wrote it, or restore a backup of this one"
)
_OTHER_KEY = (
    "the database belongs to another secret key: set CHECKIN_SECRET_KEY to that one, or put its .key file back. If it "
    "is lost for good, run `python -m data accept-key`, which says what ends with it, and asks"
)


def prepare(*, create: bool = True, migrate: bool = True, older: bool = False, any_key: bool = False) -> None:
    """Make a new database or check the existing one; done once at start, safe to do again.

    What is made is readable by its owner only. With `create=False` a missing file is refused too, with `migrate=False`
    an older database, unless `older=True`; with `any_key=True` another secret key is not, nor is one noted.

    Raises `Unusable` for a file that is empty, truncated, damaged, not ours or newer than the code, for another secret
    key, and for made-up check-ins in production; `digests.SecretKeyMissing` for a database without its key;
    `in_use.InUse` during a restore; `database.Unavailable` when it does not answer. An older database is migrated by
    `migrations`; nothing else that exists is altered or dropped.
    """
    everybodys = os.umask(0o077)  # SQLite gives its other files the mode of the database
    try:
        if file := settings.current().database_file:
            open_up(file, create=create)
        _make_or_check(migrate=migrate, older=older, any_key=any_key)
    finally:
        os.umask(everybodys)


@cache
def prepare_once() -> None:
    """Do the same, but only once in a process."""
    prepare()


def check(*, older: bool = False, any_key: bool = False) -> None:
    """Check the existing database for a command: it makes none, and migrates none under a server that is running."""
    prepare(create=False, migrate=False, older=older, any_key=any_key)


def _make_or_check(*, migrate: bool, older: bool, any_key: bool) -> None:
    with database.writing() as connection:
        database.take_turns(connection, "schema")
        tables = inspect(connection).get_table_names()
        if about.name not in tables:
            if tables:
                raise Unusable("the database has another program's tables: use a separate database for the check-ins")
            if (key := digests.key_file()) and key.exists():
                # A server whose database is deleted may leave a blank file in its place.
                raise Unusable(f"the database is blank but its key {key.name} is there: {RESTORE}")
            digests.make_key_file()
            metadata.create_all(connection)
            chain.take_over(connection)
            protection.protect(connection)
            migrations.sign(connection)
        check_versions(connection)
        if not any_key:
            check_key(connection)
        if settings.current().public_url and database.note(connection, "demonstration"):
            raise Unusable("the database holds made-up check-ins, and CHECKIN_PUBLIC_URL is set: use another database")
        is_current = migrations.is_current(connection)
    if not is_current and not migrate:
        if older:
            return
        raise Unusable("the database is of an earlier release: start the server, which migrates it, then try again")
    if not is_current:
        _migrate()
    if not any_key:
        _note_key()


def check_key(connection: Connection) -> None:
    """Refuse another secret key than the database was used with. Before 1.3.0 only the audit log tells that."""
    noted = database.note(connection, KEY)
    if noted != digests.fingerprint() and (noted or chain.has_another_key(connection)):
        raise Unusable(_OTHER_KEY)


def accept_key(connection: Connection) -> None:
    """Let the database belong to the present secret key; the audit log begins a new chain with it."""
    database.upsert(connection, about, {"name": KEY, "value": digests.fingerprint()})
    chain.begin_again(connection)


def _note_key() -> None:
    with database.reading() as connection:
        if database.note(connection, KEY) is not None:
            return
    with database.writing() as connection:
        database.upsert(connection, about, {"name": KEY, "value": digests.fingerprint()})


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
