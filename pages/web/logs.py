"""What the server's own loggers may record."""

import logging

from pages.web import sparing


def keep_tidy() -> None:
    """Make uvicorn log addresses without their query, which may hold a code, and no line twice a minute."""
    for name in ("uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).addFilter(_without_query)
    for name in ("uvicorn.error", "asyncio", "checkin.database"):
        logging.getLogger(name).addFilter(sparing.Sparing())


def _without_query(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(
            part.partition("?")[0] if isinstance(part, str) and part.startswith("/") else part for part in record.args
        )
    return True
