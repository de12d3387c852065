"""A source together with its settings."""

from dataclasses import dataclass
from typing import Any

from bridge.settings.schema import SourceSettings
from bridge.upstream.contract import Source
from bridge.upstream.source_type import SourceType


@dataclass(frozen=True, slots=True)
class ConfiguredSource:
    """A source with its name, type and settings."""

    name: str
    type: SourceType[Any]
    settings: SourceSettings
    source: Source

    @property
    def title(self) -> str:
        """The name for people."""
        return self.settings.title or self.name
