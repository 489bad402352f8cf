"""Passkeys: a person's own device signs them in once it has checked their finger, face or PIN.

WebAuthn, https://www.w3.org/TR/webauthn-3/
"""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import insert, select, update
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    options_to_json,
    parse_authentication_credential_json,
    structs,
)

from data import clock, settings
from data.staff import audit, challenges, links, persons, sessions, ways
from data.staff.challenges import Refused, refusal
from data.staff.roles import BY_NAME
from data.storage import database, digests
from data.storage.schema import staff, staff_devices

_USUAL = {"http": 80, "https": 443}
_REQUIRED = structs.UserVerificationRequirement.REQUIRED
_CHOSEN = structs.AuthenticatorSelectionCriteria(
    resident_key=structs.ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED
)
T = TypeVar("T")


def creation(link: str, given: str, sealed: str, base: str) -> str:
    """Return what the browser needs to add a device by a link, as WebAuthn's JSON.

    `given` is the name of the first person, `base` the address of this site. Raises `links.Refused`,
    `persons.Refused` or `database.Unavailable`.
    """
    with database.reading() as connection:
        who = links.read(connection, link).who or persons.new_name(connection, given)
        of_person = select(staff_devices.c.credential).where(staff_devices.c.who == who)
        known = [
            structs.PublicKeyCredentialDescriptor(base64url_to_bytes(each)) for each in connection.scalars(of_person)
        ]
    options = webauthn.generate_registration_options(
        rp_id=_host(base),
        rp_name=settings.current().clinic_name,
        user_name=who,
        user_id=bytes.fromhex(digests.digest("staff", who)),
        challenge=challenges.read(sealed),
        authenticator_selection=_CHOSEN,
        exclude_credentials=known,
    )
    return options_to_json(options)


def request(sealed: str, base: str) -> str:
    """Return what the browser needs to sign in with a device, as WebAuthn's JSON; no device is named."""
    options = webauthn.generate_authentication_options(
        rp_id=_host(base), challenge=challenges.read(sealed), user_verification=_REQUIRED
    )
    return options_to_json(options)


def add(link: str, given: str, credential: str, sealed: str, base: str, before: str = "") -> str:
    """Add a device by a link, which is used up; begin its person's session and return the token.

    Raises `challenges.Refused`, `links.Refused`, `persons.Refused` or `database.Unavailable`; then nothing is stored.
    """
    made = _verified(lambda: webauthn.verify_registration_response(credential=credential, **_expected(sealed, base)))
    with database.writing() as connection:
        used = links.use(connection, link)
        who = used.who or persons.new_name(connection, given)
        role = persons.put(connection, who, used.role, by="set-up link")
        challenges.answer(connection, sealed)
        device = {
            "credential": bytes_to_base64url(made.credential_id),
            "who": who,
            "host": _host(base),
            "public_key": bytes_to_base64url(made.credential_public_key),
            "uses": made.sign_count,
            "added": clock.now(),
        }
        this = staff_devices.c.credential == device["credential"]
        if connection.scalar(select(staff_devices.c.who).where(this)):
            raise refusal("a device that is known already")
        connection.execute(insert(staff_devices), device)
        audit.note(connection, who, f"added a device at {device['host']}")
        return sessions.begin(connection, who, role, ways.PASSKEY, before=before)


def sign_in(credential: str, sealed: str, base: str, before: str = "") -> str:
    """Begin the session of the person whose device answered, and return its token; the session `before` ends.

    Raises `challenges.Refused` or `database.Unavailable`.
    """
    answer = _verified(lambda: parse_authentication_credential_json(credential))
    this = staff_devices.c.credential == bytes_to_base64url(answer.raw_id)
    with database.reading() as connection:
        of_here = select(staff_devices).where(this, staff_devices.c.host == _host(base))
        device = connection.execute(of_here).one_or_none()
    if device is None:
        raise refusal("a device that is not known")
    answered = _verified(
        lambda: webauthn.verify_authentication_response(
            credential=answer,
            credential_public_key=base64url_to_bytes(device.public_key),
            credential_current_sign_count=device.uses,
            **_expected(sealed, base),
        )
    )
    with database.writing() as connection:
        challenges.answer(connection, sealed)
        as_read = (this, staff_devices.c.uses == device.uses)
        if not connection.execute(update(staff_devices).where(*as_read).values(uses=answered.new_sign_count)).rowcount:
            raise refusal("a device that has just been removed or used")
        held = select(staff.c.role).where(staff.c.name == device.who).with_for_update(read=True)
        role = connection.scalars(held).one()
        return sessions.begin(connection, device.who, BY_NAME[role], ways.PASSKEY, before=before)


def _expected(sealed: str, base: str) -> dict[str, Any]:
    parts = urlsplit(base)
    port = "" if parts.port in (None, _USUAL[parts.scheme]) else f":{parts.port}"
    return {
        "expected_challenge": challenges.read(sealed),
        "expected_rp_id": _host(base),
        "expected_origin": f"{parts.scheme}://{parts.hostname}{port}",
        "require_user_verification": True,
    }


def _host(base: str) -> str:
    return urlsplit(base).hostname or ""


def _verified(check: Callable[[], T]) -> T:
    if settings.current().oidc_issuer:
        raise refusal("a device, where only accounts sign in")
    try:
        return check()
    except Refused:
        raise
    except Exception:  # noqa: BLE001 - a forged answer fails in whichever of its parts is read first
        raise refusal("a wrong answer of a device") from None
