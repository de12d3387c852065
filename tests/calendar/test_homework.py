"""Homework in its lesson or as an event of its own, as a feed's owner wants it."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from bridge.calendar.head import CalendarInfo
from bridge.calendar.homework import decided_by
from bridge.calendar.options import FeedOptions
from bridge.calendar.render import render
from bridge.model.event import Before, Kind, Progress, Status, Task
from bridge.model.tracked import TrackedEvent
from tests.calendar.entries import CHANGED, DAY, INFO, NOW, entry, events_in, only, rendered, titles

MAKE, READ = Task("make", "Opgaven: Maak 3"), Task("read", "Lees hoofdstuk 5", done=True)
TEST = Task("test", "Hoofdstuk 3", Kind.EXAM, "Toets Wiskunde: Hoofdstuk 3")


def lesson(*tasks: Task, **fields: Any) -> TrackedEvent:
    return entry("lesson", tasks=tasks, **fields)


def own(task: Task, **fields: Any) -> TrackedEvent:
    """The event of its own of a task for the lesson."""
    if task.kind is Kind.HOMEWORK:
        fields = {"progress": Progress.DONE if task.done else Progress.DUE, **fields}
    title = task.title or f"Wiskunde: {task.text}"
    return entry(task.identity, kind=task.kind, title=title, lesson="lesson", **fields)


def shown(kinds: set[Kind], *entries: TrackedEvent) -> list[str]:
    """The titles in a feed that asks for these kinds."""
    info = replace(INFO, kinds=frozenset(kinds))
    asked = [one for one in entries if one.event.kind in kinds]
    found = events_in(render(info, asked, FeedOptions(), now=NOW).calendar)
    return [str(event["summary"]) for event in found]


@pytest.mark.parametrize(
    ("language", "word", "lines"),
    [
        ("nl", "huiswerk", ["Huiswerk: Opgaven: Maak 3", "✓ Huiswerk: Lees hoofdstuk 5"]),
        ("en", "homework", ["Homework: Opgaven: Maak 3", "✓ Homework: Lees hoofdstuk 5"]),
        ("fr", "devoirs", ["Devoirs : Opgaven: Maak 3", "✓ Devoirs : Lees hoofdstuk 5"]),
    ],
)
def test_homework_stands_in_its_lesson_and_not_beside_it(language: str, word: str, lines: list[str]) -> None:
    event = only(lesson(READ, MAKE), own(READ), own(MAKE), language=language)
    assert event["summary"] == f"Wiskunde · {word}"
    assert str(event["description"]).splitlines() == lines


@pytest.mark.parametrize("tasks", [None, (), (READ,)], ids=["unknown", "none", "done"])
def test_a_lesson_says_homework_only_while_something_is_to_be_done(tasks: tuple[Task, ...] | None) -> None:
    assert titles(entry(tasks=tasks)) == ["Wiskunde"]


def test_homework_of_its_own_leaves_the_lesson_bare() -> None:
    bare, homework = events_in(rendered(lesson(MAKE), own(MAKE), homework="own"))
    assert (bare["summary"], homework["summary"]) == ("Wiskunde", "Wiskunde: Opgaven: Maak 3")
    assert "description" not in bare


def test_homework_may_show_both_ways() -> None:
    assert titles(lesson(MAKE), own(MAKE), homework="both") == ["Wiskunde · huiswerk", "Wiskunde: Opgaven: Maak 3"]


@pytest.mark.parametrize(
    ("entries", "options"),
    [
        ([], {}),
        ([lesson(MAKE)], {"exclude": "wiskunde,x"}),
        ([lesson(MAKE, status=Status.CANCELLED)], {"cancelled": "hide"}),
        ([lesson()], {}),
        ([structs.replace(lesson(MAKE), source="elsewhere")], {}),
        ([entry("other", tasks=(MAKE,))], {}),
    ],
    ids=["not there", "left out by title", "hidden", "knows nothing of it", "another school", "another lesson"],
)
def test_homework_whose_lesson_is_not_in_the_feed_shows_by_itself(
    entries: list[TrackedEvent], options: dict[str, str]
) -> None:
    alone = structs.replace(own(MAKE), event=structs.replace(own(MAKE).event, title="Maak 3"))
    assert "Maak 3" in titles(*entries, alone, **options)


def test_homework_stands_in_a_cancelled_lesson_too() -> None:
    event = only(lesson(MAKE, status=Status.CANCELLED), own(MAKE))
    assert event["summary"] == "Vervalt: Wiskunde · huiswerk"
    assert str(event["description"]).splitlines() == ["Vervalt.", "Huiswerk: Opgaven: Maak 3"]


def test_a_feed_without_homework_has_bare_lessons() -> None:
    assert shown({Kind.LESSON}, lesson(MAKE), own(MAKE)) == ["Wiskunde"]


def test_a_feed_of_homework_alone_has_all_of_it() -> None:
    assert shown({Kind.HOMEWORK}, lesson(MAKE), own(MAKE)) == ["Wiskunde: Opgaven: Maak 3"]


def test_homework_of_a_day_is_an_event_of_its_own() -> None:
    assert titles(entry(kind=Kind.HOMEWORK, title="Maak 3", progress=Progress.DUE, when=DAY)) == ["Maak 3"]


def test_homework_that_is_done_shows_only_where_that_is_wanted() -> None:
    homework = entry(kind=Kind.HOMEWORK, title="Maak 3", progress=Progress.DONE)
    assert titles(homework) == []
    assert titles(homework, homework_done="show") == ["✓ Maak 3"]
    assert titles(structs.replace(homework, vanished=CHANGED), homework_done="show") == ["Vervalt: Maak 3"]
    assert titles(structs.replace(homework, before=Before(when=DAY)), homework_done="show") == ["✓ Maak 3"]
    assert titles(own(READ), lesson(READ), homework="own", homework_done="show") == [
        "Wiskunde",
        "✓ Wiskunde: Lees hoofdstuk 5",
    ]


@pytest.mark.parametrize("homework", ["lesson", "own", "both"])
def test_a_test_in_a_lesson_is_one_event_under_the_name_of_the_lesson(homework: str) -> None:
    event = only(lesson(TEST, locations=("A1",)), own(TEST), homework=homework, alarms="exam:1d")
    assert (event["uid"], event["summary"], event["color"]) == ("uid-lesson", "Toets Wiskunde: Hoofdstuk 3", "crimson")
    assert event["categories"].cats == ["Toets"]
    assert (event["location"], event["description"]) == ("A1", "Toets: Hoofdstuk 3")
    assert len(event.walk("VALARM")) == 1


def test_a_test_in_a_lesson_may_come_with_homework() -> None:
    assert titles(lesson(MAKE, TEST), own(MAKE), own(TEST)) == ["Toets Wiskunde: Hoofdstuk 3 · huiswerk"]


def test_a_test_stands_alone_where_lessons_are_left_out() -> None:
    assert shown({Kind.EXAM}, lesson(TEST), own(TEST)) == ["Toets Wiskunde: Hoofdstuk 3"]
    assert shown({Kind.LESSON, Kind.HOMEWORK}, lesson(TEST), own(TEST)) == ["Wiskunde"]


def test_a_test_of_its_own_that_is_known_well_enough_still_shows() -> None:
    assert titles(own(TEST, progress=Progress.DONE)) == ["Toets Wiskunde: Hoofdstuk 3"]


def test_a_busy_feed_has_the_lesson_once() -> None:
    event = only(lesson(TEST), own(TEST), privacy="busy")
    assert (event["uid"], event["summary"]) == ("uid-lesson", "Bezet")


def test_a_lesson_and_its_homework_are_tied_and_the_lesson_decides() -> None:
    assert lesson(MAKE, TEST).event.ties == {"make", "test"}
    assert own(MAKE).event.ties == {"lesson"}
    assert entry(kind=Kind.HOMEWORK).event.ties == set()
    assert decided_by(own(MAKE).event, FeedOptions(), set(Kind)) == "lesson"
    assert not decided_by(lesson(MAKE, TEST).event, FeedOptions(), set(Kind))


@pytest.mark.parametrize(
    ("one", "options", "kinds"),
    [
        (own(MAKE), {"homework": "own"}, set(Kind)),
        (own(MAKE), {"homework": "both"}, set(Kind)),
        (own(MAKE), {}, {Kind.HOMEWORK}),
    ],
)
def test_where_neither_decides_over_the_other_each_is_rendered_by_itself(
    one: TrackedEvent, options: dict[str, str], kinds: set[Kind]
) -> None:
    assert not decided_by(one.event, FeedOptions.parse(options), kinds)


class Follower:
    """A program that takes an event again only if its SEQUENCE and LAST-MODIFIED have risen."""

    def __init__(self) -> None:
        self.held: dict[str, Any] = {}

    def read(self, events: list[Any]) -> None:
        found = {str(event["uid"]): event for event in events}
        self.held = {uid: self._newest(self.held.get(uid), event) for uid, event in found.items()}

    def _newest(self, held: Any, event: Any) -> Any:
        if held is None:
            return event
        assert event["sequence"] >= held["sequence"], "which never falls"
        risen = event["sequence"] > held["sequence"] and event["last-modified"].dt > held["last-modified"].dt
        return event if risen else held

    def shows(self) -> dict[str, tuple[str, str]]:
        return {uid: (str(event["summary"]), str(event.get("description", ""))) for uid, event in self.held.items()}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("homework", ["lesson", "own", "both"])
def test_a_program_follows_homework_that_comes_is_ticked_and_goes(homework: str, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    info = CalendarInfo("Sem", INFO.zone, INFO.refresh_interval)
    options = FeedOptions.parse({"homework": homework, "homework_done": chance.choice(["hide", "show"])})
    kept = {"lesson": lesson()}
    follower, now = Follower(), CHANGED
    for _ in range(30):
        now += timedelta(minutes=chance.randint(1, 500))
        tasks = {task.identity: task for task in kept["lesson"].event.tasks or ()}
        task = chance.choice([MAKE, READ, TEST, structs.replace(MAKE, done=True), structs.replace(MAKE, text="Maak 4")])
        if tasks.pop(task.identity, None) == task:
            kept.pop(task.identity, None)
        else:
            tasks[task.identity] = task
            kept[task.identity] = renewed(kept.get(task.identity), own(task), now)
        kept["lesson"] = renewed(kept["lesson"], lesson(*tasks.values()), now)
        follower.read(events_in(render(info, kept.values(), options, now=NOW).calendar))
        fresh = Follower()
        fresh.read(events_in(render(info, kept.values(), options, now=NOW).calendar))
        assert follower.shows() == fresh.shows()


def renewed(before: TrackedEvent | None, after: TrackedEvent, now: Any) -> TrackedEvent:
    """An entry as the store keeps it: the sequence rises with each change."""
    return structs.replace(after, sequence=before.sequence + 1 if before else 0, modified=now)
