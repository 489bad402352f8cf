"""The tables: text and integers only, every range held by a CHECK, the same on SQLite and PostgreSQL."""

from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, Text
from sqlalchemy.schema import CheckConstraint, PrimaryKeyConstraint, UniqueConstraint

from data.storage import columns
from data.storage.columns import ANSWERED, CELL, COUNTERS, RESPONSES, TICKS, Instant, Whole

SCHEMA_VERSION = 7

metadata = MetaData()


def _table(name: str, *parts: Any) -> Table:
    return Table(name, metadata, *parts, sqlite_strict=True)


infusions = _table(
    "infusions",
    Column("id", Whole, primary_key=True),
    Column("form_digest", Text, unique=True),  # of the form that registered it; empty once revoked, and before 1.4.0
    Column("seed", Text),  # of its code; empty: the code was made before 1.4.0
    Column("code_digest", Text, nullable=False),
    Column("ended", Instant, nullable=False),
    Column("number", Integer),  # empty: not known
    *columns.week(),  # of its end
    Column("registered", Instant, nullable=False),
    Column("revoked", Instant),
    UniqueConstraint("code_digest"),
    CheckConstraint("length(code_digest) = 64 AND length(form_digest) = 64", name="digests_are_sha256"),
    CheckConstraint("length(seed) = 32", name="seed_is_128_bits"),
    CheckConstraint("number >= 1", name="number_counts"),
    Index("infusions_by_end", "ended", "id"),
)

check_ins = _table(
    "check_ins",
    Column("id", Whole, primary_key=True),
    Column("key_digest", Text, nullable=False, unique=True),
    Column("receipt_digest", Text, nullable=False),
    *columns.cell(),
    *columns.answers(),
    Column("recorded", Instant, nullable=False),
    Column("withdrawn", Instant),  # a withdrawn check-in is an emptied row that no tally counts
    Column("corrected", Instant),  # the last correction
    Column("infusion", Whole, ForeignKey(infusions.c.id)),  # empty by the open link
    CheckConstraint(
        f'CASE WHEN withdrawn IS NULL THEN ("none" = 1) = ({TICKS} = 0) ELSE "none" + {TICKS} = 0 END',
        name="none_excludes_ticks",
    ),
    CheckConstraint("length(key_digest) = 64 AND length(receipt_digest) = 64", name="digests_are_sha256"),
    Index("check_ins_by_receipt", "receipt_digest"),
)
COUNTS = check_ins.c.withdrawn.is_(None)
Index(
    "one_check_in_per_infusion_and_window",
    check_ins.c.infusion,
    check_ins.c["window"],
    unique=True,
    sqlite_where=COUNTS & check_ins.c.infusion.isnot(None),
    postgresql_where=COUNTS & check_ins.c.infusion.isnot(None),
)

corrections = _table(
    "corrections",
    Column("id", Whole, primary_key=True),
    Column("check_in", Whole, ForeignKey(check_ins.c.id), nullable=False),
    Column("replaced", Instant, nullable=False),
    *columns.answers(),  # as they were until then; a withdrawal empties them
    CheckConstraint(f'"none" * ({TICKS}) = 0', name="none_excludes_ticks"),
    Index("corrections_by_check_in", "check_in"),
)

tallies = _table(
    "tallies",
    *columns.cell(),
    *(Column(counter, Whole, nullable=False) for counter in COUNTERS),
    PrimaryKeyConstraint(*CELL),
    CheckConstraint(" AND ".join(f'"{counter}" BETWEEN 0 AND n' for counter in COUNTERS), name="counters_within_n"),
)

infusion_tallies = _table(
    "infusion_tallies",
    *columns.week(),
    *(Column(counter, Whole, nullable=False) for counter in RESPONSES),
    PrimaryKeyConstraint("week", "number_band"),
    CheckConstraint("answered BETWEEN 0 AND invited", name="answered_within_invited"),
    CheckConstraint(
        " AND ".join(f"{counter} BETWEEN 0 AND answered" for counter in ANSWERED.values()),
        name="windows_within_answered",
    ),
)

changes = _table(
    "changes",
    Column("id", Whole, primary_key=True),
    Column("week", Text, nullable=False),  # the Monday of the first whole week under the new rule
    Column("text", Text, nullable=False),
    Column("made", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("removed", Instant),
    CheckConstraint("week LIKE '____-__-__'", name="week_is_a_date"),
    CheckConstraint("length(text) BETWEEN 1 AND 60", name="text_is_short"),
)

staff_passphrase = _table(
    "staff_passphrase",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("argon2id", Text, nullable=False),
    Column("changed", Instant, nullable=False),
    CheckConstraint("id = 1", name="one_passphrase"),
)

staff = _table(
    "staff",
    Column("name", Text, primary_key=True),
    *columns.role(),
    Column("added", Instant, nullable=False),
    CheckConstraint("length(name) BETWEEN 1 AND 60", name="name_is_short"),
)

staff_devices = _table(
    "staff_devices",
    Column("credential", Text, primary_key=True),  # base64url, as WebAuthn's JSON has it
    Column("who", Text, ForeignKey(staff.c.name), nullable=False),
    Column("host", Text, nullable=False),  # the relying party's ID: a passkey works at this host name alone
    Column("public_key", Text, nullable=False),
    Column("uses", Whole, nullable=False),  # the authenticator's counter
    Column("added", Instant, nullable=False),
    Index("staff_devices_by_person", "who"),
)

staff_links = _table(
    "staff_links",
    Column("digest", Text, primary_key=True),
    Column("who", Text),  # empty: the first person, who is asked for a name
    *columns.role(),
    Column("expires", Instant, nullable=False),
)

staff_challenges = _table(  # those that a device answered: none is answered twice
    "staff_challenges",
    Column("digest", Text, primary_key=True),
    Column("answered", Instant, nullable=False),
)

staff_sessions = _table(
    "staff_sessions",
    Column("token_digest", Text, primary_key=True),
    Column("who", Text, nullable=False),
    *columns.role(),
    Column("way", Text, nullable=False),
    Column("began", Instant, nullable=False),
    Column("seen", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("ended", Instant),
)

attempts = _table(
    "attempts",
    Column("id", Whole, primary_key=True),
    Column("what", Text, nullable=False),
    Column("address_digest", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("attempts_at", "at"),
)

audit = _table(
    "audit",
    Column("id", Whole, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("did", Text, nullable=False),
    Column("mac", Text, nullable=False),
)

refusals = _table(  # counted until their quarter of an hour is over; then the audit has them
    "refusals",
    Column("what", Text, primary_key=True),
    Column("quarter", Instant, primary_key=True),  # its beginning
    Column("number", Whole, nullable=False),
)

# Names of notes in `about`: the secret key's fingerprint; when a copy was made, in the copy alone; when the last backup
# was finished. Both are instants in ISO 8601.
KEY, COPY, BACKUP = "key", "copy", "backup"

about = _table(
    "about",
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
