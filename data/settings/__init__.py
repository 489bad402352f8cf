"""The CHECKIN_* settings: typed, checked once at start-up, each documented in .readme/operating.md."""

import os
import re
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from data.settings import rules, secrets_file, telephone

ROOT = Path(__file__).parent.parent.parent
LOCAL = ROOT / "data" / "local"
SECRETS_FILE = ROOT / ".streamlit" / "secrets.toml"  # the settings that are missing from the environment
PREFIX = "CHECKIN_"
PLACEHOLDER_PHONE = "555 0100"
_SECRETS = {"database_url", "passphrase_hash", "secret_key", "oidc_client_secret"}
_NEEDED_BY_PATIENTS = {"timezone", "clinic_name", "clinic_phone", "clinic_hours", "emergency_number"}

Line = Annotated[str, AfterValidator(rules.line)]
Phone = Annotated[str, AfterValidator(telephone.number)]


class InvalidSettings(ValueError):
    """One or more settings are wrong; the message names each with its rule, and quotes no value."""


class Settings(BaseSettings):
    """Read from environment variables, then from the root keys of `.streamlit/secrets.toml`."""

    model_config = SettingsConfigDict(
        alias_generator=lambda name: PREFIX + name.upper(),
        case_sensitive=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: Annotated[str, AfterValidator(rules.database_url)] = f"{rules.SQLITE}{LOCAL / 'checkins.db'}"
    passphrase_hash: Annotated[str, AfterValidator(rules.passphrase_hash)] | None = None
    oidc_issuer: Annotated[str, AfterValidator(rules.issuer)] | None = None
    oidc_client_id: Line | None = None
    oidc_client_secret: Line | None = None
    staff: Annotated[str, AfterValidator(rules.staff)] = ""
    secret_key: Annotated[str, AfterValidator(rules.secret_key)] | None = None
    clinic_name: Line = "Demonstration Clinic"
    clinic_phone: Phone = PLACEHOLDER_PHONE
    clinic_hours: Line = "Monday to Friday, 9 am to 5 pm"
    emergency_number: Phone = "112"
    public_url: Annotated[str, AfterValidator(rules.public_url)] | None = None
    timezone: Annotated[str, AfterValidator(rules.time_zone)] = "UTC"
    hosts: Annotated[str, AfterValidator(rules.hosts)] = ""
    open_link: Annotated[str, AfterValidator(rules.switch)] = "on"
    open_limit: Annotated[int, BeforeValidator(rules.whole_number(1, 100_000))] = 60
    retention_days: Annotated[int, BeforeValidator(rules.whole_number(90, 36_500))] | None = None
    min_group: Annotated[int, BeforeValidator(rules.whole_number(1, 1000))] = 10

    @field_validator("*", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> str | None:
        return None if value is None else rules.text(value)

    @model_validator(mode="after")
    def _production_is_complete(self) -> Self:
        if self.uses_postgresql and not self.secret_key:
            raise ValueError("with PostgreSQL, CHECKIN_SECRET_KEY is required")
        if len({bool(part) for part in (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)}) > 1:
            raise ValueError("set CHECKIN_OIDC_ISSUER, CHECKIN_OIDC_CLIENT_ID and CHECKIN_OIDC_CLIENT_SECRET, or none")
        if self.public_url is None:
            return self
        if missing := _NEEDED_BY_PATIENTS - self.model_fields_set:
            names = ", ".join(sorted(PREFIX + name.upper() for name in missing))
            raise ValueError(f"with CHECKIN_PUBLIC_URL set, patients rely on {names}: set them too")
        if telephone.dialled(self.clinic_phone) == telephone.dialled(PLACEHOLDER_PHONE):
            raise ValueError(f"CHECKIN_CLINIC_PHONE is still the placeholder {PLACEHOLDER_PHONE}")
        return self

    @property
    def uses_postgresql(self) -> bool:
        """Whether several processes or servers may share the database."""
        return self.database_url.startswith("postgresql")

    @cached_property
    def database_file(self) -> Path | None:
        """The file of an embedded database; None for PostgreSQL."""
        if self.uses_postgresql:
            return None
        path = self.database_url.removeprefix(rules.SQLITE)
        return Path(os.fsdecode(path.encode())).resolve()  # the same file, whatever the locale's encoding

    @cached_property
    def other_hosts(self) -> frozenset[str]:
        """The other host names that a proxy may send, without ports."""
        return frozenset(re.findall(r"([^\s,:]+?)\.?(?::\d+)?(?:[\s,]|$)", self.hosts.lower()))

    @cached_property
    def staff_roles(self) -> dict[str, str]:
        """The name of the role of each address in CHECKIN_STAFF; the addresses are in lower case."""
        return rules.staff_roles(self.staff)

    @property
    def told(self) -> str:
        """Every setting that is set, for the audit log; of secrets only that they are set."""
        given = {name: "(set)" if name in _SECRETS else getattr(self, name) for name in sorted(self.model_fields_set)}
        return ", ".join(f"{PREFIX}{name.upper()}={value}" for name, value in given.items()) or "no setting"

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone, in which weeks begin and times are shown."""
        return ZoneInfo(self.timezone)

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *_: Any, **sources: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, and read no other source."""
        from_file = InitSettingsSource(settings_cls, secrets_file.read(SECRETS_FILE))
        return sources["init_settings"], sources["env_settings"], from_file


NAMES = tuple(PREFIX + name.upper() for name in Settings.model_fields)


@cache
def current() -> Settings:
    """Return the settings of this process, read once.

    Raises `InvalidSettings` with one line that names every wrong setting and its rule.
    """
    try:
        return Settings()
    except secrets_file.Unreadable as error:
        raise InvalidSettings(str(error)) from None
    except ValidationError as error:
        wrong = (" ".join([*map(str, e["loc"][:1]), e["msg"].removeprefix("Value error, ")]) for e in error.errors())
        raise InvalidSettings("; ".join(wrong)) from None
