"""What a university calls its weeks. Pure."""

import json
from collections.abc import Iterable, Mapping
from datetime import date

from bridge.sources.mytimetable.lists import each, listed
from bridge.sources.mytimetable.models import WeekLabel, WeekLabelMap
from bridge.upstream.http import Body, parse_json

_LABELS = "weeklabels"


class WeekNames:
    """The names of ISO weeks, by the ISO year and week of a day. `document` gives them as bytes, `of` reads those."""

    def __init__(self, names: Mapping[tuple[int, int], str] | None = None) -> None:
        self._names = names or {}

    @classmethod
    def of(cls, documents: Iterable[bytes], origin: str) -> "WeekNames":
        """From answers of /weeklabelmaps/{key}, or what `document` gave. Raises BadResponse."""
        return cls({week: name for document in documents for week, name in _named(document, origin).items()})

    def document(self) -> bytes:
        """These names, in order."""
        found = [{"year": y, "week": w, "description": name} for (y, w), name in sorted(self._names.items())]
        return json.dumps({_LABELS: found}).encode()

    def name(self, day: date) -> str:
        """What the week of `day` is called; empty where it has no name."""
        return self._names.get(day.isocalendar()[:2], "")


def default_map(body: Body, origin: str) -> str | None:
    """The key of the map that counts, in an answer of /weeklabelmaps; none where there is none. Raises BadResponse."""
    maps = each(listed(parse_json(body, origin), "weeklabelmaps", origin), WeekLabelMap, origin)
    return next((found.key for found in sorted(maps, key=lambda found: not found.default) if found.key), None)


def _named(document: bytes, origin: str) -> dict[tuple[int, int], str]:
    labels = each(listed(parse_json(document, origin), _LABELS, origin), WeekLabel, origin)
    return {(label.year, label.week): label.description for label in labels if label.description}
