"""Check-ins put straight into the rows, so that any cell is filled at once; and reading what is made of them."""

from csv import reader
from datetime import timedelta
from io import BytesIO, StringIO
from itertools import count

import pandas as pd
import pytest
from sqlalchemy import delete, func, insert, select

from data import clock, settings
from data.catalogue import CODES
from data.reports import tallies
from data.storage import database, schema

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where the dialect is no matter

_numbers = count()


def count_check_ins():
    """Return the number of check-ins that count, withdrawn ones left out."""
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(schema.check_ins).where(schema.COUNTS))


def ago(weeks):
    """Return the instant so many ISO weeks ago at which the clinic's wall clock showed what it shows now.

    In UTC a clock change in between would move an instant near midnight into another week.
    """
    return clock.now().astimezone(settings.current().zone) - timedelta(weeks=weeks)


def put(number, *ticked, weeks_ago=0, **columns):
    """Store and count `number` check-ins of the same answer; `columns` are those of the table."""
    recorded = columns.pop("recorded", ago(weeks_ago))
    row = {
        "week": clock.monday(recorded).isoformat(),
        "window": "0-4 h",
        "number_band": "unknown",
        "origin": "invited",
        "door": "app",
        "language": "en",
        "list_version": 1,
        **{code: int(code in ticked) for code in CODES},
        "none": int(not ticked),
        "recorded": recorded,
    } | columns
    digests = [f"{next(_numbers):064x}" for _ in range(number)]
    with database.writing() as connection:
        connection.execute(
            insert(schema.check_ins), [row | {"key_digest": digest, "receipt_digest": digest} for digest in digests]
        )
        connection.execute(delete(schema.tallies))
        tallies.count_all(connection)


def stored():
    """Return the rows that count, as they are stored."""
    with database.reading() as connection:
        rows = pd.DataFrame(connection.execute(select(schema.check_ins)).mappings().all())
    return rows[rows["withdrawn"].isna()]


def audited():
    """Return who did what, in the order in which it was written down."""
    with database.reading() as connection:
        return connection.execute(select(schema.audit.c.who, schema.audit.c.did).order_by(schema.audit.c.id)).all()


def header_of(file):
    """Return what the lines before the table say, by name."""
    lines = [line for line in file.decode("utf-8-sig").splitlines() if line.startswith("# ")]
    return dict(line.removeprefix("# ").split(": ", 1) for line in lines)


def table_of(file):
    """Return the table of a view's file, read as a program that knows comments does."""
    return pd.read_csv(BytesIO(file), comment="#")


def lines_of(file):
    """Return the lines of a view's file, read as a spreadsheet does."""
    return list(reader(StringIO(file.decode("utf-8-sig"), newline="")))
