"""Commands about the audit log: is it as it was written, and what is in it."""

from datetime import datetime

import click

from data import clock, settings
from data.files import cells
from data.staff import audit as log
from data.storage import chain, database, preparation


@click.group()
def audit() -> None:
    """Read the audit log, or find out whether it is as it was written."""


@audit.command()
@click.option("--end", nargs=2, type=(int, str), metavar="NUMBER DIGEST", help="An end that was noted elsewhere.")
def verify(end: tuple[int, str] | None) -> None:
    """Find a row that was edited, removed, moved or added past the product. Prints the end: note it elsewhere."""
    preparation.check()
    with database.reading() as connection:
        database.take_time(connection)
        if fault := chain.fault(connection, end):
            raise click.ClickException(f"the audit log is not as it was written: {fault}.")
        number, mac = chain.end(connection)
        for begun in chain.beginnings(connection):
            click.echo(
                f"Row {begun} begins a new chain. Was CHECKIN_SECRET_KEY changed then? If not, rows before were edited."
            )
    click.echo(f"The audit log is as it was written. It ends with row {number}, {mac}")


@audit.command()
@click.option("--who", help="Only what this person did.")
@click.option("--since", type=click.DateTime(), help="In the clinic's time zone.")
@click.option("--until", type=click.DateTime(), help="Up to this instant, in the clinic's time zone.")
@click.option("--containing", help="Only rows with these words.")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV, with instants in UTC.")
def show(
    who: str | None, since: datetime | None, until: datetime | None, containing: str | None, *, as_csv: bool
) -> None:
    """Print rows of the audit log, oldest first."""
    preparation.check()
    zone = settings.current().zone
    span = {"since": since and clock.instant(since), "until": until and clock.instant(until)}
    if as_csv:
        click.echo(cells.line(("number", "at", "who", "did")), nl=False)
    with database.reading() as connection:
        database.take_time(connection)
        for number, at, by, did in log.shown(connection, who=who, containing=containing, **span):
            if as_csv:
                click.echo(cells.line((number, at, by, did)), nl=False)
            else:
                click.echo(f"{number:>6}  {at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {by}: {did}")
