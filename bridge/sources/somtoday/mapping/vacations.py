"""Holidays."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from bridge.model.event import AllDay, Event, Kind
from bridge.sources.somtoday.mapping.items import all_items, day, digest, key_of
from bridge.sources.somtoday.models import Vacation
from bridge.upstream.contract import Reading, Unread, read_items
from bridge.upstream.markup import heading
from bridge.upstream.reply import Body


def read_vacations(pages: Sequence[Body], *, origin: str) -> Reading:
    """The holidays in GET /vakanties/leerling/{id}."""

    def holiday(item: Vacation) -> Iterable[Event]:
        first, last = day(item.start), day(item.end)
        name = item.name or ""
        yield Event(_identity(item.key, name, first), Kind.HOLIDAY, AllDay(first, last + timedelta(days=1)), name)

    return read_items(all_items(pages, origin), Vacation, holiday, origin=origin, identify=_unread)


def _identity(key: str, name: str, first: date) -> str:
    return key or digest(name, first.isoformat())


def _unread(item: Any) -> Unread:
    key = key_of(item)
    return Unread(key or _identity("", heading(item.get("naam") or ""), day(item["beginDatum"])))
