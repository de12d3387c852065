"""What an event says beyond its title, a line each: what matters first, then the circumstances, then addresses."""

from collections.abc import Iterable, Iterator

from bridge.calendar.address import is_address
from bridge.calendar.change import ends_of, old_values, spell, spell_moment
from bridge.calendar.mark import DONE
from bridge.calendar.options import FeedOptions
from bridge.calendar.shown import Shown
from bridge.calendar.title import SENSITIVE, usual_title
from bridge.calendar.words import Words
from bridge.model.event import Event, Kind, Task

_WORK = {Kind.ASSIGNMENT, Kind.SUBSTITUTION}


def describe(shown: Shown, options: FeedOptions, words: Words) -> str:
    """The description; empty where there is nothing to say."""
    return "\n".join(line for line in _lines(shown, options, words) if line)


def is_reticent(event: Event, options: FeedOptions) -> bool:
    """Whether the options allow no more than the title and times of this event."""
    if event.kind in SENSITIVE:
        return options.absence_details == "hidden"
    return event.kind is Kind.CHECKIN and options.checkin_details == "hidden"


def _lines(shown: Shown, options: FeedOptions, words: Words) -> Iterator[str]:
    event = shown.event
    yield from _change(shown, words)
    if shown.times is not None:
        yield words.lasts.format(*(spell_moment(moment, words) for moment in ends_of(shown.times)))
    if event.kind is Kind.INTERRUPTION and event.colleague:
        yield words.replaced_by.format(event.colleague)
    if event.whose:
        yield from _cover(event, words)
    if is_reticent(event, options):
        yield _periods(shown, words)
        return
    if event.kind is Kind.ABSENCE and event.subject:
        yield words.lesson.format(event.subject)
    yield from _tasks(event.tasks or (), words)
    yield _homework(event, words) if event.kind is Kind.HOMEWORK else event.notes
    if event.kind is Kind.CHECKIN:
        yield from _check_in(event, words)
    yield from _circumstances(shown, usual_title(event, options, words), words)
    yield from _addresses(event, words)


def _check_in(event: Event, words: Words) -> Iterator[str]:
    """How it was, and in which projects."""
    if event.mood:
        yield words.mood.format(event.mood)
    yield event.private_notes
    if event.projects:
        yield words.projects.format(", ".join(event.projects))


def _change(shown: Shown, words: Words) -> Iterator[str]:
    """That it does not take place and why, and what it was before."""
    event = shown.event
    if shown.cancelled:
        reason = "" if event.kind in SENSITIVE else event.reason
        yield words.cancelled_because.format(reason) if reason else words.is_cancelled
    if shown.cleared_by:
        yield words.within.format(shown.cleared_by)
    if shown.before is not None:
        yield from old_values(shown.before, words)


def _cover(event: Event, words: Words) -> Iterator[str]:
    """Who does what instead, and then what nobody does, with the days where they are not all."""
    for cover in sorted(event.cover, key=lambda cover: (not cover.colleague, cover.days.start, cover.what)):
        hours = "" if cover.hours is None else f" ({words.weekly_hours(cover.hours)})"
        days = "" if cover.days == event.when else f", {spell(cover.days, words)}"
        line = f"{cover.what}{hours}{days}"
        yield (
            f"{words.replaced_by.format(cover.colleague)}: {line}" if cover.colleague else words.uncovered.format(line)
        )


def _tasks(tasks: Iterable[Task], words: Words) -> Iterator[str]:
    """What is to be done, tests first, and then what is done."""
    for task in sorted(tasks, key=lambda task: (task.done, task.kind is not Kind.EXAM)):
        line = _task(task, words)
        yield f"{DONE}{line}" if task.done else line


def _homework(event: Event, words: Words) -> str:
    """What is to be done, after its word: the title of homework has the subject and the topic."""
    first, _, rest = event.notes.partition("\n")
    if not rest:
        return _task(Task("", first), words)
    return f"{words.task.format('').rstrip()}\n{event.notes}"


def _task(task: Task, words: Words) -> str:
    """What is to be done after its word, unless that says nothing more."""
    line = words.test if task.kind is Kind.EXAM else words.task
    word = line.partition("{")[0].rstrip(" :\xa0")
    if not task.text:
        return word
    return task.text if task.text.casefold().startswith(word.casefold()) else line.format(task.text)


def _work(event: Event, words: Words) -> Iterator[str]:
    """What an assignment is, or the one in which somebody is replaced."""
    if event.kind is Kind.SUBSTITUTION and event.subject:
        yield words.subject.format(event.subject)
    if event.label:
        yield words.post.format(event.label)


def _hours(event: Event, words: Words) -> Iterator[str]:
    if event.kind in _WORK and event.hours is not None:
        full = "" if event.full_hours is None else f"/{words.figure(event.full_hours)}"
        yield words.load.format(f"{words.figure(event.hours)}{full}")


def _circumstances(shown: Shown, usual: str, words: Words) -> Iterator[str]:
    """Each with its word; `usual` is the title of a feed without a template."""
    event = shown.event
    if event.title and usual not in shown.title:
        yield words.title.format(usual)
    if event.kind in _WORK:
        yield from _work(event, words)
    elif event.label or event.tags:
        yield words.sort.format(", ".join(filter(None, (event.label, *event.tags))))
    if event.teachers:
        yield words.teacher.format(", ".join(event.teachers))
    if event.groups:
        yield words.group.format(", ".join(event.groups))
    yield _periods(shown, words)
    if event.week:
        yield words.week.format(event.week)
    yield from _hours(event, words)
    if event.code and not _is_mentioned(event.code, shown):
        yield words.code.format(event.code)


def _is_mentioned(code: str, shown: Shown) -> bool:
    """Whether a group's name contains the code, or a title is it or has it as a word."""
    event = shown.event
    if code in {event.title, shown.title} or any(code in group for group in event.groups):
        return True
    return code in {word.strip("()[],;:/|·-") for title in (event.title, shown.title) for word in title.split()}


def _periods(shown: Shown, words: Words) -> str:
    """The hours; those of two days say nothing beside its times."""
    if shown.event.periods is None or shown.times is not None:
        return ""
    first, last = shown.event.periods
    return words.period.format(first if first == last else f"{first}-{last}")


def _addresses(event: Event, words: Words) -> Iterator[str]:
    """Each address that opens something on a line of its own, below what it opens; those in the notes stand there."""
    if not (event.conference or event.recording or event.links or event.url):
        return
    told = set(event.notes.split())
    links = [
        (words.online, event.conference),
        (words.recording, event.recording),
        *((link.name, link.address) for link in event.links),
        ("", event.url),
    ]
    for name, address in links:
        if is_address(address) and address not in told:
            told.add(address)
            if name:
                yield words.opens.format(name)
            yield address
