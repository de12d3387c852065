"""A random walk through what can happen at a club, and what a feed then has to show."""

import random
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.model.event import Timed
from bridge.model.window import Window, day_start
from tests.club.server import LESSONS, Club, Lesson
from tests.club.source import ZONE
from tests.conftest import SettableClock
from tests.faults import saying
from tests.phones import Entry

WINDOW = {"past": "5d", "future": "25d"}
PAST, FUTURE = timedelta(days=5), timedelta(days=25)
SHOWN_FOR = timedelta(days=14)
TZ = ZoneInfo(ZONE)
FAULTS = {
    "out of order": saying(500),
    "forbidden": saying(403),
    "garbage": saying(200, "<html>Even geduld</html>", "text/html"),
    "cut off": saying(200, '{"lessons": [{"id": "1", "title": "Lesson'),
    "something else": saying(200, '{"lessons": null}'),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person sees of one event."""

    title: str
    start: datetime
    end: datetime
    room: str
    cancelled: bool


@dataclass
class Truth:
    """What has to be shown, worked out from all that the club has said: lessons by id and kind, and since when gone."""

    known: dict[tuple[str, bool], tuple[Lesson, datetime | None]] = field(default_factory=dict)

    def hear(self, lessons: list[Lesson], now: datetime) -> None:
        """Take what the club has just said, and was believed."""
        window = Window.around(now, TZ, past=PAST, future=FUTURE)

        def in_sight(lesson: Lesson) -> bool:
            return window.overlaps(Timed(lesson.start, lesson.end, ZONE), TZ)

        told = {(lesson.id, lesson.match): lesson for lesson in lessons if in_sight(lesson)}
        ids = {identity for identity, _ in told}
        for key, (lesson, gone) in list(self.known.items()):
            if key in told:
                continue
            if (
                key[0] in ids
                or not in_sight(lesson)
                or (gone and gone + SHOWN_FOR <= day_start(now.astimezone(TZ).date(), TZ))
            ):
                del self.known[key]
            elif lesson.end > now and not gone:
                self.known[key] = lesson, now
        self.known |= {key: (lesson, None) for key, lesson in told.items()}

    def must_show(self, now: datetime, cancelled: str) -> set[Shown]:
        """What a feed shows that treats cancelled events so."""
        certain = {shown(lesson, gone) for lesson, gone in self.known.values() if not gone or now < gone + SHOWN_FOR}
        return {one for one in certain if cancelled != "hide" or not one.cancelled}

    def may_show(self) -> set[Shown]:
        """Also what goes at some moment of today."""
        return {shown(lesson, gone) for lesson, gone in self.known.values()}


def shown(lesson: Lesson, gone: datetime | None) -> Shown:
    start, end = lesson.start, lesson.end
    first, last = (moment.astimezone(TZ).date() for moment in (start, end - timedelta(seconds=1)))
    if first != last:
        start, end = day_start(first, TZ), day_start(last + timedelta(days=1), TZ)
    return Shown(lesson.title, start, end, lesson.room, lesson.cancelled or gone is not None)


def seen(entry: Entry, cancelled: str) -> Shown:
    summary, status = entry.value("SUMMARY"), entry.value("STATUS")
    marked = summary.startswith("Vervalt: ") if cancelled == "mark" else status == "CANCELLED"
    start, end = moment(entry.value("DTSTART")), moment(entry.value("DTEND"))
    title = re.sub("^(Vervalt|Verplaatst|Gewijzigd): ", "", summary)
    return Shown(title, start, end, entry.value("LOCATION"), marked)


def moment(value: str) -> datetime:
    if "T" not in value:
        return day_start(date.fromisoformat(value), TZ)
    zone = UTC if value.endswith("Z") else TZ
    return datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=zone).astimezone(UTC)


class Walk:
    """Whatever can happen, in an order that the seed gives."""

    def __init__(self, seed: int, club: Club, clock: SettableClock) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - seeded, not secret
        self._club = club
        self._clock = clock
        self._removed: list[Lesson] = []
        self._count = 0
        for _ in range(12):
            self._add()

    def step(self) -> None:
        """Let one thing happen."""
        happenings = {
            self._add: 12,
            self._remove: 16,
            self._restore: 8,
            self._cancel: 8,
            self._move: 14,
            self._rename: 6,
            self._other_room: 10,
            self._other_kind: 4,
            self._fault: 10,
            self._heal: 12,
            self._time: 24,
        }
        (happening,) = self._chance.choices(list(happenings), list(happenings.values()))
        happening()
        while len(self._club.lessons) < 8:
            self._add()

    def sometimes(self, share: float) -> bool:
        """Yes, that often."""
        return self._chance.random() < share

    def settle(self) -> None:
        """All is well again, and an hour later."""
        self._heal()
        self._clock.forward(hours=1)

    def _add(self) -> None:
        self._count += 1
        start = self._soon()
        end = start + timedelta(minutes=self._chance.choice([30, 50, 100, 600]))
        title, room = f"Lesson {self._count}", self._room()
        self._club.put(Lesson(str(self._count), title, start, end, room, match=self.sometimes(0.2)))

    def _remove(self) -> None:
        self._removed.append(self._club.lessons.pop(self._one().id))

    def _restore(self) -> None:
        if self._removed:
            self._club.put(self._removed.pop(self._chance.randrange(len(self._removed))))

    def _cancel(self) -> None:
        lesson = self._one()
        self._club.put(replace(lesson, cancelled=not lesson.cancelled))

    def _move(self) -> None:
        lesson = self._one()
        start = self._soon()
        self._club.put(replace(lesson, start=start, end=start + (lesson.end - lesson.start)))

    def _rename(self) -> None:
        self._count += 1
        self._club.put(replace(self._one(), title=f"Lesson {self._count}"))

    def _other_room(self) -> None:
        self._club.put(replace(self._one(), room=self._room()))

    def _other_kind(self) -> None:
        lesson = self._one()
        self._club.put(replace(lesson, match=not lesson.match))

    def _fault(self) -> None:
        fault = self._chance.choice(["forgetful", *FAULTS])
        self._club.forgetful = fault == "forgetful"
        self._club.stand_in.faults = {LESSONS: FAULTS[fault]} if fault in FAULTS else {}

    def _heal(self) -> None:
        self._club.forgetful = False
        self._club.stand_in.faults = {}

    def _time(self) -> None:
        span = self._chance.choice([timedelta(minutes=1), timedelta(hours=1), timedelta(hours=12), timedelta(days=3)])
        self._clock.now += span * self._chance.random()

    def _one(self) -> Lesson:
        return self._chance.choice(list(self._club.lessons.values()))

    def _room(self) -> str:
        return f"A1.{self._chance.randrange(20):02}"

    def _soon(self) -> datetime:
        """Mostly ahead, at times just over, at times out of sight; also in the hours in which clocks change."""
        start = self._clock() + timedelta(minutes=5 * self._chance.randrange(-500, 8000))
        return start.replace(minute=start.minute - start.minute % 5, second=0, microsecond=0)
