"""What a person of the clinic may do, and how long one sign-in lasts."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from data import settings
from data.catalogue import ROLES


@dataclass(frozen=True)
class Role:
    """A role, by the name that is stored: how long a session may be idle, and how long it lasts at most."""

    name: str
    idle: timedelta
    longest: timedelta
    sees_figures: bool


CLINICIAN = Role(ROLES[0], timedelta(minutes=20), timedelta(hours=8), sees_figures=True)
# Reception hands out invitations all day and sees no figures: it may be idle longer than NIST SP 800-63B has it.
RECEPTION = Role(ROLES[1], timedelta(hours=4), timedelta(hours=12), sees_figures=False)
BY_NAME = {role.name: role for role in (CLINICIAN, RECEPTION)}


def end(role: Role, began: datetime) -> datetime:
    """Return when a session that begins at an aware instant ends, reception's by the clinic's midnight."""
    last = began + role.longest
    if role is not RECEPTION:
        return last
    tomorrow = began.astimezone(settings.current().zone).date() + timedelta(days=1)
    return min(last, datetime.combine(tomorrow, time(), settings.current().zone))
