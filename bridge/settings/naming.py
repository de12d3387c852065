"""Which sources name the events of which others."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from bridge.settings.schema import NamingSettings, SourceSettings


def namers(sources: Mapping[str, SourceSettings]) -> Mapping[str, Sequence[str]]:
    """The sources that name each source's events, by that source's name."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, settings in sources.items():
        if isinstance(settings, NamingSettings):
            for named in settings.names_for:
                found[named].append(name)
    return found
