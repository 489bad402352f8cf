"""What the server does on its own: it deletes what is too old to keep, stores refusals, closes idle connections."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.concurrency import run_in_threadpool

from data.reports import retention
from data.staff import audit, throttle
from data.storage import database
from pages.web import lines

log = logging.getLogger("checkin")

_HOUR, _MINUTE = 3600, 60  # seconds
_PAUSE = 0.1  # between portions of work: others write meanwhile


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """Run the housekeeping for as long as the server runs."""
    lines.limit()
    every_hour = (_repeat(work, _HOUR) for work in (throttle.forget_old, retention.delete_portion))
    works = (*every_hour, _repeat(audit.settle, _MINUTE), lines.close_idle())
    tasks = [asyncio.create_task(work) for work in works]
    yield
    for task in tasks:
        task.cancel()
    for work in (audit.settle, database.close):
        with suppress(database.Unavailable):
            await run_in_threadpool(work)
    log.info("stopped")


async def _repeat(work: Callable[[], bool | None], every: int) -> None:
    """Do some work again and again: at once where it returns that there is more to do."""
    while True:
        with suppress(database.Unavailable):  # already logged; the next time may go better
            while await run_in_threadpool(work):
                await asyncio.sleep(_PAUSE)
        await asyncio.sleep(every)
