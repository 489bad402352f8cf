"""What is logged, and how often: what strangers can repeat at will only once a minute."""

import logging
import time

SECONDS = 60
REMEMBERED = 1_000  # kinds: a line may name what a stranger chose


class Sparing(logging.Filter):
    """Let a message through once a minute; messages that differ only in a `%r` count as the same."""

    def __init__(self) -> None:
        super().__init__()
        self._logged: dict[object, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the last line of this kind is at least a minute old."""
        kind = record.msg if "%r" in record.msg else record.getMessage()
        now = time.monotonic()
        if now - self._logged.get(kind, -SECONDS) < SECONDS:
            return False
        if len(self._logged) >= REMEMBERED:
            self._logged.clear()
        self._logged[kind] = now
        return True


def begin() -> None:
    """Log to the console: no address with its query, which may hold a code, and no line of uvicorn twice a minute."""
    console, ours = logging.StreamHandler(), logging.getLogger("checkin")
    console.setFormatter(logging.Formatter("{asctime} {levelname} {name}: {message}", style="{"))
    ours.handlers = [console]
    ours.setLevel(logging.INFO)
    for name in ("uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).addFilter(_without_query)
    for name in ("uvicorn.error", "asyncio", "checkin.database", "checkin.staff", "checkin.check_ins"):
        logging.getLogger(name).addFilter(Sparing())


def _without_query(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(
            part.partition("?")[0] if isinstance(part, str) and part.startswith("/") else part for part in record.args
        )
    return True
