"""This feed beside the school's own iCal link, from the same school: the table in docs/somtoday.md."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from icalendar import Calendar
from icalendar import Event as VEvent

from bridge.model.event import Kind, Part, Status
from bridge.model.window import Window
from bridge.sources.somtoday import SOURCE
from bridge.sources.somtoday.standin.link import link_text
from bridge.sources.somtoday.standin.school import Lesson
from bridge.sources.somtoday.standin.server import ANNA, SomtodayServer, make_server
from bridge.upstream.retry import RetryPolicy
from bridge.upstream.session import new_session
from bridge.upstream.standin import StandIn
from bridge.upstream.surroundings import Surroundings
from tests.sources.somtoday.conftest import PERSON, KeptLogin
from tests.sources.somtoday.taken import Taken, take

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def table() -> str:
    """What each shows of what Anna's school has, from 60 days back to a year ahead."""
    school, feed = asyncio.run(_read())
    calendar = Calendar.from_ical(link_text(school.school.lessons[ANNA.key], NOW))
    link = [found for found in calendar.walk("VEVENT") if isinstance(found, VEvent)]
    rows = ["| of this, at Anna's school | this feed shows | the school's own iCal link shows |", "| --- | --- | --- |"]
    rows += [f"| {what} | {own} | {theirs} |" for what, own, theirs in _compared(school, feed, link)]
    return "\n".join(rows)


async def _read() -> tuple[SomtodayServer, Taken]:
    standin = make_server(lambda: NOW)
    ahead = [one for one in standin.school.lessons[ANNA.key] if one.start > NOW and not one.cancelled]
    standin.school.cancel(ahead[0])
    standin.school.move(ahead[1], timedelta(minutes=30))
    stand_in = StandIn(source="somtoday", addresses=("api_url", "auth_url"), routes=standin.register)
    async with stand_in.serve() as address, new_session() as session:
        settings = SOURCE.settings.model_validate(stand_in.settings_at(address) | {"requests_per_second": 1000})
        source = SOURCE.create(settings, Surroundings("fortes", session, lambda: NOW, RetryPolicy(attempts=1)))
        window = Window.around(NOW, settings.zone, past=timedelta(days=60), future=timedelta(days=365))
        return standin, await take(source, PERSON, KeptLogin(), window)


def _compared(standin: SomtodayServer, feed: Taken, link: Sequence[VEvent]) -> list[tuple[str, str, str]]:
    return [*_timetable(standin, feed, link), *_others(standin, feed, link)]


def _timetable(standin: SomtodayServer, feed: Taken, link: Sequence[VEvent]) -> list[tuple[str, str, str]]:
    lessons = [one for one in standin.school.lessons[ANNA.key] if _within(feed.window, one)]
    events = feed.events()
    words = _words(link)
    twice = Counter((str(one["SUMMARY"]), one.start) for one in link)
    past = [one for one in lessons if one.start < NOW and not one.cancelled]
    held = {event.identity for event in events if event.status is Status.CONFIRMED}
    before = [event.before for event in events if event.before is not None]
    return [
        (
            f"{sum(one.cancelled for one in lessons)} cancelled lessons",
            f"{sum(event.status is Status.CANCELLED for event in events)}, marked",
            "none",
        ),
        (
            f"{sum('verplaatst' in one.change for one in lessons)} moved lesson",
            f"{sum(one.when is not None for one in before)}, with the old time",
            f"{_count('verplaatst', words)} with the old time",
        ),
        (
            f"{sum('Lokaal' in one.change for one in lessons)} lessons in another room",
            f"{sum(one.locations is not None for one in before)}, with the old room",
            f"{_count('lokaal', words)} with the old room",
        ),
        (
            f"{sum(one.test and not one.cancelled for one in lessons)} tests in the timetable",
            f"{sum(event.kind is Kind.EXAM and event.status is Status.CONFIRMED for event in events)}, as tests",
            f"{_count('toets', words)} as tests",
        ),
        ("lessons that are shown twice", "none", f"all of them, {sum(count > 1 for count in twice.values())}"),
        (
            f"{len(past)} lessons of the last 60 days",
            f"{sum(str(one.key) in held for one in past)}",
            f"{sum((one.title, one.start) in twice for one in past) or 'none'}",
        ),
    ]


def _others(standin: SomtodayServer, feed: Taken, link: Sequence[VEvent]) -> list[tuple[str, str, str]]:
    words = _words(link)
    homework = [one for one in standin.homework[ANNA.key] if one.start.date() >= feed.window.start]
    own = {event.identity.partition(" ")[0] for event in feed.events(Part.HOMEWORK)}
    lessons = feed.events()
    tests = sum(not task.identity for event in lessons for task in event.tasks or ())
    absences = [event for event in feed.events(Part.ABSENCES) if event.kind is Kind.ABSENCE]
    holidays = feed.events(Part.HOLIDAYS)
    return [
        (
            f"{len(homework)} pieces of homework and tests in the lists",
            f"{len(own)}, and {tests} with the test that they are",
            f"{sum(one.topic.casefold() in words for one in homework) or 'none'}",
        ),
        (f"{len(absences)} absences", f"{len(absences)}, neutral unless asked", _count("afwezig", words)),
        (f"{len(holidays)} holidays", f"{len(holidays)}", _count("vakantie", words)),
    ]


def _words(link: Sequence[VEvent]) -> str:
    return " ".join(f"{one.get('SUMMARY')} {one.get('DESCRIPTION', '')}" for one in link).casefold()


def _count(word: str, words: str) -> str:
    return str(words.count(word) or "none")


def _within(window: Window, lesson: Lesson) -> bool:
    return window.start <= lesson.start.date() < window.end


if __name__ == "__main__":
    print(table())  # noqa: T201 - it is what it is for
