"""The clinic's clock: the current time, the weeks, and what the clock on its wall shows."""

from datetime import UTC, date, datetime, timedelta

from data import settings


class UnclearTime(ValueError):
    """No day and time was given, or one that occurred twice or not at all because the clocks changed."""


def now() -> datetime:
    """Return the current time in UTC; all code asks here, so that tests can set it."""
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

    Raises `UnclearTime` if there is no such instant or two because the clocks changed, or if `shown` is missing.
    """
    if shown is None or shown.tzinfo is not None:
        raise UnclearTime("expected a naive datetime: a day and time without a time zone")
    first, second = (shown.replace(tzinfo=settings.current().zone, fold=fold) for fold in (0, 1))
    if first.astimezone(UTC).astimezone(first.tzinfo).replace(tzinfo=None) != shown:
        raise UnclearTime(f"{shown:%Y-%m-%d %H:%M} did not occur: the clocks went forward")
    if first.utcoffset() != second.utcoffset():
        raise UnclearTime(f"{shown:%Y-%m-%d %H:%M} occurred twice: the clocks went back")
    return first.astimezone(UTC)
