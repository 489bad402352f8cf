"""Measure what the check-in costs, each figure beside a baseline of the same run; print one table. Linux only."""

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import click

from tests.benchmarks import audit, crowd, dashboard, first_load, memory, replicas, sign_in, storing, table, visit

MODULES = (visit, first_load, memory, crowd, replicas, storing, dashboard, sign_in, audit)
BENCHMARKS = {module.__name__.rpartition(".")[2]: module for module in MODULES}
LISTED = "".join(f"\n{name:12}{(module.__doc__ or '').partition(chr(10))[0]}" for name, module in BENCHMARKS.items())


@click.command(help=__doc__, epilog=f"\b{LISTED}")
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHMARKS)), metavar="[NAME]...")
@click.option("--quick", is_flag=True, help="Measure each so shortly that the figures say nothing: for trying them.")
def main(names: tuple[str, ...], quick: bool) -> None:  # noqa: FBT001 - click's
    """Print each row once it is measured."""
    click.echo(f"{table.machine()}\n\n{table.HEAD}")
    for name in names or BENCHMARKS:
        began = time.monotonic()
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:  # one leaves no settings or threads to the next
            for row in alone.submit(BENCHMARKS[name].measure, quick=quick).result():
                click.echo(row.markdown(name))
        click.echo(f"{name}: {time.monotonic() - began:.0f} s", err=True)


if __name__ == "__main__":
    main()
