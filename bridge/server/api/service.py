"""What the API works with."""

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.model.clock import Clock
from bridge.people.known_sources import KnownSources
from bridge.people.sources import check_known
from bridge.publishing.publisher import Publisher
from bridge.settings.schema import ServerSettings
from bridge.store.storage import Store
from bridge.sync.refresher import Refresher
from bridge.sync.sweeper import Sweeper
from bridge.upstream.configured import ConfiguredSource


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of the service that the API uses. `server` knows the addresses of feeds and pages."""

    store: Store
    sources: Mapping[str, ConfiguredSource]
    publisher: Publisher
    refresher: Refresher
    sweeper: Sweeper
    clock: Clock
    server: ServerSettings
    known: KnownSources

    def source(self, name: str) -> ConfiguredSource:
        """The source of that name. Raises UnknownName."""
        check_known(self.sources, name)
        return self.sources[name]
