"""What a second server process on the same PostgreSQL adds.

Visitors, each of them kept on one server as a proxy does, use the HTML door: they open the form, send it as its script
does and open the confirmation. One server has all of them, or two have half of them each, in turn. The visitors and
PostgreSQL need the same processors: so what they take of these is told, and CPU of the servers for a visit beside it,
which says whether two are in each other's way.
"""

import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from os import cpu_count
from pathlib import Path
from typing import NamedTuple

from tests.app import App
from tests.benchmarks import bulk
from tests.benchmarks.crowd import VISITORS, visit_html, visits
from tests.benchmarks.processor import cpu_seconds
from tests.benchmarks.table import Row

DOOR = ["/"]


class Turn(NamedTuple):
    """Visits a second, and for a visit the CPU milliseconds of the servers, of PostgreSQL and of the visitors."""

    rate: float
    servers: float
    database: float
    visitors: float


def measure(*, quick: bool) -> list[Row]:
    """Take turns; the first does not count."""
    turns, seconds = (1, 2) if quick else (3, 5)
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(3)]
        (url,) = stack.enter_context(bulk.empty("postgresql", folders[0], "shared"))
        postmaster = int((folders[0] / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        servers = [App(folder, database_url=url, secret_key="s" * 32, open_limit="100000") for folder in folders[1:]]
        for server in servers:
            stack.callback(server.stop)
            server.start(FORWARDED_ALLOW_IPS="*")
        pool = stack.enter_context(ThreadPoolExecutor(VISITORS))
        found: dict[int, list[Turn]] = {1: [], 2: []}
        for _ in range(1 + turns):
            for number, of in found.items():
                of.append(turn(pool, servers[:number], postmaster, seconds))
    one, two = (Turn(*map(statistics.median, zip(*of[1:], strict=True))) for of in found.values())
    share = f"{two.rate * two.visitors / 10 / cpu_count():.0f} % of all CPU the visitors', "
    share += f"{two.rate * two.database / 10 / cpu_count():.0f} % PostgreSQL's"
    return [
        Row(
            f"visits a second by the HTML door, two servers on one PostgreSQL ({share})", two.rate, "", "one", one.rate
        ),
        Row("the servers' CPU for such a visit", two.servers, "ms", "one", one.servers),
    ]


def turn(pool: ThreadPoolExecutor, servers: list[App], postmaster: int, seconds: float) -> Turn:
    """Let all visit for some seconds."""

    def used() -> tuple[float, float, float]:
        return sum(cpu_seconds(one.process.pid) for one in servers), cpu_seconds(postmaster), time.process_time()

    before = used()
    took, length = visits(pool, lambda visitor: visit_html(servers[visitor % len(servers)], DOOR, visitor), seconds)
    spent = [1000 * (after - earlier) / len(took) for after, earlier in zip(used(), before, strict=True)]
    return Turn(len(took) / length, *spent)
