"""Commands about backups: make one, and restore one."""

from pathlib import Path

import click

from data import backups, restores
from data.reports import withdrawals
from data.storage import digests, preparation


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--keep", metavar="N", type=click.IntRange(1), help="Then remove all but the newest N backups in DIR.")
def backup(folder: Path, keep: int | None) -> None:
    """Write a backup into DIR while the check-in runs, and check it. Only its owner can read it.

    Of the embedded database it is a file such as checkins-2026-11-27T203015Z.db, and the key beside it. Of PostgreSQL
    it is a .dump, made by pg_dump. It has all answers: encrypt it before it leaves the machine.
    """
    preparation.check(older=True)
    with click.progressbar(length=100, label="Backing up") as bar:
        made = backups.make(folder, lambda _, left, pages: bar.update(50 - 50 * left // max(pages, 1) - bar.pos))
        bar.update(100 - bar.pos)
    click.echo(f"{made.file}: {withdrawals.counted(made.number)}, {made.file.stat().st_size / 1e6:.1f} MB.")
    if digests.key_file():
        click.echo(f"Its secret key is beside it in {backups.key_of(made.file).name}: a backup without it is refused.")
    else:
        click.echo("Keep CHECKIN_SECRET_KEY somewhere else: without it no receipt and no invitation works.")
    if made.end:
        click.echo("The audit log in it ends with row {}, {}".format(*made.end))
    else:
        said = "counters were not recounted, the audit log not checked nor added to"
        click.echo(f"The database is of an earlier release: {said}.")
    if keep and (removed := backups.remove_older(made.file, keep)):
        click.echo(f"Removed {removed} older backup{'s' if removed > 1 else ''}.")
    if made.wrong:
        raise click.ClickException("\n".join(["the backup is whole, but something is wrong:", *made.wrong]))


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: Path, *, yes: bool) -> None:
    """Put the backup FILE in the place of the database, after a check. The server must be stopped.

    The embedded database that it replaces is kept beside it. A dump of PostgreSQL goes into an empty database.
    """

    def ask(what: str) -> None:
        if not yes:
            click.confirm(f"Restore {what}?", abort=True)

    did = restores.restore(file.absolute(), ask)
    click.echo(f"{did[0].upper()}{did[1:]}.")
