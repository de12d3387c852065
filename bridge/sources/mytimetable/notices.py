"""From MyTimetable's messages and terms to notices. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bridge.model.event import AllDay, Event, Kind
from bridge.sources.mytimetable.lists import listed
from bridge.sources.mytimetable.markdown import plain_text
from bridge.sources.mytimetable.models import Identified, Message, Term
from bridge.upstream.contract import Reading, Unread, read_items
from bridge.upstream.reply import Body, parse_json

_DAY = timedelta(days=1)
_MOMENT = timedelta(seconds=1)


def read_messages(body: Body, *, zone: ZoneInfo, origin: str, until: date) -> Reading:
    """The notices in an answer of /user/messages, without drafts. What does not expire lasts up to the day `until`.

    Raises:
        BadResponse: it has no list of messages, or most of them cannot be read.
    """
    answer = parse_json(body, origin)
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]  # the example in the documentation has brackets around the object
    return read_items(
        listed(answer, "messages", origin),
        Message,
        lambda message: _message(message, zone, until),
        origin=origin,
        identify=_identify,
    )


def read_terms(body: Body, *, zone: ZoneInfo, origin: str) -> Reading:
    """A notice for each range of days of each term in an answer of /terms. Raises what `read_messages` raises."""
    items = listed(parse_json(body, origin), "terms", origin)
    return read_items(items, Term, lambda term: _term(term, zone), origin=origin)


def _identify(item: Any) -> Unread:
    return Unread(f"message {Identified.model_validate(item).id}")


def _message(message: Message, zone: ZoneInfo, until: date) -> Iterator[Event]:
    """A notice from the day of publication up to and including that of expiry."""
    if message.published is None:
        return
    day = message.published.astimezone(zone).date()
    lasting = AllDay(day, max(until, day + _DAY))
    yield Event(
        identity=f"message {message.id}",
        kind=Kind.NOTICE,
        when=lasting if message.expires is None else _days(message.published, message.expires, zone),
        title=message.title,
        notes=plain_text(message.body),
    )


def _term(term: Term, zone: ZoneInfo) -> Iterator[Event]:
    for number, days in enumerate(sorted(term.ranges, key=lambda found: found.start), 1):
        yield Event(
            identity=f"term {term.id}" if number == 1 else f"term {term.id} #{number}",
            kind=Kind.NOTICE,
            when=_days(days.start, days.end, zone),
            title=term.name or term.id,
        )


def _days(start: datetime, end: datetime, zone: ZoneInfo) -> AllDay:
    """The local days with any moment from `start` up to but not including `end`. Raises ValueError."""
    if end <= start:
        raise ValueError("it ends after it begins")
    return AllDay(start.astimezone(zone).date(), (end - _MOMENT).astimezone(zone).date() + _DAY)
