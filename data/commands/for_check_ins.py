"""Commands about check-ins: make some up, count them again, take them away."""

from pathlib import Path

import click

from data import demonstration
from data.files import exports
from data.reports import responses, tallies
from data.storage import preparation


@click.command()
@click.option("--check-ins", default=2500, show_default=True, type=click.IntRange(1, 10_000_000), help="How many.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Same seed, same answers.")
def demo(check_ins: int, seed: int) -> None:
    """Fill an empty database with made-up check-ins. They cover the last 30 weeks, and every page says so."""
    preparation.prepare()
    with click.progressbar(length=check_ins, label="Making up check-ins") as bar:
        demonstration.fill(check_ins, seed, bar.update)
    click.echo(f"{check_ins} made-up check-ins are in the database. Every page says that they are made up.")


@click.command()
def verify() -> None:
    """Recount the dashboard's counters. Every difference from the check-ins and infusions is reported."""
    preparation.prepare(create=False)
    if differences := [*tallies.differences(), *responses.differences()]:
        raise click.ClickException("\n".join(["the counters do not match what is stored:", *differences]))
    click.echo("The counters match the check-ins and infusions.")


@click.command()
@click.option("--format", "chosen", default="csv", show_default=True, type=click.Choice(list(exports.FORMATS)))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder; made if missing.")
def export(chosen: str, out: Path) -> None:
    """Write every check-in to files. Only their owner can read them, and withdrawn check-ins have no answers.

    csv: check-ins.csv, and dictionary.csv, which explains its columns. fhir: FHIR R4 resources, in Questionnaire.json
    and QuestionnaireResponse.ndjson. Existing files are not replaced, and the audit log records the export.
    """
    preparation.prepare(create=False)
    number = exports.export(
        chosen, out, lambda rows, number: click.progressbar(rows, number, "Writing check-ins", update_min_steps=1_000)
    )
    click.echo(f"{number} check-ins are in {out}.")
