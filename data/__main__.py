"""`python -m data`: the operator's commands."""

import sys
from pathlib import Path

import click

from data import VERSION, demonstration, settings
from data.files import exports
from data.reports import responses, tallies
from data.staff import passphrase
from data.storage import database, digests, preparation

EXPECTED = (
    settings.InvalidSettings,
    preparation.Unusable,
    database.Unavailable,
    digests.SecretKeyMissing,
    demonstration.NotEmpty,
    exports.NotWritten,
    passphrase.SetElsewhere,
    passphrase.WeakPassphrase,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, message="Infusion check-in %(version)s")
def cli() -> None:
    """Look after the database of check-ins. Each command has its own --help."""


@cli.command()
@click.option("--check-ins", default=2500, show_default=True, type=click.IntRange(1, 10_000_000), help="How many.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Same seed, same answers.")
def demo(check_ins: int, seed: int) -> None:
    """Fill an empty database with made-up check-ins. They cover the last 30 weeks, and every page says so."""
    preparation.prepare()
    with click.progressbar(length=check_ins, label="Making up check-ins") as bar:
        demonstration.fill(check_ins, seed, bar.update)
    click.echo(f"{check_ins} made-up check-ins are in the database. Every page says that they are made up.")


@cli.command()
def verify() -> None:
    """Recount the dashboard's counters. Every difference from the check-ins and infusions is reported."""
    preparation.prepare(create=False)
    if differences := [*tallies.differences(), *responses.differences()]:
        raise click.ClickException("\n".join(["the counters do not match what is stored:", *differences]))
    click.echo("The counters match the check-ins and infusions.")


@cli.command()
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


@cli.command("passphrase")
@click.option("--store", is_flag=True, help="Store it in place of a forgotten one, and end every session.")
@click.password_option("--passphrase", "chosen", help="Prompted for if left out: others may see a command line.")
def set_passphrase(*, store: bool, chosen: str) -> None:
    """Print the hash of a passphrase, for CHECKIN_PASSPHRASE_HASH."""
    if store:
        preparation.prepare()
        passphrase.store(chosen)
        click.echo("The passphrase is stored; every session has ended.")
    else:
        click.echo(passphrase.hashed(chosen))


def main() -> int:
    """Run a command; return 0, or 1 after one line that says what went wrong."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # some lack a letter
    try:
        return int(cli.main(prog_name="python -m data", standalone_mode=False) or 0)
    except click.Abort:
        message = "stopped"
    except click.ClickException as error:
        message = error.format_message()
    except EXPECTED as error:
        message = str(error)
    click.echo(f"Error: {message}", err=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
