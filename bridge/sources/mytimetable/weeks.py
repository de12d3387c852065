"""A university's names of weeks. Pure."""

from collections.abc import Mapping
from datetime import date

from bridge.sources.mytimetable.lists import each, listed
from bridge.sources.mytimetable.models import WeekLabel, WeekLabelMap
from bridge.upstream.fingerprint import fingerprint
from bridge.upstream.reply import Body, parse_json


class WeekNames:
    """Names by ISO year and week."""

    def __init__(self, names: Mapping[tuple[int, int], str] | None = None) -> None:
        self._names = names or {}
        self.fingerprint = fingerprint(repr(sorted(self._names.items())))

    @classmethod
    def of(cls, body: Body, origin: str) -> "WeekNames":
        """Read an answer of /weeklabelmaps/{key}. Raises BadResponse."""
        labels = each(listed(parse_json(body, origin), "weeklabels", origin), WeekLabel, origin)
        return cls({(label.year, label.week): label.description for label in labels if label.description})

    def name(self, day: date) -> str:
        """The name of the week of `day`; empty if it has none."""
        return self._names.get(day.isocalendar()[:2], "")


def default_map(body: Body, origin: str) -> str | None:
    """The key of the default map in an answer of /weeklabelmaps; `None` if there is none. Raises BadResponse."""
    maps = each(listed(parse_json(body, origin), "weeklabelmaps", origin), WeekLabelMap, origin)
    return next((found.key for found in sorted(maps, key=lambda found: not found.default) if found.key), None)
