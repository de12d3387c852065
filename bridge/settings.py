"""What an operator can set: the file, `BRIDGE_` variables and secret files, checked and typed.

A later layer wins: file, then secret files, then environment. The file is only ever read.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    ValidationError,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bridge.errors import ConfigError

DEFAULT_PATH = Path("config/bridge.toml")
DEFAULT_SECRETS_DIR = Path("/run/secrets")
PREFIX = "BRIDGE_"
_OWN_VARIABLES = ("BRIDGE_CONFIG", "BRIDGE_SECRETS_DIR")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SHORTEST_INTERVAL = timedelta(seconds=1)
_LONGEST = timedelta(days=36500)
_POLITE_INTERVAL = timedelta(minutes=5)
_SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


def parse_duration(value: object) -> object:
    """A duration such as "10s", "30m", "12h", "60d" or "2w" as a timedelta."""
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d{1,6})\s*([smhdw])\s*", value)):
        value = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if not isinstance(value, timedelta):
        raise ValueError(  # noqa: TRY004 - pydantic reads a ValueError
            'a duration is a number and a unit, such as "10s", "30m" or "60d"'
        )
    if value > _LONGEST:
        raise ValueError(f"a duration is at most {format_duration(_LONGEST)}")
    return value


def format_duration(value: timedelta) -> str:
    """The shortest writing of `value` that `parse_duration` reads back; whole seconds."""
    seconds = int(value.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("there is no such time zone; a name such as Europe/Amsterdam is meant") from error
    return value


def _http_address(value: str) -> str:
    message = "an address begins with http:// or https:// and a host"
    if not re.fullmatch(r"https?://[^/\s?#]+[^\s]*", value):
        raise ValueError(message)
    try:
        parts = urlsplit(value)
        there = bool(parts.hostname) and parts.port != 0
    except ValueError:
        there = False
    if not there:
        raise ValueError(message)
    return value.rstrip("/")


def _interval(value: timedelta) -> timedelta:
    if value < _SHORTEST_INTERVAL:
        raise ValueError("an interval is at least 1s")
    return value


def _given(value: SecretStr | None) -> SecretStr | None:
    return value if value and value.get_secret_value().strip() else None


def _listed(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
]
Interval = Annotated[Duration, AfterValidator(_interval)]
TimeZone = Annotated[str, AfterValidator(_zone)]
HttpAddress = Annotated[str, AfterValidator(_http_address)]
Listed = Annotated[list[str], BeforeValidator(_listed)]
Secret = Annotated[SecretStr | None, AfterValidator(_given)]


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


def load_settings(
    path: Path | None,
    types: Mapping[str, type[SourceSettings]],
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Read all layers and check them.

    Args:
        path: the file that was asked for; none: `BRIDGE_CONFIG`, else `config/bridge.toml` where that exists.
        types: the settings class of each source type that is installed.
        environ: the variables to read; the process's own by default.

    Raises:
        ConfigError: with the first thing that is wrong, its full name and, for an unknown key, the nearest known.
    """
    environ = os.environ if environ is None else environ
    file = _read_file(path, environ)
    variables, warnings = _known_variables(environ, file, types)

    class Layers(BaseSettings):
        model_config = {"extra": "allow"}

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the names are pydantic-settings'
            env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return _Layer(settings_cls, variables), _Layer(settings_cls, file)

    merged = Layers().model_dump()
    raw_sources = merged.pop("sources", {})
    if not isinstance(raw_sources, dict):
        raise ConfigError("sources is a table of tables, such as [sources.school].")
    sources = {name: _source(name, raw, types) for name, raw in raw_sources.items()}
    for name in merged:
        if name not in SECTIONS:
            nearest = difflib.get_close_matches(name, [*SECTIONS, "sources"], n=1, cutoff=0)
            raise ConfigError(f"Unknown setting {name}; the nearest known one is {nearest[0]}.")
    try:
        settings = Settings.model_validate({**merged, "sources": {}})
    except ValidationError as error:
        raise ConfigError(_sentence(error, Settings, "")) from None
    _check_names_for(sources)
    warnings += _impolite(settings.refresh.interval, sources)
    return settings.model_copy(update={"sources": sources, "warnings": tuple(warnings)})


class _Layer(PydanticBaseSettingsSource):
    """One layer of nested values that has been read already; pydantic-settings merges the layers."""

    def __init__(self, settings_cls: type[BaseSettings], values: dict[str, Any]) -> None:
        super().__init__(settings_cls)
        self._values = values

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - theirs
        return self._values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return self._values


def _read_file(path: Path | None, environ: Mapping[str, str]) -> dict[str, Any]:
    chosen = path or (Path(environ["BRIDGE_CONFIG"]) if environ.get("BRIDGE_CONFIG") else None)
    if chosen is None and not DEFAULT_PATH.exists():
        return {}
    chosen = chosen or DEFAULT_PATH
    try:
        return tomllib.loads(chosen.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"There is no settings file {chosen}; `roosterbridge init` writes one.") from None
    except OSError as error:
        raise ConfigError(f"The settings file {chosen} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"The settings file {chosen} is not valid TOML: {error}.") from error


def _known_variables(
    environ: Mapping[str, str], file: Mapping[str, Any], types: Mapping[str, type[SourceSettings]]
) -> tuple[dict[str, Any], list[str]]:
    """Nested values from variables and secret files, and a warning for each variable that nothing knows."""
    secrets_dir = Path(environ.get("BRIDGE_SECRETS_DIR") or DEFAULT_SECRETS_DIR)
    given: dict[str, str] = {}
    if secrets_dir.is_dir():
        given = {
            entry.name.upper(): _read_secret(entry)
            for entry in sorted(secrets_dir.iterdir())
            if entry.is_file() and entry.name.upper().startswith(PREFIX)
        }
    given |= {
        name.upper(): value
        for name, value in environ.items()
        if name.upper().startswith(PREFIX) and name.upper() not in _OWN_VARIABLES
    }
    names = _variable_names(given, file, types)
    nested: dict[str, Any] = {}
    warnings = []
    for name, value in given.items():
        if name not in names:
            nearest = difflib.get_close_matches(name, [*names, *_OWN_VARIABLES], n=1, cutoff=0)
            warnings.append(f"The variable {name} is unknown; the nearest known one is {nearest[0]}.")
            continue
        *tables, key = names[name]
        place = nested
        for table in tables:
            place = place.setdefault(table, {})
        place[key] = value
    return nested, warnings


def _read_secret(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The secret file {path} cannot be read.") from error


def _variable_names(
    given: Mapping[str, str], file: Mapping[str, Any], types: Mapping[str, type[SourceSettings]]
) -> dict[str, tuple[str, ...]]:
    """Every variable that means something, and the place of its value."""
    names: dict[str, tuple[str, ...]] = {
        f"{PREFIX}{section}__{key}".upper(): (section, key)
        for section, model in SECTIONS.items()
        for key in model.model_fields
    }
    tables = file.get("sources")
    configured = tables if isinstance(tables, dict) else {}
    kinds = {name: str(table.get("type", "")) if isinstance(table, dict) else "" for name, table in configured.items()}
    for name, value in given.items():
        if match := re.fullmatch(rf"{PREFIX}SOURCES__(.+?)__TYPE", name):
            known = next((source for source in kinds if source.upper() == match[1]), match[1].lower())
            kinds[known] = value
    for source, kind in kinds.items():
        for key in types.get(kind, SourceSettings).model_fields:
            names[f"{PREFIX}SOURCES__{source}__{key}".upper()] = ("sources", source, key)
    return names


def _source(name: str, raw: object, types: Mapping[str, type[SourceSettings]]) -> SourceSettings:
    place = f"sources.{name}"
    if not _SOURCE_NAME.fullmatch(name):
        raise ConfigError(f"{place}: a source's name is made of small letters, digits, - and _.")
    if not isinstance(raw, dict):
        raise ConfigError(f"{place} is a table, such as [{place}].")
    kind = raw.get("type")
    if kind is None:
        raise ConfigError(f"{place}.type is missing; known types: {', '.join(sorted(types))}.")
    if not isinstance(kind, str) or kind not in types:
        nearest = difflib.get_close_matches(str(kind), types, n=1, cutoff=0)
        raise ConfigError(f"{place}.type: unknown type {kind!r}; the nearest known one is {nearest[0]!r}.")
    try:
        return types[kind].model_validate(raw)
    except ValidationError as error:
        raise ConfigError(_sentence(error, types[kind], place + ".")) from None


def _check_names_for(sources: Mapping[str, SourceSettings]) -> None:
    for name, source in sources.items():
        for named in source.names_for if isinstance(source, NamingSettings) else ():
            if named not in sources:
                nearest = difflib.get_close_matches(named, sources, n=1, cutoff=0)[0]
                raise ConfigError(
                    f"sources.{name}.names_for: there is no source {named}; the nearest known one is {nearest}."
                )


def _sentence(error: ValidationError, model: type[BaseModel], prefix: str) -> str:
    """The first error as one sentence; the value itself is left out, since it may be a secret."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    path = [str(step) for step in first["loc"]]
    name = prefix + ".".join(path)
    if first["type"] == "extra_forbidden":
        owner: type[BaseModel] = model
        for step in path[:-1]:
            owner = SECTIONS.get(step, owner)
        nearest = difflib.get_close_matches(path[-1], list(owner.model_fields), n=1, cutoff=0)
        close = ".".join([*path[:-1], nearest[0]])
        return f"Unknown setting {name}; the nearest known one is {prefix}{close}."
    if first["type"] == "missing":
        return f"The setting {name} is missing."
    message = first["msg"].removeprefix("Value error, ")
    if message[1:2].islower():
        message = message[:1].lower() + message[1:]
    return f"The setting {name} is not right: {message}."


def _impolite(interval: timedelta, sources: Mapping[str, SourceSettings]) -> list[str]:
    places = {"refresh.interval": interval} | {
        f"sources.{name}.interval": source.interval for name, source in sources.items() if source.interval
    }
    return [
        f"{place} is {format_duration(value)}; under {format_duration(_POLITE_INTERVAL)} schools may object."
        for place, value in places.items()
        if value < _POLITE_INTERVAL
    ]
