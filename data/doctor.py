"""What an operator should look at: each finding says what is the matter and what to do. Nothing is mended."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import httpx2
from sqlalchemy import inspect, text

from data import VERSION, clock, settings
from data.reports import check_ins
from data.settings import cautions
from data.staff import persons, ways
from data.storage import database, digests, migrations, preparation, readiness, sqlite_file
from data.storage.schema import SCHEMA_VERSION, about

OK, LOOK, WRONG = "ok", "look", "wrong"
_BACKUP_LATE = timedelta(hours=36)  # a daily one and a missed day
_CLOCK_OFF = timedelta(minutes=1)
_FEW_FILES = 4096  # a thousand open pages; systems usually allow far more
_PATIENCE = 10  # seconds for an answer of the server
_SWITCHED = 101  # the status of a websocket that opens
_UPGRADE = {  # how a browser opens a websocket: https://www.rfc-editor.org/rfc/rfc6455#section-4.1
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
}
_PROXY = {
    "none": "it does not set X-Forwarded-For, so all visitors count as one",
    "not trusted": "the server's FORWARDED_ALLOW_IPS does not name it, so all visitors count as one",
}
_MIB = 2**20
_POSIX = os.name == "posix"


@dataclass(frozen=True)
class Finding:
    """`state` is `OK`, `LOOK` (works, but perhaps not as intended) or `WRONG`; `told` is one sentence or two."""

    state: str
    told: str


def findings() -> Iterator[Finding]:
    """Yield what was looked at, each presuming the ones before. To try it, a row is stored and deleted.

    Raises `settings.InvalidSettings`, `sqlite_file.Unusable`, `in_use.InUse`, `digests.SecretKeyMissing` or
    `database.Unavailable`: then the server does not start either.
    """
    yield from (Finding(LOOK, f"Settings: {sentence}") for sentence in cautions.sentences())
    yield Finding(OK, f"Settings: {settings.current().told}")
    if file := settings.current().database_file:
        sqlite_file.open_up(file, create=False)
    with database.reading() as connection:
        if not inspect(connection).has_table(about.name):
            yield _found("Database", look="it is empty; the first start fills it")
            return
        preparation.check_versions(connection)
        preparation.check_key(connection)
        if not migrations.is_current(connection):
            yield _found("Database", look=f"the next start migrates it to schema {SCHEMA_VERSION}; make a backup first")
            return
    for look in (_database, _private, _space, _backup, _clock, _sign_in, _open_files):
        yield look()
    yield from _from_outside()


def _found(told: str, *, wrong: object = None, look: object = None) -> Finding:
    """Return a finding with the first objection there is."""
    state = WRONG if wrong else LOOK if look else OK
    return Finding(state, f"{told}: {wrong or look}" if state != OK else told)


def _database() -> Finding:
    told = f"Database and its secret key: {database.engine().url}, schema {SCHEMA_VERSION}"
    hindered = readiness.hindrance()
    return _found(told, wrong=hindered and f"no check-in can be stored ({hindered}); the server's log says more")


def _private() -> Finding:
    files = settings.current().database_file, digests.key_file()
    open_to_others = " ".join(str(one) for one in files if one and _POSIX and one.stat().st_mode & 0o077)
    return _found("Files", wrong=open_to_others and f"others on this machine can read them; chmod 600 {open_to_others}")


def _space() -> Finding:
    if (file := settings.current().database_file) is None:
        return _found("Space: not looked at for PostgreSQL")
    free, size = readiness.free_bytes(), file.stat().st_size
    told = f"Space: {free / _MIB:,.0f} MiB beside the database of {size / _MIB:,.1f} MiB"
    return _found(told, look=free < readiness.LEAST_FREE + 3 * size and "an upgrade needs room for it three times")


def _backup() -> Finding:
    with database.reading() as connection:
        age = readiness.backup_age(connection)
    if age is None:
        return _found("Backup", wrong="there has never been one; run `python -m data backup DIR`, daily by a timer")
    told = f"Backup: the last one is {age // timedelta(hours=1)} hours old"
    off = abs(age) > _BACKUP_LATE and "does the timer run? See its log"
    return _found(told, wrong=off)


def _clock() -> Finding:
    with database.reading() as connection:
        newest = check_ins.newest_recorded(connection)
        theirs = connection.scalar(text("SELECT now()")) if settings.current().uses_postgresql else clock.now()
    ours = clock.now()
    ahead = (
        newest
        and newest > ours + _CLOCK_OFF
        and f"the newest check-in was recorded at {clock.shown(newest):%Y-%m-%d %H:%M}"
    )
    apart = abs(theirs - ours) > _CLOCK_OFF and f"that of PostgreSQL shows {clock.shown(theirs):%Y-%m-%d %H:%M}"
    told = f"Clock: {clock.shown(ours):%Y-%m-%d %H:%M} ({settings.current().timezone})"
    return _found(told, wrong=(off := ahead or apart) and f"{off}; let a time server set it")


def _sign_in() -> Finding:
    with database.reading() as connection:
        someone = settings.current().oidc_issuer or ways.passphrase_hash(connection) or persons.hosts()
    return _found("Signing in", look=not someone and "nobody can yet; for a link, `python -m data staff add NAME`")


def _open_files() -> Finding:
    if sys.platform == "win32":
        return _found("Open files: no limit")
    import resource  # noqa: PLC0415 - not on Windows

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = most if most > 0 else sys.maxsize  # unlimited
    told = f"Open files: {most:,} for a process started like this one"
    return _found(
        told, look=0 < most < _FEW_FILES and f"enough for {most // 4:,} pages; raise LimitNOFILE or `ulimit -Hn`"
    )


def _from_outside() -> Iterator[Finding]:
    """Look at the server as visitors reach it."""
    if (url := settings.current().public_url) is None:
        yield _found("Address", look="CHECKIN_PUBLIC_URL is not set, so invitations lead to this machine")
        return
    try:
        answer = httpx2.get(f"{url}/ready", timeout=_PATIENCE)
        told = dict(answer.json())
        socket = httpx2.get(f"{url}/_stcore/stream", headers=_UPGRADE | {"origin": url}, timeout=_PATIENCE)
    except (httpx2.HTTPError, ValueError, TypeError) as error:
        name = type(error).__name__
        yield _found(f"Address {url}", wrong=f"from this machine, no check-in answers there ({name}); try a phone too")
        return
    version = told.get("version")
    yield _found(
        f"Address {url}: {told.get('status')}",
        wrong=answer.is_error and f"it answers {answer.status_code}",
        look=version != VERSION and f"version {version} runs there, this is {VERSION}; restart the server",
    )
    yield _found(f"Proxy: {told.get('proxy')}", wrong=_PROXY.get(str(told.get("proxy"))))
    passes = socket.status_code == _SWITCHED
    yield _found("Websockets", wrong=not passes and "the proxy does not pass them on, so staff see no figures")
