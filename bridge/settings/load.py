"""Load the settings from the file, from secret files and from `BRIDGE_` variables.

A later one wins: file, secret files, variables. The file is never written.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bridge.errors import ConfigError
from bridge.settings.nearest import nearest
from bridge.settings.schema import SECTIONS, NamingSettings, ServerSettings, Settings, SourceSettings
from bridge.settings.values import format_duration

DEFAULT_PATH = Path("config/bridge.toml")
DEFAULT_SECRETS_DIR = Path("/run/secrets")
PREFIX = "BRIDGE_"
_OWN_VARIABLES = ("BRIDGE_CONFIG", "BRIDGE_SECRETS_DIR")
_POLITE_INTERVAL = timedelta(minutes=5)
_SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


def load_settings(
    path: Path | None,
    types: Mapping[str, type[SourceSettings]],
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Load and check all settings.

    Args:
        path: the settings file. `None` stands for `BRIDGE_CONFIG`, else `config/bridge.toml` if it exists.
        types: the settings class of each installed source type.
        environ: the variables to read; by default those of the process.

    Raises:
        ConfigError: a setting is wrong. The sentence has the full name of the first one and, if it is unknown, the
            nearest known name.
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
            env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return _Layer(settings_cls, variables), _Layer(settings_cls, file)

    merged = Layers().model_dump()
    raw_sources = merged.pop("sources", {})
    if not isinstance(raw_sources, dict):
        raise ConfigError("sources is a table of tables, such as [sources.school].")
    sources = {name: read_source(name, raw, types) for name, raw in raw_sources.items()}
    for name in merged:
        if name not in SECTIONS:
            raise ConfigError(f"Unknown setting {name}; {nearest(name, [*SECTIONS, 'sources'])}.")
    try:
        settings = Settings.model_validate({**merged, "sources": {}})
    except ValidationError as error:
        raise ConfigError(_sentence(error, Settings, "")) from None
    check_names_for(sources)
    warnings += [*_impolite(settings.refresh.interval, sources), *_elsewhere(settings.server)]
    return settings.model_copy(update={"sources": sources, "warnings": tuple(warnings)})


class _Layer(PydanticBaseSettingsSource):
    """Nested values that are already read, for pydantic-settings to merge."""

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
    """Nested values from variables and secret files, and a warning for each unknown variable."""
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
            closest = difflib.get_close_matches(name, [*names, *_OWN_VARIABLES], n=1, cutoff=0)
            warnings.append(f"The variable {name} is unknown; the nearest known one is {closest[0]}.")
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
    """The known variables, each with the place of its value."""
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


def read_source(name: str, raw: object, types: Mapping[str, type[SourceSettings]]) -> SourceSettings:
    """Check the settings of a source.

    Raises:
        ConfigError: one is wrong; see `load_settings`.
    """
    place = f"sources.{name}"
    if not _SOURCE_NAME.fullmatch(name):
        raise ConfigError(f"{place}: a source's name consists of lower-case letters, digits, - and _.")
    if not isinstance(raw, dict):
        raise ConfigError(f"{place} is a table, such as [{place}].")
    kind = raw.get("type")
    if kind is None:
        raise ConfigError(f"{place}.type is missing; known types: {', '.join(sorted(types))}.")
    if not isinstance(kind, str) or kind not in types:
        form = "'{}'"
        raise ConfigError(f"{place}.type: unknown type {kind!r}; {nearest(str(kind), sorted(types), form)}.")
    try:
        return types[kind].model_validate(raw)
    except ValidationError as error:
        raise ConfigError(_sentence(error, types[kind], place + ".")) from None


def check_names_for(sources: Mapping[str, SourceSettings]) -> None:
    """Check that registers have names for sources that there are. Raises ConfigError."""
    for name, source in sources.items():
        for named in source.names_for if isinstance(source, NamingSettings) else ():
            if named not in sources:
                known = nearest(named, sources, '"{}"')
                raise ConfigError(f'sources.{name}.names_for: no source is called "{named}"; {known}.')


def _sentence(error: ValidationError, model: type[BaseModel], prefix: str) -> str:
    """The first error as one sentence, without the value, which may be a secret."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    path = [str(step) for step in first["loc"]]
    name = prefix + ".".join(path)
    if first["type"] == "extra_forbidden":
        owner: type[BaseModel] = model
        for step in path[:-1]:
            owner = SECTIONS.get(step, owner)
        table = prefix + "".join(f"{step}." for step in path[:-1])
        return f"Unknown setting {name}; {nearest(path[-1], owner.model_fields, table + '{}')}."
    if first["type"] == "missing":
        return f"The setting {name} is missing."
    message = first["msg"].removeprefix("Value error, ")
    if message[1:2].islower():
        message = message[:1].lower() + message[1:]
    return f"The setting {name} is not valid: {message}."


def _impolite(interval: timedelta, sources: Mapping[str, SourceSettings]) -> list[str]:
    places = {"refresh.interval": interval} | {
        f"sources.{name}.interval": source.interval for name, source in sources.items() if source.interval
    }
    return [
        f"{place} is {format_duration(value)}; under {format_duration(_POLITE_INTERVAL)} schools may object."
        for place, value in places.items()
        if value < _POLITE_INTERVAL
    ]


def _elsewhere(server: ServerSettings) -> list[str]:
    """A warning if the service listens on another port than the one that addresses have by default."""
    usual = ServerSettings.model_fields["public_url"].default
    if server.public_url != usual or server.port in {urlsplit(usual).port, 0}:
        return []
    return [f"Addresses begin with {usual}, but server.port is {server.port}: set server.public_url too."]
