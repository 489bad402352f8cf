"""Another file in the place of an embedded database, so that being killed at any moment loses neither."""

from datetime import timedelta
from glob import escape
from itertools import count
from pathlib import Path

from data import clock
from data.storage import copies

_WAITING, _REPLACED = ".restoring-", ".replaced-"


def interrupted(file: Path) -> Path | None:
    """Return the file that waits to take the place of a database: while there is one, no server may start."""
    found = file.parent.glob(f"{escape(file.name)}{_WAITING}*")
    return next((each for each in sorted(found) if not each.name.endswith((copies.UNFINISHED, *copies.BESIDE))), None)


def waiting_place(file: Path) -> Path:
    """Return where to put what is to take the place of a database; after an interruption the same place again.

    What an interrupted copy left there is removed.
    """
    for left in file.parent.glob(f"{escape(file.name)}{_WAITING}*{copies.UNFINISHED}*"):
        left.unlink()
    now = clock.now()
    instants = (now + timedelta(seconds=seconds) for seconds in count())
    places = (file.with_name(f"{file.name}{_WAITING}{instant:%Y-%m-%dT%H%M%SZ}") for instant in instants)
    unused = (place for place in places if not any(file.parent.glob(f"{escape(_aside(place).name)}*")))
    return interrupted(file) or next(unused)


def exchange(file: Path, waiting: Path, key: str | None) -> Path:
    """Move a database aside with all that belongs to it, and put what waits in its place, with its key if it has one.

    The last step takes away what waits: until then no server starts, and the same call completes what was begun.
    Returns under which name the database that was replaced is kept, if there was one.
    """
    aside = _aside(waiting)
    for end in (*copies.BESIDE, ".key", ""):
        there, kept = (each.with_name(f"{each.name}{end}") for each in (file, aside))
        if there.exists() and (kept.exists() or end == "-shm" or not there.stat().st_size):
            there.unlink()  # put there by this before it was interrupted, or nothing that is needed
        elif there.exists():
            there.rename(kept)
    copies.sync(file.parent)
    if key is not None:
        with copies.finished(file.with_name(f"{file.name}.key"), replace=True) as unfinished:
            unfinished.write_text(key, encoding="ascii")
    waiting.rename(file)
    copies.sync(file.parent)
    return aside


def _aside(waiting: Path) -> Path:
    return waiting.with_name(waiting.name.replace(_WAITING, _REPLACED))
