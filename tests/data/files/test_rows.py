import csv
import tracemalloc
from collections import deque
from datetime import datetime

import pytest
from sqlalchemy import select, text

from data import VERSION, clock, demonstration
from data.catalogue import CODES, LABELS, LIST_VERSION, QUESTION, WINDOWS
from data.files import rows
from data.storage import database, schema
from tests.exported import KINDS, NOON, export, send, send_every_kind

DIGESTS = {"key_digest", "receipt_digest"}


@pytest.fixture
def exported(prepared, tmp_path):
    """Export a check-in of every kind; gives the text of the files."""
    send_every_kind()
    return export("csv", tmp_path / "out")


def table(files, name="check-ins.csv"):
    return list(csv.DictReader(files[name].splitlines()))


def ticked(row):
    return [answer for answer in rows.ANSWERS if row[answer] == "1"]


def test_a_row_says_what_was_sent(exported):
    first = table(exported)[0]

    assert first == dict.fromkeys(CODES, "0") | {
        "id": "1",
        "week": "2026-11-16",
        "number_band": "unknown",
        "window": "4-24 h",
        "origin": "open",
        "door": "plain",
        "language": "es",
        "list_version": str(LIST_VERSION),
        "vision": "1",
        "headache": "1",
        "none": "0",
        "recorded": "2026-11-22T12:00:00.250000+00:00",
        "withdrawn": "",
        "corrected": "",
        "infusion": "",
    }


def test_every_kind_of_check_in_has_a_row_that_tells_it(exported):
    of = dict(zip(KINDS, table(exported), strict=True))

    assert {kind: ticked(row) for kind, row in of.items()} == {
        "as sent": ["vision", "headache"],
        "none of these": ["none"],
        "corrected": ["fatigue"],
        "withdrawn": [],
        "invited": ["dizziness"],
    }
    assert [kind for kind, row in of.items() if row["corrected"]] == ["corrected"]
    assert [kind for kind, row in of.items() if row["withdrawn"]] == ["withdrawn"]
    assert {of["withdrawn"][answer] for answer in rows.ANSWERS} == {""}
    assert (of["invited"]["number_band"], of["invited"]["infusion"], of["none of these"]["window"]) == (
        "1st",
        "1",
        ">7 d",
    )


def test_every_instant_is_the_stored_one_in_iso_8601(exported):
    with database.reading() as connection:
        stored = connection.execute(select(schema.check_ins).order_by(schema.check_ins.c.id)).mappings().all()

    for name in ("recorded", "corrected", "withdrawn"):
        shown = [row[name] and datetime.fromisoformat(row[name]) for row in table(exported)]
        assert shown == [row[name] or "" for row in stored]
    assert stored[0]["recorded"] == NOON


def test_the_dictionary_explains_every_column_and_no_other(exported):
    explained = [row["column"] for row in table(exported, "dictionary.csv")]

    assert explained == list(table(exported)[0])
    assert set(explained) == set(schema.check_ins.c.keys()) - DIGESTS


def test_the_dictionary_has_the_lists_words_and_says_when_it_was_made(exported):
    of = {row["column"]: row for row in table(exported, "dictionary.csv")}

    assert {code: of[code]["meaning"] for code in CODES} == LABELS
    assert of["window"]["allowed values"].split(" | ") == [f"{window.code} = {window.label}" for window in WINDOWS]
    assert of["list_version"]["meaning"] == f'Version of the list; version {LIST_VERSION} asks "{QUESTION}"'
    assert f" by release {VERSION} at " in of["recorded"]["meaning"]
    made = datetime.fromisoformat(of["recorded"]["meaning"].split()[-1])
    assert 0 <= (clock.now() - made).total_seconds() < 60
    assert all(all(row.values()) for row in of.values())


def test_a_stored_formula_is_neutralised(prepared, tmp_path):
    send("nausea")
    with database.writing() as connection:
        connection.execute(schema.check_ins.update().values(language="=1+1"))

    (row,) = table(export("csv", tmp_path / "out"))

    assert row["language"] == "'=1+1"


def test_made_up_check_ins_are_told_as_such(prepared, tmp_path):
    demonstration.fill(10, 1, lambda _: None)

    first = table(export("csv", tmp_path / "out"), "dictionary.csv")[0]

    assert first["meaning"].endswith("made up for a demonstration")


def test_rows_are_read_as_they_are_asked_for(prepared):
    demonstration.fill(6_000, 1, lambda _: None)

    with database.reading() as connection, rows.stream(connection) as every:
        stream = iter(every)
        next(stream)
        if connection.dialect.name == "postgresql":
            assert connection.scalar(text("SELECT count(*) FROM pg_cursors WHERE statement LIKE '%check_ins%'")) == 1
        tracemalloc.start()
        deque(stream, maxlen=0)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert peak < 3_000_000  # all of them take three times as much
