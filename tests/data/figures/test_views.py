import random
import re
from datetime import timedelta
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from sqlalchemy import select, update
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from data import clock, demonstration, languages
from data.catalogue import CODES, LABELS, WINDOW_BY_CODE
from data.figures import comparisons, response_rates, views
from data.figures.selections import Selection
from data.staff import passphrase, sessions
from data.storage import database, schema
from data.storage.columns import PAIRS
from tests.app import PASSPHRASE
from tests.counted import ON_SQLITE, audited, put, stored

# What the clinic's words mean here, written down anew.
WEEKS = {
    "Last 4 weeks": (4, 0),
    "The 4 weeks before": (4, 4),
    "Last 12 weeks": (12, 0),
    "The 12 weeks before": (12, 12),
}
ORIGINS = {"Invited": "invited", "Open link": "open", "Both": None}
BANDS = {"7th or later, not told apart": "later", "not known": "unknown"}
FILTERED = {"Infusion": "number_band", "Window": "window"}
TAGS = {languages.name(tag, "en"): tag for tag in languages.NAMES}
ON_TABLET = {"Own device": False, "Clinic tablet": True}
APART = [
    ("Last 4 weeks", "The 4 weeks before"),
    ("Last 12 weeks", "The 12 weeks before"),
    ("Infusion 1st", "Infusion 2nd-6th"),
    ("Infusion 7th or later, not told apart", "Infusion not known"),
    ("Infusion 25th+", "Infusion 7th-12th"),
    ("Open link", "Invited"),
    ("Window 0-4 h", "Window 1-7 d"),
    ("Spanish", "English"),
    ("Clinic tablet", "Own device"),
]


@pytest.fixture
def token(prepared):
    return passphrase.sign_in(PASSPHRASE, "address")


def read(token, name, **fields):
    return views.read(token, views.chosen({"view": name} | fields, views.known(token)))


class Counted:
    """The figures of raw rows, counted without the code under test."""

    def __init__(self):
        self.rows = stored()
        self.rows["monday"] = mondays(self.rows["recorded"])
        with database.reading() as connection:
            self.infusions = pd.DataFrame(connection.execute(select(schema.infusions)).mappings().all())
        self.infusions["monday"] = mondays(self.infusions["ended"])

    def of(self, rows=None, **chosen):
        """Return the rows of codes, and of `weeks`, a number of them and how many ago they ended."""
        rows = self.rows if rows is None else rows
        number, ago = chosen.pop("weeks", None) or (None, 0)
        if chosen.get("device"):
            rows = rows[(rows["door"] == "kiosk") == ON_TABLET[chosen["device"]]]
        for column, code in chosen.items():
            rows = rows[rows[column] == code] if code and column in rows else rows
        if number:
            last = monday(clock.now()) - timedelta(weeks=ago)
            rows = rows[rows["monday"].between(last - timedelta(weeks=number - 1), last)]
        return rows

    def response(self, **chosen):
        if chosen.get("origin") == "open" or chosen.get("language") or chosen.get("device"):
            return None
        over, (number, ago) = monday(clock.now() - WINDOW_BY_CODE[chosen["window"]].end), chosen["weeks"] or (None, 0)
        while number and monday(clock.now()) - timedelta(weeks=ago) >= over:  # moved back until the last window is over
            ago += 1
        asked = self.of(self.infusions, **chosen | {"weeks": number and (number, ago)})
        has_answer = asked["id"].isin(self.rows.loc[self.rows["window"] == chosen["window"], "infusion"])
        is_over = asked["monday"] < over
        still_open = int((has_answer & ~is_over).sum())
        if not is_over.any():
            return response_rates.Response(0, 0, None, None, still_open if not 0 < still_open < 10 else None)
        first, last = asked.loc[is_over, "monday"].min(), asked.loc[is_over, "monday"].max() + timedelta(days=6)
        infusions, answered = int(is_over.sum()), int((has_answer & is_over).sum())
        told = [None if 0 < count < 10 else count for count in (infusions, answered, still_open)]
        answered = (told[1] or None) if told[0] else told[0]
        return response_rates.Response(told[0], answered, first, last, told[2])


def monday(at):
    day = clock.shown(at).date()
    return day - timedelta(days=day.weekday())


def mondays(instants):
    return pd.Series([monday(at) for at in instants], index=instants.index)


def filters(fields):
    weeks = fields.get("weeks")
    return {
        "window": fields["window"],
        "number_band": BANDS.get(fields["number"], fields["number"]),
        "origin": ORIGINS[fields["origin"] or "Invited"],
        "language": TAGS.get(fields["language"]),
        "device": fields["device"],
        "weeks": None if weeks == "All weeks" else (int((weeks or "Last 52 weeks").split()[1]), 0),
    }


def of_side(chosen, side):
    kind, _, code = side.partition(" ")
    if side in WEEKS:
        return chosen | {"weeks": WEEKS[side]}
    if side in ORIGINS:
        return chosen | {"origin": ORIGINS[side]}
    if side in ON_TABLET:
        return chosen | {"device": side}
    return chosen | ({"language": TAGS[side]} if side in TAGS else {FILTERED[kind]: BANDS.get(code, code)})


def groups(name, fields):
    """Return what each group of a view is of, by its label."""
    chosen = filters(fields)
    if name == "Since the infusion":
        return {code: chosen | {"window": code} for code in WINDOW_BY_CODE}
    if name == "By infusion number":
        bands = ("1st", "2nd-6th", "7th-12th", "13th-24th", "25th+", "7th or later, not told apart")
        return {band: chosen | {"number_band": BANDS.get(band, band)} for band in bands}
    if name == "Compare":
        return {f"{side.upper()} ({fields[side]})": of_side(chosen, fields[side]) for side in "ab"}
    return {fields["window"]: chosen | ({"weeks": (4, 1)} if name == "Overview" else {})}


def frequencies(rows, *, how_many=False):
    reported = [int(rows[code].sum()) for code in (*CODES, "none")]
    labels = [*LABELS.values(), "None of these"]
    if how_many:
        ticks = rows[list(CODES)].sum(axis=1)
        reported = [*(int((ticks == number).sum()) for number in (1, 2, 3)), int((ticks >= 4).sum())]
        labels = ["1 side effect", "2 side effects", "3 side effects", "4 or more side effects"]
    low, high = proportion_confint(np.array(reported), len(rows), method="wilson")
    share = np.array(reported) / len(rows)
    counts = {"side_effect": labels, "reported": reported, "check_ins": len(rows)}
    return pd.DataFrame(counts | {"share": share, "low": low, "high": high})


def over_the_weeks(rows, code, lag):
    """Return the table without its limits, which have tests of their own."""
    first, last = rows["monday"].min(), rows["monday"].max()
    table = pd.DataFrame({"week": [first + timedelta(weeks=week) for week in range((last - first).days // 7 + 1)]})
    of_week = [rows[rows["monday"] == week] for week in table["week"]]
    n = np.array([len(week) if len(week) >= 10 else np.nan for week in of_week])
    k = np.where(n > 0, [week[code].sum() for week in of_week], np.nan)
    low, high = np.array([proportion_confint(*one, method="wilson") for one in zip(k, n, strict=True)]).T
    table = table.assign(reported=k, check_ins=n, share=k / n, low=low, high=high)
    known = (n > 0) & (table["week"] < monday(clock.now()))
    change = monday(clock.now()) - timedelta(weeks=8)  # of the made-up check-ins; too few weeks are since
    usual, neither = (
        known & (table["week"] < change),
        table["week"].between(change, change + timedelta(days=7 * lag - 1)),
    )
    centre = k[usual].sum() / n[usual].sum() if usual.sum() >= 12 else np.nan
    return table.assign(centre=np.where(known & ~neither, centre, np.nan))


def compared(a, b):
    a, b = frequencies(a), frequencies(b)
    counts = ["reported", "check_ins"]
    of_difference = [
        confint_proportions_2indep(*one, *other, method="newcomb")
        for one, other in zip(a[counts].to_numpy(), b[counts].to_numpy(), strict=True)
    ]
    table = pd.DataFrame({"side_effect": [*LABELS.values(), "None of these"]})
    for side, of in (("a", a), ("b", b)):
        for column in (*counts, "share"):
            table[f"{column}_{side}"] = of[column]
    table["difference"] = a["share"] - b["share"]
    table[["low", "high"]] = of_difference
    return table.iloc[sorted(table.index, key=lambda row: (row == 14, -table.loc[row, "difference"], row))].reset_index(
        drop=True
    )


def together(rows):
    expected = expected_pairs(rows[list(CODES)].to_numpy())
    table = []
    for first, second in PAIRS:
        both = int((rows[first] * rows[second]).sum())
        figures = [np.nan] * 5
        if both >= 10:
            ends = proportion_confint(both, len(rows), method="wilson")
            figures = [both, both / len(rows), *ends, expected[CODES.index(first), CODES.index(second)]]
        table.append((LABELS[first], LABELS[second], figures[0], len(rows), *figures[1:]))
    table.sort(key=lambda row: -np.nan_to_num(row[2]))
    return pd.DataFrame(table, columns=["first", "second", "both", "check_ins", "share", "low", "high", "expected"])


def expected_pairs(ticks):
    """Return what is expected by the odds with the greatest conditional likelihood, found by a general optimiser."""
    asked = ticks.sum(axis=0) > 0
    reported, people = ticks[:, asked].sum(axis=0), np.bincount(ticks.sum(axis=1), minlength=asked.sum() + 1)

    def ways(odds):  # the coefficients of the product of all 1 + odds x
        return np.poly(-odds)

    def unlikely(logs):
        return people[: asked.sum() + 1] @ np.log(ways(np.exp(logs))) - reported @ logs

    odds = np.exp(minimize(unlikely, np.log(reported / len(ticks)), tol=1e-9).x)
    chance, expected = people[2 : asked.sum() + 1] / ways(odds)[2:], np.zeros((len(asked),) * 2)
    for one, other in combinations(range(asked.sum()), 2):
        places = tuple(np.flatnonzero(asked)[[one, other]])
        both = odds[one] * odds[other] * (chance @ ways(np.delete(odds, [one, other])))
        expected[places] = expected[places[::-1]] = both
    return expected


def expected_table(name, fields, rows_of):
    shown = {label: rows for label, rows in rows_of.items() if len(rows) >= 10}
    if not shown or (name == "Compare" and len(shown) < 2):
        return None
    if name == "Over the weeks":
        (rows,) = shown.values()
        codes = {label: code for code, label in LABELS.items()} | {"None of these": "none"}
        return over_the_weeks(rows, codes[fields["side_effect"]], {"1-7 d": 1, ">7 d": 4}.get(fields["window"], 0))
    if name == "Compare":
        return compared(*shown.values())
    if name == "Together":
        return together(*shown.values())
    if name == "Overview":  # its marks and lines have tests of their own
        return frequencies(*shown.values())
    named = [frequencies(rows).assign(group=label) for label, rows in shown.items()]
    if name == "Frequencies":
        named += [frequencies(rows, how_many=True).assign(group=label) for label, rows in shown.items()]
    return pd.concat(named, ignore_index=True)


def assert_group(group, rows, response):
    assert group.response == response
    if len(rows) < 10:
        assert (group.check_ins, group.table, group.how_many) == (None if len(rows) else 0, None, None)
        return
    assert (group.check_ins, group.by_open_link) == (len(rows), told_of_open_link(rows))
    assert group.languages == tuple(sorted(set(rows["language"])))
    last_day = min(rows["monday"].max() + timedelta(days=6), clock.shown(clock.now()).date())
    assert (group.first_day, group.last_day) == (rows["monday"].min(), last_day)
    pd.testing.assert_frame_equal(group.table, frequencies(rows), check_dtype=False)
    pd.testing.assert_frame_equal(group.how_many, frequencies(rows, how_many=True), check_dtype=False)


def told_of_open_link(rows):
    of_open_link = int((rows["origin"] == "open").sum())
    if 0 < of_open_link < 10:
        return "few"
    return "most" if 0 < len(rows) - of_open_link < 10 else of_open_link


def fields_of(chance):
    """Choose what is asked; half of the filters are not set, and the two sides do not overlap."""
    fields = {
        name: chance.choice([None, chance.choice(views.options()[name])])
        for name in ("weeks", "number", "origin", "language", "device")
    }
    a, b = chance.choice(APART)
    of = chance.choice([*LABELS.values(), "None of these"])
    return fields | {"window": chance.choice(list(WINDOW_BY_CODE)), "side_effect": of, "a": a, "b": b}


def test_the_figures_of_every_view_equal_an_independent_count_of_the_rows(token):
    demonstration.fill(8000, 2, lambda _: None)  # so that four weeks have enough check-ins from a tablet
    old = {"number_band": "7th-12th"}, {"number_band": "later"}
    with database.writing() as connection:  # of a release that did not tell them apart
        for table in (schema.infusions, schema.infusion_tallies, schema.check_ins, schema.tallies):
            connection.execute(update(table).where(table.c.number_band == old[0]["number_band"]).values(old[1]))
    put(30, "headache", number_band="7th-12th", weeks_ago=3)
    chance, counted = random.Random(5), Counted()
    with_figures = dict.fromkeys(product(views.names(), (None, *ON_TABLET)), 0)
    nothing_set = {"window": "0-4 h", "side_effect": "Headache", "a": APART[0][0], "b": APART[0][1]}
    nothing_set |= dict.fromkeys(("weeks", "number", "origin", "language", "device"))

    for name in views.names():
        by_device = (nothing_set | {"device": device} for device in (None, *ON_TABLET))
        for fields in (*by_device, *(fields_of(chance) for _ in range(5))):
            shown = read(token, name, **fields)

            weeks = {"weeks": (52, 0)} if name == "Over the weeks" and fields["weeks"] == "All weeks" else {}
            of = {label: chosen | weeks for label, chosen in groups(name, fields).items()}
            rows_of = {label: counted.of(**chosen) for label, chosen in of.items()}
            assert list(shown.view.groups) == list(of)
            for group, label in zip(shown.groups, of, strict=True):
                assert_group(group, rows_of[label], counted.response(**of[label]))
            expected = expected_table(name, fields, rows_of)
            assert (shown.table is None) == (expected is None), fields
            if expected is not None:
                near = 1e-3 if name == "Together" else 1e-5  # an optimiser comes no nearer
                pd.testing.assert_frame_equal(shown.table[list(expected)], expected, check_dtype=False, rtol=near)
                with_figures[name, fields["device"]] += 1
    assert all(with_figures.values()), with_figures


@ON_SQLITE
@pytest.mark.parametrize(
    ("name", "sent", "check_ins", "groups_shown"),
    [
        ("Overview", [{"weeks_ago": 1}], (None,), None),
        ("Frequencies", [{}], (None,), None),
        ("Since the infusion", [{}, {"window": "4-24 h"}], (None, 10, 0, 0), {"4-24 h"}),
        ("Over the weeks", [{}], (None,), None),
        ("By infusion number", [{"number_band": "1st"}, {"number_band": "25th+"}], (None, 0, 0, 0, 10), {"25th+"}),
        ("Compare", [{}, {"weeks_ago": 4}], (None, 10), None),
        ("Compare", [{"weeks_ago": 4}, {}], (10, None), None),
        ("Together", [{}], (None,), None),
    ],
)
def test_a_group_below_the_minimum_has_no_figure_in_any_view(token, name, sent, check_ins, groups_shown):
    for number, of in zip((9, 10), sent, strict=False):
        put(number, "headache", "sleep", **of)

    shown = read(token, name)

    assert tuple(group.check_ins for group in shown.groups) == check_ins
    assert [group.table is None for group in shown.groups] == [not number for number in check_ins]
    assert (shown.table if groups_shown is None else set(shown.table["group"])) == groups_shown


@ON_SQLITE
def test_a_week_and_a_pair_below_the_minimum_have_no_figure(token):
    put(9, "headache", "sleep")
    put(10, "headache", "nausea", weeks_ago=1)

    weekly = read(token, "Over the weeks", side_effect="Headache").table
    pairs = read(token, "Together").table.dropna(subset="both")

    assert weekly["check_ins"].tolist() == [10, pytest.approx(np.nan, nan_ok=True)]
    assert weekly.loc[1].drop(["week", "outside", "four_weeks", "continued"]).isna().all()
    assert pairs[["first", "second", "both"]].to_numpy().tolist() == [["Nausea or vomiting", "Headache", 10]]


@ON_SQLITE
def test_over_the_weeks_shows_the_last_52_where_all_weeks_are_chosen(token):
    put(10, weeks_ago=51)
    put(10, weeks_ago=52)

    assert read(token, "Over the weeks", weeks="All weeks").groups[0].check_ins == 10
    assert read(token, "Frequencies", weeks="All weeks").groups[0].check_ins == 20


@pytest.mark.parametrize(("door", "tablet"), [("app", False), ("plain", False), ("kiosk", True)])
def test_it_is_known_whether_a_tablet_of_the_clinic_was_used(token, door, tablet):
    put(1, door=door)

    assert views.known(token).tablet == tablet


@ON_SQLITE
def test_of_all_weeks_check_ins_and_answered_infusions_add_up(token):
    demonstration.fill(2500, 4, lambda _: None)

    for window in WINDOW_BY_CODE:
        (group,) = read(token, "Frequencies", weeks="All weeks", window=window).groups
        rest, told = group.check_ins - group.response.answered, group.response.still_open
        assert rest == told if told is not None else 0 < rest < 10


def test_the_bounds_are_what_nobody_or_everybody_else_would_make_of_a_share():
    response = response_rates.Response(274, 176, None, None)

    bounds = response.bounds(pd.Series([86 / 176, 0, 1]))

    assert bounds.round(2).to_numpy().tolist() == [[0.31, 0.67], [0, 0.36], [0.64, 1]]
    assert response_rates.Response(274, None, None, None).bounds(pd.Series([0.5])) is None


@pytest.mark.parametrize("name", views.names())
@ON_SQLITE
def test_of_nothing_there_is_no_figure_in_any_view(token, name):
    shown = read(token, name)

    assert shown.table is None
    assert {group.check_ins for group in shown.groups} == {0}


def test_without_a_live_session_there_is_no_figure_in_any_view(token):
    put(10)
    sessions.sign_out(token)

    for name in views.names():
        for stranger in (token, "", "x", "\x00", "é"):
            with pytest.raises(sessions.SignedOut):
                read(stranger, name)


def test_reading_neither_renews_the_session_nor_writes_into_the_audit(token):
    put(10, "headache")
    sessions = select(schema.staff_sessions)
    with database.reading() as connection:
        before = connection.execute(sessions).all()

    for name in views.names():
        read(token, name)

    with database.reading() as connection:
        assert connection.execute(sessions).all() == before
    assert audited() == [("passphrase", "signed in as clinician by passphrase")]


@pytest.mark.parametrize("name", views.options())
@pytest.mark.parametrize("value", ["all", "0-4 H", "\x00", "x" * 5000])
def test_an_unknown_option_is_refused_by_name(configure, name, value):
    with pytest.raises(ValueError, match=rf"no {name} is called '.{{0,50}}; there are: ") as refused:
        views.chosen({name: value})

    assert all(option is None or option in str(refused.value) for option in views.options()[name])


def test_what_is_left_out_or_empty_is_what_stands_first(configure):
    usual = views.VIEWS[0](Selection("0-4 h", origin="invited").of_weeks(52), {})

    assert views.chosen({}) == usual
    assert views.chosen(dict.fromkeys(views.options())) == views.chosen(dict.fromkeys(views.options(), "")) == usual


def test_every_option_can_be_chosen_and_gives_groups_with_labels(configure):
    for name, options in views.options().items():
        for option in options:
            view = views.chosen({name: option, "view": option if name == "view" else "Compare"})
            assert len(view.groups) >= 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"view": "Frequencies"}, r"Frequencies, 0-4 h, invited, weeks of [\d-]+ to [\d-]+"),
        ({"weeks": "All weeks", "view": "Together", "language": "Spanish"}, "Together, 0-4 h, invited, es"),
        ({"weeks": "All weeks", "view": "Together", "device": "Clinic tablet"}, "Together, 0-4 h, invited, tablet"),
        (
            {"view": "Compare", "a": "Open link", "b": "Invited", "weeks": "All weeks"},
            "Compare, 0-4 h, Open link, Invited",
        ),
        (
            {"view": "Over the weeks", "number": "1st", "side_effect": "None of these"},
            r"Over the weeks, 0-4 h, 1st, invited, weeks of [\d-]+ to [\d-]+, none",
        ),
    ],
)
def test_a_view_says_what_it_is_of(configure, fields, said):
    assert re.fullmatch(said, str(views.chosen(fields)))


def test_a_view_of_some_weeks_says_which(configure):
    this = monday(clock.now())

    assert str(views.chosen({"view": "Frequencies", "weeks": "Last 4 weeks"})) == (
        f"Frequencies, 0-4 h, invited, weeks of {this - timedelta(weeks=3)} to {this}"
    )


def test_sides_that_overlap_are_refused(token):
    with pytest.raises(comparisons.Overlapping):
        read(token, "Compare", a="Infusion 1st", b="Last 4 weeks")
