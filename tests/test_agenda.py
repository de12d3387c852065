"""Two weeks of the demo's people, as calendar programs draw them."""

import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from bridge.calendar.mark import DONE
from bridge.calendar.words import words_of
from bridge.model.event import SHOWN_BY_DEFAULT
from tests.agenda import CHROMIUM, Entry, entries_of, pages_of, photograph, placed
from tests.conftest import SLOW, OpenSchool, SettableClock

PEOPLE = {
    "anna": "somtoday",
    "bakker": "somtoday",
    "noor": "mytimetable",
    "wouters": "informat",
    "joost": "checkin",
}
WORDS = words_of("nl")
MARKS = (WORDS.cancelled, WORDS.moved, WORDS.changed, WORDS.due, WORDS.cleared, DONE)
MOST_WHOLE = 3
WEEK = timedelta(days=7)
PICTURES = "ROOSTERBRIDGE_TEST_PICTURES"


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
async def calendars(open_school: OpenSchool, clock: SettableClock) -> dict[str, bytes]:
    """The feeds of five people of the demo, from a Monday on."""
    clock.forward(days=1)
    async with open_school() as school:
        for person, source in PEOPLE.items():
            await school.add(person, source)
            sample = next(one for one in school.stand_ins[source].people if one.user == person)
            await school.feed(person, kinds=[*SHOWN_BY_DEFAULT, *sample.kinds])
        await school.refresh()
        return {person: await school.bridge.store.renderings.calendar(person, "default") for person in PEOPLE}


def days(clock: SettableClock) -> list[date]:
    """This week and the next."""
    monday = clock().date() - timedelta(days=clock().weekday())
    return [monday + timedelta(days=number) for number in range(14)]


def busy(entries: list[Entry], day: date) -> list[Entry]:
    return [one for one in entries if not one.whole and one.touches(day)]


async def test_five_people_read_two_weeks_at_a_glance(calendars: dict[str, bytes], clock: SettableClock) -> None:
    for person, calendar in calendars.items():
        entries = entries_of(calendar)
        for day in days(clock):
            for one in placed(entries, day):
                beside = [other for other in busy(entries, day) if other != one.entry]
                really = any(other.start < one.entry.end and one.entry.start < other.end for other in beside)
                assert one.of == 1 or really, (person, day, one.entry.title)
                assert not one.entry.touches(day + timedelta(days=1)), (person, day, one.entry.title)
            whole = [one.title for one in entries if one.whole and one.touches(day)]
            assert len(whole) <= MOST_WHOLE, (person, day, whole)
        for event in entries:
            assert sum(mark in event.title for mark in MARKS) <= 1, event.title
            for line in event.description.splitlines():
                linked = "(http" in line  # the target of a link stays behind its words
                assert "http" not in line or linked or line.startswith("http"), line


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH")
@pytest.mark.skipif(not SLOW and PICTURES not in os.environ, reason=f"only with {PICTURES}, or where slow tests run")
async def test_a_picture_shows_them(calendars: dict[str, bytes], clock: SettableClock, tmp_path: Path) -> None:
    folder = Path(os.environ.get(PICTURES) or tmp_path)
    monday = clock().date() - timedelta(days=clock().weekday())
    pages: dict[Path, str] = {}
    for person, calendar in calendars.items():
        for first in (monday, monday + WEEK):
            pages |= pages_of(calendar, person, first, folder)
    await photograph(pages)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in pages)
