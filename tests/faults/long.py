"""Kill a server again and again while patients send: `python -m tests.faults.long`."""

import sys
import tempfile
from pathlib import Path

import click

from tests.app import App
from tests.faults.load import BELIEVING, SECRET, UNHARMED, Load, harm


@click.command(help=__doc__.partition(":")[0] + ".")
@click.option("--kills", default=40, show_default=True, help="How often the server is killed.")
@click.option("--confirmed", default=10_000, show_default=True, help="How many check-ins are confirmed.")
def main(kills: int, confirmed: int) -> None:
    """Print the figures; end with 1 if a check-in was lost, doubled or altered."""
    with tempfile.TemporaryDirectory() as folder:
        app = App(Path(folder), secret_key=SECRET)
        try:
            app.start(**BELIEVING)
            with Load(app) as load, click.progressbar(length=confirmed) as bar:
                for part in range(1, kills + 2):
                    more = confirmed * part // (kills + 1) - load.confirmed
                    load.wait_for(max(more, 1))
                    bar.update(load.confirmed - bar.pos)
                    if part <= kills:
                        app.kill()
                        app.start(**BELIEVING)
            found = harm(app, load.forms)
            counted = app.operate("verify")
        finally:
            app.kill()
    in_doubt = len(load.forms) - load.confirmed
    click.echo(
        f"{kills} kills, {load.confirmed} confirmed, {in_doubt} in doubt, of {len(load.forms)} forms that were sent"
    )
    click.echo(f"{', '.join(f'{number} {name}' for name, number in found.items())}. {counted}", nl=False)
    sys.exit(found != UNHARMED)


if __name__ == "__main__":
    main()
