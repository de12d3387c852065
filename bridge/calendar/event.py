"""One event as a VEVENT (RFC 5545, 3.6.1): the same entry and options always give the same bytes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from icalendar import Event as VEvent
from icalendar import vText, vUri

from bridge.calendar.options import FeedOptions
from bridge.calendar.words import WORDS, Words
from bridge.model import AllDay, Event, Kind, Status, Timed, TrackedEvent

_OPAQUE = {Kind.LESSON, Kind.EXAM, Kind.INTERRUPTION, Kind.SUBSTITUTION}
_PRIVATE = {Kind.ABSENCE, Kind.INTERRUPTION, Kind.CHECKIN}
_SENSITIVE = {Kind.ABSENCE, Kind.INTERRUPTION}


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as a feed shows it: with its title, and cancelled or not."""

    entry: TrackedEvent
    title: str
    cancelled: bool

    @property
    def event(self) -> Event:
        """The event itself."""
        return self.entry.event


def show(entry: TrackedEvent, options: FeedOptions) -> Shown:
    """The entry with the title that the options give it, before a mark."""
    cancelled = entry.vanished is not None or entry.event.status is Status.CANCELLED
    return Shown(entry, _title(entry.event, options), cancelled)


def event_block(shown: Shown, options: FeedOptions, zones: Collection[str]) -> bytes:
    """The VEVENT; local times only in `zones`, which have a VTIMEZONE beside it, else UTC."""
    words = WORDS[options.language]
    entry, event = shown.entry, shown.event
    marked = shown.cancelled and options.cancelled == "mark"
    block = VEvent()
    block.add("uid", entry.uid)
    block.add("dtstamp", entry.modified)
    block.add("created", entry.created)
    block.add("last-modified", entry.modified)
    block.add("sequence", entry.sequence)
    start, end = _span(event, zones)
    block.add("dtstart", start)
    block.add("dtend", end)
    block.add("summary", (words.cancelled if marked else "") + shown.title)
    if event.locations:
        block.add("location", ", ".join(event.locations))
    if description := _description(event, words):
        block.add("description", description)
    if event.url:
        block.add("url", vUri(event.url))
    if event.conference:
        block.add("conference", vUri(event.conference), parameters={"VALUE": "URI"})
    block.add("categories", [words.kinds[event.kind]])
    status, transparency, busy = _availability(shown, options)
    block.add("status", status)
    block.add("transp", transparency)
    block.add("class", "PRIVATE" if event.kind in _PRIVATE else "PUBLIC")
    block.add("x-microsoft-cdo-busystatus", vText(busy))
    return bytes(block.to_ical())


def _title(event: Event, options: FeedOptions) -> str:
    words = WORDS[options.language]
    if event.kind in _SENSITIVE:
        told = event.reason if options.absence_details == "reason" else ""
        return told or words.absent
    return event.title or words.kinds[event.kind]


def _description(event: Event, words: Words) -> str:
    lines = [event.label, event.code if event.code != event.title else ""]
    if event.periods:
        first, last = event.periods
        lines.append(f"{words.period}: {first}" if first == last else f"{words.period}: {first}-{last}")
    if event.groups:
        lines.append(f"{words.group}: {', '.join(event.groups)}")
    if event.teachers:
        lines.append(f"{words.teacher}: {', '.join(event.teachers)}")
    lines.append(event.notes)
    return "\n".join(line for line in lines if line)


def _availability(shown: Shown, options: FeedOptions) -> tuple[str, str, str]:
    """STATUS, TRANSP and Outlook's busy status, which overrides TRANSP there."""
    if shown.cancelled:
        return ("CANCELLED" if options.cancelled == "status" else "CONFIRMED"), "TRANSPARENT", "FREE"
    tentative = shown.event.status is Status.TENTATIVE
    status = "TENTATIVE" if tentative else "CONFIRMED"
    if shown.event.kind not in _OPAQUE:
        return status, "TRANSPARENT", "FREE"
    if shown.event.kind is Kind.INTERRUPTION:
        return status, "OPAQUE", "OOF"
    return status, "OPAQUE", "TENTATIVE" if tentative else "BUSY"


def _span(event: Event, zones: Collection[str]) -> tuple[date, date]:
    """DTSTART and DTEND; both in UTC where the zone has no rule or a clock change would leave one in doubt."""
    when = event.when
    if isinstance(when, AllDay):
        return when.start, when.end
    if when.zone not in zones or _in_doubt(when):
        return when.start.astimezone(UTC), when.end.astimezone(UTC)
    tz = ZoneInfo(when.zone)
    return when.start.astimezone(tz), when.end.astimezone(tz)


def _in_doubt(when: Timed) -> bool:
    tz = ZoneInfo(when.zone)
    return any(_repeats(moment.astimezone(tz)) for moment in (when.start, when.end))


def _repeats(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
