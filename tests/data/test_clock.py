from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from data import clock


def test_a_week_begins_on_monday_in_the_clinics_time_zone(configure):
    configure(timezone="Pacific/Auckland")

    assert clock.monday(datetime(2026, 11, 22, 10, 59, tzinfo=UTC)) == date(2026, 11, 16)
    assert clock.monday(datetime(2026, 11, 22, 11, 0, tzinfo=UTC)) == date(2026, 11, 23)
    assert clock.monday(datetime(2026, 11, 23, 0, 0, tzinfo=timezone(timedelta(hours=14)))) == date(2026, 11, 16)


@pytest.mark.parametrize(
    ("shown", "instant"),
    [
        (datetime(2026, 7, 1, 14, 30), datetime(2026, 7, 1, 12, 30, tzinfo=UTC)),  # noqa: DTZ001
        (datetime(2026, 12, 1, 14, 30), datetime(2026, 12, 1, 13, 30, tzinfo=UTC)),  # noqa: DTZ001
        (datetime(2026, 10, 25, 1, 59), datetime(2026, 10, 24, 23, 59, tzinfo=UTC)),  # noqa: DTZ001
        (datetime(2026, 10, 25, 3, 0), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),  # noqa: DTZ001
        (datetime(2026, 3, 29, 3, 0), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),  # noqa: DTZ001
    ],
)
def test_what_the_clinics_clock_shows_is_an_instant(configure, shown, instant):
    configure(timezone="Europe/Madrid")

    assert clock.instant(shown) == instant


@pytest.mark.parametrize(
    ("shown", "says"),
    [
        (datetime(2026, 10, 25, 2, 0), "occurred twice"),  # noqa: DTZ001
        (datetime(2026, 10, 25, 2, 59), "occurred twice"),  # noqa: DTZ001
        (datetime(2026, 3, 29, 2, 0), "did not occur"),  # noqa: DTZ001
        (datetime(2026, 3, 29, 2, 59), "did not occur"),  # noqa: DTZ001
    ],
)
def test_a_time_at_which_the_clocks_are_changed_is_refused(configure, shown, says):
    configure(timezone="Europe/Madrid")

    with pytest.raises(clock.UnclearTime, match=says):
        clock.instant(shown)


def test_a_time_with_a_zone_is_no_time_of_the_wall_clock(configure):
    for shown in (datetime(2026, 7, 1, tzinfo=UTC), None):
        with pytest.raises(clock.UnclearTime, match="expected a naive datetime"):
            clock.instant(shown)


def test_the_clinics_clock_shows_minutes(configure):
    configure(timezone="Europe/Madrid")

    assert clock.shown(datetime(2026, 7, 1, 12, 30, 59, 9, tzinfo=UTC)) == datetime(2026, 7, 1, 14, 30)  # noqa: DTZ001
