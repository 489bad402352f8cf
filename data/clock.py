"""The clinic's clock: the present, its weeks, and what its wall clock shows."""

from datetime import UTC, date, datetime, timedelta

from data import settings


class UnclearTime(ValueError):
    """No time of the wall clock, or one that was there twice or not at all because the clocks were changed."""


def now() -> datetime:
    """Return the current time in UTC; all code asks here, so that a test can set it."""
    return datetime.now(UTC)


def monday(at: datetime) -> date:
    """Return the first day of the ISO week of an instant, in the clinic's time zone."""
    day = at.astimezone(settings.current().zone).date()
    return day - timedelta(days=day.weekday())


def shown(at: datetime) -> datetime:
    """Return what the clinic's wall clock shows at an instant, to the minute: a datetime without a zone."""
    return at.astimezone(settings.current().zone).replace(tzinfo=None, second=0, microsecond=0)


def instant(shown: datetime | None) -> datetime:
    """Return the instant at which the clinic's wall clock shows `shown`, a datetime without a zone.

    Raises `UnclearTime` where daylight saving leaves no or two such instants, and where nothing is shown.
    """
    if shown is None or shown.tzinfo is not None:
        raise UnclearTime("a wall clock shows day and time without a zone; expected a naive datetime")
    first, second = (shown.replace(tzinfo=settings.current().zone, fold=fold) for fold in (0, 1))
    if first.astimezone(UTC).astimezone(first.tzinfo).replace(tzinfo=None) != shown:
        raise UnclearTime(f"{shown:%Y-%m-%d %H:%M} was not there: the clocks were put forward")
    if first.utcoffset() != second.utcoffset():
        raise UnclearTime(f"{shown:%Y-%m-%d %H:%M} was there twice: the clocks were put back")
    return first.astimezone(UTC)
