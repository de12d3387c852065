"""Which sources there are, those of the settings file and those of the storage, and changing the latter."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from bridge.errors import NameTaken, SourceError, UnknownName
from bridge.model.clock import Clock
from bridge.people.configuring import checked, merge_sources
from bridge.people.sources import SourceValue, source_value
from bridge.settings.naming import namers
from bridge.settings.schema import RefreshSettings, SourceSettings
from bridge.store.sources import StoredSource
from bridge.store.storage import Store
from bridge.upstream.configured import ConfiguredSource
from bridge.upstream.source_type import SourceType, interval_of

_VALUE = TypeVar("_VALUE")


class KnownSources:
    """The settings of all sources, and what follows from them, by name.

    The mappings stay the same objects and change in place, so that whoever holds one sees each change. `overruled` are
    the stored sources that the settings file has too; `faults` says why stored ones cannot be used. `source_types` are
    those that are installed.
    """

    def __init__(
        self,
        store: Store,
        of_file: Mapping[str, SourceSettings],
        source_types: Mapping[str, SourceType[Any]],
        refresh: RefreshSettings,
        clock: Clock,
        *,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """Know no source before `load`. `changed` is called after each change."""
        self.settings: dict[str, SourceSettings] = {}
        self.namers: dict[str, Sequence[str]] = {}
        self.titles: dict[str, str] = {}
        self.zones: dict[str, str] = {}
        self.intervals: dict[str, timedelta] = {}
        self.overruled: Collection[str] = ()
        self.faults: Mapping[str, str] = {}
        self._store = store
        self._of_file = of_file
        self.source_types = source_types
        self._refresh = refresh
        self._clock = clock
        self._changed = changed
        self._stamp: str | None = None

    @property
    def types(self) -> Mapping[str, type[SourceSettings]]:
        """The class of the settings of each type of source."""
        return {name: found.settings for name, found in self.source_types.items()}

    async def load(self) -> None:
        """Load the sources of the storage."""
        stamp = await self._store.sources.stamp()
        merged = merge_sources(self._of_file, await self._store.sources.all() if stamp else [], self.types)
        for name, chosen in merged.sources.items():
            if not self.source_types[chosen.type].accounts:
                await self._store.accounts.ensure_shared(name, self._clock())
        await self._store.accounts.keep_types({name: chosen.type for name, chosen in merged.sources.items()})
        self.overruled, self.faults, self._stamp = merged.overruled, merged.faults, stamp
        _refill(self.settings, merged.sources)
        _refill(self.namers, namers(merged.sources))
        _refill(self.titles, {name: chosen.title for name, chosen in merged.sources.items()})
        _refill(self.zones, {name: chosen.timezone for name, chosen in merged.sources.items()})
        _refill(self.intervals, {name: self._interval(chosen) for name, chosen in merged.sources.items()})
        self._changed()

    async def load_changes(self) -> None:
        """Load the sources of the storage again if any process has changed them; feeds are wanted again then."""
        if await self._store.sources.stamp() != self._stamp:
            await self.load()
            await self._store.feeds.want()

    async def add(self, name: str, kind: str, given: Mapping[str, object]) -> None:
        """Add a source to the storage. `given` are its settings, secrets included.

        Raises:
            NameTaken: there is a source of that name.
            ConfigError: a setting is not valid.
        """
        source = checked(name, kind, given, self.settings, self.types)
        if name in self.settings:
            raise NameTaken(f'A source called "{name}" exists already.')
        await self._store.sources.add(source, self._clock())
        await self.load_changes()

    async def change(self, name: str, given: Mapping[str, object]) -> None:
        """Change some settings of a source in the storage; `None` gives the default back.

        Raises:
            UnknownName: the storage has no source of that name.
            ConfigError: a setting is not valid.
        """
        before = await self._stored(name)
        values = {**before.settings, **before.secrets, **given}
        kept = {key: value for key, value in values.items() if value is not None}
        await self._store.sources.replace(checked(name, before.type, kept, self.settings, self.types), self._clock())
        await self.load_changes()

    async def remove(self, name: str) -> int:
        """Remove a source from the storage. Returns how many accounts it leaves, which are not read any more.

        Raises:
            UnknownName: the storage has no source of that name.
        """
        await self._stored(name)
        await self._store.sources.remove(name)
        await self.load_changes()
        return len([account for account in await self._store.accounts.all(source=name) if account.user is not None])

    async def _stored(self, name: str) -> StoredSource:
        for one in await self._store.sources.all():
            if one.name == name:
                return one
        if name in self.settings:
            raise UnknownName(f'The source "{name}" is in the settings file: change it there.')
        raise UnknownName(f'No source is called "{name}".')

    def value(self, name: str) -> SourceValue:
        """A source as an object."""
        return source_value(name, self.settings[name], stored=name not in self._of_file)

    def _interval(self, chosen: SourceSettings) -> timedelta:
        return interval_of(chosen, self.source_types[chosen.type], self._refresh)


def _refill(held: dict[str, _VALUE], found: Mapping[str, _VALUE]) -> None:
    held.clear()
    held.update(found)


async def add_checked_source(
    known: KnownSources, sources: Mapping[str, ConfiguredSource], name: str, kind: str, given: Mapping[str, object]
) -> None:
    """Add a source to the storage if it answers and accepts its credentials. `sources` follow what is `known`.

    Raises:
        NameTaken: there is a source of that name.
        ConfigError: a setting is not valid.
        SourceError: it does not answer, or refuses. Nothing is stored.
    """
    await known.add(name, kind, given)
    try:
        await sources[name].source.check()
    except SourceError:
        await known.remove(name)
        raise
