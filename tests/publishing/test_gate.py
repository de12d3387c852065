"""Judging what is new finds what judging the whole finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.calendar.lint.linter import lint
from bridge.publishing.gate import judge
from tests.calendar.broken import BROKEN, CURACAO, FINE, GOOD
from tests.calendar.entries import changes, rendered, week
from tests.within import within

EVENT, END = "BEGIN:VEVENT\r\n", "END:VCALENDAR\r\n"
FRAME, *EVENTS = GOOD.removesuffix(END).split(EVENT)
UNUSUAL = [
    ("UID:dag-1", "UID;X-OTHER=1:nacht-1"),
    ("UID:dag-1", "UID:nacht\r\n -1"),
    ("UID:ver-1", "UID;X-OTHER=1:ver-1"),
]
EDITS = [(old, new) for _, old, new in BROKEN] + FINE + UNUSUAL
WEEK, CHANGES = rendered(*week()), rendered(*changes())
BOTH = rendered(*week(), *changes())


def edited(calendar: str, *edits: tuple[str, str]) -> bytes:
    for old, new in edits:
        calendar = calendar.replace(old, new, 1)
    return calendar.encode(errors="surrogateescape")


def of(frame: str, events: list[str], edits: list[tuple[str, str]]) -> bytes:
    return edited(EVENT.join([frame, *events]) + END, *edits)


calendars = st.builds(
    of,
    st.sampled_from([FRAME, FRAME, FRAME.replace(CURACAO, "")]),
    st.permutations(EVENTS) | st.lists(st.sampled_from(EVENTS), max_size=5),
    st.lists(st.sampled_from(EDITS), max_size=2),
)


@pytest.mark.parametrize(("rule", "old", "new"), BROKEN)
def test_every_rule_is_kept_whatever_was_judged_before(rule: str, old: str, new: str) -> None:
    calendar = edited(GOOD, (old, new))
    for judged in (b"", GOOD.encode(), WEEK):
        found = judge(calendar, judged)
        assert found == lint(calendar)
        assert rule in {problem.rule for problem in found}


@pytest.mark.parametrize(("old", "new"), UNUSUAL)
def test_a_uid_counts_however_it_is_written(old: str, new: str) -> None:
    calendar = edited(GOOD, (old, new))
    assert judge(calendar, GOOD.encode()) == lint(calendar)


@given(calendar=calendars, judged=calendars.filter(lambda calendar: not lint(calendar)))
def test_events_that_come_go_and_break_are_judged_as_in_the_whole(calendar: bytes, judged: bytes) -> None:
    assert judge(calendar, judged) == lint(calendar)


@given(
    judged=st.sampled_from([WEEK, CHANGES, BOTH]),
    start=st.integers(0, len(BOTH)),
    length=st.integers(0, 60),
    instead=st.binary(max_size=4)
    | st.sampled_from([b"\r\n", b"\r\n ", b";", b",", b"END:VEVENT\r\n", b"\r\nUID:uid-lesson\r\n"]),
)
def test_a_damage_anywhere_is_found(judged: bytes, start: int, length: int, instead: bytes) -> None:
    calendar = BOTH[:start] + instead + BOTH[start + length :]
    assert judge(calendar, judged) == lint(calendar)


@pytest.mark.parametrize(
    ("rule", "without"), [("timezone-unused", "America/New_York"), ("tzid-undefined", "Europe/Amsterdam")]
)
def test_a_frame_that_does_not_go_with_trusted_events_is_found(rule: str, without: str) -> None:
    """An event abroad is gone and its zone is not; a zone is gone and its events are not."""
    judged = rendered(*week())
    frame, *events = judged.split(b"BEGIN:VEVENT\r\n")
    if rule == "timezone-unused":
        events = [event for event in events if without.encode() not in event]
    else:
        begin = frame.index(b"BEGIN:VTIMEZONE\r\nTZID:" + without.encode())
        frame = frame[:begin] + frame[frame.index(b"END:VTIMEZONE\r\n", begin) + len(b"END:VTIMEZONE\r\n") :]
    calendar = b"BEGIN:VEVENT\r\n".join([frame, *events])
    assert {problem.rule for problem in judge(calendar, judged)} == {rule}


def test_trusted_events_are_not_judged_again() -> None:
    """What is wrong with them shows that they are not looked at."""
    spoilt = GOOD.replace("SUMMARY:Studiedag", "SUMMARY:Studie;dag")
    assert judge(edited(spoilt, ("SEQUENCE:3", "SEQUENCE:4")), spoilt.encode()) == ()
    assert judge(edited(spoilt, ("SEQUENCE:3", "SEQUENCE:x")), spoilt.encode()) == lint(
        edited(spoilt, ("SEQUENCE:3", "SEQUENCE:x"))
    )


@pytest.mark.parametrize("count", [10, 100])
def test_a_uid_that_is_there_twice_is_found_among_few_and_among_many(count: int) -> None:
    fitting = [EVENTS[0].replace("UID:", f"UID:{number}-") for number in range(count)]
    assert not judge(of(FRAME, [*EVENTS, *fitting], []), GOOD.encode())
    for twice in (fitting[3], EVENTS[1].replace("SUMMARY:", "SUMMARY:Not ")):
        assert judge(of(FRAME, [*EVENTS, *fitting, twice], []), GOOD.encode())


def test_thousands_of_new_events_are_judged_in_a_time_that_grows_with_their_number() -> None:
    fitting = [EVENTS[0].replace("UID:", f"UID:{number}-") for number in range(8000)]
    with within(8):
        assert not judge(of(FRAME, [*EVENTS, *fitting], []), GOOD.encode())


@pytest.mark.parametrize("place", [0, 600, 1300])
def test_a_problem_is_found_wherever_it_is_among_many_new_events(place: int) -> None:
    fitting = [EVENTS[0].replace("UID:", f"UID:{number}-") for number in range(1300)]
    fitting.insert(place, EVENTS[0].replace("UID:", "UID:broken-").replace("DTSTAMP:", "DTSTAMP:x"))
    calendar = of(FRAME, [*EVENTS, *fitting], [])
    for judged in (b"", GOOD.encode()):
        assert judge(calendar, judged) == lint(calendar)
        assert judge(calendar, judged)


def test_a_calendar_of_megabytes_is_judged_as_a_small_one_is() -> None:
    events = [EVENTS[0].replace("UID:", f"UID:{number}-") for number in range(2500)]
    calendar = of(FRAME, [*EVENTS, *events], [])
    assert len(calendar) > 1024 * 1024
    assert not judge(calendar, GOOD.encode())
    changed = [events[0].replace("SUMMARY:", "SUMMARY:Not "), *events[1:-1]]
    assert not judge(of(FRAME, [*EVENTS, *changed], []), calendar)
    for wrong in (events[-1], EVENTS[0].replace("UID:", "UID:broken-").replace("DTSTAMP:", "DTSTAMP:x")):
        assert judge(of(FRAME, [*EVENTS, *events, wrong], []), calendar)
