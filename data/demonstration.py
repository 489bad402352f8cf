"""Made-up check-ins, to try the product with: plausible, seeded, and marked on every page."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, insert, select

from data import check_ins, database, schema, tallies
from data.catalogue import CODES, LIST_VERSION, NUMBER_BANDS, WINDOWS

WEEKS = 12
CHUNK = 10_000

# Per cent who tick, by window; the order of the rows is the catalogue's.
_RATES = np.array(
    [
        [13, 8, 3, 1],  # nausea
        [19, 6, 2, 1],  # heart rate
        [25, 7, 2, 1],  # vision
        [47, 18, 6, 3],  # dizziness
        [14, 17, 10, 7],  # headache
        [15, 6, 3, 2],  # dry mouth
        [6, 3, 2, 1],  # tremor
        [11, 12, 13, 12],  # anxiety
        [6, 1.5, 0.5, 0.5],  # hallucinations
        [40, 9, 3, 2],  # dissociation
        [56, 38, 17, 11],  # fatigue
        [1, 13, 15, 13],  # sleep
        [5, 10, 9, 7],  # appetite
        [1, 1.5, 2, 3],  # bladder
    ]
)
_DOORS, _DOOR_SHARES = ("app", "plain"), (0.9, 0.1)
_LANGUAGES, _LANGUAGE_SHARES = ("en", "es"), (0.85, 0.15)
_WINDOW_SHARES = (0.36, 0.30, 0.22, 0.12)
_BAND_SHARES = (0.2, 0.5, 0.2, 0.1)
# Odds of dissociation and anxiety by number band: both fall after the first infusion, then level off.
_BAND_ODDS = {"dissociation": (1.5, 0.85, 0.8, 1.0), "anxiety": (1.4, 0.95, 0.85, 1.0)}


class NotEmpty(RuntimeError):
    """The database holds check-ins; made-up ones are never mixed with them."""


def fill(number: int, seed: int, progress: Callable[[int], object]) -> None:
    """Put `number` made-up check-ins of the last 12 weeks into an empty database and mark it as a demonstration.

    All or nothing, in one transaction; `progress` is called with the number of rows just added. The same seed gives
    the same answers. Raises `NotEmpty` or `database.Unavailable`.
    """
    with database.writing() as connection:
        database.take_turns(connection, "schema")
        if connection.scalar(select(schema.check_ins.c.id).limit(1)) is not None:
            raise NotEmpty("the database holds check-ins already; made-up ones go only into an empty one")
        for rows in _chunks(number, np.random.default_rng(seed), datetime.now(UTC)):
            _load(connection, rows)
            progress(len(rows))
        tallies.count_all(connection)
        connection.execute(insert(schema.about), {"name": "demonstration", "value": f"{number} made-up check-ins"})


def _load(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if connection.dialect.name != "postgresql":
        connection.execute(insert(schema.check_ins), rows)
        return
    names = ", ".join(f'"{name}"' for name in rows[0])
    instant = schema.Instant()
    with connection.connection.cursor().copy(f"COPY check_ins ({names}) FROM STDIN") as copy:  # 12 times an INSERT
        for row in rows:
            recorded = instant.process_bind_param(row["recorded"], connection.dialect)
            copy.write_row(list((row | {"recorded": recorded}).values()))


def _chunks(number: int, random: np.random.Generator, now: datetime) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, number, CHUNK):
        yield _rows(min(CHUNK, number - start), random, now)


def _rows(number: int, random: np.random.Generator, now: datetime) -> list[dict[str, Any]]:
    window = random.choice(len(WINDOWS), number, p=_WINDOW_SHARES)
    band = random.choice(len(NUMBER_BANDS), number, p=_BAND_SHARES)
    ticked = random.random((number, len(CODES))) < _chances(window, band, random)
    answers = np.column_stack([ticked, ~ticked.any(axis=1)]).astype(int).tolist()
    door = random.choice(_DOORS, number, p=_DOOR_SHARES).tolist()
    language = random.choice(_LANGUAGES, number, p=_LANGUAGE_SHARES).tolist()
    recorded = [now - timedelta(seconds=ago) for ago in random.random(number) * WEEKS * 7 * 24 * 3600]
    return [
        {
            "key_digest": digest,
            "receipt_digest": digest,
            "week": check_ins.monday(at).isoformat(),
            "window": WINDOWS[window].code,
            "number_band": NUMBER_BANDS[band],
            "origin": "open" if NUMBER_BANDS[band] == "unknown" else "invited",
            "door": door,
            "language": language,
            "list_version": LIST_VERSION,
            **dict(zip((*CODES, "none"), ticks, strict=True)),
            "recorded": at,
        }
        for digest, window, band, door, language, ticks, at in zip(
            _digests(number, random), window.tolist(), band.tolist(), door, language, answers, recorded, strict=True
        )
    ]


def _digests(number: int, random: np.random.Generator) -> list[str]:
    """Nobody holds the keys and receipts of made-up check-ins; sorted digests fill an index much faster."""
    return sorted(random.bytes(32).hex() for _ in range(number))


def _chances(window: np.ndarray, band: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return the chance of each tick, rows by side effects: some people tick more of everything than others."""
    odds = _RATES[:, window].T / (100 - _RATES[:, window].T)
    for code, by_band in _BAND_ODDS.items():
        odds[:, CODES.index(code)] *= np.array(by_band)[band]
    odds = odds * np.exp(random.normal(-0.2, 0.6, (len(window), 1)))
    return np.asarray(odds / (1 + odds))
