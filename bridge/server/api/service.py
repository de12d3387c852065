"""What the API works with."""

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.model.clock import Clock
from bridge.people.known_sources import KnownSources
from bridge.people.sources import check_known
from bridge.publishing.publisher import Publisher
from bridge.store.storage import Store
from bridge.sync.refresher import Refresher
from bridge.sync.sweeper import Sweeper
from bridge.upstream.configured import ConfiguredSource


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of the service that the API uses. `public_url` is what addresses begin with."""

    store: Store
    sources: Mapping[str, ConfiguredSource]
    publisher: Publisher
    refresher: Refresher
    sweeper: Sweeper
    clock: Clock
    public_url: str
    known: KnownSources

    def source(self, name: str) -> ConfiguredSource:
        """The source of that name. Raises UnknownName."""
        check_known(self.sources, name)
        return self.sources[name]

    def feed_address(self, token: str) -> str:
        """The address of the feed with this token."""
        return f"{self.public_url}/f/{token}.ics"

    def page_address(self, token: str) -> str:
        """The address of the page with this token."""
        return f"{self.public_url}/m/{token}"
