"""The time that a process has had of the processors. Linux only."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

REST = 0.3  # seconds between two looks at a process that comes to rest
IDLE = 20  # seconds: an idle server uses in one what a short visit does
BUSY = 0.015  # of one processor: a server at rest uses less


class Spent(NamedTuple):
    """CPU seconds, user and system, idling included, and the seconds that went by."""

    processor: float
    clock: float


def rest(process: int) -> tuple[float, float]:
    """Wait until nothing is left to do for a process; return its CPU time and the time of the clock."""
    used = REST
    while used > BUSY * REST:
        before = cpu_seconds(process)
        time.sleep(REST)
        used = cpu_seconds(process) - before
    return cpu_seconds(process), time.monotonic()


def spent(process: int, work: Callable[[], None]) -> Spent:
    """Return what a process spends on some work, from its rest before to its rest after."""
    before, began = rest(process)
    work()
    after, ended = rest(process)
    return Spent(after - before, ended - began)


def idle_shares(processes: list[int]) -> dict[int, float]:
    """Return how much of one processor each process uses while nothing is asked of any."""
    before = {process: cpu_seconds(process) for process in processes}
    time.sleep(IDLE)
    return {process: (cpu_seconds(process) - before[process]) / IDLE for process in processes}


def cpu_seconds(process: int) -> float:
    """Return the CPU time of a process, its ended threads included, and of its children, living and ended."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    ended = sum(map(int, fields[13:15])) / os.sysconf("SC_CLK_TCK")  # a PostgreSQL connection that is closed, say
    return time.clock_gettime(~process << 3 | 2) + ended + sum(cpu_seconds(int(child)) for child in children)
