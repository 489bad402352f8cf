"""Commands about the server as a whole."""

import click

from data import doctor as check_up
from data import settings
from data.staff import audit
from data.storage import database, in_use, preparation


@click.command()
def doctor() -> None:
    """Look at settings, database, key, space, backups, clock, open files and proxy, and say what to do.

    Run it as the server runs: the same user, folder and settings. Exits with 1 if something is wrong.
    """
    wrong = 0
    for finding in check_up.findings():
        click.echo(f"{finding.state:6}{finding.told}.")
        wrong += finding.state == check_up.WRONG
    if wrong:
        raise click.ClickException(f"{wrong} finding{'s' * (wrong > 1)} to mend.")


@click.command("accept-key")
@click.option("--yes", is_flag=True, help="Do not ask.")
def accept_key(*, yes: bool) -> None:
    """Let the database belong to another secret key, because the one before is lost or must not be used any more.

    Stop every server first.
    """
    if file := settings.current().database_file:
        with in_use.alone(file):  # a server with the key before would go on with it
            pass
    preparation.check(any_key=True)
    click.echo(
        "With another secret key, nothing that was handed out is recognised: every invitation, receipt and session "
        "ends. A check-in that was sent before and is sent again counts twice. The answers stay, and the audit log "
        "begins a new chain."
    )
    if not yes:
        click.confirm("Let the database belong to the present secret key? This cannot be undone", abort=True)
    with database.writing() as connection:
        preparation.accept_key(connection)
        audit.note(connection, "operator", "accepted another secret key")
    click.echo(
        "The database belongs to the present secret key. "
        "Start the server, then make new codes for the infusions of the last 30 days."
    )
