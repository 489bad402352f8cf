"""What the server does on its own: it deletes old digests of network addresses, and closes connections nobody uses."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.concurrency import run_in_threadpool

from data.staff import throttle
from data.storage import database
from pages.web import lines

_HOUR = 3600  # seconds


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """Run the housekeeping for as long as the server runs."""
    lines.limit()
    tasks = [asyncio.create_task(work()) for work in (_forget, lines.close_idle)]
    yield
    for task in tasks:
        task.cancel()


async def _forget() -> None:
    while True:
        with suppress(database.Unavailable):  # already logged; the next hour may go better
            await run_in_threadpool(throttle.forget_old)
        await asyncio.sleep(_HOUR)
