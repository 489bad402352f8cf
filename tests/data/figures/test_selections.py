from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import languages
from data.catalogue import DOORS, NUMBER_BANDS, ORIGINS, WINDOW_BY_CODE
from data.figures.selections import DEVICES, Selection
from data.storage import schema

MONDAYS = [date(2026, 8, 31) + timedelta(weeks=week) for week in range(4)]
CELLS = list(product(WINDOW_BY_CODE, NUMBER_BANDS, ORIGINS, languages.NAMES, DOORS, MONDAYS))


def holds(selection, cell):
    *codes, door, week = cell
    chosen = (selection.window, selection.number_band, selection.origin, selection.language)
    return (
        all(one is None or one == code for one, code in zip(chosen, codes, strict=True))
        and (selection.device is None or (selection.device == "tablet") == (door == "kiosk"))
        and (selection.first or week) <= week <= (selection.last or week)
    )


@st.composite
def chosen(draw):
    first, last = sorted(draw(st.tuples(st.sampled_from(MONDAYS), st.sampled_from(MONDAYS))))
    return Selection(
        draw(st.sampled_from(list(WINDOW_BY_CODE)[:2])),
        draw(st.sampled_from([None, *NUMBER_BANDS[:2]])),
        draw(st.sampled_from([None, *ORIGINS])),
        draw(st.sampled_from([None, *languages.NAMES])),
        draw(st.sampled_from([None, *DEVICES])),
        draw(st.sampled_from([None, first])),
        draw(st.sampled_from([None, last])),
    )


@settings(max_examples=150, deadline=None)
@given(one=chosen(), other=chosen())
def test_two_selections_overlap_where_a_check_in_can_belong_to_both(one, other):
    either = any(holds(one, cell) and holds(other, cell) for cell in CELLS)

    assert one.overlaps(other) == other.overlaps(one) == either


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ({}, {}, True),
        ({"number_band": "1st"}, {"origin": "invited"}, True),
        ({"number_band": "1st"}, {"number_band": "later"}, False),
        ({"language": "en"}, {"language": "es"}, False),
        ({"device": "own"}, {"device": "tablet"}, False),
        ({"device": "own"}, {"language": "en"}, True),
        ({"first": MONDAYS[2]}, {"last": MONDAYS[1]}, False),
        ({"first": MONDAYS[1]}, {"last": MONDAYS[1]}, True),
        ({"first": MONDAYS[0], "last": MONDAYS[3]}, {"first": MONDAYS[1], "last": MONDAYS[2]}, True),
    ],
)
def test_sides_that_share_a_week_and_differ_in_no_code_overlap(one, other, overlap):
    assert Selection("0-4 h", **one).overlaps(Selection("0-4 h", **other)) == overlap


@pytest.mark.parametrize(
    ("now", "last"),
    [  # in Auckland a day begins up to 13 hours before it does in Greenwich
        (datetime(2026, 11, 22, 10, 59, tzinfo=UTC), date(2026, 11, 16)),
        (datetime(2026, 11, 22, 11, 0, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2027, 1, 3, 10, 59, tzinfo=UTC), date(2026, 12, 28)),
    ],
)
def test_weeks_are_whole_iso_weeks_of_the_clinics_clock(configure, set_clock, now, last):
    configure(timezone="Pacific/Auckland")
    set_clock(now)

    latest, before = (Selection("0-4 h", origin="open").of_weeks(4, ago) for ago in (0, 4))

    assert latest == Selection("0-4 h", origin="open", first=last - timedelta(weeks=3), last=last)
    assert before == replace(latest, first=last - timedelta(weeks=7), last=last - timedelta(weeks=4))
    assert not latest.overlaps(before)


@pytest.mark.parametrize(
    "wrong", [{"window": "all"}, {"window": None}, {"number_band": "2nd"}, {"origin": ""}, {"device": "Own device"}]
)
def test_a_code_that_is_unknown_is_refused_by_name(wrong):
    ((name, code),) = wrong.items()

    with pytest.raises(ValueError, match=f"no {name} has the code '?{code}'?; there are: "):
        Selection(**{"window": "0-4 h"} | wrong)


def test_only_what_is_chosen_is_a_condition():
    everything = Selection("0-4 h").where(schema.tallies, "window", "number_band", "origin", "language", "device")
    weeks = Selection("0-4 h", "1st", first=MONDAYS[0], last=MONDAYS[1]).where(schema.infusion_tallies, "number_band")

    assert [str(one.compile(compile_kwargs={"literal_binds": True})) for one in (*everything, *weeks)] == [
        "tallies.window = '0-4 h'",
        "infusion_tallies.number_band = '1st'",
        "infusion_tallies.week >= '2026-08-31'",
        "infusion_tallies.week <= '2026-09-07'",
    ]


def test_every_door_is_of_one_device():
    assert sorted(door for doors in DEVICES.values() for door in doors) == sorted(DOORS)


@pytest.mark.parametrize(("device", "doors"), [("own", "'app', 'plain'"), ("tablet", "'kiosk'")])
def test_a_device_is_a_condition_on_its_doors(device, doors):
    (of,) = Selection("0-4 h", device=device).where(schema.tallies, "device")

    assert str(of.compile(compile_kwargs={"literal_binds": True})) == f"tallies.door IN ({doors})"
