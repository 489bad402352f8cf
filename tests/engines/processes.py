"""Processes that a test run starts, none of which outlives it, and waiting for what they do."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

PATIENCE = 20  # seconds


@contextmanager
def running(*command: str, **options: object) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command, without its words, for the length of a block; what it started ends with it."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | options
    process = subprocess.Popen(command, start_new_session=True, **quiet)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until(what: str, look: Callable[[], Any], *not_yet: type[Exception], patience: float = PATIENCE) -> Any:
    """Return what `look` gives as soon as it is something; raise `TimeoutError` where that takes too long.

    Exceptions that say "not yet" are as good as nothing; the last one is told.
    """
    deadline, told = time.monotonic() + patience, None
    while time.monotonic() < deadline:
        try:
            if found := look():
                return found
        except not_yet as error:
            told = error
        time.sleep(0.03)
    raise TimeoutError(f"{what} is not there") from told
