"""Sources together with their settings."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.settings.schema import SourceSettings
from bridge.upstream.budget import Budget
from bridge.upstream.contract import Source
from bridge.upstream.source_type import SourceType


@dataclass(frozen=True, slots=True)
class ConfiguredSource:
    """A source with its name, type and settings."""

    name: str
    type: SourceType[Any]
    settings: SourceSettings
    source: Source
    budget: Budget

    @property
    def title(self) -> str:
        """The name for people."""
        return self.settings.title or self.name

    @property
    def claimable(self) -> bool:
        """See `SourceType.claimable`."""
        return self.type.claimable(self.settings)


class Sources(Mapping[str, ConfiguredSource]):
    """The sources by name. Which there are may change while they are used."""

    def __init__(self, create: Callable[[str, SourceSettings], ConfiguredSource]) -> None:
        """Create it without any. `create` creates a source of a name with its settings."""
        self._create = create
        self._sources: dict[str, ConfiguredSource] = {}

    def configure(self, settings: Mapping[str, SourceSettings]) -> None:
        """Have the sources of these settings. One whose settings are the same stays as it is, with its limits."""
        before = self._sources
        self._sources = {
            name: before[name] if name in before and before[name].settings == chosen else self._create(name, chosen)
            for name, chosen in settings.items()
        }

    def __getitem__(self, name: str) -> ConfiguredSource:
        return self._sources[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)
