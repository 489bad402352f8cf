"""Commands about those who sign in: persons with their devices, and the passphrase."""

import click

from data.staff import hashing, passphrase
from data.storage import preparation


@click.command("passphrase")
@click.option("--store", is_flag=True, help="Store it in place of a forgotten one, and end every session.")
@click.password_option("--passphrase", "chosen", help="Prompted for if left out: others may see a command line.")
def set_passphrase(*, store: bool, chosen: str) -> None:
    """Print the hash of a passphrase, for CHECKIN_PASSPHRASE_HASH."""
    if store:
        preparation.prepare()
        passphrase.store(chosen)
        click.echo("The passphrase is stored; every session has ended.")
    else:
        click.echo(hashing.hashed(chosen))
