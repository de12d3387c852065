"""What an event was before it changed, as a feed shows it."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from bridge.calendar.words import Words
from bridge.model.event import AllDay, Before, Kind, Timed, When
from bridge.model.tracked import TrackedEvent

_UNTOLD = {Kind.ABSENCE, Kind.INTERRUPTION, Kind.ASSIGNMENT, Kind.CHECKIN}
_DAY = "EEE d MMM"
_NOTHING = Before()


def change_of(entry: TrackedEvent) -> Before | None:
    """What the event was, as we saw it or else as the upstream says; `None` if nothing relevant changed.

    A room, teacher or title that was not known before, or a room or teacher that only stands in another place, is no
    change. Absences, interruptions, assignments and check-ins grow and shrink as a matter of course.
    """
    if (entry.before is None and entry.event.before is None) or entry.event.kind in _UNTOLD:
        return None
    event, seen, said = entry.event, entry.before or _NOTHING, entry.event.before or _NOTHING
    when = seen.when or said.when
    before = Before(
        when if when != event.when else None,
        _if_other(seen.locations if seen.locations is not None else said.locations, event.locations),
        _if_other(seen.teachers if seen.teachers is not None else said.teachers, event.teachers),
        seen.title if seen.title and seen.title != event.title else None,
    )
    return None if before == _NOTHING else before


def _if_other(before: tuple[str, ...] | None, now: tuple[str, ...]) -> tuple[str, ...] | None:
    return before if before and set(before) != set(now) else None


def mark_of(before: Before, now: When, words: Words) -> str:
    """What goes before the title of what changed: only what starts at another time has moved."""
    return words.changed if before.when is None or _starts_alike(before.when, now) else words.moved


def _starts_alike(one: When, other: When) -> bool:
    """Whether both start at the same time, or on the same day where one of them has no time."""
    if isinstance(one, Timed) and isinstance(other, Timed):
        return one.start == other.start
    return _first_day(one) == _first_day(other)


def _first_day(when: When) -> date:
    return when.start if isinstance(when, AllDay) else when.start.astimezone(ZoneInfo(when.zone)).date()


def old_values(before: Before, words: Words) -> Iterator[str]:
    """A line for each thing that changed."""
    if before.when is not None:
        yield words.was.format(spell(before.when, words))
    if before.locations is not None:
        yield words.room_was.format(", ".join(before.locations))
    if before.teachers is not None:
        yield words.teacher_was.format(", ".join(before.teachers))
    if before.title is not None:
        yield words.title_was.format(before.title)


def spell(when: When, words: Words) -> str:
    """A time for people, such as "ma 24 nov 09:00-09:50", in the zone of the event."""
    if isinstance(when, AllDay):
        first, last = when.start, when.end.fromordinal(when.end.toordinal() - 1)
        days = format_date(first, _DAY, locale=words.locale)
        return days if first == last else f"{days} - {format_date(last, _DAY, locale=words.locale)}"
    start, end = ends_of(when)
    if start.date() == end.date():
        return f"{spell_moment(start, words)}-{end:%H:%M}"
    return f"{spell_moment(start, words)} - {spell_moment(end, words)}"


def ends_of(when: Timed) -> tuple[datetime, datetime]:
    """Its start and end, in its own zone."""
    zone = ZoneInfo(when.zone)
    return when.start.astimezone(zone), when.end.astimezone(zone)


def spell_moment(moment: datetime, words: Words) -> str:
    """A local time with its day, such as "ma 24 nov 09:00"."""
    return f"{format_date(moment.date(), _DAY, locale=words.locale)} {moment:%H:%M}"
