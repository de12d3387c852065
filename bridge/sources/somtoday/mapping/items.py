"""What the lists have in common: items, moments, ids and pupils."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from bridge.errors import BadResponse
from bridge.model.event import Timed
from bridge.sources.somtoday.client import items_of
from bridge.sources.somtoday.models import Linked
from bridge.upstream.contract import Unread
from bridge.upstream.reply import Body

_BRIEFEST = timedelta(minutes=1)


def all_items(pages: Sequence[Body], origin: str, read: Callable[[Body, str], list[Any]] = items_of) -> list[Any]:
    """The items of all pages, each of which `read` reads.

    Raises:
        BadResponse: a page is not a list, or repeats an earlier page.
    """
    if len(pages) == 1:
        return read(pages[0], origin)
    found: list[Any] = []
    seen: set[str] = set()
    for page in pages:
        items = read(page, origin)
        keys = {repr(_links(item) or item) for item in items}
        if items and seen and keys <= seen:
            raise BadResponse(f"{origin} sends the same page again and again.")
        seen |= keys
        found += items
    return found


def _links(item: Any) -> Any:
    return item.get("links") if isinstance(item, dict) else getattr(item, "links", None)


def moment(value: datetime, zone: ZoneInfo) -> datetime:
    """A moment in UTC. Without an offset it is local time in `zone`."""
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def unread(item: Any, zone: ZoneInfo) -> Unread:
    """What can be read of an appointment, or of an item of a week, that cannot be read whole."""
    key = item.get("uniqueIdentifier") or key_of(item)
    try:
        start = moment(datetime.fromisoformat(item["beginDatumTijd"]), zone)
    except (ValueError, TypeError, LookupError, OverflowError):
        start = None
    return Unread(key, begins=start) if isinstance(key, str) and key else Unread(starts=start)


def key_of(item: Any) -> str:
    """The id of an item that cannot be read whole; empty if there is none. Raises ValueError if that cannot be read."""
    return Linked.model_validate({"links": item.get("links")}).key


def day(text: str) -> date:
    """The day of a moment: its first ten characters, without a change of zone."""
    return date.fromisoformat(text.strip()[:10])


def lasting(start: datetime, end: datetime, zone: ZoneInfo) -> Timed:
    """From `start` to `end`. What has no length, such as a late arrival, lasts a minute, to be shown."""
    return Timed(start, start + _BRIEFEST if end == start else end, zone.key)


class Keyed(Protocol):
    """What has an id; an empty one if there is none."""

    @property
    def key(self) -> str:
        """The id."""


def about(pupils: Iterable[Keyed], pupil: str) -> bool:
    """Whether the pupil is one of these. One without an id may be the pupil."""
    return any(found.key in {"", pupil} for found in pupils)


class Taught(Protocol):
    """An item that may have lesson hours."""

    @property
    def first_period(self) -> int | None:
        """The first hour."""

    @property
    def last_period(self) -> int | None:
        """The last hour, inclusive."""


def periods(item: Taught) -> tuple[int, int] | None:
    """The first and the last lesson hour."""
    first = item.first_period
    if first is None:
        return None
    last = item.last_period
    return first, first if last is None else last


def digest(*pieces: str) -> str:
    """An identity for what has no id."""
    return hashlib.sha256("\0".join(pieces).encode(errors="replace")).hexdigest()[:24]
