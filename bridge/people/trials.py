"""Add a source once it has answered."""

from collections.abc import Mapping

from bridge.errors import SourceError
from bridge.model.clock import Clock
from bridge.people.configuring import add_source, remove_source
from bridge.people.known_sources import KnownSources
from bridge.store.storage import Store
from bridge.upstream.configured import ConfiguredSource


async def add_checked_source(
    store: Store,
    known: KnownSources,
    sources: Mapping[str, ConfiguredSource],
    name: str,
    kind: str,
    given: Mapping[str, object],
    clock: Clock,
) -> None:
    """Add a source to the storage if it answers and accepts its credentials. `sources` follow what is `known`.

    Raises:
        NameTaken: there is a source of that name.
        ConfigError: a setting is not valid.
        SourceError: it does not answer, or refuses. Nothing is stored.
    """
    await add_source(store, known.settings, known.types, name, kind, given, clock)
    await known.load_changes()
    try:
        await sources[name].source.check()
    except SourceError:
        await remove_source(store, known.settings, name)
        await known.load_changes()
        raise
