"""Commands about check-ins: make some up, count them again, take them away."""

from datetime import datetime
from pathlib import Path

import click

from data import clock, demonstration, settings
from data.catalogue import ORIGINS, WINDOW_BY_CODE
from data.files import exports
from data.reports import infusions, responses, retention, tallies, withdrawals
from data.storage import integrity, preparation


@click.command()
@click.option("--check-ins", default=2500, show_default=True, type=click.IntRange(1, 10_000_000), help="How many.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Same seed, same answers.")
def demo(check_ins: int, seed: int) -> None:
    """Fill an empty database with made-up check-ins. They cover the last 30 weeks, and every page says so."""
    preparation.prepare(migrate=False)
    with click.progressbar(length=check_ins, label="Making up check-ins") as bar:
        demonstration.fill(check_ins, seed, bar.update)
    click.echo(f"{check_ins} made-up check-ins are in the database. Every page says that they are made up.")


@click.command()
def verify() -> None:
    """Check the file and recount the dashboard's counters. Every difference from what is stored is reported."""
    preparation.check()
    if (file := settings.current().database_file) and (fault := integrity.fault(file, "integrity_check")):
        raise click.ClickException(f"{file} is damaged ({fault}): restore the newest backup.")
    if differences := [*tallies.differences(), *responses.differences()]:
        raise click.ClickException("\n".join(["the counters do not match what is stored:", *differences]))
    click.echo("The counters match the check-ins and infusions.")
    if since := retention.told():
        click.echo(f"Compared from the week of {since} on: earlier check-ins were deleted (CHECKIN_RETENTION_DAYS).")


@click.command()
@click.option("--format", "chosen", default="csv", show_default=True, type=click.Choice(list(exports.FORMATS)))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder; made if missing.")
def export(chosen: str, out: Path) -> None:
    """Write every check-in to files. Only their owner can read them, and withdrawn check-ins have no answers.

    csv: check-ins.csv, and dictionary.csv, which explains its columns. fhir: FHIR R4 resources, in Questionnaire.json
    and QuestionnaireResponse.ndjson. Existing files are not replaced, and the audit log records the export.
    """
    preparation.check()
    number = exports.export(
        chosen, out, lambda rows, number: click.progressbar(rows, number, "Writing check-ins", update_min_steps=1_000)
    )
    click.echo(f"{number} check-ins are in {out}.")


_ORIGINS = dict(zip(ORIGINS, ("by the open link", "by invitation"), strict=True))
_WINDOWS = {code.replace(" ", "").replace(">", "over"): code for code in WINDOW_BY_CODE}  # as a shell takes them
_WHEN = click.DateTime(["%Y-%m-%dT%H:%M"])
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Only say how many there are in each window.")
_YES = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command()
@click.option("--origin", required=True, type=click.Choice(list(_ORIGINS)))
@click.option("--from", "start", required=True, metavar="T", type=_WHEN, help="When the first was sent.")
@click.option("--to", "end", required=True, metavar="T", type=_WHEN, help="The first moment after the last was sent.")
@_DRY_RUN
@_YES
def discard(origin: str, start: datetime, end: datetime, *, dry_run: bool, yes: bool) -> None:
    """Withdraw all check-ins of a span of time, such as a prank by the open link.

    T is a day and time such as 2026-11-25T14:30, in the clinic's time zone (CHECKIN_TIMEZONE). A span has at most seven
    days. The answers are deleted, as when patients withdraw a check-in, and the audit log records it.
    """
    preparation.check()
    which = withdrawals.recorded_in(origin, clock.instant(start), clock.instant(end))
    zone = settings.current().timezone
    sent = f"recorded from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} ({zone})"
    _withdraw(which, "discarded", f"{_ORIGINS[origin]} {sent}", dry_run=dry_run, yes=yes)


@click.command()
@click.option("--infusion", required=True, metavar="NUMBER", type=click.IntRange(1), help='281 for "No. 281".')
@click.option("--window", required=True, type=click.Choice(list(_WINDOWS)), help="Time since the infusion.")
@_DRY_RUN
@_YES
def erase(infusion: int, window: str, *, dry_run: bool, yes: bool) -> None:
    """Withdraw a check-in by invitation, for a patient who has no receipt.

    The number is that of the infusion in the list of infusions, which also says when it ended and which windows have a
    check-in. Its answers are deleted, as when the patient withdraws it, and the audit log records it.
    """
    preparation.check()
    if (ended := infusions.ended(infusion)) is None:
        raise click.ClickException(f"there is no infusion No. {infusion}")
    click.echo(f"Infusion No. {infusion} ended {clock.shown(ended):%Y-%m-%d %H:%M} ({settings.current().timezone}).")
    which = withdrawals.of_infusion(infusion, _WINDOWS[window])
    _withdraw(which, "erased", f"of infusion No. {infusion}, {_WINDOWS[window]}", dry_run=dry_run, yes=yes)


def _withdraw(which: withdrawals.Which, did: str, what: str, *, dry_run: bool, yes: bool) -> None:
    found = withdrawals.found(which)
    named = f"{withdrawals.counted(sum(found.values()))} {what}"
    click.echo(f"Found {named}.")
    for window in filter(found.get, WINDOW_BY_CODE):
        click.echo(f"  {window}: {found[window]}")
    if dry_run or not found:
        return
    if not yes:
        click.confirm(f"Delete the answers of {named}? This cannot be undone", abort=True)
    number = withdrawals.by_operator(which, did, what)
    click.echo(f"Deleted the answers of {withdrawals.counted(number)}; they no longer count.")
