"""The sources that are kept in the storage: beside those of the settings file, and checked as those are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bridge.errors import ConfigError
from bridge.settings.load import check_names_for, read_source
from bridge.settings.schema import SourceSettings
from bridge.store.sources import StoredSource

Types = Mapping[str, type[SourceSettings]]


@dataclass(frozen=True, slots=True)
class Merged:
    """The sources of the settings file and of the storage.

    `overruled` are the names of stored ones that the file has too; `faults` says why stored ones cannot be used.
    """

    sources: Mapping[str, SourceSettings]
    overruled: Collection[str]
    faults: Mapping[str, str]


def merge_sources(file: Mapping[str, SourceSettings], stored: Collection[StoredSource], types: Types) -> Merged:
    """All sources. One of the file wins over a stored one of the same name."""
    merged = dict(file)
    faults = {}
    for one in stored:
        if one.name not in file:
            try:
                merged[one.name] = _read(one, types)
            except ConfigError as error:
                faults[one.name] = error.sentence
    return Merged(merged, sorted({one.name for one in stored} & set(file)), faults)


def checked(
    name: str, kind: str, given: Mapping[str, object], known: Mapping[str, SourceSettings], types: Types
) -> StoredSource:
    """A source to keep in the storage beside those that are `known`; `given` are its settings, secrets included.

    Raises:
        ConfigError: a setting is not valid.
    """
    source = _split(name, kind, given, types)
    check_names_for({**known, name: _read(source, types)})
    return source


def _split(name: str, kind: str, given: Mapping[str, object], types: Types) -> StoredSource:
    """A source, with its secrets apart. Raises ConfigError."""
    chosen = read_source(name, {**given, "type": kind}, types)
    hidden = {key for key, field in type(chosen).model_fields.items() if secret(field)}
    plain = {key: value for key, value in given.items() if key not in hidden}
    return StoredSource(name, kind, plain, {key: value for key, value in given.items() if key in hidden})


def secret(field: FieldInfo) -> bool:
    """Whether a setting is never shown."""

    def within(annotation: Any) -> bool:
        return annotation is SecretStr or any(within(inner) for inner in get_args(annotation))

    return within(field.annotation)


def _read(source: StoredSource, types: Types) -> SourceSettings:
    return read_source(source.name, {**source.settings, **source.secrets, "type": source.type}, types)
