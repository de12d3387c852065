"""Holidays."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from bridge.model.event import AllDay, Event, Kind
from bridge.sources.somtoday.mapping.items import all_items, day, digest
from bridge.sources.somtoday.models import Vacation
from bridge.upstream.contract import Reading, read_items
from bridge.upstream.http import Body


def read_vacations(pages: Sequence[Body], *, origin: str) -> Reading:
    """The holidays in GET /vakanties/leerling/{id}."""

    def holiday(item: Vacation) -> Iterable[Event]:
        first, last = day(item.start), day(item.end)
        name = item.name or ""
        identity = item.key or digest(name, first.isoformat())
        yield Event(identity, Kind.HOLIDAY, AllDay(first, last + timedelta(days=1)), name)

    return read_items(all_items(pages, origin), Vacation, holiday, origin=origin)
