"""Homework and tests, in their lesson or as events of their own (options `homework` and `homework_done`)."""

from collections.abc import Collection, Iterable

from msgspec.structs import replace

from bridge.calendar.options import FeedOptions
from bridge.model.event import Event, Kind, Progress

TAUGHT = {Kind.LESSON, Kind.EXAM}
Tie = tuple[str, str]
"""The identities of a lesson and of the homework in it."""


def as_taught(event: Event, options: FeedOptions, kinds: Collection[Kind]) -> Event:
    """Give a lesson those tasks that a feed of these kinds shows in it. A lesson with a test in it is that test."""
    if event.kind not in TAUGHT or not event.tasks:
        return event
    in_lessons = Kind.HOMEWORK in kinds and options.homework != "own"
    tasks = tuple(task for task in event.tasks if (in_lessons if task.kind is Kind.HOMEWORK else Kind.EXAM in kinds))
    test = next((task.title for task in tasks if task.title), "")
    if event.kind is Kind.LESSON and test:
        return replace(event, kind=Kind.EXAM, title=test, tasks=tasks)
    return replace(event, tasks=tasks) if len(tasks) < len(event.tasks) else event


def is_wanted(event: Event, options: FeedOptions) -> bool:
    """Whether it may be an event of its own: homework that is done only if the feed asks for it."""
    done = event.kind is Kind.HOMEWORK and event.progress is Progress.DONE
    return not done or options.homework_done == "show"


def ties_of(event: Event) -> Iterable[Tie]:
    """What a lesson says of homework and tests that are events of their own, too."""
    tasks = event.tasks if event.kind in TAUGHT and event.tasks else ()
    return ((event.identity, task.identity) for task in tasks)


def tie_of(event: Event, options: FeedOptions) -> Tie | None:
    """What keeps an event out of a feed whose lesson says the same; `None` if it shows in either case."""
    if not event.lesson or not _may_hide(event.kind, options):
        return None
    return event.lesson, event.identity


def decided_by(event: Event, options: FeedOptions, kinds: Collection[Kind]) -> str:
    """The identity of the lesson, at the same source, that decides whether homework shows on its own; empty if none."""
    return event.lesson if tie_of(event, options) and not TAUGHT.isdisjoint(kinds) else ""


def _may_hide(kind: Kind, options: FeedOptions) -> bool:
    return kind is not Kind.HOMEWORK or options.homework == "lesson"
