"""What the server does by itself, beside answering: it forgets network addresses and closes lines that nobody uses."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.concurrency import run_in_threadpool

from data import database, throttle
from pages.web import lines

_HOUR = 3600  # seconds


@asynccontextmanager
async def life(_: Any) -> AsyncIterator[None]:
    """Keep house from the start of the server to its end."""
    lines.limit()
    tasks = [asyncio.create_task(work()) for work in (_forget, lines.close_idle)]
    yield
    for task in tasks:
        task.cancel()


async def _forget() -> None:
    while True:
        with suppress(database.Unavailable):  # which the log has; the next hour may do better
            await run_in_threadpool(throttle.forget_old)
        await asyncio.sleep(_HOUR)
