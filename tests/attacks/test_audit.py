"""Whoever can change the database, but has no secret key, edits the audit log: each way is found (ASVS 5.0, 16.4.2)."""

import pytest
from sqlalchemy import text

from data.staff import audit
from data.storage import chain, database

PROTECTION = {
    "sqlite": [f"DROP TRIGGER audit_no_{name}" for name in ("update", "delete", "replace")],
    "postgresql": ["DROP TRIGGER audit_append_only ON audit"],
}
FORGED = f"INSERT INTO audit SELECT 6, at, who, 'saw nothing', '{'0' * 64}' FROM audit WHERE id = 5"
EDITS = {
    "a text": (["UPDATE audit SET did = 'saw nothing' WHERE id = 3"], "row 3 is not as it was written"),
    "a person": (["UPDATE audit SET who = 'Eva' WHERE id = 3"], "row 3 is not as it was written"),
    "an instant": (["UPDATE audit SET at = at + 1 WHERE id = 1"], "row 1 is not as it was written"),
    "a row removed": (["DELETE FROM audit WHERE id = 3"], "row 3 is missing, or one was put before it"),
    "the first rows removed and the rest moved up": (
        ["DELETE FROM audit WHERE id = 1", *(f"UPDATE audit SET id = {n - 1} WHERE id = {n}" for n in range(2, 6))],
        "row 1 is not as it was written",
    ),
    "two rows swapped": (
        [f"UPDATE audit SET id = {new} WHERE id = {old}" for old, new in ((2, 9), (3, 2), (9, 3))],
        "row 2 is not as it was written",
    ),
    "a row put before the first": (
        ["INSERT INTO audit SELECT 0, at, who, did, mac FROM audit WHERE id = 1"],
        "row 1 is missing, or one was put before it",
    ),
    "a row added": ([FORGED], "row 6 is not as it was written"),
    "the end cut off": (["DELETE FROM audit WHERE id > 3"], "rows after number 3 are missing"),
    "everything removed": (["DELETE FROM audit"], "rows after number 0 are missing"),
}


@pytest.fixture
def written(prepared):
    """Write five rows; gives the end that an operator would note."""
    for number in range(1, 6):
        with database.writing() as connection:
            audit.note(connection, "Ana", f"saw view {number}")
    return end()


def end():
    with database.reading() as connection:
        return chain.end(connection)


def fault(noted=None):
    with database.reading() as connection:
        return chain.fault(connection, noted)


def edit(*statements):
    with database.writing() as connection:
        for statement in (*PROTECTION[connection.dialect.name], *statements):
            connection.execute(text(statement))


@pytest.mark.parametrize("way", EDITS)
def test_an_edit_is_found_with_the_number_of_its_row(written, way):
    assert fault() is None
    statements, told = EDITS[way]

    edit(*statements)

    assert fault() == told


def test_a_cut_off_end_is_found_by_a_noted_one_even_where_what_the_database_says_of_it_was_put_back(written):
    with database.reading() as connection:
        third = connection.scalar(text("SELECT mac FROM audit WHERE id = 3"))

    edit("DELETE FROM audit WHERE id > 3", f"UPDATE about SET value = '3 {third}' WHERE name = 'audit_end'")

    assert fault() is None  # nobody can know
    assert fault(written) == "rows after number 3 are missing"


def test_a_history_written_anew_by_the_operator_is_found_by_a_noted_end(written):
    edit(
        "DELETE FROM audit WHERE id > 2",
        "UPDATE about SET value = 2 || ' ' || (SELECT mac FROM audit WHERE id = 2) WHERE name = 'audit_end'",
    )
    for _ in range(5):
        with database.writing() as connection:
            audit.note(connection, "Ana", "saw nothing")

    assert fault() is None
    assert fault(written) == "row 5 is not the one that was noted"


def test_a_new_chain_cannot_be_feigned(written):
    edit(
        "UPDATE audit SET did = 'another secret key: a new chain begins; SHA-256 of the 2 rows before: 00' WHERE id = 3"
    )

    assert fault() == "row 3 is not as it was written"
