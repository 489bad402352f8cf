from datetime import timedelta

import pytest

from data import clock
from data.staff import accounts, sessions
from data.staff.roles import RECEPTION

PROVIDER = {"oidc_issuer": "https://provider.example", "oidc_client_id": "x", "oidc_client_secret": "y"}


@pytest.fixture(autouse=True)
def staff(prepared, configure):
    configure(**PROVIDER, staff="ana@clinic.org, Eva@Clinic.org=reception")


def claims(**more):
    return {"email": "ANA@clinic.org", "email_verified": True, "auth_time": clock.now().timestamp()} | more


def test_the_session_is_the_address_and_its_role():
    token = accounts.sign_in(claims(email="eva@clinic.org"))

    assert sessions.holder(token) == sessions.Holder("eva@clinic.org", RECEPTION)


@pytest.mark.parametrize(("hours", "minutes_left"), [(0, 8 * 60), (7.5, 30)])
def test_it_ends_eight_hours_after_the_person_signed_in_at_the_provider(set_clock, hours, minutes_left):
    begun = clock.now()
    token = accounts.sign_in(claims(auth_time=(begun - timedelta(hours=hours)).timestamp()))

    for minutes in range(0, minutes_left, 19):
        set_clock(begun + timedelta(minutes=minutes))
        sessions.record_view(token, "figures")
    set_clock(begun + timedelta(minutes=minutes_left, seconds=1))
    assert not sessions.is_live(token)


def test_where_the_provider_does_not_say_when_that_was_its_token_s_age_counts():
    issued = (clock.now() - timedelta(hours=9)).timestamp()

    with pytest.raises(accounts.Refused, match="too long ago"):
        accounts.sign_in(claims(auth_time=None, iat=issued))


@pytest.mark.parametrize("instant", [None, "now", True, [], {}])
def test_without_an_instant_nobody_signs_in(instant):
    with pytest.raises(accounts.Refused, match="does not say when"):
        accounts.sign_in(claims(auth_time=instant))


@pytest.mark.parametrize("instant", [1e300, float("inf"), float("nan"), -1e18])
def test_an_instant_that_no_calendar_has_signs_nobody_in(instant):
    with pytest.raises(accounts.Refused):
        accounts.sign_in(claims(auth_time=instant))


@pytest.mark.parametrize("address", ["kim@stra\u00dfe.de", "\u212aim@strasse.de"])
def test_an_address_that_only_folds_to_one_of_the_list_is_refused(configure, address):
    configure(staff="kim@strasse.de")

    with pytest.raises(accounts.Refused, match="not verified its address"):
        accounts.sign_in(claims(email=address))
