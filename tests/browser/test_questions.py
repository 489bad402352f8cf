"""What a clinic asks: each answer is read from the page, at most three taps from the first one, and counted again."""

import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import insert

from data import clock
from data.catalogue import CODES, LABELS
from data.reports import infusions, responses, tallies
from data.storage import database, preparation, schema
from tests.app import App, show_view, sign_in, wait_until_complete
from tests.browser.conftest import DESK

WEEKS, INFUSIONS, ANSWERED, OPEN = 40, 24, 18, 5  # finished ones; the others are those of each week
CHANGED, IMPROVED = 8, 6  # weeks ago: the antiemetic, which is marked; then dizziness, which is not
OLD = (70, 71)  # weeks ago: before the last 52, and the 52 before the change
NUMBERS = (1, 3, 9, 20)  # in turn: each of another band
RATES = dict.fromkeys(CODES, 0.15) | {"headache": 0.4, "dissociation": 0.3, "vision": 0.05}


def plant():
    """Put check-ins of known rates into the empty database, unrelated to each other but where something changed."""
    preparation.prepare()
    random, this_week = np.random.default_rng(13), clock.monday(clock.now())
    made, sent = [], []
    for ago in (*range(1, WEEKS + 1), *OLD):
        week = this_week - timedelta(weeks=ago)
        for place in range(INFUSIONS):
            number = NUMBERS[place % len(NUMBERS)]
            made.append(at(week) | {"ended": noon(week), "number": number, "registered": noon(week)})
            made[-1] |= {"number_band": infusions.number_band(number), "code_digest": f"{len(made):064x}"}
            if place < ANSWERED:
                sent.append(answer(random, ago, week, number) | {"infusion": len(made), "window": "0-4 h"})
        sent += [answer(random, ago, week) | {"window": "0-4 h"} for _ in range(OPEN)]
        sent += [answer(random, ago, week) | {"window": ">7 d"}]
    for place, row in enumerate(sent):
        row |= {"key_digest": f"{place:064x}", "receipt_digest": f"{place:064x}"}
    marked = {"week": (this_week - timedelta(weeks=CHANGED)).isoformat(), "text": "new antiemetic"}
    with database.writing() as connection:
        connection.execute(insert(schema.infusions), made)
        connection.execute(insert(schema.check_ins), sent)
        connection.execute(insert(schema.changes), marked | {"made": clock.now(), "who": "passphrase"})
        tallies.count_all(connection)
        responses.count_all(connection)


def noon(week):
    return clock.now().replace(year=week.year, month=week.month, day=week.day, hour=12) + timedelta(days=1)


def at(week):
    return {"week": week.isoformat()}


def answer(random, ago, week, number=None):
    rates = RATES | {
        "nausea": 0.12 if ago <= CHANGED else 0.24,
        "dizziness": 0.2 if ago <= IMPROVED else 0.5,
        "bladder": 0.4 if number == 20 else 0.05,
    }
    ticked = {code: int(random.random() < rates[code]) for code in CODES}
    return (
        at(week)
        | ticked
        | {
            "none": int(not any(ticked.values())),
            "number_band": infusions.number_band(number),
            "origin": "invited" if number else "open",
            "infusion": None,
            "door": "app",
            "language": "en",
            "list_version": 1,
            "recorded": noon(week) + timedelta(hours=1),
        }
    )


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    app = App(tmp_path_factory.mktemp("planted"))
    app.run("from tests.browser.test_questions import plant; plant()")
    app.start()
    yield app
    app.stop()


@pytest.fixture(scope="module")
def rows(planted):
    """The check-ins as they are stored, with how many weeks ago they were sent and how many side effects they tick."""
    with closing(sqlite3.connect(planted.folder / "checkins.db")) as connection:
        stored = pd.read_sql("SELECT * FROM check_ins", connection)
    ago = (pd.Timestamp(clock.monday(clock.now())) - pd.to_datetime(stored["week"])).dt.days // 7
    return stored.assign(ago=ago, ticks=stored[list(CODES)].sum(axis=1))


@pytest.fixture(scope="module")
def asked(rows):
    """What the dashboard is of as it opens: 0-4 h, invited, the last 52 weeks."""
    return rows[(rows["window"] == "0-4 h") & (rows["origin"] == "invited") & (rows["ago"] < 52)]


@pytest.fixture(scope="module")
def signed_in(planted, browser):
    context = browser.new_context(**DESK)
    sign_in(context.new_page(), planted)
    yield context
    context.close()


@pytest.fixture
def clinician(planted, signed_in):
    """Give a clinician before the dashboard's first page."""
    page = signed_in.new_page()
    page.goto(f"{planted.url}/clinic")
    page.locator(".take").wait_for()
    yield Clinician(page)
    page.close()


class Clinician:
    """Taps, at most three times, and reads."""

    def __init__(self, page):
        self.page, self.taps = page, 0

    def tap(self, role, name):
        self.taps += 1
        assert self.taps <= 3
        self.page.get_by_role(role, name=name, exact=True).click()

    def choose(self, label, option):
        self.tap("combobox", label)
        self.tap("option", option)

    def open(self, view):
        self.taps += 1
        show_view(self.page, view).locator(".take").wait_for()

    def reads(self, pattern):
        """Wait for a sentence, whatever element it is in; return what its groups say."""
        self.page.locator("main").get_by_text(re.compile(pattern)).first.wait_for()
        return re.search(pattern, self.page.locator("main").inner_text()).groups()

    def table(self, column="Side effect"):
        """Return the cells of the first table with such a column, by row and column."""
        has = self.page.get_by_role("columnheader", name=column, exact=True)
        table = self.page.locator("table").filter(has=has).first
        table.wait_for()
        wait_until_complete(self.page)
        head, *body = [row.locator("th, td").all_inner_texts() for row in table.locator("tr").all()]
        return {name: dict(zip(head[1:], cells, strict=True)) for name, *cells in body}


def whole(text):
    """Return the numbers of a cell; a minus may be a true one."""
    return [float(number.replace("−", "-")) for number in re.findall(r"[−+]?\d+(?:\.\d+)?", text)]


def wilson(reported, number, z=1.96):
    """Return share and interval, by the formula of the textbook."""
    share = reported / number
    half = z * sqrt(share * (1 - share) / number + z**2 / (4 * number**2))
    return (
        share,
        (share + z**2 / (2 * number) - half) / (1 + z**2 / number),
        (share + z**2 / (2 * number) + half) / (1 + z**2 / number),
    )


def newcombe(a, b):
    """Return the difference of two shares and its interval in points, each given as reported and number."""
    (p, low_p, high_p), (q, low_q, high_q) = wilson(*a), wilson(*b)
    below, above = sqrt((p - low_p) ** 2 + (high_q - q) ** 2), sqrt((high_p - p) ** 2 + (q - low_q) ** 2)
    return [100 * (p - q + by) for by in (0, -below, above)]


def counts(rows, code):
    return int(rows[code].sum()), len(rows)


def test_how_often_is_the_bladder_reported_at_the_20th_infusion(clinician, asked):
    clinician.open("By infusion number")

    cell = next(cell for head, cell in clinician.table()["Bladder problems"].items() if head.startswith("13th–24th"))

    reported, number = counts(asked[asked["number_band"] == "13th-24th"], "bladder")
    share, low, high = wilson(reported, number)
    assert whole(cell) == [reported, *(round(100 * figure) for figure in (share, low, high))]
    assert clinician.taps == 1


def test_is_nausea_rarer_since_the_antiemetic_was_changed(clinician, asked):
    clinician.open("Over the weeks")

    told = clinician.reads(
        r"Before (\d+) % \((\d+) weeks\), since (\d+) % \((\d+) weeks\): (\S+) points \((\S+) to (\S+)\)\. "
        r"new antiemetic, from "
    )

    before, weeks_before, since, weeks_since, *difference = map(float, (each.replace("−", "-") for each in told))
    now, then = (counts(part, "nausea") for part in (asked[asked["ago"] <= CHANGED], asked[asked["ago"] > CHANGED]))
    assert (weeks_before, weeks_since) == (WEEKS - CHANGED, CHANGED)
    assert [before, since] == pytest.approx([100 * k / n for k, n in (then, now)], abs=1)
    assert difference == pytest.approx(newcombe(now, then), abs=1)
    assert difference[2] < 0
    assert clinician.taps == 1


def test_what_else_is_other_since_the_antiemetic_was_changed(clinician, asked):
    clinician.open("Compare")
    clinician.page.get_by_role("button", name=re.compile("Before and since new antiemetic")).click()
    clinician.reads("A, since .* \\(new antiemetic\\): (\\d+) invited check-ins")

    row = clinician.table()["Nausea or vomiting"]

    now, then = (counts(part, "nausea") for part in (asked[asked["ago"] <= CHANGED], asked[asked["ago"] > CHANGED]))
    a, b, difference, interval = row.values()
    assert (whole(a)[0], whole(b)[0]) == (now[0], then[0])
    assert whole(difference) + whole(interval) == pytest.approx(newcombe(now, then), abs=1)
    assert clinician.taps + 1 <= 3


def test_how_many_have_none_of_these(clinician, asked):
    clinician.open("Frequencies")

    row = clinician.table()["None of these"]

    reported, number = counts(asked, "none")
    share, low, high = wilson(reported, number)
    assert next(iter(row)) == f"Reported, of {number}"
    assert whole(" ".join(row.values())) == [reported, *(round(100 * figure) for figure in (share, low, high))]
    assert clinician.taps == 1


def test_only_those_who_were_invited_count_until_the_open_link_is_asked_for(clinician, asked, rows):
    clinician.open("Frequencies")
    assert clinician.reads(r"(\d+) invited check-ins sent within 4 hours") == (str(len(asked)),)

    clinician.choose("Origin", "Open link")

    by_open_link = rows[(rows["window"] == "0-4 h") & (rows["origin"] == "open") & (rows["ago"] < 52)]
    assert clinician.reads(r"(\d+) open-link check-ins sent within 4 hours") == (str(len(by_open_link)),)


def test_where_nobody_was_invited_the_open_link_is_one_tap_away(clinician, rows):
    clinician.open("Frequencies")
    clinician.tap("radio", ">7 d")
    clinician.reads("(No check-ins in this selection yet)")

    clinician.tap("link", "Show check-ins by the open link")

    late = rows[(rows["window"] == ">7 d") & (rows["ago"] < 52)]
    assert clinician.reads(r"(\d+) open-link check-ins sent more than 7 days") == (str(len(late)),)
    assert clinician.table()["None of these"]


def test_is_the_response_good_enough_to_believe_this(clinician, asked):
    clinician.open("Frequencies")
    answered, registered, rate, first, last = clinician.reads(
        r"Answered: (\d+) of (\d+) infusions \((\d+) %\) that ended (\d+ \w+)(?: \d+)? – (\d+ \w+ \d+)"
    )
    clinician.taps += 1
    clinician.page.get_by_text("What if those who did not answer differ?").click()
    bounds = clinician.table("From – to")["Nausea or vomiting"]["From – to"]

    closed = asked[asked["week"] < closed_before().isoformat()]
    begin, end = (timedelta(days=days) + closed_before() for days in (-7 * closed["week"].nunique(), -1))
    true_rate, reported = len(closed) / (closed["week"].nunique() * INFUSIONS), asked["nausea"].mean()
    assert (int(answered), int(registered)) == (len(closed), closed["week"].nunique() * INFUSIONS)
    assert int(rate) == round(100 * true_rate)
    assert (first, last) == (f"{begin.day} {begin:%B}", f"{end.day} {end:%B} {end.year}")
    assert whole(bounds) == [round(100 * reported * true_rate), round(100 * (reported * true_rate + 1 - true_rate))]
    assert clinician.taps == 2


def closed_before():
    """Return the Monday before which each infusion ended four hours ago or earlier."""
    return clock.monday(clock.now() - timedelta(hours=4))


def test_what_do_all_weeks_say_and_not_the_last_52_only(clinician, asked, rows):
    clinician.open("Frequencies")
    assert clinician.reads(r"(\d+) invited check-ins sent within 4 hours") == (str(len(asked)),)

    clinician.choose("Weeks", "All weeks")

    every = rows[(rows["window"] == "0-4 h") & (rows["origin"] == "invited")]
    clinician.reads(rf"({len(every)}) invited check-ins sent within 4 hours")
    assert len(every) == len(asked) + len(OLD) * ANSWERED
    closed = every[every["week"] < closed_before().isoformat()]
    assert clinician.reads(r"Answered: (\d+) of \d+ infusions") == (str(len(closed)),)


def test_is_an_improvement_seen_that_nobody_marked(clinician, asked):
    clinician.open("Over the weeks")
    clinician.choose("Side effect", "Dizziness or lightheadedness")

    (side,) = clinician.reads(
        r"From .*: \d+ of \d+ \(\d+ %\), any four weeks in a row together (\w+) what chance alone would do\."
    )

    latest, earlier = (asked[part]["dizziness"].mean() for part in (asked["ago"] <= 4, asked["ago"] > IMPROVED))
    assert latest < earlier / 2 + 0.05
    assert side == "below"


def test_how_many_have_how_much(clinician, asked):
    clinician.open("Frequencies")

    shown = clinician.table("Ticked at once")

    names = ["None of these", "1 side effect", "2 side effects", "3 side effects", "4 or more side effects"]
    reported = [int((asked["ticks"].clip(upper=4) == number).sum()) for number in range(5)]
    assert {name: whole(next(iter(row.values()))) for name, row in shown.items()} == {
        name: [number] for name, number in zip(names, reported, strict=True)
    }
    assert sum(reported) == len(asked)
    assert clinician.taps == 1


def test_what_comes_together_and_what_only_seems_to(clinician, asked):
    clinician.open("Together")

    shown = clinician.table("Ticked together")

    codes = {label: code for code, label in LABELS.items()}
    pairs = {pair: [codes[label] for label in pair.split(" + ")] for pair in shown}
    assert {pair: int(row["Both"]) for pair, row in shown.items()} == {
        pair: int((asked[first] & asked[second]).sum()) for pair, (first, second) in pairs.items()
    }
    outside = [
        pair for pair, row in shown.items() if not is_within(*whole(row["If unrelated"]), *whole(row["95 % interval"]))
    ]
    assert len(shown) == 15
    assert len(outside) <= 1  # no two are related
    assert clinician.taps == 1


def is_within(expected, low, high):
    return low <= expected <= high


def test_is_anything_unusual_this_monday(clinician, asked):
    told = clinician.page.locator(".title h2").inner_text()

    shown = clinician.table()

    latest = asked[asked["ago"].between(1, 4)]
    reported, number = counts(latest, "dizziness")
    share, low, high = wilson(reported, number)
    row = shown["Dizziness or lightheadedness"]
    assert whole(" ".join([row["Reported"], row["%"], row["95 % interval"]])) == [
        reported,
        *(round(100 * figure) for figure in (share, low, high)),
    ]
    assert row["Out of the ordinary"].startswith("▼ below")
    assert "four weeks" in row["Out of the ordinary"]
    assert told.startswith("Out of the ordinary: ")
    assert "Dizziness or lightheadedness ▼ below" in told
    marked = {name for name, cells in shown.items() if cells["Out of the ordinary"]}
    assert marked <= {"Dizziness or lightheadedness", "Nausea or vomiting"}  # the others are as they were
    assert list(shown)[-1] == "None of these"
    assert len(shown) == 15
    assert clinician.taps == 0
