"""The audit log: who saw, issued or took what, who signed in or failed to, and when. Lines are only ever added."""

from sqlalchemy import Connection, insert

from data import clock
from data.storage import schema


def refused(what: str) -> None:
    """Count a refusal; it never waits and never fails."""


def note(connection: Connection, who: str, did: str) -> None:
    """Add one line in the transaction of `connection`: if the line fails, what it records does not happen."""
    connection.execute(insert(schema.audit), {"at": clock.now(), "who": who, "did": did, "mac": ""})
