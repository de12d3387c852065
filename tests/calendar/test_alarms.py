"""Reminders."""

from typing import Any

import pytest

from bridge.model.event import Kind, Status
from tests.calendar.entries import CHANGED, DAY, changes, entry, events_in, lines_of, only, rendered, week


def alarms(event: Any) -> list[Any]:
    return list(event.walk("VALARM"))


def test_a_reminder_shows_the_title_ahead_of_the_start() -> None:
    (alarm,) = alarms(only(entry(locations=("A1",)), alarms="lesson:10m"))
    assert alarm["action"] == "DISPLAY"
    assert alarm["description"] == "Wiskunde"
    assert "TRIGGER:-PT10M" in lines_of(rendered(entry(), alarms="lesson:10m"))


@pytest.mark.parametrize(
    ("given", "triggers"),
    [
        ("lesson:10m", ["-PT10M"]),
        ("lesson:10m,lesson:1d,exam:2d", ["-P1D", "-PT10M"]),
        ("lesson:10m, lesson:600s", ["-PT10M"]),
        ("lesson:0s", ["P0D"]),
        ("lesson:90m", ["-PT1H30M"]),
        ("exam:1d", []),
        ("none", []),
    ],
)
def test_every_kind_has_its_own_reminders(given: str, triggers: list[str]) -> None:
    lines = lines_of(rendered(entry(), alarms=given))
    assert [line.removeprefix("TRIGGER:") for line in lines if line.startswith("TRIGGER")] == triggers


def test_a_reminder_keeps_its_uid_while_event_and_time_ahead_are_the_same() -> None:
    first = [str(alarm["uid"]) for alarm in alarms(only(entry(), alarms="lesson:10m,lesson:1d"))]
    again = [str(alarm["uid"]) for alarm in alarms(only(entry(title="Anders"), alarms="exam:5m,lesson:1d,lesson:10m"))]
    assert first == again
    assert len({*first, *(str(alarm["uid"]) for alarm in alarms(only(entry("2"), alarms="lesson:10m")))}) == 3


def test_what_does_not_take_place_rings_for_nobody() -> None:
    for gone in (entry(status=Status.CANCELLED), entry(vanished=CHANGED)):
        assert alarms(only(gone, alarms="lesson:10m")) == []
        assert alarms(only(gone, alarms="lesson:10m", cancelled="status")) == []
    holiday = entry("h", kind=Kind.HOLIDAY, when=DAY.__class__(DAY.start.replace(day=1), DAY.end))
    lesson = next(
        event
        for event in events_in(rendered(entry(), holiday, alarms="lesson:10m", holiday_clears="mark"))
        if event["uid"] == "uid-1"
    )
    assert alarms(lesson) == []


def test_all_reminders_have_uids_of_their_own() -> None:
    calendar = rendered(*week(), *changes(), alarms=",".join(f"{kind}:{n}m" for kind in Kind for n in (5, 10)))
    uids = [str(alarm["uid"]) for event in events_in(calendar) for alarm in alarms(event)]
    assert len(uids) == len(set(uids)) > 40
