"""The audit: who saw, issued, signed in or failed to, and when. Lines are added, never changed."""

from sqlalchemy import Connection, insert

from data import clock
from data.storage import schema


def note(connection: Connection, who: str, did: str) -> None:
    """Add one line in the transaction of `connection`: without the line, what it tells does not happen either."""
    connection.execute(insert(schema.audit), {"at": clock.now(), "who": who, "did": did})
