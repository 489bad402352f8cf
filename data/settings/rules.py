"""Rules for settings: each returns the value to use, or raises `ValueError` with what is expected.

The message continues a sentence that begins with the name of the setting. It quotes no value.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones

from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError
from argon2.low_level import Type
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from data.catalogue import ROLES

SQLITE = "sqlite:///"
MAKES_A_KEY = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'
LONGEST_LINE = 80
SHORTEST_KEY = 32
_SITE = re.compile(r"https?://(\[[0-9a-f:.]+\]|[\w.-]*\w\.?)(:[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
_DATABASES = "expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"


def text(value: object) -> str:
    """Accept a value from the secrets file or the environment, whatever the locale's encoding."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ValueError("must be text in quotes")  # noqa: TRY004 - pydantic reports a ValueError, but not a TypeError
    try:
        return value.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        raise ValueError("is not valid UTF-8") from None


def line(value: str) -> str:
    """Accept a line of text that patients read."""
    shown = value.strip()
    if _has_controls(shown) or not 1 <= len(shown) <= LONGEST_LINE:
        raise ValueError(f"must be one line of 1 to {LONGEST_LINE} characters")
    return shown


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return the rule for a whole number from `least` to `most`."""

    def rule(value: str) -> int:
        digits = value.strip()
        if not (digits.isdecimal() and least <= int(digits[:9]) <= most):
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(digits)

    return rule


def switch(value: str) -> str:
    position = value.strip().lower()
    if position not in ("on", "off"):
        raise ValueError("must be on or off")
    return position


def secret_key(value: str) -> str:
    if len(value) < SHORTEST_KEY:
        raise ValueError(f"must have at least {SHORTEST_KEY} characters; make one with {MAKES_A_KEY}")
    return value


def database_url(value: str) -> str:
    """Accept `sqlite:///` followed by the path of a file as it is, or the URL of a PostgreSQL database."""
    if value.startswith("sqlite"):
        return _sqlite_url(value)
    try:
        parsed = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError(f"is not a database URL: {_DATABASES}") from None
    if parsed.get_backend_name() != "postgresql":
        raise ValueError(f"must name a SQLite file or a PostgreSQL database: {_DATABASES}")
    return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _sqlite_url(value: str) -> str:
    path = value.removeprefix(SQLITE)
    if path == value or not path or path.endswith("/") or _has_controls(path):
        raise ValueError(
            "must name a SQLite file: sqlite:///FILE in the folder the server is started from, or sqlite:////FOLDER/FILE"
        )
    if path.startswith(("file:", ":memory:")):
        raise ValueError(
            "must name a SQLite file by its path alone: forms such as file: and :memory: are not supported"
        )
    return value


def passphrase_hash(value: str) -> str:
    try:
        kind = extract_parameters(value).type
    except InvalidHashError:
        kind = None
    if kind is not Type.ID:
        raise ValueError("must be an argon2id hash; `python -m data passphrase` makes one")
    return value


@cache  # the names come from hundreds of files
def time_zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("must be the name of an IANA time zone, such as Europe/Madrid")
    return value


def public_url(value: str) -> str:
    """Accept the address at which patients reach the check-in, without a path."""
    address = value.strip().rstrip("/")
    if not address.isascii():
        raise ValueError("must be ASCII: write a host name with other letters in its xn-- form")
    if site(address) is None:
        raise ValueError("must be https://HOST (or http://HOST:PORT) without a path")
    return address


def site(address: str) -> SplitResult | None:
    """Return the parts of an address that is only a scheme, a host and perhaps a port; None for any other."""
    try:
        return urlsplit(address) if _SITE.fullmatch(address) and urlsplit(address).port != 0 else None
    except ValueError:  # a port above 65535, an IPv6 address with too many colons
        return None


def issuer(value: str) -> str:
    """Accept the address of an OpenID provider: https, or http on this machine."""
    address = value.strip().rstrip("/")
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")):
        raise ValueError("must be the provider's address, such as https://accounts.example.org")
    return address


def staff(value: str) -> str:
    """Accept addresses of staff, separated by commas; reception's are followed by `=reception`."""
    staff_roles(value)
    return value


def staff_roles(value: str) -> dict[str, str]:
    """Return the role of each address; raises `ValueError` for what is not a list of them, or names one twice."""
    roles: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in value.split(","))):
        address, _, role = part.casefold().partition("=")
        is_address = part.isascii() and re.fullmatch(r"[^\s@=]+@[^\s@=]+", address)  # others have look-alikes
        if not is_address or role not in ("", *ROLES) or address in roles:
            raise ValueError("must be addresses separated by commas, such as ana@clinic.org, eva@clinic.org=reception")
        roles[address] = role or "clinician"
    return roles


def hosts(value: str) -> str:
    """Accept host names, with or without ports, separated by commas."""
    if not re.fullmatch(r"([\w.-]+(:\d+)?(\s*,\s*|\s*$))*", value.strip(), re.ASCII):
        raise ValueError("must be host names separated by commas, such as app:8501, checkin.internal")
    return value


def _has_controls(value: str) -> bool:
    return any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in value)
