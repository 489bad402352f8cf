"""The audit: who saw, issued, signed in or failed to, and when. Lines are added, never changed."""

from datetime import UTC, datetime

from sqlalchemy import Connection, insert

from data import schema


def note(connection: Connection, who: str, did: str) -> None:
    """Add one line in the transaction of `connection`: without the line, what it tells does not happen either."""
    connection.execute(insert(schema.audit), {"at": datetime.now(UTC), "who": who, "did": did})
