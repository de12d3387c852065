import json
import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from msgspec.structs import replace

from bridge.model.event import AllDay, Before, Event, Kind, Task, Timed, When
from bridge.model.tracked import SHOWN_FOR, TrackedEvent, aged, expires_at, uid_of
from bridge.model.window import Window, bounds
from bridge.store.events import KeptEvents
from bridge.sync.reconcile import Difference, reconcile
from bridge.sync.snapshot import Delivered
from bridge.upstream.contract import Unread

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 22, 10, 0, 0, 250_000, tzinfo=UTC)
REACH = timedelta(days=30)
SECOND = timedelta(seconds=1)


def at(hours: float, *, length: float = 1) -> Timed:
    """So many hours from NOW."""
    start = NOW.replace(microsecond=0) + timedelta(hours=hours)
    return Timed(start, start + timedelta(hours=length), ZONE.key)


def lesson(identity: str = "1", when: When | None = None, title: str = "Wiskunde", kind: Kind = Kind.LESSON) -> Event:
    return Event(identity, kind, when or at(24), title)


def answered(kept: Iterable[TrackedEvent], events: Iterable[Event], now: datetime = NOW) -> Difference:
    window = Window.around(now, ZONE, past=REACH, future=REACH)
    inside = tuple(event for event in events if window.overlaps(event.when, ZONE))
    return reconcile(
        KeptEvents(tuple(kept)), Delivered(inside, window, {}), source="fortes", person="7", now=now, zone=ZONE
    )


def applied(kept: Iterable[TrackedEvent], difference: Difference) -> tuple[TrackedEvent, ...]:
    after = {entry.uid: entry for entry in kept if entry.uid not in difference.dropped}
    assert {entry.uid for entry in difference.replaced} <= after.keys()
    assert not {entry.uid for entry in difference.added} & after.keys()
    return tuple((after | {entry.uid: entry for entry in (*difference.replaced, *difference.added)}).values())


def after(*answers: Iterable[Event], every: timedelta = timedelta(hours=1)) -> tuple[TrackedEvent, ...]:
    kept: tuple[TrackedEvent, ...] = ()
    for number, events in enumerate(answers):
        kept = applied(kept, answered(kept, events, NOW + number * every))
    return kept


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


@given(st.tuples(st.text(), st.text(), st.sampled_from(Kind), st.text()), st.data())
def test_a_uid_is_stable_plain_and_everyones_own(named: tuple[str, str, Kind, str], data: st.DataObject) -> None:
    def uid(source: str, person: str, kind: Kind, identity: str) -> str:
        return uid_of(source, person, lesson(identity, kind=kind))

    assert uid(*named) == uid(*named)
    assert not set(uid(*named)) & set(',;\\\r\n "')
    other = data.draw(st.tuples(st.text(), st.text(), st.sampled_from(Kind), st.text()).filter(lambda o: o != named))
    assert uid(*named) != uid(*other)


@given(st.text(), st.text(), st.sampled_from(Kind), st.text())
def test_a_uid_is_the_uuid_5_of_a_json_list(source: str, person: str, kind: Kind, identity: str) -> None:
    name = json.dumps([source, person, kind, identity])
    expected = str(uuid.uuid5(uuid.UUID("5b0c1c4e-6a52-5d0f-9d4b-6f1f3f0f7e21"), name))
    assert uid_of(source, person, lesson(identity, kind=kind)) == expected


def test_a_uid_does_not_depend_on_what_may_change() -> None:
    assert uid_of("fortes", "7", lesson()) == uid_of("fortes", "7", lesson(when=at(1), title="Frans"))


hours = st.integers(-24 * 40, 24 * 40)
whens = st.builds(at, hours, length=st.sampled_from([0.5, 1, 30])) | st.builds(
    lambda day, length: AllDay(day, day + timedelta(days=length)),
    st.dates(date(2026, 10, 10), date(2027, 1, 5)),
    st.integers(1, 9),
)
identities = st.sampled_from("abcdefgh")


class AnswersInAnyOrder(RuleBasedStateMachine):
    """Whatever a school does between answers, what is kept is what the design says."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.school: dict[str, Event] = {}
        self.kept: tuple[TrackedEvent, ...] = ()
        self.expected: dict[tuple[Kind, str], tuple[Event, datetime | None]] = {}

    @rule(identity=identities, when=whens, kind=st.sampled_from([Kind.LESSON, Kind.EXAM]), title=st.sampled_from("xy"))
    def plans(self, identity: str, when: When, kind: Kind, title: str) -> None:
        # Of one subject each: what takes the place of another has moved, which other tests are about.
        self.school[identity] = lesson(identity, when, f"{title} of {identity}", kind)

    @precondition(lambda self: self.school)
    @rule(data=st.data())
    def cancels(self, data: st.DataObject) -> None:
        del self.school[data.draw(st.sampled_from(sorted(self.school)))]

    @rule(span=st.timedeltas(timedelta(0), timedelta(days=16)))
    def lets_time_pass(self, span: timedelta) -> None:
        self.now += span

    @rule()
    def answers(self) -> None:
        before = {entry.uid: entry for entry in self.kept}
        difference = answered(self.kept, self.school.values(), self.now)
        self.kept = applied(self.kept, difference)
        self._expect()
        assert {(e.event.kind, e.event.identity): (e.event, e.vanished) for e in self.kept} == self.expected
        reached = {entry.event.identity: entry.sequence + 1 for entry in before.values()}
        for entry in self.kept:
            if entry.uid in before:
                _goes_on_from(before[entry.uid], entry)
            else:
                assert entry.sequence == reached.get(entry.event.identity, 0)
        again = answered(self.kept, self.school.values(), self.now)
        assert (again.added, again.replaced, again.dropped, again.missing) == ((), (), frozenset(), frozenset())

    def _expect(self) -> None:
        window = Window.around(self.now, ZONE, past=REACH, future=REACH)
        told = {i: event for i, event in self.school.items() if window.overlaps(event.when, ZONE)}
        left: dict[tuple[Kind, str], tuple[Event, datetime | None]] = {}
        for key, (event, vanished) in self.expected.items():
            if event.identity in told or not window.overlaps(event.when, ZONE):
                continue
            if vanished is None and bounds(event.when, ZONE)[1] > self.now:
                left[key] = (event, self.now.replace(microsecond=0))
            elif vanished is None or self.now < vanished + timedelta(days=14):
                left[key] = (event, vanished)
        for identity, event in told.items():
            left[event.kind, identity] = (event, None)
        self.expected = left


def _goes_on_from(before: TrackedEvent, entry: TrackedEvent) -> None:
    assert entry.created == before.created
    if (entry.event, entry.vanished) == (before.event, before.vanished):
        assert entry == before
    else:
        assert entry.sequence == before.sequence + 1
        assert entry.modified >= before.modified + SECOND


AnswersInAnyOrder.TestCase.settings = settings(stateful_step_count=30)
TestAnswersInAnyOrder = AnswersInAnyOrder.TestCase


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


def test_a_lesson_that_another_takes_the_place_of_within_the_day_has_moved() -> None:
    (was,) = after([lesson("1", at(24))])
    (entry,) = after([lesson("1", at(24))], [lesson("2", at(27))])
    assert (entry.uid, entry.event, entry.vanished) == (was.uid, lesson("2", at(27)), None)
    assert (entry.sequence, entry.before) == (1, Before(when=at(24)))
    (again,) = after([lesson("1", at(24))], [lesson("2", at(27))], [lesson("2", at(27))])
    assert again == entry


@pytest.mark.parametrize(
    "instead",
    [
        pytest.param([lesson("2", at(48))], id="on another day"),
        pytest.param([lesson("2", at(27), title="Frans")], id="of another subject"),
        pytest.param([lesson("2", at(26)), lesson("3", at(27))], id="by two"),
        pytest.param([lesson("2", at(27), kind=Kind.HOLIDAY)], id="of another kind"),
    ],
)
def test_a_lesson_is_not_moved_where_that_is_in_doubt(instead: list[Event]) -> None:
    entries = after([lesson("1", at(24))], instead)
    assert len(entries) == 1 + len(instead)
    assert [entry.event.identity for entry in entries if entry.vanished] == ["1"]


def test_a_lesson_without_an_id_that_moves_to_another_day_has_moved() -> None:
    (was,) = after([lesson("~1", at(24))])
    (entry,) = after([lesson("~1", at(24))], [lesson("~2", at(72))])
    assert (entry.uid, entry.event, entry.vanished) == (was.uid, lesson("~2", at(72)), None)
    assert entry.before == Before(when=at(24))


@pytest.mark.parametrize(
    "instead",
    [
        pytest.param([lesson("~2", at(73))], id="at another hour"),
        pytest.param([lesson("~2", at(72, length=2))], id="of another length"),
        pytest.param([lesson("~2", at(72), title="Frans")], id="of another subject"),
        pytest.param([replace(lesson("~2", at(72)), groups=("B",))], id="of other groups"),
        pytest.param([replace(lesson("~2", at(72)), label="Practicum")], id="of another type"),
        pytest.param([lesson("~2", at(72)), lesson("~3", at(96))], id="by two"),
        pytest.param([lesson("~2", at(24 * 16))], id="weeks later"),
        pytest.param([lesson("2", at(72))], id="with an id"),
    ],
)
def test_a_lesson_without_an_id_is_not_moved_where_that_is_in_doubt(instead: list[Event]) -> None:
    entries = after([lesson("~1", at(24))], instead)
    assert len(entries) == 1 + len(instead)
    assert [entry.event.identity for entry in entries if entry.vanished] == ["~1"]


def test_the_same_lesson_under_another_name_is_no_change() -> None:
    (was,) = after([lesson("1")])
    (entry,) = after([lesson("1")], [lesson("other")])
    assert entry == replace(was, event=lesson("other"))


@pytest.mark.parametrize(
    ("was", "gone"),
    [(lesson("1", at(-24)), []), (lesson("1"), [[]])],
    ids=["when it is over", "when it has vanished"],
)
def test_another_name_does_not_show_a_lesson_twice(was: Event, gone: list[list[Event]]) -> None:
    (kept,) = after([was])
    (entry,) = after([was], *gone, [replace(was, identity="other")])
    assert (entry.uid, entry.event) == (kept.uid, replace(was, identity="other"))
    assert entry.vanished is None


def also_known(
    kept: Iterable[TrackedEvent], events: Iterable[Event], **names: tuple[str, ...]
) -> tuple[TrackedEvent, ...]:
    """What is kept after an answer whose events have these other identities."""
    window = Window.around(NOW, ZONE, past=REACH, future=REACH)
    delivered = Delivered(tuple(events), window, {}, also=names)
    return applied(kept, reconcile(KeptEvents(tuple(kept)), delivered, source="fortes", person="7", now=NOW, zone=ZONE))


def test_what_was_stored_under_another_identity_keeps_its_uid_and_nobody_sees_a_change() -> None:
    (was,) = after([lesson("old")])
    assert also_known([was], [lesson("new")], new=("older", "old")) == (replace(was, event=lesson("new")),)


def test_what_has_another_identity_and_another_day_is_the_same_event_changed() -> None:
    (was,) = after([lesson("old")])
    (entry,) = also_known([was], [lesson("new", at(72))], new=("old",))
    assert (entry.uid, entry.sequence, entry.before) == (was.uid, 1, Before(when=at(24)))


def test_of_doubles_the_older_keeps_its_uid_and_the_younger_goes_without_a_trace() -> None:
    older, younger = after([lesson("old 2")], [lesson("old 2"), lesson("new", at(48))])
    assert older.created < younger.created
    assert also_known([younger, older], [lesson("new", at(48))], new=("old",))[0].uid == older.uid
    assert len(also_known([younger, older], [lesson("new", at(48))], new=("old",))) == 1


def test_two_events_that_were_stored_under_like_names_stay_two() -> None:
    kept = after([lesson("old am"), lesson("old pm", at(48))])
    names = {"1": ("old pm", "old"), "2": ("old am", "old")}
    entries = also_known(kept, [lesson("1", at(48)), lesson("2")], **names)
    assert {(entry.uid, entry.event.identity) for entry in entries} == {(kept[0].uid, "2"), (kept[1].uid, "1")}
    swapped = also_known(after([lesson("old x"), lesson("old y")]), [lesson("1"), lesson("2", at(48))], **names)
    assert sorted(entry.event.identity for entry in swapped) == ["1", "2"]


def test_an_absence_whose_key_alone_is_another_is_the_same() -> None:
    days = AllDay(date(2026, 11, 24), date(2026, 11, 27))
    ill, again = (Event(key, Kind.INTERRUPTION, days, "", reason="Ziek") for key in ("1", "2"))
    (was,) = after([ill])
    assert after([ill], [again]) == (replace(was, event=again),)
    assert len(after([ill], [replace(again, reason="Verlof")])) == 2


def test_the_uid_of_a_lesson_that_moved_is_not_given_to_one_that_comes_back() -> None:
    first, second = after([lesson("1", at(24))], [lesson("2", at(27))], [lesson("2", at(27)), lesson("1", at(30))])
    assert first.uid != second.uid


def test_an_item_that_cannot_be_read_keeps_each_of_its_events() -> None:
    kept = after([lesson("7"), lesson("7 2026-W50", at(48)), lesson("70", at(72))])
    window = Window.around(NOW, ZONE, past=REACH, future=REACH)
    delivered = Delivered((), window, {}, unread=(Unread("7"),))
    difference = reconcile(KeptEvents(kept), delivered, source="fortes", person="7", now=NOW, zone=ZONE)
    assert [one.event.identity for one in difference.replaced if one.vanished] == ["70"]


def test_a_lesson_that_gets_another_name_leaves_its_homework_as_it_was() -> None:
    homework = replace(lesson("7", kind=Kind.HOMEWORK, title="Maak 3"), lesson="1")
    (entry,) = after([homework], [replace(homework, lesson="one")])
    assert (entry.event.lesson, entry.sequence) == ("one", 0)


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


def test_a_mark_goes_after_its_time_and_moves_the_history_on() -> None:
    (moved,) = after([lesson()], [lesson(when=at(26))])
    assert moved.changed is not None
    assert expires_at(moved) == moved.changed + SHOWN_FOR
    assert aged(moved, moved.changed + SHOWN_FOR - SECOND) == moved
    plain = aged(moved, moved.changed + SHOWN_FOR)
    assert plain is not None
    assert (plain.before, plain.changed, plain.sequence, expires_at(plain)) == (None, None, 2, None)
    assert plain.modified > moved.modified
