"""The audit log: what staff and the operator saw, issued, changed or took, and when. Rows are only ever added.

What patients do is not in it: their rows say it themselves, and no patient waits for the log.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import Connection, delete, func, select

from data import VERSION, clock, settings
from data.storage import chain, database
from data.storage.schema import audit, refusals

log = logging.getLogger("checkin.staff")

_QUARTER = timedelta(minutes=15)
_LATE = timedelta(minutes=2)  # until then another server may still store what it counted
_MOST_KINDS = 100  # of refusals in a quarter of an hour; more are counted together
_refused: Counter[tuple[str, datetime]] = Counter()
_lock = Lock()


def note(connection: Connection, who: str, did: str) -> None:
    """Add a row at the end of the transaction of `connection`: if that fails, what it records does not happen.

    At the end, because from then on others who add rows wait: first, it would make all of them wait for the whole.
    """
    database.do_last(connection, lambda: chain.append(connection, who, did))


def refused(what: str) -> None:
    """Log and count a refusal of staff, or of somebody who would be; it does not wait for the database, nor fail."""
    log.warning("refused: %s", what)
    seconds = clock.now().timestamp() // _QUARTER.total_seconds() * _QUARTER.total_seconds()
    quarter = datetime.fromtimestamp(seconds, UTC)
    with _lock:
        known = (what, quarter) in _refused or len(_refused) < _MOST_KINDS
        _refused[what if known else "something else", quarter] += 1


def settle() -> None:
    """Store what was refused, and add one row a kind for each quarter of an hour that is over.

    Raises `database.Unavailable`; then nothing is lost.
    """
    with _lock:
        counted = _refused.copy()
        _refused.clear()
    over = refusals.c.quarter <= clock.now() - _QUARTER - _LATE
    try:
        with database.reading() as connection:
            is_due = connection.scalar(select(func.count()).where(over))
        if not counted and not is_due:
            return
        with database.writing() as connection:
            # In one order, so that no two servers lock each other.
            for (what, quarter), number in sorted(counted.items()):
                database.upsert(connection, refusals, {"what": what, "quarter": quarter, "number": number}, ("number",))
            for row in connection.execute(delete(refusals).where(over).returning(refusals)).all():
                times = f"{row.number} time{'s' if row.number > 1 else ''}"
                span = f"{row.quarter:%Y-%m-%d %H:%M} to {row.quarter + _QUARTER:%H:%M} UTC"
                note(connection, "server", f"refused {times} from {span}: {row.what}")
    except database.Unavailable:
        with _lock:
            _refused.update(counted)
        raise


def started() -> tuple[int, str]:
    """Note a start with its settings, secrets left out; return number and digest of that row.

    If the secret key was changed, a new chain begins. Raises `database.Unavailable`.
    """
    with database.writing() as connection:
        chain.begin_again(connection)
        note(connection, "operator", f"started {VERSION} with {settings.current().told}")
    with database.reading() as connection:
        return chain.end(connection)


def shown(
    connection: Connection,
    *,
    who: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    containing: str | None = None,
) -> Iterator[Any]:
    """Yield id, at, who and did of rows, oldest first: of one person, in [since, until), with some words in `did`."""
    asked = select(audit.c.id, audit.c.at, audit.c.who, audit.c.did).order_by(audit.c.id)
    asked = asked if who is None else asked.where(audit.c.who == who)
    asked = asked if since is None else asked.where(audit.c.at >= since)
    asked = asked if until is None else asked.where(audit.c.at < until)
    asked = asked if containing is None else asked.where(audit.c.did.contains(containing, autoescape=True))
    with connection.execute(asked.execution_options(yield_per=1000)) as streamed:
        yield from streamed
