"""Add a source once it has answered."""

from collections.abc import Mapping

from bridge.errors import SourceError
from bridge.people.known_sources import KnownSources
from bridge.upstream.configured import ConfiguredSource


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
