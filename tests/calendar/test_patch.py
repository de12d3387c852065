"""A calendar in which some events changed is to the byte what all its events together give."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from bridge.calendar.options import FeedOptions
from bridge.calendar.patch import patch, stands_alone
from bridge.calendar.render import render
from bridge.model.event import AllDay, Kind, Task, Timed
from bridge.model.tracked import TrackedEvent
from tests.calendar.entries import INFO, LESSON, NOW, ZONE, between, changes, entry, week
from tests.calendar.test_quick import entries as any_entries

OPTIONS = [
    {},
    {"language": "fr", "absence_details": "reason", "alarms": "lesson:10m,lesson:1d,exam:0s,holiday:90s"},
    {"cancelled": "hide", "checkin_details": "full", "title": "{code}^; {{{subject}, {teacher}}} \\ ({location})"},
    {"cancelled": "status", "categories": "off", "exclude": "a*,Frans", "language": "en"},
    {"include": "e,i,wiskunde"},
]
Kept = dict[str, TrackedEvent]
numbers = st.integers(0, 20)
times = st.builds(
    lambda day, minutes, length, zone: between(day + timedelta(minutes=minutes), length, zone),
    st.datetimes(datetime(2025, 12, 20), datetime(2028, 1, 10), timezones=st.just(UTC)).map(  # noqa: DTZ001 - in UTC
        lambda moment: moment.replace(hour=7, minute=0, second=0, microsecond=0)
    ),
    st.sampled_from([0, 50, 100, 700]),
    st.sampled_from([50, 240]),
    st.sampled_from(["Europe/Amsterdam", "Europe/Helsinki", "America/Curacao"]),
)
whole_days = st.builds(
    lambda start, length: AllDay(start, start + timedelta(days=length)),
    st.dates(date(2025, 12, 28), date(2026, 1, 4)),
    st.integers(1, 3),
)
usual_entries = st.builds(
    lambda kind, when, title, sequence: structs.replace(entry(kind=kind, when=when, title=title), sequence=sequence),
    st.sampled_from([Kind.LESSON, Kind.EXAM, Kind.HOMEWORK, Kind.INTERRUPTION]),
    times | whole_days,
    st.sampled_from(["Wiskunde", "Frans", "é" * 80, "a, b; c"]),
    st.integers(0, 3),
)
holidays = st.builds(
    lambda when, title: entry(kind=Kind.HOLIDAY, when=when, title=title),
    whole_days,
    st.sampled_from(["Kerst", "kerst"]),
)
infos = st.sampled_from([INFO, replace(INFO, schools=("Fortes, Lyceum",)), replace(INFO, revised=NOW)])


def called(kept: dict[int, TrackedEvent]) -> Kept:
    return {f"uid-{number}": structs.replace(one, uid=f"uid-{number}") for number, one in kept.items()}


def patched(before: Kept, after: Kept, options: dict[str, str], info: object = INFO) -> tuple[bytes | None, bytes]:
    """What patching gives, and what it has to be."""
    assert isinstance(info, type(INFO))
    chosen = FeedOptions.parse(options)
    uids = {uid for uid in before.keys() | after.keys() if before.get(uid) != after.get(uid)}
    states = [one for kept in (before, after) for uid in uids if (one := kept.get(uid))]
    ties = frozenset[str]().union(*(one.event.ties for one in states))
    uids |= {one.uid for one in (*before.values(), *after.values()) if one.event.identity in ties}
    changed = {uid: after.get(uid) for uid in sorted(uids)}
    old, whole = (render(info, kept.values(), chosen, now=NOW).calendar for kept in (before, after))
    return patch(old, info, chosen, changed), whole


@given(
    stay=st.dictionaries(numbers, any_entries | holidays, max_size=3),
    before=st.dictionaries(numbers, any_entries | holidays, max_size=1),
    after=st.dictionaries(numbers, any_entries | holidays, max_size=1),
    options=st.sampled_from(OPTIONS),
    info=infos,
)
def test_whatever_changes_the_calendar_is_the_whole_one_or_none(
    stay: dict[int, TrackedEvent],
    before: dict[int, TrackedEvent],
    after: dict[int, TrackedEvent],
    options: dict[str, str],
    info: object,
) -> None:
    found, whole = patched(called(stay | before), called(stay | after), options, info)
    assert found in {None, whole}


@given(
    stay=st.dictionaries(numbers, usual_entries, max_size=12),
    before=st.dictionaries(numbers, usual_entries, max_size=4),
    after=st.dictionaries(numbers, usual_entries, max_size=4),
    options=st.sampled_from(OPTIONS),
    info=infos,
)
def test_what_schools_change_from_day_to_day_needs_no_other_event(
    stay: dict[int, TrackedEvent],
    before: dict[int, TrackedEvent],
    after: dict[int, TrackedEvent],
    options: dict[str, str],
    info: object,
) -> None:
    found, whole = patched(called(stay | before), called(stay | after), options, info)
    assert found == whole


tied = st.builds(
    lambda number, tasks, title: entry(str(number), tasks=tuple(tasks), title=title),
    st.integers(0, 1),
    st.lists(
        st.sampled_from([Task("2", "Maak 3"), Task("3", "Lees 4", done=True), Task("4", "H3", Kind.EXAM, "Toets H3")]),
        unique_by=lambda task: task.identity,
        max_size=2,
    ),
    st.sampled_from(["Wiskunde", "Frans"]),
) | st.builds(
    lambda number, lesson: entry(
        str(number), kind=Kind.EXAM if number == 4 else Kind.HOMEWORK, title=f"Taak {number}", lesson=lesson
    ),
    st.integers(2, 4),
    st.sampled_from(["", "0", "1"]),
)
some_tied = st.lists(tied, max_size=4, unique_by=lambda one: one.uid).map(lambda found: {one.uid: one for one in found})
TIES = [{}, {"homework": "own"}, {"homework": "both"}, {"exclude": "frans"}]
kinds = st.sampled_from([Kind, {Kind.LESSON}, {Kind.LESSON, Kind.HOMEWORK}, {Kind.EXAM, Kind.HOMEWORK}])


@given(
    stay=some_tied,
    before=some_tied,
    after=some_tied,
    options=st.sampled_from(TIES),
    kinds=kinds,
)
def test_homework_and_lessons_that_change_give_the_whole_calendar_or_none(
    stay: Kept, before: Kept, after: Kept, options: dict[str, str], kinds: Collection[Kind]
) -> None:
    old, new = (
        {uid: one for uid, one in (stay | changed).items() if one.event.kind in kinds} for changed in (before, after)
    )
    found, whole = patched(old, new, options, replace(INFO, kinds=frozenset(kinds)))
    assert found in {None, whole}


def test_the_first_homework_of_a_lesson_needs_no_other_event() -> None:
    given = entry("1", tasks=(Task("2", "Maak 3"),))
    homework = entry("2", kind=Kind.HOMEWORK, title="Wiskunde: Maak 3", lesson="1")
    found, whole = patched({"uid-1": entry("1")}, {"uid-1": given, "uid-2": homework}, {})
    assert found == whole
    assert whole.count(b"BEGIN:VEVENT") == 1


@pytest.mark.parametrize("options", OPTIONS)
def test_one_of_each_kind_may_come_change_and_go(options: dict[str, str]) -> None:
    everything = {one.uid: one for one in [*week(), *changes()] if one.uid not in {"uid-repeated", "uid-ruleless"}}
    for uid, one in everything.items():
        without = {other: there for other, there in everything.items() if other != uid}
        changed = without | {uid: structs.replace(one, sequence=9, modified=NOW)}
        for before, after in ((without, everything), (everything, changed), (everything, without)):
            found, whole = patched(before, after, options)
            assert found == (None if one.event.kind is Kind.HOLIDAY else whole), uid


def test_the_first_event_may_come_and_the_last_may_go() -> None:
    one = {"uid-1": entry()}
    for before, after in (({}, one), (one, {}), ({}, {})):
        found, whole = patched(before, after, {})
        assert found == whole


def test_a_zone_comes_and_goes_with_its_only_event() -> None:
    here = {"uid-1": entry("1"), "uid-2": entry("2")}
    away = entry("3", when=between(LESSON.start, 50, "America/New_York"))
    for before, after in ((here, here | {"uid-3": away}), (here | {"uid-3": away}, here)):
        found, whole = patched(before, after, {})
        assert found == whole


def test_the_calendar_takes_the_zone_of_most_of_its_events() -> None:
    abroad = {f"uid-{n}": entry(str(n), when=between(LESSON.start, 50, "America/New_York")) for n in range(2)}
    home = {f"uid-{n}": entry(str(n)) for n in range(2, 5)}
    found, whole = patched(abroad, abroad | home, {})
    assert found == whole
    assert b"X-WR-TIMEZONE:Europe/Amsterdam" in whole


@pytest.mark.parametrize(
    "when",
    [
        between(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 60, ZONE.key),
        between(LESSON.start, 50, "Africa/Casablanca"),
        between(LESSON.start, 50, "UTC"),
        between(datetime(1940, 5, 1, 9, tzinfo=UTC), 50, ZONE.key),
    ],
)
def test_a_time_that_is_written_in_utc_needs_all_events(when: Timed) -> None:
    lesson, odd = entry("1"), entry("2", when=when)
    there = {"uid-1": lesson, "uid-2": odd}
    assert patched({"uid-1": lesson}, there, {})[0] is None
    assert patched(there, there | {"uid-1": structs.replace(lesson, sequence=1)}, {})[0] is None


def test_equal_holidays_need_all_events() -> None:
    holiday = entry("1", kind=Kind.HOLIDAY, title="Kerst", when=AllDay(date(2026, 12, 19), date(2027, 1, 4)))
    equal = structs.replace(holiday, uid="uid-2")
    assert patched({"uid-1": holiday, "uid-2": equal}, {"uid-2": equal}, {})[0] is None
    assert patched({"uid-1": holiday}, {"uid-1": holiday, "uid-2": equal}, {})[0] is None


@pytest.mark.parametrize(
    ("options", "alone"),
    [
        *((options, True) for options in OPTIONS),
        ({"privacy": "busy"}, False),
        ({"merge_double": "0"}, False),
        ({"holiday_clears": "mark"}, False),
        ({"past": "14d"}, False),
        ({"future": "14d"}, False),
    ],
)
def test_some_options_let_one_event_show_what_another_says(options: dict[str, str], *, alone: bool) -> None:
    assert stands_alone(FeedOptions.parse(options)) is alone
