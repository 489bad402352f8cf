import hashlib
import re
from contextlib import nullcontext

import pytest
from sqlalchemy import select

from data.files import exports, rows
from data.staff import audit
from data.storage import database, schema
from tests.exported import export, send, send_every_kind

FILES = {
    "csv": {"check-ins.csv", "dictionary.csv"},
    "fhir": {"Questionnaire.json", "QuestionnaireResponse.ndjson"},
}
formats = pytest.mark.parametrize("chosen", exports.FORMATS)


def noted():
    with database.reading() as connection:
        found = select(schema.audit.c.who, schema.audit.c.did).where(schema.audit.c.did.like("exported%"))
        return [tuple(line) for line in connection.execute(found)]


def full(_):
    raise OSError(28, "No space left on device")


@formats
def test_the_files_are_there_for_their_owner_only(prepared, tmp_path, chosen):
    out = tmp_path / "new" / "folder"

    assert set(export(chosen, out)) == FILES[chosen]
    assert {file.stat().st_mode & 0o777 for file in out.iterdir()} == {0o600}
    assert out.stat().st_mode & 0o777 == 0o700


@formats
def test_the_audit_tells_format_number_and_the_sha_256_of_each_file(prepared, tmp_path, chosen):
    send_every_kind()

    export(chosen, tmp_path / "out")

    ((who, did),) = noted()
    sums = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (tmp_path / "out").iterdir()}
    assert (who, did.split(":")[0]) == ("operator", f"exported 5 check-ins as {chosen}")
    assert dict(re.findall(r"(\S+) \(SHA-256 ([0-9a-f]{64})\)", did)) == sums


@formats
def test_no_digest_receipt_or_code_leaves_the_database(prepared, tmp_path, chosen):
    secrets = send_every_kind()
    with database.reading() as connection:
        secrets += connection.scalars(select(schema.check_ins.c.key_digest))
        secrets += connection.scalars(select(schema.check_ins.c.receipt_digest))
        secrets += connection.scalars(select(schema.infusions.c.code_digest))

    text = "".join(export(chosen, tmp_path / "out").values())

    assert [secret for secret in secrets if secret in text] == []
    assert re.search("[0-9a-f]{32}", text) is None


@formats
def test_without_the_audits_line_there_is_no_file(prepared, tmp_path, monkeypatch, chosen):
    def fail(*_):
        raise database.Unavailable("no audit")

    send("nausea")
    monkeypatch.setattr(audit, "note", fail)

    with pytest.raises(database.Unavailable, match="no audit"):
        export(chosen, tmp_path / "out")

    assert list((tmp_path / "out").iterdir()) == []


def test_an_export_that_is_stopped_midway_leaves_nothing(prepared, tmp_path):
    def stop(stream):
        yield next(iter(stream))
        raise KeyboardInterrupt

    send_every_kind()

    with pytest.raises(KeyboardInterrupt):
        export("csv", tmp_path / "out", lambda stream, _: nullcontext(stop(stream)))

    assert list((tmp_path / "out").iterdir()) == []
    assert noted() == []


@pytest.mark.parametrize("there", sorted(FILES["csv"]))
def test_a_file_that_is_there_is_not_replaced(prepared, tmp_path, there):
    (tmp_path / there).write_text("mine", encoding="utf-8")

    with pytest.raises(exports.NotWritten, match=f"{there} already exists and is not replaced"):
        export("csv", tmp_path)

    assert {
        file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir() if file.name in FILES["csv"]
    } == {there: "mine"}
    assert noted() == []


def test_of_two_exports_into_one_folder_the_slower_one_is_refused(prepared, tmp_path):
    out = tmp_path / "out"

    def overtaken(stream, _):
        (out / "check-ins.csv").write_text("the other's", encoding="utf-8")
        return nullcontext(stream)

    with pytest.raises(exports.NotWritten, match="already exists"):
        export("csv", out, overtaken)

    assert {file.name: file.read_text(encoding="utf-8") for file in out.iterdir()} == {"check-ins.csv": "the other's"}
    assert noted() == []


def test_a_full_disk_is_named_and_leaves_nothing(prepared, tmp_path, monkeypatch):
    monkeypatch.setattr("os.fsync", full)

    with pytest.raises(exports.NotWritten, match="out cannot be written: No space left on device"):
        export("csv", tmp_path / "out")

    assert list((tmp_path / "out").iterdir()) == []


def test_what_is_sent_meanwhile_is_not_in_it(prepared, tmp_path):
    send("nausea")

    def slow(stream, number):
        send("headache")
        assert number == 1
        return nullcontext(stream)

    files = export("csv", tmp_path / "out", slow)

    assert len(files["check-ins.csv"].splitlines()) == 2
    with database.reading() as connection:
        assert rows.count(connection) == 2


def test_an_empty_database_gives_a_heading_and_no_row(prepared, tmp_path):
    files = export("csv", tmp_path / "out")

    assert files["check-ins.csv"].count("\r\n") == 1
