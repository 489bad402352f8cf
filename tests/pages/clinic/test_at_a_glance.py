import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from data import clock, demonstration
from data.catalogue import LABELS
from pages.clinic import figures, pictures
from tests.counted import ago, put
from tests.pages.clinic import test_dashboard
from tests.pages.clinic.test_dashboard import dashboard, html, titles

signed_in = test_dashboard.signed_in


def overview(**chosen):
    return dashboard(view="Overview", **chosen)


def rows(screen):
    """Return the cells of each row as text, pictures left out."""
    (table,) = [each.value for each in screen.markdown if "<table>" in each.value]
    return [
        [re.sub("<.*?>", "", cell) for cell in re.findall("<t[hd].*?>(.*?)</t[hd]>", row)]
        for row in re.findall("<tr.*?>(.*?)</tr>", table)
    ]


def links(screen):
    (table,) = [each.value for each in screen.markdown if "<table>" in each.value]
    return re.findall('<a href="(.*?)" target="_self" aria-label="(.*?)">', table.replace("&amp;", "&"))


def put_weeks(first, last, nausea):
    for weeks_ago in range(last, first + 1):
        put(nausea, "nausea", weeks_ago=weeks_ago, origin="invited")
        put(20 - nausea, "headache", weeks_ago=weeks_ago, origin="invited")


def test_a_clinician_who_opens_the_dashboard_sees_the_overview(signed_in):
    demonstration.fill(1000, 1, lambda _: None)

    table = rows(dashboard(view="", window="", weeks=""))

    assert table[0][:4] == ["Side effect", "Reported", "%", "95 % interval"]
    assert sorted(row[0] for row in table[1:-1]) == sorted(LABELS.values())
    assert table[-1][0] == "None of these"
    reported = [int(row[1]) for row in table[1:-1]]
    assert reported == sorted(reported, reverse=True)


def test_the_days_stand_once_and_the_unfinished_week_is_not_among_them(signed_in):
    put_weeks(6, 0, nausea=8)

    screen = overview()

    assert "<strong>80 invited check-ins</strong> sent within 4 hours of the infusion" in html(screen)
    days = figures.days(clock.monday(ago(4)), clock.monday(ago(0)) - timedelta(days=1))
    assert f"The latest four finished weeks, English, {days}. Internal" in html(screen)
    assert {row[0]: row[1:4] for row in rows(screen)}["Nausea or vomiting"] == ["32", "40", "30–51"]


def test_what_is_out_of_the_ordinary_is_said_in_words_above_and_in_its_row(signed_in):
    put_weeks(30, 2, nausea=8)
    put_weeks(1, 1, nausea=18)

    screen = overview()

    assert titles(screen)[0] == "Out of the ordinary: Nausea or vomiting ▲ above, Headache ▼ below the mean."
    marks = {row[0]: row[-1] for row in rows(screen)}
    assert marks["Nausea or vomiting"] == "▲ above: the latest week"
    assert marks["Headache"] == "▼ below: the latest week"
    assert marks["None of these"] == ""
    assert "about one Monday in twenty" in screen.markdown[-1].value


@pytest.mark.parametrize(
    ("weeks", "told"), [(12, "Nothing is out of the ordinary."), (11, "Nothing is marked: fewer than 12 ")]
)
def test_that_nothing_is_marked_is_said_with_its_reason(signed_in, weeks, told):
    put_weeks(weeks, 1, nausea=8)

    assert titles(overview())[0].startswith(told)


def test_each_row_leads_to_its_weeks_with_the_same_filters_but_that_of_weeks(signed_in):
    put_weeks(6, 1, nausea=8)

    found = links(overview(weeks="Last 4 weeks", language="English"))

    assert [name for _, name in found][-1] == "None of these, over the weeks"
    for address, name in found:
        asked = parse_qs(urlsplit(address).query)
        assert asked.pop("dashboard_side_effect") == [name.removesuffix(", over the weeks")]
        assert asked == {
            "dashboard_view": ["Over the weeks"],
            **{
                f"dashboard_{of}": [value]
                for of, value in {"window": "0-4 h", "origin": "Invited", "language": "English"}.items()
            },
        }


def test_the_weeks_cannot_be_chosen_and_the_other_filters_can(signed_in):
    put_weeks(6, 1, nausea=8)

    screen = overview()

    assert [box.key for box in screen.selectbox if box.disabled] == ["dashboard_weeks"]


def test_where_the_latest_four_weeks_have_no_check_in_the_page_says_so(signed_in):
    put_weeks(9, 5, nausea=8)
    put(20, "nausea", origin="invited")

    assert "No check-ins in the latest four finished weeks yet" in html(overview())


def test_where_the_latest_four_weeks_are_too_few_no_row_is_there(signed_in):
    put_weeks(9, 5, nausea=8)
    put(9, "nausea", weeks_ago=1, origin="invited")

    screen = overview()

    assert "Too few to show (n &lt; 10)" in html(screen)
    assert not screen.markdown


def test_a_line_has_gaps_and_a_dot_at_its_last_share_only():
    nan = float("nan")

    assert 'class="line" d="M0.0 20.0L25.0 10.0M75.0 0.0L100.0 15.0"' in pictures.line([0, 0.5, nan, 1, 0.25], nan, 1)
    assert 'class="dot" d="M100.0 15.0h0"' in pictures.line([0, 0.5, nan, 1, 0.25], nan, 1)
    assert "dot" not in pictures.line([0.5, nan], nan, 1)
    assert 'class="mean" d="M0 18.0H100"' in pictures.line([], 0.1, 1)


def test_a_dot_and_its_bar_are_on_the_scale_of_their_table():
    drawn = pictures.dot_and_bar(0.2, 0.1, 0.35, 0.5)

    assert 'class="bar" d="M20.0 10H70.0"' in drawn
    assert 'class="dot" d="M40.0 10h0"' in drawn
