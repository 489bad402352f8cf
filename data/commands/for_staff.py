"""Commands about those who sign in: persons with their devices, and the passphrase."""

import click

from data import settings
from data.staff import hashing, passphrase, persons, ways
from data.staff.roles import BY_NAME
from data.storage import database, preparation


@click.group()
def staff() -> None:
    """Add, list and remove the persons who sign in with their own devices."""


@staff.command()
@click.argument("name")
@click.option("--role", type=click.Choice(list(BY_NAME)), help="For a new person, clinician if left out.")
def add(name: str, role: str | None) -> None:
    """Print a link with which NAME adds a device, once, within 30 minutes. Another role ends their sessions."""
    preparation.prepare(migrate=False)
    secret = persons.add(name, BY_NAME[role] if role else None)
    base = settings.current().public_url or "http://localhost:8501"
    click.echo(f"{base}/set-up#{secret}\nOpen this link on the device of {name}. It works once, for 30 minutes.")
    if not settings.current().public_url:
        click.echo("If the server has another port than 8501, write that in the link.")


@staff.command("list")
def show() -> None:
    """Print each person with role, devices and the day they were added."""
    preparation.check()
    for person in persons.everyone():
        added = person.added.astimezone(settings.current().zone)
        devices = f"{person.devices} device{'' if person.devices == 1 else 's'}"
        at = f" at {', '.join(person.hosts)}" if person.hosts else ""
        click.echo(f"{person.name}: {person.role.name}, {devices}{at}, added {added:%Y-%m-%d}")


@staff.command()
@click.argument("name")
def remove(name: str) -> None:
    """Delete NAME with all their devices, and sign them out at once."""
    preparation.check()
    persons.remove(name)
    click.echo(f"{name} is removed and signed out everywhere.")
    with database.reading() as connection:
        may_be_known = ways.passphrase_hash(connection)
    if may_be_known:
        click.echo("A passphrase is in force, which they may know: set another one, or see passphrase --clear.")


def _clear(context: click.Context, _: click.Parameter, asked: bool) -> None:  # noqa: FBT001 - as click calls it
    if asked:
        preparation.check()
        with database.writing() as connection:
            passphrase.clear(connection)
        click.echo("No passphrase is stored any more; every session has ended.")
        context.exit()


@click.command("passphrase")
@click.option("--store", is_flag=True, help="Store it in place of a forgotten one, and end every session.")
@click.option(
    "--clear",
    is_flag=True,
    is_eager=True,  # before a passphrase is asked for
    expose_value=False,
    callback=_clear,
    help="Delete the stored one, and end every session.",
)
@click.password_option("--passphrase", "chosen", help="Prompted for if left out: others may see a command line.")
def set_passphrase(*, store: bool, chosen: str) -> None:
    """Print the hash of a passphrase, for CHECKIN_PASSPHRASE_HASH."""
    if store:
        preparation.prepare(migrate=False)
        passphrase.store(chosen)
        click.echo("The passphrase is stored; every session has ended.")
    else:
        click.echo(hashing.hashed(chosen))
