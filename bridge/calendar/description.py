"""What an event tells beyond its title, a line each."""

from collections.abc import Iterator

from bridge.calendar.change import old_values
from bridge.calendar.options import FeedOptions
from bridge.calendar.shown import Shown
from bridge.calendar.title import SENSITIVE, usual_title
from bridge.calendar.words import Words
from bridge.model.event import Event, Kind


def describe(shown: Shown, options: FeedOptions, words: Words) -> str:
    """The description; empty where there is nothing to tell."""
    return "\n".join(line for line in _lines(shown, options, words) if line)


def is_reticent(event: Event, options: FeedOptions) -> bool:
    """Whether the options allow no more than the title and times of this event."""
    if event.kind in SENSITIVE:
        return options.absence_details == "hidden"
    return event.kind is Kind.CHECKIN and options.checkin_details == "hidden"


def _lines(shown: Shown, options: FeedOptions, words: Words) -> Iterator[str]:
    event = shown.event
    if shown.cancelled:
        reason = "" if event.kind in SENSITIVE else event.reason
        yield words.cancelled_because.format(reason) if reason else words.is_cancelled
    if event.kind is Kind.INTERRUPTION and event.colleague:
        yield words.replaced_by.format(event.colleague)
    if is_reticent(event, options):
        yield _periods(event, words)
        return
    if shown.cleared_by:
        yield words.within.format(shown.cleared_by)
    if shown.before is not None:
        yield from old_values(shown.before, words)
    usual = usual_title(event, options, words)
    if event.title and usual not in shown.title:
        yield usual
    yield event.label
    if event.code not in {event.title, shown.title}:
        yield event.code
    for task in event.tasks or ():
        yield words.task.format(task)
    yield from _circumstances(event, words)
    yield event.notes
    if event.kind is Kind.CHECKIN:
        yield event.private_notes


def _circumstances(event: Event, words: Words) -> Iterator[str]:
    yield _periods(event, words)
    if event.groups:
        yield words.group.format(", ".join(event.groups))
    if event.teachers:
        yield words.teacher.format(", ".join(event.teachers))
    if event.kind is Kind.ASSIGNMENT and event.hours is not None:
        full = "" if event.full_hours is None else f"/{words.figure(event.full_hours)}"
        yield words.load.format(f"{words.figure(event.hours)}{full}")


def _periods(event: Event, words: Words) -> str:
    if event.periods is None:
        return ""
    first, last = event.periods
    return words.period.format(first if first == last else f"{first}-{last}")
