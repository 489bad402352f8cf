"""Log what strangers can repeat at will only once a minute for each kind."""

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
