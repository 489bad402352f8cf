"""What the database failed at last, told by its kind alone: the driver's own words may quote the row it refused."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger("checkin.database")

DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


class Unavailable(RuntimeError):
    """The database did not do what was asked; nothing of the transaction is stored, as far as can be known.

    The message holds no value of any row. Asking again with the same submission key is always safe.
    """


@dataclass
class Failures:
    """When the database last failed, by `time.monotonic`; its kind; and whether its file has turned out damaged."""

    at: float = float("-inf")
    kind: str = ""
    damaged: bool = False


seen = Failures()


@contextmanager
def named(by_driver: type[Exception]) -> Iterator[None]:
    """Turn a fault of the database or of its driver into `Unavailable`, and log its kind."""
    try:
        yield
    except (SQLAlchemyError, by_driver) as error:  # a COPY raises the driver's own
        fault = getattr(error, "orig", None) or error
        code = getattr(fault, "sqlite_errorname", None) or getattr(fault, "sqlstate", None) or ""
        seen.at, seen.kind = time.monotonic(), f"{type(fault).__name__} {code}".strip()
        seen.damaged = seen.damaged or code.startswith(DAMAGED)
        log.error("database fault: %s", seen.kind)  # noqa: TRY400 - a traceback would quote it too
        raise Unavailable(seen.kind) from None


def refuse_damaged() -> None:
    """Raise `Unavailable` once the file has turned out damaged: what is stored in it now may not be found again."""
    if seen.damaged:
        raise Unavailable("the database is damaged: `python -m data verify` says what to do")
