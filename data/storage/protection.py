"""The triggers by which the database itself refuses to change or remove a row of the audit log."""

from sqlalchemy import Connection

_APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER IF NOT EXISTS audit_no_{name} BEFORE {event} BEGIN "
        "SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        for name, event in {
            "update": "UPDATE ON audit",
            "delete": "DELETE ON audit",
            # REPLACE deletes without asking the trigger above.
            "replace": "INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)",
        }.items()
    ],
    "postgresql": [
        """CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN RAISE EXCEPTION ''the audit log is append-only''; END'""",
        "DROP TRIGGER IF EXISTS audit_append_only ON audit",
        """CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
        FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()""",
    ],
}


def protect(connection: Connection) -> None:
    """Let the database itself refuse to change or remove a row; safe to repeat."""
    for statement in _APPEND_ONLY[connection.dialect.name]:
        connection.exec_driver_sql(statement)
