"""The operator's export: every check-in in files, which appear once the audit log records them."""

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import RowMapping

from data.catalogue import LIST_VERSION, LISTS
from data.files import fhir, rows
from data.staff import audit
from data.storage import database

Progress = Callable[[Iterable[RowMapping], int], AbstractContextManager[Iterable[RowMapping]]]


@dataclass(frozen=True)
class Format:
    """Files by name, and what gives the lines of each: the rows, and what explains them."""

    explanations: dict[str, Callable[[], Iterable[str]]]
    table: str
    write: Callable[[Iterable[RowMapping]], Iterable[str]]


_LISTS: dict[str, Callable[[], Iterable[str]]] = {
    f"Questionnaire{'' if version == LIST_VERSION else f'-{version}'}.json": partial(fhir.questionnaire, version)
    for version in LISTS
}
FORMATS = {
    "csv": Format({"dictionary.csv": rows.dictionary}, "check-ins.csv", rows.table),
    "fhir": Format(_LISTS, "QuestionnaireResponse.ndjson", fhir.responses),
}


class NotWritten(RuntimeError):
    """The files could not be written, or would have replaced others; there is none of them."""


def export(chosen: str, out: Path, progress: Progress) -> int:
    """Write every check-in into a folder, made if missing, in one of `FORMATS`; return how many there are.

    They are read in one consistent state, as a stream through `progress`. The files appear, for their owner only, once
    the audit log has their SHA-256. Raises `NotWritten` or `database.Unavailable`; then no file is left behind.
    """
    form = FORMATS[chosen]
    names = (*form.explanations, form.table)
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_existing(out, names)
        with TemporaryDirectory(prefix=".export-", dir=out) as folder:
            files = [Path(folder, name) for name in names]
            with database.reading() as connection:
                database.take_time(connection)
                number = rows.count(connection)
                for file, explain in zip(files, form.explanations.values(), strict=False):
                    _write(file, explain())
                with rows.stream(connection) as stream, progress(stream, number) as shown:
                    _write(files[-1], form.write(shown))
            _refuse_existing(out, names)  # another export may have been quicker
            sums = ", ".join(f"{file.name} (SHA-256 {_sha256(file)})" for file in files)
            with database.writing() as connection:
                audit.note(connection, "operator", f"exported {number} check-ins as {chosen}: {sums}")
            for file in files:
                file.rename(out / file.name)
    except OSError as error:
        raise NotWritten(f"{error.filename or out} cannot be written: {error.strerror}") from None
    return number


def _refuse_existing(out: Path, names: Iterable[str]) -> None:
    for name in names:
        if (out / name).exists():
            raise NotWritten(f"{out / name} already exists and is not replaced: choose another folder")


def _write(file: Path, lines: Iterable[str]) -> None:
    file.touch(mode=0o600)
    with file.open("w", encoding="utf-8", newline="") as opened:
        opened.writelines(lines)
        opened.flush()
        os.fsync(opened.fileno())


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
