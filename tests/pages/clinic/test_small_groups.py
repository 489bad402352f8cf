"""Where a group is below the minimum, how many people are in it is nowhere: not on a screen, not in a file."""

import io
import json
import re
from contextlib import suppress

import pyarrow
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from data import clock
from data.catalogue import DOORS, NUMBER_BANDS, ORIGINS
from data.figures import views
from data.files import downloads
from data.storage import database, schema
from data.storage.columns import ANSWERED, COUNTERS, RESPONSES
from tests.counted import ago
from tests.pages.clinic import test_dashboard
from tests.pages.clinic.test_dashboard import dashboard, html

signed_in = test_dashboard.signed_in

LEAST = 1000
# Three digits are below the minimum. Not where a chart has its ticks. All tick the same: any count is a group's.
SIZES = st.integers(101, 1500).filter(lambda number: number % 25)
BOTH = st.tuples(SIZES, SIZES).map(sorted)  # some of all
TICKED = ("nausea", "headache", "ticked_2", "n")
SIDES = [
    ("Last 4 weeks", "The 4 weeks before"),
    ("Infusion 1st", "Infusion 7th or later, not told apart"),
    ("Open link", "Invited"),
    ("Own device", "Clinic tablet"),
    ("since {change}", "before {change}"),
]

cells = st.dictionaries(
    st.tuples(
        st.sampled_from(["0-4 h", "0-4 h", "0-4 h", "4-24 h"]),
        st.sampled_from(NUMBER_BANDS),
        st.sampled_from(ORIGINS),
        st.sampled_from(["en", "es"]),
        st.sampled_from(DOORS),
        st.sampled_from([0, 1, 5]),
        st.sampled_from([1, 1, 1, 2]),
    ),
    BOTH,
    min_size=2,
    max_size=8,
)
responses = st.dictionaries(st.sampled_from(NUMBER_BANDS), BOTH, max_size=3)


@st.composite
def fields(draw):
    name = draw(st.sampled_from(["weeks", "number", "origin", "language", "device"]))
    chosen = {name: draw(st.none() | st.sampled_from(views.options()[name]))}
    a, b = draw(st.sampled_from(SIDES))
    change = clock.monday(ago(4))
    chosen |= {"a": a.format(change=change), "b": b.format(change=change), "side_effect": "Headache"}
    return {name: value for name, value in chosen.items() if value}


def count(cells, responses):
    rows = [
        dict.fromkeys(COUNTERS, 0)
        | dict.fromkeys(TICKED, number)
        | {"nausea_and_headache": both}
        | {"window": window, "number_band": band, "origin": origin, "language": language, "door": door}
        | {"week": clock.monday(ago(weeks)).isoformat(), "list_version": version}
        for (window, band, origin, language, door, weeks, version), (both, number) in cells.items()
    ]
    week = clock.monday(ago(9)).isoformat()
    answers = [
        {"week": week, "number_band": band, **dict.fromkeys(RESPONSES, 0), "invited": invited, "answered": answered}
        | dict.fromkeys(ANSWERED.values(), answered)
        for band, (answered, invited) in responses.items()
    ]
    with database.writing() as connection:
        for table, counted in ((schema.tallies, rows), (schema.infusion_tallies, answers)):
            connection.execute(delete(table))
            if counted:
                connection.execute(insert(table), counted)


def said(screen):
    """Return all that a screen tells: words, tables, and of each chart text, title and data."""
    told = [html(screen), *(each.value for each in screen.markdown), *(table.value.to_csv() for table in screen.table)]
    for chart in screen.get("vega_lite_chart"):
        spec = json.loads(chart.proto.spec)
        title = re.sub(r"containerSize.*?[<?] (\d+)? ?", "", json.dumps(spec["title"]))
        told += [chart.proto.alt, title, *re.findall(r'"n\S=\S(\d+)"', json.dumps(spec))]
        told += [
            pyarrow.ipc.open_stream(io.BytesIO(frame.data.data)).read_all().to_pandas().to_csv()
            for frame in chart.proto.datasets
        ]
    return told


def small(text):
    """Return the numbers in a text that only a group below the minimum can have; the bounds of an interval are none."""
    told = re.sub(r"\d+–\d+", "", text)
    return [number for number in re.findall(r"(?<![\d.])(\d{3})(?:\.0)?(?!\.?\d)", told) if int(number) % 25]


# With an interval that begins below the minimum.
OF_PAIRS = {("0-4 h", "1st", "invited", "en", "app", 0, 1): (1025, 2172)}
MOSTLY_OPEN = {
    ("0-4 h", "1st", "open", "en", "app", 0, 1): (500, 1201),
    ("0-4 h", "1st", "invited", "en", "app", 0, 1): (300, 613),
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(view="Frequencies", cells=MOSTLY_OPEN, responses={}, fields={})  # the rest would follow
@example(view="Together", cells=OF_PAIRS, responses={}, fields={})
@given(view=st.sampled_from(views.names()), cells=cells, responses=responses, fields=fields())
def test_no_count_below_the_minimum_group_is_on_a_screen_or_in_a_file(
    signed_in,
    configure,
    view,
    cells,
    responses,
    fields,
):
    configure(min_group=LEAST)
    count(cells, responses)
    asked = {"view": view} | fields

    told = said(dashboard(**asked))
    for sharing in (False, True):
        with suppress(downloads.NothingToExport):
            told.append(downloads.as_csv(signed_in, views.chosen(asked), sharing=sharing).decode())

    assert [small(text) for text in told] == [[]] * len(told)
    for group in views.read(signed_in, views.chosen(asked)).groups:
        if isinstance(group.by_open_link, int) and group.check_ins:
            assert not 0 < group.check_ins - group.by_open_link < LEAST  # the rest would follow
