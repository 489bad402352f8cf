"""The CHECKIN_* settings: typed, checked once at start, each documented in the README."""

import os
import re
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError
from argon2.low_level import Type
from pydantic import AfterValidator, Field, StringConstraints, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).parent.parent
LOCAL = ROOT / "data" / "local"
PREFIX = "CHECKIN_"
PLACEHOLDER_PHONE = "555 0100"
_NEEDED_BY_PATIENTS = {"timezone", "clinic_name", "clinic_phone", "clinic_hours", "emergency_number"}

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=30, pattern=r"^\+?[0-9][0-9 ().-]*$")]


class InvalidSettings(ValueError):
    """One or more settings are wrong; the message names each, the rule and never a secret value."""


def _database_url(url: str) -> str:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError("is not a database URL: expected sqlite:///FILE or postgresql://USER@HOST/NAME") from None
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if backend == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed.set(drivername="sqlite").render_as_string()
    raise ValueError("must name a SQLite file or a PostgreSQL database: sqlite:///FILE or postgresql://USER@HOST/NAME")


def _passphrase_hash(text: str) -> str:
    try:
        kind = extract_parameters(text).type
    except InvalidHashError:
        kind = None
    if kind is not Type.ID:
        raise ValueError("must be an argon2id hash; `python -m data passphrase` makes one")
    return text


@cache  # the names are read from very many files
def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("must be a time zone of the IANA list, such as Europe/Madrid")
    return name


def _public_url(url: str) -> str:
    parts = urlsplit(url.rstrip("/"))
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
        raise ValueError("must be https://HOST (or http://HOST:PORT) without a path")
    return url.rstrip("/")


class Settings(BaseSettings):
    """Read from environment variables, then from the root keys of `.streamlit/secrets.toml`."""

    model_config = SettingsConfigDict(
        alias_generator=lambda name: PREFIX + name.upper(),
        case_sensitive=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        toml_file=ROOT / ".streamlit" / "secrets.toml",
    )

    database_url: Annotated[str, AfterValidator(_database_url)] = f"sqlite:///{LOCAL / 'checkins.db'}"
    passphrase_hash: Annotated[str, AfterValidator(_passphrase_hash)] | None = None
    secret_key: Annotated[str, StringConstraints(min_length=32)] | None = None
    clinic_name: Line = "Demonstration Clinic"
    clinic_phone: Phone = PLACEHOLDER_PHONE
    clinic_hours: Line = "Monday to Friday, 9 am to 5 pm"
    emergency_number: Phone = "112"
    public_url: Annotated[str, AfterValidator(_public_url)] | None = None
    timezone: Annotated[str, AfterValidator(_time_zone)] = "UTC"
    open_link: Literal["on", "off"] = "on"
    open_limit: Annotated[int, Field(ge=1, le=100_000)] = 60
    min_group: Annotated[int, Field(ge=1, le=1000)] = 10

    @model_validator(mode="after")
    def _production_is_complete(self) -> Self:
        if self.uses_postgresql and not (self.secret_key and self.passphrase_hash):
            raise ValueError("with PostgreSQL, CHECKIN_SECRET_KEY and CHECKIN_PASSPHRASE_HASH are required")
        if self.public_url is None:
            return self
        if missing := _NEEDED_BY_PATIENTS - self.model_fields_set:
            names = ", ".join(sorted(PREFIX + name.upper() for name in missing))
            raise ValueError(f"with CHECKIN_PUBLIC_URL set, patients rely on {names}: set them too")
        if re.sub(r"\D", "", self.clinic_phone) == re.sub(r"\D", "", PLACEHOLDER_PHONE):
            raise ValueError(f"CHECKIN_CLINIC_PHONE is still the placeholder {PLACEHOLDER_PHONE}")
        return self

    @property
    def uses_postgresql(self) -> bool:
        """Whether several processes or servers may share the database."""
        return self.database_url.startswith("postgresql")

    @property
    def database_file(self) -> Path | None:
        """The file of an embedded database, None with PostgreSQL."""
        return None if self.uses_postgresql else Path(str(make_url(self.database_url).database))

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone, in which weeks begin and times are shown."""
        return ZoneInfo(self.timezone)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file; no other source is read."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


NAMES = tuple(PREFIX + name.upper() for name in Settings.model_fields)


@cache
def current() -> Settings:
    """Return the settings of this process, read once.

    Raises `InvalidSettings` with one line that names every wrong setting and its rule.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = (" ".join([*map(str, e["loc"][:1]), e["msg"].removeprefix("Value error, ")]) for e in error.errors())
        raise InvalidSettings("; ".join(wrong)) from None


def unknown() -> list[str]:
    """Return the CHECKIN_* environment variables that are no setting: a typing mistake would go unnoticed."""
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in NAMES)
