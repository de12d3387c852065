"""Which sources have names for the events of which others."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from bridge.settings.schema import NamingSettings, SourceSettings


def namers(sources: Mapping[str, SourceSettings]) -> Mapping[str, Sequence[str]]:
    """For each source whose events get names, the names of the sources that have them."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, settings in sources.items():
        if isinstance(settings, NamingSettings):
            for named in settings.names_for:
                found[named].append(name)
    return found
