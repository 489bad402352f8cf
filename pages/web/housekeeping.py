"""What the server does on its own: it deletes old digests of addresses, stores refusals, closes idle connections."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.concurrency import run_in_threadpool

from data.staff import audit, throttle
from data.storage import database
from pages.web import lines

_HOUR, _MINUTE = 3600, 60  # seconds


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """Run the housekeeping for as long as the server runs."""
    lines.limit()
    works = (_repeat(throttle.forget_old, _HOUR), _repeat(audit.settle, _MINUTE), lines.close_idle())
    tasks = [asyncio.create_task(work) for work in works]
    yield
    for task in tasks:
        task.cancel()
    with suppress(database.Unavailable):
        await run_in_threadpool(audit.settle)


async def _repeat(work: Callable[[], None], every: int) -> None:
    while True:
        with suppress(database.Unavailable):  # already logged; the next time may go better
            await run_in_threadpool(work)
        await asyncio.sleep(every)
