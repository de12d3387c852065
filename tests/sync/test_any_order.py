"""Answers in any order."""

from datetime import date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from bridge.model.event import AllDay, Event, Kind, When
from bridge.model.tracked import TrackedEvent
from bridge.model.window import Window, bounds
from tests.sync.answering import NOW, REACH, SECOND, ZONE, answered, applied, at, lesson

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
