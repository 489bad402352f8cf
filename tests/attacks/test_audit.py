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


def note_of_end():
    """Return the database's note of the end, as an editor may copy it."""
    with database.reading() as connection:
        return database.note(connection, "audit_end")


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
    older = note_of_end()
    with database.writing() as connection:
        audit.note(connection, "Ana", "saw view 6")
    sixth = end()

    edit("DELETE FROM audit WHERE id > 5", f"UPDATE about SET value = '{older}' WHERE name = 'audit_end'")

    assert fault() is None  # nobody can know
    assert fault(written) is None
    assert fault(sixth) == "rows after number 5 are missing"


def test_a_history_that_went_on_from_an_older_end_is_found_by_a_noted_one(written):
    older = note_of_end()
    with database.writing() as connection:
        audit.note(connection, "Ana", "saw view 6")
    sixth = end()
    edit("DELETE FROM audit WHERE id > 5", f"UPDATE about SET value = '{older}' WHERE name = 'audit_end'")
    with database.writing() as connection:
        audit.note(connection, "Ana", "saw nothing")

    assert fault() is None
    assert fault(sixth) == "row 6 is not the one that was noted"


def test_a_new_chain_cannot_be_feigned(written):
    edit(
        "UPDATE audit SET did = 'another secret key: a new chain begins; SHA-256 of the 2 rows before: 00' WHERE id = 3"
    )

    assert fault() == "row 3 is not as it was written"


def test_edited_rows_are_not_covered_up_by_making_the_server_take_its_key_for_another(written):
    """Were every process to begin a new chain at once, it would itself give the edited rows a digest that fits."""
    edit(
        "UPDATE audit SET did = 'saw nothing' WHERE id = 3",
        "UPDATE about SET value = value || 'x' WHERE name LIKE 'audit%'",
    )

    with pytest.raises(database.Unavailable, match="another CHECKIN_SECRET_KEY"), database.writing() as connection:
        audit.note(connection, "Ana", "saw figures")
    audit.started()

    assert fault() == "row 3 is not as it was written"


def test_who_also_makes_every_digest_unfit_leaves_a_new_chain_and_no_noted_end(written):
    edit(
        "UPDATE audit SET did = 'saw nothing' WHERE id = 3",
        "UPDATE audit SET mac = '-' || substr(mac, 2)",
        "UPDATE about SET value = value || 'x' WHERE name LIKE 'audit%'",
    )
    audit.started()

    with database.reading() as connection:
        assert chain.beginnings(connection) == [6]
    assert fault(written) == "row 5 is not the one that was noted"


@pytest.mark.parametrize("noted", ["", "nonsense", "5", "x y z"])
def test_a_note_of_the_end_that_is_no_such_note_is_named(written, noted):
    edit(f"UPDATE about SET value = '{noted}' WHERE name = 'audit_end'")

    assert "is not noted under this secret key" in fault()
    with pytest.raises(database.Unavailable), database.writing() as connection:
        audit.note(connection, "Ana", "saw figures")


def test_a_cut_off_end_is_found_even_where_the_note_of_the_row_before_is_made_up(written):
    edit(
        "DELETE FROM audit WHERE id > 3",
        "UPDATE about SET value = '3 ' || (SELECT mac FROM audit WHERE id = 3) WHERE name = 'audit_end'",
    )

    assert "is not noted under this secret key" in fault()


def test_a_row_put_after_the_end_keeps_no_server_from_starting(written):
    edit(FORGED)
    with pytest.raises(database.Unavailable), database.writing() as connection:
        audit.note(connection, "Ana", "saw figures")

    audit.started()

    assert fault() == "row 6 is not as it was written"
