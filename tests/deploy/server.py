"""A server set up with the files of `.deploy/`, as far as processes allow: its services without systemd."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.app import QUICK_HASH, ROOT, App

DEPLOY = ROOT / ".deploy"
KILLED = ROOT / "tests/faults/killed_after_commit"
INSTALLED = "/opt/checkin"
NEW_ROOT = ["unshare", "--user", "--map-root-user", "--mount"]  # where the kernel allows it, as most do
# Begins a command that may write only below the folders before "--", under a user id that no user has.
CONFINED = """
while [ "$1" != -- ]; do mount --bind "$1" "$1"; shift; done; shift
mount -o remount,bind,ro /
exec unshare --user --map-user=54321 "$@"
"""


def lines_of(unit: str) -> list[tuple[str, str]]:
    """Return the names and values of a unit file, in order."""
    text = (DEPLOY / unit).read_text(encoding="utf-8")
    return re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE)


def settings_in(text: str) -> dict[str, str]:
    """Return what a file of settings sets, as systemd and compose read it."""
    return dict(word.split("=", 1) for word in shlex.split(text, comments=True))


class Server(App):
    """The service with a folder that stands for /var/lib/checkin.

    It gets nothing from the environment but what its unit and its file of settings say.
    """

    def __init__(self, place: Path, *, confined: bool = False, **settings: str) -> None:
        """Set the server up in an empty place: the folder, and the file of settings from the example."""
        super().__init__(place / "state", **settings)
        self.confined = confined and subprocess.run([*NEW_ROOT, "true"], check=False).returncode == 0
        self.folder.mkdir(mode=0o700)
        self.file = place / "checkin.env"
        self.file.write_text(self._here((DEPLOY / "checkin.env.example").read_text(encoding="utf-8")), encoding="utf-8")
        named = {f"CHECKIN_{name.upper()}": value for name, value in ({"clinic_phone": "112"} | settings).items()}
        self.set(STREAMLIT_SERVER_PORT=str(self.port), CHECKIN_PASSPHRASE_HASH=QUICK_HASH, **named)

    def set(self, **settings: str) -> None:
        """Add settings to the file; the last line of a name counts."""
        with self.file.open("a", encoding="utf-8") as file:
            file.writelines(f"{name}='{value}'\n" for name, value in settings.items())

    def restart(self, *, to_die: bool) -> None:
        """Start again; `to_die` lets the server die right after it has stored the next check-in."""
        self.stop()
        self.set(PYTHONPATH=os.pathsep.join(map(str, [KILLED, ROOT])) if to_die else "")
        self.start()

    def start(self) -> None:
        """Start the service and wait until it is ready."""
        with self.console.open("ab") as console:
            self.process = subprocess.Popen(**self._as_in("checkin.service"), stdout=console, stderr=console)
        self.wait_until_ready()

    def do(self, *command: str) -> str:
        """Run the service that backs up, or another command as it does; return what it prints."""
        begun = self._as_in("checkin-backup.service", *command)
        return subprocess.run(**begun, check=True, capture_output=True, encoding="utf-8").stdout

    def _as_in(self, name: str, *words: str) -> dict[str, object]:
        unit = lines_of(name)
        of = dict(unit)
        environment = dict(value.split("=", 1) for key, value in unit if key == "Environment")
        command = [sys.executable, *words] if words else shlex.split(self._here(of["ExecStart"]))
        if self.confined:
            writes = [str(self.folder), *self._here(of.get("ReadWritePaths", "").lstrip("-")).split()]
            begin = [*NEW_ROOT, "sh", "-ec", CONFINED, "sh"]
            command = [*begin, *writes, "--", *command]
        return {
            "args": command,
            "cwd": self._here(of["WorkingDirectory"]),
            "umask": int(of["UMask"], 8),
            "env": {name: self._here(value) for name, value in environment.items()}
            | settings_in(self.file.read_text(encoding="utf-8")),
        }

    def _here(self, text: str) -> str:
        """Replace the paths of an installed server by those of the tests."""
        here = {
            f"{INSTALLED}/.venv": sys.prefix,
            INSTALLED: str(ROOT),
            "/var/lib/checkin": str(self.folder),
            "/var/backups/checkin": str(self.folder.parent / "backups"),
        }
        for installed, path in here.items():
            text = text.replace(installed, path)
        return text
