"""Remind me: a calendar file with the link to the check-in, made for the moment and stored nowhere."""

from datetime import UTC, datetime, time, timedelta

from icalendar import Alarm, Calendar, Event
from starlette.requests import Request
from starlette.responses import Response

from data import clock, languages, settings
from data.languages import mark
from pages.web import rendering, visitor

EARLIEST, LATEST = time(9), time(20)
TITLE = mark("Time for your next check-in")


async def calendar(request: Request) -> Response:
    """Answer with a calendar file for tomorrow; its words name no treatment, clinic or answer."""
    language = visitor.language(request.query_params, request.headers)
    link = visitor.base(str(request.url)) + visitor.link("/", request.query_params)
    content = tomorrow(clock.now(), languages.translator(language)(TITLE), link)
    headers = rendering.NOT_KEPT | {"content-disposition": 'inline; filename="reminder.ics"'}
    return Response(content, media_type="text/calendar", headers=headers)


def tomorrow(now: datetime, title: str, link: str) -> bytes:
    """Return an iCalendar file (RFC 5545) with one event of a quarter of an hour, and an alarm when it begins.

    The event is on the day after `now`, an aware instant, at the same time of day, but not before 9 or after 20
    o'clock where the clinic is: an alarm must wake nobody.
    """
    local = now.astimezone(settings.current().zone)
    at = min(max(local.time(), EARLIEST), LATEST)
    begins = datetime.combine(local.date() + timedelta(days=1), at, local.tzinfo).astimezone(UTC).replace(microsecond=0)
    event = Event.new(stamp=now, start=begins, end=begins + timedelta(minutes=15), summary=title, url=link)
    event.add("description", link)  # many calendars show no url
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", timedelta(0))
    event.add_component(alarm)
    file = Calendar.new(prodid="-//Check-in//EN", version="2.0", method="PUBLISH", subcomponents=[event])
    return bytes(file.to_ical())
