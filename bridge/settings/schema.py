"""The settings, section by section."""

import re
import warnings
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bridge.settings.values import Duration, HttpAddress, Interval, Listed, Paired, Secret, TimeZone

CLAIM = re.compile(r"\{([^{}]+)\}")
"""A claim in a template such as "{email}"."""


class Section(BaseModel):
    """A table of the settings file. Unknown keys are errors; values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerSettings(Section):
    """Where the service listens and under which address it is reached."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on; 0 takes any free one")
    public_url: HttpAddress = Field("http://127.0.0.1:8080", description="what feed addresses begin with")
    cache_mib: int = Field(256, ge=1, description="memory for recently requested feeds, in MiB")
    trusted_proxies: Listed = Field(
        default_factory=list, description="addresses or networks whose X-Forwarded-For is used in the log"
    )

    def feed_address(self, token: str) -> str:
        """The address of the feed with this token."""
        return f"{self.public_url}/f/{token}.ics"

    def page_address(self, token: str) -> str:
        """The address of the person's page with this token."""
        return f"{self.public_url}/m/{token}"

    @property
    def operator_address(self) -> str:
        """The address of the operator's pages."""
        return f"{self.public_url}/admin"

    def setup_address(self, token: str) -> str:
        """The address of the set-up page with this token."""
        return f"{self.public_url}/setup/{token}"


class StorageSettings(Section):
    """Where everything is stored."""

    url: str = Field("sqlite:///data/bridge.db", description="a SQLite file, or `postgresql://USER@HOST/DB`")
    wait: Duration = Field(
        timedelta(minutes=1), description="how long `serve` waits at its start for a PostgreSQL that does not answer"
    )


class SecuritySettings(Section):
    """The operator's keys and tokens."""

    secret_key_file: Path = Field(Path("config/secret.key"), description="file with Fernet keys, one a line")
    secret_key: Secret = Field(
        None, description="Fernet keys instead of the file, comma-separated; the first encrypts, all decrypt"
    )
    admin_token: Secret = Field(None, description="opens /admin and /api; none: the one that the set-up page made")


with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "Field name .register.")  # every class has one, for abstract base classes

    class OidcSettings(Section):
        """Sign-in with the school's own accounts, by OpenID Connect."""

        issuer: HttpAddress | None = Field(None, description="address of the school's provider; none: sign-in is off")
        client_id: str = Field("", description="what the provider calls Roosterbridge")
        client_secret: Secret = Field(None, description="the secret that the provider gave; none: PKCE alone")
        username_claim: str = Field("email", min_length=1, description="the claim that users are called after here")
        admins: Listed = Field(default_factory=list, description="who is an operator: values of that claim")
        register: bool = Field(False, description="whether anyone whom the school lets in becomes a user")
        accounts: Paired = Field(
            default_factory=dict,
            description='accounts to connect at the first sign-in, as `{ uva = "{preferred_username}" }`',
        )

        @property
        def admins_hash(self) -> str | None:
            """A hash of who can be an operator by signing in, and where; `None` if nobody can."""
            if self.issuer is None or not self.admins:
                return None
            return sha256(repr((self.issuer, self.username_claim, sorted(self.admins))).encode()).hexdigest()

        @model_validator(mode="after")
        def _whole(self) -> Self:
            if self.issuer is None and self.model_fields_set - {"issuer"}:
                raise ValueError("issuer is missing")
            if self.issuer is not None and not self.client_id.strip():
                raise ValueError("client_id is missing")
            for source, template in self.accounts.items():
                if not CLAIM.search(template):
                    raise ValueError(f'accounts.{source} names no claim, as "{{email}}" does')
            return self


class RefreshSettings(Section):
    """How often accounts are refreshed, and which days are read."""

    interval: Interval = Field(timedelta(minutes=30), description="how often an account is refreshed; at least 1s")
    past: Duration = Field(timedelta(days=60), description="how far back events are read and kept")
    future: Duration = Field(timedelta(days=365), description="how far ahead events are read")
    concurrency: int = Field(8, ge=1, le=1000, description="how many accounts are refreshed at the same time")


class RetentionSettings(Section):
    """How long is kept what is not needed for calendars."""

    audit: Duration = Field(timedelta(days=180), description="how long it is kept who did what")
    sessions: Duration = Field(
        timedelta(days=30), description="how long somebody stays signed in who does not come back"
    )
    outbox: Duration = Field(
        timedelta(days=30),
        description="how long it is kept what people had sent to a school, once that was answered",
    )


class LoggingSettings(Section):
    """What the service logs on standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="`debug`, `info`, `warning` or `error`"
    )
    format: Literal["console", "json"] = Field("console", description="`console` or `json`")


class SourceSettings(Section):
    """Settings of every source. Each type adds its own."""

    type: str = Field(description="which system it is, such as `somtoday`")
    title: str = Field("", description="the school's name for people; by default the name of the source")
    timezone: TimeZone = Field("Europe/Amsterdam", description="the time zone of the school")
    language: str = Field(
        "nl", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$", description="the language that is requested"
    )
    interval: Interval | None = Field(
        None, description="how often its accounts are refreshed, instead of `[refresh] interval`"
    )
    api_url: HttpAddress | None = Field(None, description="address of the API")
    timeout: Duration = Field(timedelta(seconds=30), description="how long a request may take")
    requests_per_second: float = Field(10, gt=0, description="the most requests a second, for all accounts together")

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone as an object."""
        return ZoneInfo(self.timezone)

    @cached_property
    def as_text(self) -> str:
        """All settings as text, without secrets. Equal settings have equal texts."""
        return self.model_dump_json()


class SharingSettings(SourceSettings):
    """Settings of a source that fetches some answers once for many accounts."""

    share_for: Duration = Field(
        timedelta(minutes=5),
        description="how long an answer is used for other accounts too; at most half the interval",
    )


class PacedSettings(SourceSettings):
    """Settings of a source that reads far days seldom."""

    far_interval: Duration = Field(
        timedelta(hours=6), description="how often days are read that are not in last week, this week or the next two"
    )


class NamingSettings(SourceSettings):
    """Settings of a source that has names for the events of other sources."""

    names_for: Listed = Field(default_factory=list, description="the sources whose events get its names")


class Settings(Section):
    """All settings, checked. `warnings` are sentences for the operator about valid but doubtful settings."""

    server: ServerSettings = Field(default_factory=ServerSettings)
    storage: StorageSettings = Field(default_factory=StorageSettings)
    security: SecuritySettings = Field(default_factory=SecuritySettings)
    oidc: OidcSettings = Field(default_factory=OidcSettings)
    refresh: RefreshSettings = Field(default_factory=RefreshSettings)
    retention: RetentionSettings = Field(default_factory=RetentionSettings)
    logging: LoggingSettings = Field(default_factory=LoggingSettings)
    sources: dict[str, SourceSettings] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()


SECTIONS: Mapping[str, type[Section]] = {
    "server": ServerSettings,
    "storage": StorageSettings,
    "security": SecuritySettings,
    "oidc": OidcSettings,
    "refresh": RefreshSettings,
    "retention": RetentionSettings,
    "logging": LoggingSettings,
}
