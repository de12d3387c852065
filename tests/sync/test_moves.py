"""What has moved."""

import pytest
from msgspec.structs import replace

from bridge.model.event import Before, Event, Kind
from bridge.model.tracked import SHOWN_FOR, aged, expires_at
from tests.sync.answering import SECOND, after, at, lesson


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


def test_the_uid_of_a_lesson_that_moved_is_not_given_to_one_that_comes_back() -> None:
    first, second = after([lesson("1", at(24))], [lesson("2", at(27))], [lesson("2", at(27)), lesson("1", at(30))])
    assert first.uid != second.uid


def test_a_mark_goes_after_its_time_and_moves_the_history_on() -> None:
    (moved,) = after([lesson()], [lesson(when=at(26))])
    assert moved.changed is not None
    assert expires_at(moved) == moved.changed + SHOWN_FOR
    assert aged(moved, moved.changed + SHOWN_FOR - SECOND) == moved
    plain = aged(moved, moved.changed + SHOWN_FOR)
    assert plain is not None
    assert (plain.before, plain.changed, plain.sequence, expires_at(plain)) == (None, None, 2, None)
    assert plain.modified > moved.modified
