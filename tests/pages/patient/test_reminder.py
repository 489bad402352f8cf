from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from data import clock, languages
from data.catalogue import LABELS
from pages.patient import reminder
from tests.conftest import PRODUCTION


def event(content):
    (one,) = Calendar.from_ical(content).walk("VEVENT")
    return one


def test_the_reminder_is_a_calendar_file_with_the_link(client):
    answer = client.get("/reminder.ics")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["cache-control"] == "no-store"
    one = event(answer.content)
    assert one["url"] == one["description"] == "http://clinic.example/"
    assert one["summary"] == "Time for your next check-in"
    assert timedelta(hours=4) < one.start - clock.now() < timedelta(hours=44)
    (alarm,) = one.walk("VALARM")
    assert alarm["trigger"].dt == timedelta(0)


def test_the_link_keeps_invitation_and_language_and_uses_the_public_address(client, configure):
    configure(**PRODUCTION)

    one = event(client.get("/reminder.ics?i=K7QM-4TXD-R2AB&language=es").content)

    assert one["url"] == "https://checkin.example.org/?i=K7QM-4TXD-R2AB&language=es"
    assert one["summary"] == "Es hora de su próximo cuestionario"


def test_it_names_neither_the_treatment_nor_an_answer_nor_the_clinic(client, configure):
    configure(**PRODUCTION | {"clinic_name": "Riverside Ketamine Clinic"})

    for language in ("en", "es"):
        text = client.get(f"/reminder.ics?language={language}").text.lower()
        labels = [languages.translator(language)(label) for label in LABELS.values()]
        for word in ("ketamin", "side effect", "efecto", "infusion", "infusión", "riverside", *labels):
            assert word.lower() not in text


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        ("2026-11-22T14:30:05+00:00", "2026-11-23T14:30:05+00:00"),
        ("2026-11-22T02:00:00+00:00", "2026-11-23T08:00:00+00:00"),
        ("2026-11-22T21:00:00+00:00", "2026-11-23T19:00:00+00:00"),
        ("2026-10-24T14:00:00+00:00", "2026-10-25T15:00:00+00:00"),  # the clocks go back in between
    ],
)
def test_it_is_for_tomorrow_at_the_same_hour_and_never_at_night(configure, now, begins):
    configure(timezone="Europe/Madrid")

    one = event(reminder.tomorrow(datetime.fromisoformat(now), "Time", "https://x.example/"))

    assert one.start == datetime.fromisoformat(begins)
    assert one.end - one.start == timedelta(minutes=15)


def test_two_reminders_are_two_events(configure):
    configure()
    now = datetime(2026, 11, 22, 14, tzinfo=UTC)

    first, second = (event(reminder.tomorrow(now, "Time", "https://x.example/")) for _ in range(2))

    assert first["uid"] != second["uid"]
