"""What an answer changes of what is kept."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from bridge.model.event import Before, Event, Kind, Task, Timed
from bridge.model.tracked import SHOWN_FOR, TrackedEvent
from bridge.model.window import Window
from bridge.store.events import KeptEvents
from bridge.sync.reconcile import Difference, reconcile
from bridge.sync.snapshot import Delivered
from bridge.upstream.contract import Unread
from tests.sync.answering import NOW, REACH, SECOND, ZONE, after, answered, applied, at, lesson


def test_a_new_event_begins_its_history_now() -> None:
    (entry,) = after([lesson()])
    moment = NOW.replace(microsecond=0)
    assert (entry.sequence, entry.created, entry.modified, entry.vanished) == (0, moment, moment, None)


def test_a_changed_event_keeps_its_uid_and_its_creation() -> None:
    (before,) = after([lesson()])
    (entry,) = after([lesson()], [lesson(when=at(26))])
    later = before.modified + timedelta(hours=1)
    was = Before(when=at(24))
    assert entry == replace(before, event=lesson(when=at(26)), sequence=1, modified=later, before=was, changed=later)


def test_two_changes_within_one_second_are_dated_a_second_apart() -> None:
    entries = [after(*([lesson(title=str(n))] for n in range(count)), every=timedelta(0))[0] for count in (1, 2, 3)]
    assert [entry.modified - entries[0].modified for entry in entries] == [0 * SECOND, SECOND, 2 * SECOND]
    assert [entry.sequence for entry in entries] == [0, 1, 2]


def test_an_event_ahead_that_is_missing_vanishes_and_comes_back_with_its_history() -> None:
    (gone,) = after([lesson()], [])
    assert gone.event == lesson()
    assert gone.vanished == gone.modified == NOW.replace(microsecond=0) + timedelta(hours=1)
    (back,) = after([lesson()], [], [lesson()])
    assert (back.uid, back.sequence, back.vanished) == (gone.uid, 2, None)
    assert back.modified > gone.modified


@pytest.mark.parametrize(("hours", "vanishes"), [(-30, False), (-1, False), (-0.5, True), (1, True)])
def test_an_event_vanishes_only_while_it_has_not_ended(hours: float, vanishes: bool) -> None:
    kept = after([lesson(when=at(hours))])
    (entry,) = applied(kept, answered(kept, []))
    assert (entry.vanished is not None) is vanishes


def test_a_vanished_event_is_shown_for_14_days() -> None:
    kept = after([lesson(when=at(24 * 25))], [], every=timedelta(0))
    assert kept[0].vanished is not None
    forgotten = kept[0].vanished + SHOWN_FOR
    assert not answered(kept, [], forgotten - SECOND).dropped
    assert answered(kept, [], forgotten).dropped == {kept[0].uid}


def test_leaving_the_window_is_no_change_by_the_school() -> None:
    kept = after([lesson(when=at(-24))])
    difference = answered(kept, [], NOW + REACH)
    assert difference.dropped == {kept[0].uid}
    assert (difference.changed, difference.removed, difference.missing) == (0, 0, frozenset())


def test_the_same_thing_under_another_kind_takes_the_place_of_the_first() -> None:
    (exam,) = after([lesson()], [lesson(kind=Kind.EXAM)])
    assert exam.event.kind is Kind.EXAM
    assert exam.vanished is None


def test_the_same_thing_under_its_old_kind_again_is_newer_than_it_was() -> None:
    moved = lesson(when=at(26))
    (first,) = after([lesson()], [moved])
    (exam,) = after([lesson()], [moved], [lesson(kind=Kind.EXAM)])
    (again,) = after([lesson()], [moved], [lesson(kind=Kind.EXAM)], [lesson()])
    assert exam.uid != again.uid == first.uid
    assert [entry.sequence for entry in (first, exam, again)] == [1, 2, 3]
    assert again.modified > exam.modified > first.modified


def test_the_counts_are_what_the_school_did() -> None:
    kept = after([lesson("1"), lesson("2"), lesson("3")])
    difference = answered(kept, [lesson("1"), lesson("2", title="Frans"), lesson("4", title="Duits")])
    assert (len(difference.added), difference.changed, difference.removed, difference.events) == (1, 1, 1, 3)


@pytest.mark.parametrize(
    ("ahead", "past", "left", "suspicious"),
    [
        (6, 0, 0, True),
        (5, 0, 0, True),
        (11, 0, 5, True),
        (12, 0, 6, False),
        (13, 0, 6, True),
        (6, 40, 0, True),
        (0, 40, 0, False),
    ],
)
def test_losing_over_half_and_more_than_five_or_all_of_what_was_ahead_is_suspicious(
    ahead: int, past: int, left: int, suspicious: bool
) -> None:
    coming = [lesson(f"coming {n}", at(24 + n)) for n in range(ahead)]
    gone = [lesson(f"gone {n}", at(-48 - n)) for n in range(past)]
    assert answered(after([*coming, *gone]), coming[:left]).suspicious is suspicious


def test_what_vanished_before_does_not_count_as_lost_again() -> None:
    events = [lesson(str(n), at(24 + n)) for n in range(12)]
    kept = after(events, events[6:])
    assert not answered(kept, events[6:]).suspicious
    assert answered(kept, []).suspicious


def within(kept: Iterable[TrackedEvent], covered: tuple[Window, ...], events: Iterable[Event]) -> Difference:
    """What an answer changes that covers only some days."""
    window = Window.around(NOW, ZONE, past=REACH, future=REACH)
    told = Delivered(tuple(events), window, {}, covered=covered)
    return reconcile(KeptEvents(tuple(kept)), told, source="fortes", person="7", now=NOW, zone=ZONE)


def test_an_answer_for_some_days_says_nothing_about_others() -> None:
    kept = after([lesson("1", at(24)), lesson("2", at(24 * 9), title="Frans")])
    tomorrow = Window(date(2026, 11, 23), date(2026, 11, 24))
    difference = within(kept, (tomorrow,), [])
    assert [entry.event.identity for entry in difference.replaced] == ["1"]
    assert (difference.removed, difference.events, difference.dropped) == (1, 1, frozenset())


def test_what_lies_in_two_weeks_is_there_if_either_has_it() -> None:
    trip = lesson("1", Timed(NOW + timedelta(days=5), NOW + timedelta(days=9), ZONE.key))
    weeks = Window(date(2026, 11, 23), date(2026, 11, 30)), Window(date(2026, 11, 30), date(2026, 12, 7))
    difference = within(after([trip]), weeks, [trip])
    assert (difference.replaced, difference.removed, difference.events) == ((), 0, 1)


def test_most_of_the_days_that_an_answer_covers_may_not_vanish_unasked() -> None:
    near = [lesson(f"n{n}", at(24 + n), title=f"n{n}") for n in range(8)]
    far = [lesson(f"f{n}", at(24 * 20 + n), title=f"f{n}") for n in range(16)]
    kept = after([*near, *far])
    assert within(kept, (Window(date(2026, 11, 23), date(2026, 11, 25)),), near[:1]).suspicious


@pytest.mark.parametrize(("lessons", "suspicious"), [(6, True), (5, False)])
def test_one_of_several_answers_may_not_lose_all_of_more_than_a_few_unasked(lessons: int, *, suspicious: bool) -> None:
    near = [lesson(f"n{n}", at(24 + n), title=f"n{n}") for n in range(18)]
    far = [lesson(f"f{n}", at(24 * 20 + n), title=f"f{n}") for n in range(lessons)]
    kept = after([*near, *far])
    weeks = Window(date(2026, 11, 23), date(2026, 11, 30)), Window(date(2026, 12, 7), date(2026, 12, 14))
    assert within(kept, weeks, near).suspicious is suspicious
    assert not within(kept, weeks, [*near, far[0]]).suspicious


def test_an_item_that_cannot_be_read_keeps_each_of_its_events() -> None:
    kept = after([lesson("7"), lesson("7 2026-W50", at(48)), lesson("70", at(72))])
    window = Window.around(NOW, ZONE, past=REACH, future=REACH)
    delivered = Delivered((), window, {}, unread=(Unread("7"),))
    difference = reconcile(KeptEvents(kept), delivered, source="fortes", person="7", now=NOW, zone=ZONE)
    assert [one.event.identity for one in difference.replaced if one.vanished] == ["70"]


def test_tasks_that_an_answer_does_not_tell_stay_and_those_that_it_takes_back_go() -> None:
    told = replace(lesson(), tasks=(Task("7", "Maak opgave 3"),))
    (entry,) = after([told], [lesson()])
    assert (entry.event.tasks, entry.sequence) == ((Task("7", "Maak opgave 3"),), 0)
    (entry,) = after([told], [replace(lesson(), tasks=())])
    assert (entry.event.tasks, entry.sequence) == ((), 1)


def test_another_title_is_remembered_until_it_is_taken_back() -> None:
    retitled = [lesson(title="Mentoruur")]
    assert after([lesson()], retitled)[0].before == Before(title="Wiskunde")
    assert after([lesson()], retitled, [lesson(title="Wiskunde B")])[0].before == Before(title="Wiskunde")
    assert after([lesson()], retitled, [lesson()])[0].before is None


@pytest.mark.parametrize(
    ("known", "named"),
    [("wisB", "Wiskunde B"), ("Toets wiskunde b", "Toets Wiskunde B")],
    ids=["its title is the subject", "the subject is in its title"],
)
def test_a_subject_that_gets_its_name_from_a_register_is_no_change(known: str, named: str) -> None:
    subject = "" if known == "wisB" else "wiskunde b"
    plain = replace(lesson(title=known), code="wisB", subject=subject)
    (entry,) = after([plain], [replace(plain, title=named, subject="Wiskunde B")])
    assert (entry.event.title, entry.before) == (named, None)


def test_a_change_that_is_taken_back_leaves_no_mark() -> None:
    (moved,) = after([lesson()], [lesson(when=at(26))], [lesson(when=at(27))])
    assert moved.before == Before(when=at(24)), "what people saw first"
    (back,) = after([lesson()], [lesson(when=at(26))], [lesson()])
    assert (back.before, back.changed, back.sequence) == (None, None, 2)


def test_a_notice_that_is_told_no_more_just_goes() -> None:
    assert after([lesson(kind=Kind.NOTICE)], []) == ()
