"""What has another name or identity."""

from collections.abc import Iterable
from datetime import date

import pytest
from msgspec.structs import replace

from bridge.model.event import AllDay, Before, Event, Kind
from bridge.model.tracked import TrackedEvent
from bridge.model.window import Window
from bridge.store.events import KeptEvents
from bridge.sync.reconcile import reconcile
from bridge.sync.snapshot import Delivered
from tests.sync.answering import NOW, REACH, ZONE, after, applied, at, lesson


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


def test_a_lesson_that_gets_another_name_leaves_its_homework_as_it_was() -> None:
    homework = replace(lesson("7", kind=Kind.HOMEWORK, title="Maak 3"), lesson="1")
    (entry,) = after([homework], [replace(homework, lesson="one")])
    assert (entry.event.lesson, entry.sequence) == ("one", 0)
