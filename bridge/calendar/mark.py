"""What stands around a title: one mark at most, the gravest, and whether something is to be done."""

from bridge.calendar.change import mark_of
from bridge.calendar.homework import TAUGHT
from bridge.calendar.options import FeedOptions
from bridge.calendar.shown import Shown
from bridge.calendar.title import whose
from bridge.calendar.words import Words
from bridge.model.event import Event, Kind, Progress

DONE = "✓ "


def marked_title(shown: Shown, options: FeedOptions, words: Words) -> str:
    """The title as people see it."""
    suffix = f" · {words.homework}" if _has_homework(shown.event) else ""
    begin = whose(shown.event)
    return f"{begin}{_mark(shown, options, words)}{shown.title.removeprefix(begin)}{suffix}"


def _has_homework(event: Event) -> bool:
    """Whether something is to be done for a lesson."""
    tasks = event.tasks if event.kind in TAUGHT and event.tasks else ()
    return any(task.kind is Kind.HOMEWORK and not task.done for task in tasks)


def _mark(shown: Shown, options: FeedOptions, words: Words) -> str:
    event = shown.event
    if shown.cancelled:
        return words.cancelled if options.cancelled == "mark" else ""
    if shown.cleared_by:
        return words.cleared
    if event.kind is Kind.HOMEWORK and event.progress is Progress.DONE:
        return DONE
    if event.kind is Kind.CHECKIN and event.progress is Progress.DUE:
        return words.due
    return "" if shown.before is None else mark_of(shown.before, event.when, words)
