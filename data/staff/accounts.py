"""Accounts of the clinic: whom an OpenID provider vouches for, and who of those is on the clinic's list."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from data import clock, settings
from data.staff import audit, sessions, ways
from data.staff.roles import BY_NAME, CLINICIAN
from data.storage import database

LONGEST = CLINICIAN.longest  # since the person signed in at the provider, in any role
_CLOCKS_APART = timedelta(minutes=2)


class Refused(PermissionError):
    """The provider does not vouch for the address, or it is not on the list; the message says which, without it."""


def sign_in(claims: Mapping[str, Any], before: str = "") -> str:
    """Begin a session for the holder of an ID token; return its own token, which only the browser keeps.

    `claims` are those of a token whose signature, issuer, audience, nonce and expiry have been checked. The session
    ends 8 hours after the person signed in at the provider (`auth_time`, else `iat`), as its role has it at the latest;
    the session `before` ends at once. Raises `Refused` or `database.Unavailable`.

    Source: OpenID Connect Core 1.0, sections 2 and 5.7.
    """
    address = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(address, str) or not address.isascii():
        raise _refusal("the provider has not verified its address")
    role = settings.current().staff_roles.get(address.casefold())
    if role is None:
        raise _refusal("its address is not on the clinic's list")
    instant = claims.get("iat") if claims.get("auth_time") is None else claims["auth_time"]
    if isinstance(instant, bool) or not isinstance(instant, (int, float)):
        raise _refusal("the provider does not say when it was used")
    now = clock.now()
    if not now - LONGEST < _instant(instant) <= now + _CLOCKS_APART:
        raise _refusal("it was used at the provider too long ago")
    last = _instant(instant) + LONGEST
    with database.writing() as connection:
        who = address.casefold()
        return sessions.begin(connection, who, BY_NAME[role], ways.ACCOUNT, before=before, last=last)


def _instant(seconds: float) -> datetime:
    """Return an instant of a token; one that no calendar has is before all others."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.min.replace(tzinfo=UTC)


def _refusal(why: str) -> Refused:
    audit.refused(f"an account: {why}")
    return Refused(why)
