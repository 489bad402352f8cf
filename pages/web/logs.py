"""What the server's own loggers may write down."""

import logging


def keep_queries_out() -> None:
    """Let uvicorn log addresses without their query, in which an invitation's code may stand."""
    for name in ("uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).addFilter(_without_query)


def _without_query(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(
            part.partition("?")[0] if isinstance(part, str) and part.startswith("/") else part for part in record.args
        )
    return True
