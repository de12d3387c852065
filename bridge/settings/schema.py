"""What an operator can set, section by section."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from bridge.settings.values import Duration, HttpAddress, Interval, Listed, Secret, TimeZone


class Section(BaseModel):
    """A table of the settings file: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerSettings(Section):
    """Where the service listens and how the world reaches it."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on; 0 takes any free one")
    public_url: HttpAddress = Field("http://127.0.0.1:8080", description="what feed addresses begin with")
    cache_mib: int = Field(256, ge=1, description="memory for compressed feeds that were asked for lately, in MiB")
    trusted_proxies: Listed = Field(
        default_factory=list, description="addresses or networks whose X-Forwarded-For is believed in the log"
    )


class StorageSettings(Section):
    """Where everything that lasts is kept."""

    url: str = Field("sqlite:///data/bridge.db", description="or `postgresql://USER@HOST/DB`")


class SecuritySettings(Section):
    """Keys and tokens of the operator."""

    secret_key_file: Path = Field(Path("config/secret.key"), description="Fernet keys, one a line")
    secret_key: Secret = Field(
        None, description="Fernet keys, comma-separated, instead of the file; the first encrypts, all decrypt"
    )
    admin_token: Secret = Field(None, description="for the admin side, which comes later; none: it is off")


class RefreshSettings(Section):
    """How often and how far schedules are read."""

    interval: Interval = Field(timedelta(minutes=30), description="per account, spread out; at least 1s")
    past: Duration = Field(timedelta(days=60), description="how far back events are kept")
    future: Duration = Field(timedelta(days=365), description="how far ahead events are read")
    concurrency: int = Field(8, ge=1, le=1000, description="accounts that are refreshed at the same time")


class LoggingSettings(Section):
    """What the service tells on standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="the least that is told")
    format: Literal["console", "json"] = Field("console", description="`console` or `json`")


class SourceSettings(Section):
    """What every source takes; each type adds its own."""

    type: str = Field(description="which system it is")
    title: str = Field("", description="what people call it; the source's name by default")
    timezone: TimeZone = Field("Europe/Amsterdam", description="the zone its local times are in")
    language: str = Field("nl", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$", description="asked of the upstream")
    interval: Interval | None = Field(None, description="instead of `[refresh] interval`")
    api_url: HttpAddress | None = Field(None, description="where its API is")
    timeout: Duration = Field(timedelta(seconds=30), description="for one request")
    requests_per_second: float = Field(10, gt=0, description="at most, for the whole source")

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone, ready to use."""
        return ZoneInfo(self.timezone)

    @cached_property
    def told(self) -> str:
        """All settings as text, secrets left out: the same text, the same settings."""
        return self.model_dump_json()


class SharingSettings(SourceSettings):
    """What a source takes that fetches some answers once for many accounts."""

    share_for: Duration = Field(
        timedelta(minutes=5),
        description="how long an answer that many accounts share counts as new; at most half the interval",
    )


class NamingSettings(SourceSettings):
    """What a source takes that knows what things are called."""

    names_for: Listed = Field(default_factory=list, description="the sources whose events are named after it")


class Settings(Section):
    """Everything, checked. `warnings` are sentences for the operator that stop nothing."""

    server: ServerSettings = Field(default_factory=ServerSettings)
    storage: StorageSettings = Field(default_factory=StorageSettings)
    security: SecuritySettings = Field(default_factory=SecuritySettings)
    refresh: RefreshSettings = Field(default_factory=RefreshSettings)
    logging: LoggingSettings = Field(default_factory=LoggingSettings)
    sources: dict[str, SourceSettings] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()


SECTIONS: Mapping[str, type[Section]] = {
    "server": ServerSettings,
    "storage": StorageSettings,
    "security": SecuritySettings,
    "refresh": RefreshSettings,
    "logging": LoggingSettings,
}
