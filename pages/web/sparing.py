"""Logging what strangers can repeat at will: one line a minute of each kind."""

import logging
import time

SECONDS = 60


class Sparing(logging.Filter):
    """Let a message through once a minute; what stands in it for a `%r` makes it no other message."""

    def __init__(self) -> None:
        super().__init__()
        self._logged: dict[object, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the last line of this kind is a minute ago."""
        kind = record.msg if "%r" in record.msg else record.getMessage()
        now = time.monotonic()
        if now - self._logged.get(kind, -SECONDS) < SECONDS:
            return False
        self._logged[kind] = now
        return True
