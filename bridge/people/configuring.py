"""Add, change and remove the sources that are kept in the storage."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bridge.errors import ConfigError, NameTaken, UnknownName
from bridge.model.clock import Clock
from bridge.settings.load import check_names_for, read_source
from bridge.settings.schema import SourceSettings
from bridge.store.sources import StoredSource
from bridge.store.storage import Store

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


async def add_source(
    store: Store,
    known: Mapping[str, SourceSettings],
    types: Types,
    name: str,
    kind: str,
    given: Mapping[str, object],
    clock: Clock,
) -> None:
    """Add a source to the storage. `known` are all sources; `given` are its settings, secrets included.

    Raises:
        NameTaken: there is a source of that name.
        ConfigError: a setting is not valid.
    """
    source = _split(name, kind, given, types)
    if name in known:
        raise NameTaken(f'A source called "{name}" exists already.')
    check_names_for({**known, name: _read(source, types)})
    await store.sources.add(source, clock())


async def change_source(
    store: Store,
    known: Mapping[str, SourceSettings],
    types: Types,
    name: str,
    given: Mapping[str, object],
    clock: Clock,
) -> None:
    """Change some settings of a source in the storage; `None` gives the default back.

    Raises:
        UnknownName: the storage has no source of that name.
        ConfigError: a setting is not valid.
    """
    before = await _stored(store, known, name)
    values = {**before.settings, **before.secrets, **given}
    source = _split(name, before.type, {key: value for key, value in values.items() if value is not None}, types)
    check_names_for({**known, name: _read(source, types)})
    await store.sources.replace(source, clock())


async def remove_source(store: Store, known: Mapping[str, SourceSettings], name: str) -> int:
    """Remove a source from the storage. Returns how many accounts it leaves, which are not read any more.

    Raises:
        UnknownName: the storage has no source of that name.
    """
    await _stored(store, known, name)
    await store.sources.remove(name)
    return len([account for account in await store.accounts.all(source=name) if account.user is not None])


async def _stored(store: Store, known: Mapping[str, SourceSettings], name: str) -> StoredSource:
    for one in await store.sources.all():
        if one.name == name:
            return one
    if name in known:
        raise UnknownName(f'The source "{name}" is in the settings file: change it there.')
    raise UnknownName(f'No source is called "{name}".')


def _split(name: str, kind: str, given: Mapping[str, object], types: Types) -> StoredSource:
    """A source, with its secrets apart. Raises ConfigError."""
    checked = read_source(name, {**given, "type": kind}, types)
    hidden = {key for key, field in type(checked).model_fields.items() if secret(field)}
    plain = {key: value for key, value in given.items() if key not in hidden}
    return StoredSource(name, kind, plain, {key: value for key, value in given.items() if key in hidden})


def secret(field: FieldInfo) -> bool:
    """Whether a setting is never shown."""

    def within(annotation: Any) -> bool:
        return annotation is SecretStr or any(within(inner) for inner in get_args(annotation))

    return within(field.annotation)


def _read(source: StoredSource, types: Types) -> SourceSettings:
    return read_source(source.name, {**source.settings, **source.secrets, "type": source.type}, types)
