"""Dumps of a PostgreSQL database, by PostgreSQL's own programs."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, text

_OF_DEBIAN = "/usr/lib/postgresql"  # /VERSION/bin
HEAD = b"PGDMP"


class Failed(RuntimeError):
    """A program of PostgreSQL is missing or did not do what was asked; the message says what to do."""


def dump(connection: Connection, into: Path) -> None:
    """Write what the transaction of `connection` sees, and read the dump again. Raises `Failed`."""
    snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
    _run(connection, "pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={into}", to="--dbname")
    _run(connection, "pg_restore", f"--file={os.devnull}", str(into))


def restore(connection: Connection, file: Path) -> None:
    """Fill an empty database from a dump, whole or not at all. Raises `Failed`."""
    whole = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    _run(connection, "pg_restore", *whole, str(file), to="--dbname")


def notes(connection: Connection, file: Path) -> dict[str, str]:
    """Return what the database in a dump says about itself, by name. Raises `Failed`."""
    told = _run(connection, "pg_restore", "--data-only", "--table=about", "--file=-", str(file))
    rows = re.search(r"^COPY .*?;\n(.*?)^\\\.$", told, re.MULTILINE | re.DOTALL)
    return dict(line.split("\t", 1) for line in rows[1].splitlines()) if rows else {}


def _run(connection: Connection, name: str, *words: str, to: str | None = None) -> str:
    """Run a program; with `to` it is told by that option which database, and the password by its environment."""
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))  # it waits for the program
    program, environment = _program(connection, name), dict(os.environ)
    if to:
        told = connection.connection.driver_connection.info  # type: ignore[union-attr]  # psycopg's
        parameters = {name: value for name, value in told.get_parameters().items() if name != "options"}
        words = (f"{to}={make_conninfo(**parameters)}", *words)
        environment["PGPASSWORD"] = told.password
    done = subprocess.run(  # noqa: S603 - no shell, and no word is a visitor's
        [program, "--no-password", *words] if to else [program, *words],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise Failed(f"{name} failed: {next(iter(done.stderr.splitlines()), f'exit code {done.returncode}')}")
    return done.stdout


def _program(connection: Connection, name: str) -> str:
    """Return where the program of the server's version is, or of the next newer one."""
    needed = int(connection.scalar(text("SHOW server_version_num")) or 0) // 10_000
    folders = [*os.get_exec_path(), *(str(each) for each in Path(_OF_DEBIAN).glob("*/bin"))]
    found = {_version(program): program for folder in folders if (program := shutil.which(name, path=folder))}
    if fit := sorted(version for version in found if version >= needed):
        return found[fit[0]]
    there = f"there is only version {max(found)}" if found else "there is none"
    raise Failed(f"{name} {needed} or newer is needed for this server, and {there}: install postgresql-client-{needed}")


def _version(program: str) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, encoding="utf-8", check=False)  # noqa: S603
    found = re.search(r"\) (\d+)", told.stdout)
    return int(found[1]) if found else 0
