"""What a university calls its weeks. Pure."""

from collections.abc import Mapping
from datetime import date

from bridge.sources.mytimetable.lists import each, listed
from bridge.sources.mytimetable.models import WeekLabel, WeekLabelMap
from bridge.upstream.http import Body, parse_json


class WeekNames:
    """The names of ISO weeks, by the ISO year and week of a day."""

    def __init__(self, names: Mapping[tuple[int, int], str] | None = None) -> None:
        self._names = names or {}

    @classmethod
    def of(cls, body: Body, origin: str) -> "WeekNames":
        """From the answer of /weeklabelmaps/{key}. Raises BadResponse."""
        labels = each(listed(parse_json(body, origin), "weeklabels", origin), WeekLabel, origin)
        return cls({(label.year, label.week): label.description for label in labels if label.description})

    def name(self, day: date) -> str:
        """What the week of `day` is called; empty where it has no name."""
        return self._names.get(day.isocalendar()[:2], "")


def default_map(body: Body, origin: str) -> str | None:
    """The key of the map that counts, in an answer of /weeklabelmaps; none where there is none. Raises BadResponse."""
    maps = each(listed(parse_json(body, origin), "weeklabelmaps", origin), WeekLabelMap, origin)
    return next((found.key for found in sorted(maps, key=lambda found: not found.default) if found.key), None)
