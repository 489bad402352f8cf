"""Made-up check-ins for trying the product: plausible, the same for the same seed, and marked on every page."""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

import numpy as np
from sqlalchemy import Connection, Table, insert, select, text

from data import clock, settings
from data.catalogue import CODES, LIST_VERSION, NUMBER_BANDS, WINDOWS
from data.reports import infusions, invitations, responses, tallies
from data.staff import audit
from data.storage import columns, database, schema

WEEKS = 30  # whole ones, and the current one up to now
CHANGED, CHANGE = 8, "new antiemetic"  # so many weeks ago; since then nausea is rarer
CHUNK = 10_000
Columns = dict[str, Sequence[Any]]  # the values of each column of a table

# Per cent who tick, by window.
_RATES = {
    "nausea": (33, 15, 5, 2),
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
# Odds by number band: two drop after the first infusion, then level off; one rises.
_BAND_ODDS = {
    "dissociation": (1.5, 0.9, 0.8, 0.8, 0.8, 1, 1),
    "anxiety": (1.4, 0.95, 0.85, 0.85, 0.85, 1, 1),
    "bladder": (0.6, 0.8, 1.2, 2.2, 3, 1, 1),
}
_ODDS_SINCE = {"nausea": 0.29}  # the change
_TABLET_SHARE = 0.1  # of the first window, sent from the recovery room
_SHARES = {"door": {"app": 0.9, "plain": 0.1}, "language": {"en": 0.85, "es": 0.15}}
_OPEN_SHARE, _WINDOW_SHARES = 0.1, (0.36, 0.30, 0.22, 0.12)
_NUMBERS = np.arange(1, 41)  # the higher, the rarer
_ANSWERED = np.array([0.75, 0.6, 0.5, 0.35])  # of the infusions, by window
_STARTS, _ENDS = (np.array([getattr(one, end) / timedelta(hours=1) for one in WINDOWS]) for end in ("start", "end"))


class NotEmpty(RuntimeError):
    """The database has check-ins; made-up ones are never mixed with them."""


def fill(number: int, seed: int, progress: Callable[[int], object]) -> None:
    """Fill an empty database with `number` made-up check-ins from the last 30 weeks and mark it as a demonstration.

    Most are by invitation, so infusions are made up too, and a change since which nausea is rarer. One transaction
    stores everything or nothing; `progress` is called with the number of check-ins just added. The same seed gives the
    same answers. Raises `NotEmpty` or `database.Unavailable`.
    """
    random, now = np.random.default_rng(seed), clock.now()
    first, change = (clock.monday(now) - timedelta(weeks=weeks) for weeks in (WEEKS, CHANGED))
    hours = (now - datetime.combine(first, time(), settings.current().zone)) / timedelta(hours=1)
    with database.writing() as connection:
        database.take_turns(connection, "schema")
        for table in (schema.check_ins, schema.infusions):
            if connection.scalar(select(table.c.id).limit(1)) is not None:
                raise NotEmpty("the database has check-ins or infusions; add made-up ones only to an empty one")
        last = 0
        for start in range(0, number, CHUNK):
            size = min(CHUNK, number - start)
            span = (hours * (1 - start / number), hours * (1 - (start + size) / number))
            made, rows = _chunk(size, last, span, random, now)
            chances = _chances(rows, np.array(rows.pop("given")) >= change.isoformat(), random)
            _load(connection, schema.infusions, made)
            _load(connection, schema.check_ins, rows | _answers(chances, rows["window"], last, random))
            last += len(made["id"])
            progress(size)
        mark = {"week": change.isoformat(), "text": CHANGE, "made": now, "who": "made up"}
        connection.execute(insert(schema.changes), mark)
        tallies.count_all(connection)
        responses.count_all(connection)
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT setval(pg_get_serial_sequence('infusions', 'id'), max(id)) FROM infusions"))
        audit.note(connection, "operator", f"filled the empty database with {number} made-up check-ins")
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


def _chunk(
    number: int, last: int, span: tuple[float, float], random: np.random.Generator, now: datetime
) -> tuple[Columns, Columns]:
    """Return infusions, numbered after `last`, and `number` check-ins, a tenth of them by the open link.

    Both are spread evenly over a span of hours ago, so that no week falls below the minimum group by chance. Of
    check-ins, `given` is the week of the infusion.
    """
    invited = number - int(random.binomial(number, _OPEN_SHARE))
    registered = invited // 2 + 1  # at most two answers each on average
    places = (np.arange(registered) + random.random(registered)) / registered  # the oldest first
    ago = span[0] + places * (span[1] - span[0])
    numbers = random.choice(_NUMBERS, registered, p=1 / _NUMBERS / sum(1 / _NUMBERS)).tolist()
    chance = np.where(ago > _STARTS[:, None], _ANSWERED[:, None], 0.0).ravel()  # of each window and infusion
    invited = min(invited, int(chance.sum() / _ANSWERED.max()))  # at most one answer per infusion and window
    reached = np.cumsum(chance) / chance.sum() * invited
    answered = np.searchsorted(reached, np.arange(invited) + random.random(), side="right")
    window, infusion = np.divmod(answered, registered)
    latest = np.minimum(_ENDS[window], ago[infusion]) - _STARTS[window]
    at = _STARTS[window] + latest * random.random(invited) ** 2 - ago[infusion]
    opened = number - invited
    window = np.concatenate([window, random.choice(len(WINDOWS), opened, p=_WINDOW_SHARES)]).tolist()
    at = np.concatenate([at, -random.uniform(*span[::-1], opened)])
    recorded = [now + timedelta(hours=hours) for hours in at.tolist()]
    ended = [now - timedelta(hours=hours) for hours in ago.tolist()]
    ended_in, week = ([clock.monday(instant).isoformat() for instant in instants] for instants in (ended, recorded))
    digests = zip(ago.tolist(), _digests(registered, last, random), strict=True)
    codes = [invitations.new_code() if hours < _ENDS[-1] else {"code_digest": digest} for hours, digest in digests]
    bands, of = [infusions.number_band(one) for one in numbers], infusion.tolist()
    made: Columns = {
        "id": range(last + 1, last + 1 + registered),
        "seed": [code.get("seed") for code in codes],  # of those that still work
        "code_digest": [code["code_digest"] for code in codes],
        "ended": ended,
        "number": numbers,
        "week": ended_in,
        "number_band": bands,
        "registered": ended,
    }
    return made, {
        "infusion": [*(last + 1 + one for one in of), *[None] * opened],
        "week": week,
        "given": [*(ended_in[one] for one in of), *week[invited:]],
        "window": [WINDOWS[one].code for one in window],
        "number_band": [*(bands[one] for one in of), *["unknown"] * opened],
        "origin": ["invited"] * invited + ["open"] * opened,
        "recorded": recorded,
    }


def _chances(rows: Columns, since: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return the chance of each tick, check-ins by side effects: some people tick more of everything than others."""
    codes = [one.code for one in WINDOWS]
    window = np.array([codes.index(code) for code in rows["window"]])
    band = np.array([NUMBER_BANDS.index(code) for code in rows["number_band"]])
    rates = np.array([_RATES.get(code, _OF_OTHERS) for code in CODES])[:, window].T
    odds = rates / (100 - rates) * np.exp(random.normal(-0.2, 0.6, (len(window), 1)))
    for place, code in enumerate(CODES):
        if code in _BAND_ODDS:
            odds[:, place] *= np.array(_BAND_ODDS[code])[band]
        odds[since, place] *= _ODDS_SINCE.get(code, 1)
    return np.asarray(odds / (1 + odds))


def _answers(chances: np.ndarray, windows: Sequence[str], last: int, random: np.random.Generator) -> Columns:
    """Return the other columns of check-ins: what is ticked, and how it was sent."""
    ticked = random.random(chances.shape) < chances
    ticks = np.column_stack([ticked, ~ticked.any(axis=1)]).astype(int).T.tolist()
    number = len(ticked)
    digests = _digests(number, last, random)
    chosen = {name: random.choice([*of], number, p=[*of.values()]).tolist() for name, of in _SHARES.items()}
    at_tablet = (np.array(windows) == WINDOWS[0].code) & (random.random(number) < _TABLET_SHARE)
    return {
        **chosen,
        "door": np.where(at_tablet, "kiosk", chosen["door"]).tolist(),
        "key_digest": digests,
        "receipt_digest": digests,
        "list_version": [LIST_VERSION] * number,
        **dict.fromkeys(columns.ANSWERS, [0] * number),
        **dict(zip((*CODES, "none"), ticks, strict=True)),
    }


def _digests(number: int, last: int, random: np.random.Generator) -> list[str]:
    """Return digests that belong to no key or code; ascending from chunk to chunk, they fill an index faster."""
    digits = random.bytes(24 * number).hex()
    return [f"{last + index:016x}{digits[48 * index : 48 * (index + 1)]}" for index in range(number)]
