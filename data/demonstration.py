"""Made-up check-ins for trying the product: plausible, the same for the same seed, and marked on every page."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
from sqlalchemy import Connection, Table, insert, select, text

from data import clock
from data.catalogue import CODES, LIST_VERSION, NUMBER_BANDS, WINDOWS
from data.reports import infusions, responses, tallies
from data.storage import columns, database, schema

WEEKS = 13  # so that on any day there are figures for twelve full weeks, which control limits need
CHUNK = 10_000
Columns = dict[str, Sequence[Any]]  # the values of each column of a table

# Per cent who tick, by window.
_RATES = {
    "nausea": (13, 8, 3, 1),
    "heart_rate": (19, 6, 2, 1),
    "vision": (25, 7, 2, 1),
    "dizziness": (47, 18, 6, 3),
    "headache": (14, 17, 10, 7),
    "dry_mouth": (15, 6, 3, 2),
    "tremor": (6, 3, 2, 1),
    "anxiety": (11, 12, 13, 12),
    "hallucinations": (6, 1.5, 0.5, 0.5),
    "dissociation": (40, 9, 3, 2),
    "fatigue": (56, 38, 17, 11),
    "sleep": (1, 13, 15, 13),
    "appetite": (5, 10, 9, 7),
    "bladder": (1, 1.5, 2, 3),
}
_OF_OTHERS = (5, 4, 3, 2)  # of an item that was added since
_DOORS, _DOOR_SHARES = ("app", "plain"), (0.9, 0.1)
_LANGUAGES, _LANGUAGE_SHARES = ("en", "es"), (0.85, 0.15)
_OPEN_SHARE, _WINDOW_SHARES = 0.1, (0.36, 0.30, 0.22, 0.12)
_NUMBERS, _NUMBER_SHARES = (1, 2, 3, 4, 5, 6, 7, 8), (0.22, 0.15, 0.12, 0.11, 0.1, 0.1, 0.1, 0.1)
_ANSWERED = np.array([0.7, 0.6, 0.45, 0.25])  # of the infusions, by window
_STARTS, _ENDS = (np.array([getattr(one, end) / timedelta(hours=1) for one in WINDOWS]) for end in ("start", "end"))
# Odds of dissociation and anxiety by number band: both drop after the first infusion, then level off.
_BAND_ODDS = {"dissociation": (1.5, 0.85, *[0.8] * 4, 1.0), "anxiety": (1.4, 0.95, *[0.85] * 4, 1.0)}


class NotEmpty(RuntimeError):
    """The database has check-ins; made-up ones are never mixed with them."""


def fill(number: int, seed: int, progress: Callable[[int], object]) -> None:
    """Fill an empty database with `number` made-up check-ins from the last 13 weeks and mark it as a demonstration.

    Most are by invitation, so infusions are made up too. One transaction stores everything or nothing; `progress` is
    called with the number of check-ins just added. The same seed gives the same answers. Raises `NotEmpty` or
    `database.Unavailable`.
    """
    random, now = np.random.default_rng(seed), clock.now()
    with database.writing() as connection:
        database.take_turns(connection, "schema")
        for table in (schema.check_ins, schema.infusions):
            if connection.scalar(select(table.c.id).limit(1)) is not None:
                raise NotEmpty("the database has check-ins or infusions; add made-up ones only to an empty one")
        invited = 0
        for start in range(0, number, CHUNK):
            size = min(CHUNK, number - start)
            made, rows = _chunk(size, invited, random, now)
            _load(connection, schema.infusions, made)
            _load(connection, schema.check_ins, rows)
            invited += len(made["id"])
            progress(size)
        tallies.count_all(connection)
        responses.count_all(connection)
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT setval(pg_get_serial_sequence('infusions', 'id'), max(id)) FROM infusions"))
        connection.execute(insert(schema.about), {"name": "demonstration", "value": f"{number} made-up check-ins"})


def _load(connection: Connection, table: Table, values: Columns) -> None:
    """Insert rows that are given column by column."""
    rows = zip(*values.values(), strict=True)
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), [dict(zip(values, row, strict=True)) for row in rows])
        return
    names = ", ".join(f'"{name}"' for name in values)
    stored = partial(columns.Instant().process_bind_param, dialect=connection.dialect)
    # 12 times as fast as INSERT
    with connection.connection.cursor().copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([stored(value) if isinstance(value, datetime) else value for value in row])


def _chunk(number: int, last: int, random: np.random.Generator, now: datetime) -> tuple[Columns, Columns]:
    """Return infusions, numbered after `last`, and `number` check-ins, a tenth of them by the open link.

    Both are spread evenly over the weeks, so that no week falls below the minimum group by chance.
    """
    invited = number - int(random.binomial(number, _OPEN_SHARE))
    infusions_made = invited // 2 + 1  # at most two answers each on average
    places = np.arange(infusions_made, 0, -1) - random.random(infusions_made)  # the oldest first
    ago = places / infusions_made * WEEKS * 7 * 24  # hours
    infusion_number = random.choice(_NUMBERS, len(ago), p=_NUMBER_SHARES)
    chance = np.where(ago > _STARTS[:, None], _ANSWERED[:, None], 0.0).ravel()  # of each window and infusion
    invited = min(invited, int(chance.sum() / _ANSWERED.max()))  # at most one answer per infusion and window
    reached = np.cumsum(chance) / chance.sum() * invited
    answered = np.searchsorted(reached, np.arange(invited) + random.random(), side="right")
    window, infusion = np.divmod(answered, len(ago))
    latest = np.minimum(_ENDS[window], ago[infusion]) - _STARTS[window]
    at = _STARTS[window] + latest * random.random(len(answered)) ** 2 - ago[infusion]
    opened = number - invited
    bands = [infusions.number_band(one) for one in infusion_number.tolist()]
    ended = [now - timedelta(hours=hours) for hours in ago.tolist()]
    made: Columns = {
        "id": range(last + 1, last + 1 + len(ago)),
        "code_digest": _digests(len(ago), last, random),
        "ended": ended,
        "number": infusion_number.tolist(),
        "week": [clock.monday(end).isoformat() for end in ended],
        "number_band": bands,
        "registered": ended,
    }
    window = np.concatenate([window, random.choice(len(WINDOWS), opened, p=_WINDOW_SHARES)])
    at = np.concatenate([at, -random.random(opened) * WEEKS * 7 * 24])
    recorded = [now + timedelta(hours=hours) for hours in at.tolist()]
    rows: Columns = {
        "infusion": [*(last + 1 + infusion).tolist(), *[None] * opened],
        "week": [clock.monday(instant).isoformat() for instant in recorded],
        "window": [WINDOWS[one].code for one in window.tolist()],
        "number_band": [*(bands[one] for one in infusion.tolist()), *["unknown"] * opened],
        "origin": ["invited"] * invited + ["open"] * opened,
        "recorded": recorded,
    }
    return made, rows | _answers(window, rows["number_band"], last, random)


def _answers(window: np.ndarray, bands: Sequence[str], last: int, random: np.random.Generator) -> Columns:
    """Return the other columns of check-ins: what is ticked, and how it was sent."""
    band = np.array([NUMBER_BANDS.index(band) for band in bands])
    ticked = random.random((len(band), len(CODES))) < _chances(window, band, random)
    ticks = np.column_stack([ticked, ~ticked.any(axis=1)]).astype(int).T.tolist()
    door = random.choice(_DOORS, len(band), p=_DOOR_SHARES).tolist()
    language = random.choice(_LANGUAGES, len(band), p=_LANGUAGE_SHARES).tolist()
    digests = _digests(len(band), last, random)
    return {
        "key_digest": digests,
        "receipt_digest": digests,
        "door": door,
        "language": language,
        "list_version": [LIST_VERSION] * len(band),
        **dict.fromkeys(columns.ANSWERS, [0] * len(band)),
        **dict(zip((*CODES, "none"), ticks, strict=True)),
    }


def _digests(number: int, last: int, random: np.random.Generator) -> list[str]:
    """Return digests that belong to no key or code; ascending from chunk to chunk, they fill an index faster."""
    digits = random.bytes(24 * number).hex()
    return [f"{last + index:016x}{digits[48 * index : 48 * (index + 1)]}" for index in range(number)]


def _chances(window: np.ndarray, band: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return the chance of each tick, rows by side effects: some people tick more of everything than others."""
    rates = np.array([_RATES.get(code, _OF_OTHERS) for code in CODES])[:, window].T
    odds = rates / (100 - rates)
    for code in _BAND_ODDS.keys() & CODES:
        odds[:, CODES.index(code)] *= np.array(_BAND_ODDS[code])[band]
    odds = odds * np.exp(random.normal(-0.2, 0.6, (len(window), 1)))
    return np.asarray(odds / (1 + odds))
