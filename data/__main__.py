"""`python -m data`: the operator's commands."""

import sys
from contextlib import suppress
from glob import escape

import click

from data import VERSION, backups, clock, demonstration, restores, settings
from data.commands import for_audit, for_backups, for_check_ins, for_server, for_staff
from data.files import exports
from data.reports import withdrawals
from data.staff import hashing, passphrase, persons
from data.storage import copies, database, digests, in_use, sqlite_file

EXPECTED = (
    settings.InvalidSettings,
    sqlite_file.Unusable,
    database.Unavailable,
    digests.SecretKeyMissing,
    in_use.InUse,
    demonstration.NotEmpty,
    exports.NotWritten,
    backups.NotMade,
    restores.Refused,
    passphrase.SetElsewhere,
    hashing.WeakPassphrase,
    clock.UnclearTime,
    withdrawals.InvalidSpan,
    persons.Refused,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, message="Infusion check-in %(version)s")
def cli() -> None:
    """Look after the database of check-ins. Each command has its own --help."""


for command in (
    for_check_ins.demo,
    for_check_ins.verify,
    for_check_ins.export,
    for_check_ins.discard,
    for_check_ins.erase,
    for_staff.set_passphrase,
    for_staff.staff,
    for_audit.audit,
    for_server.doctor,
    for_server.accept_key,
    for_backups.backup,
    for_backups.restore,
):
    cli.add_command(command)


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
    except OSError as error:
        message = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    finally:
        _hand_over()
    click.echo(f"Error: {message}", err=True)
    return 1


def _hand_over() -> None:
    """Leave nothing beside an embedded database that the server cannot use, because root made it."""
    with suppress(settings.InvalidSettings, OSError):
        if file := settings.current().database_file:
            for beside in file.parent.glob(f"{escape(file.name)}*"):
                copies.hand_over(beside)


if __name__ == "__main__":
    sys.exit(main())
