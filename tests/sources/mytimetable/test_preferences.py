from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.model.event import Event
from bridge.sources.mytimetable.models import TimetableEvent
from bridge.sources.mytimetable.preferences import Preferences, read_hidden_groups, read_subscriptions
from bridge.sources.mytimetable.standin.server import OWN_TOKEN
from bridge.sources.mytimetable.standin.university import OWN, STUDENT
from bridge.sync.snapshot import Delivered, Outcome
from bridge.upstream.standin import StandIn
from tests.sources.bodies import body
from tests.sources.mytimetable.outcomes import answer, events

Fetch = Callable[..., Awaitable[Outcome]]
LISTS = Path(__file__).parent / "samples" / "lists"
ROOMS = {"location"}


def event(*keys: str, group: str = "") -> TimetableEvent:
    kind = {"id": "x", "eventTypeGroup": {"id": group, "description": "Words"}}
    return TimetableEvent.model_validate({"startDate": 0, "timetableKeys": list(keys), "eventType": kind})


def followed(key: str, *children: dict[str, Any], enabled: object = True, **more: object) -> dict[str, Any]:
    return {"key": key, "enabled": enabled, "childSubscriptions": list(children)} | more


def preferences(*subscriptions: object, groups: object = None) -> Preferences:
    hidden = () if groups is None else read_hidden_groups(body(groups), "Universiteit")
    told = read_subscriptions(body(list(subscriptions)), "Universiteit")
    return Preferences.of(told, hidden, reads=lambda kind: kind not in ROOMS)


def test_an_event_of_which_all_timetables_are_switched_off_is_left_out() -> None:
    told = preferences(followed("A", enabled=False), followed("B", enabled=False), followed("C"))
    assert not told.wants(event("A"))
    assert not told.wants(event("A", "B"))
    assert told.wants(event("A", "C"))
    assert told.wants(event("C"))


def test_an_event_that_tells_no_timetable_or_one_that_nobody_follows_stays() -> None:
    told = preferences(followed("A", enabled=False))
    assert told.wants(event())
    assert told.wants(event("A", "elsewhere"))


@pytest.mark.parametrize("enabled", [True, None, "yes", "", 1])
def test_a_subscription_that_does_not_say_that_it_is_off_is_on(enabled: object) -> None:
    assert preferences(followed("A", enabled=enabled)).wants(event("A"))
    assert preferences({"key": "A"}).wants(event("A"))


@pytest.mark.parametrize("enabled", [False, "false", " FALSE ", 0])
def test_off_may_be_written_in_several_ways(enabled: object) -> None:
    assert not preferences(followed("A", enabled=enabled)).wants(event("A"))


def test_a_child_speaks_for_its_parent() -> None:
    told = preferences(followed("P", followed("A", enabled=False), followed("B")))
    assert not told.wants(event("P", "A"))
    assert told.wants(event("P", "A", "B"))
    assert told.wants(event("P"))
    assert told.wants(event("B"))


def test_with_a_parent_its_children_are_off() -> None:
    told = preferences(followed("P", followed("A"), enabled=False), followed("Q", followed("B")))
    assert not told.wants(event("P", "A"))
    assert not told.wants(event("A"))
    assert told.wants(event("A", "B"))


def test_what_is_followed_twice_is_on_if_it_is_on_anywhere() -> None:
    assert preferences(followed("P", followed("A", enabled=False)), followed("A")).wants(event("A"))
    assert preferences(followed("A", enabled=False), followed("A")).wants(event("A"))


def test_circles_hide_nothing() -> None:
    assert preferences(followed("A", followed("A"))).wants(event("A"))
    assert preferences(followed("A", followed("B")), followed("B", followed("A"))).wants(event("A", "B"))


def test_a_room_that_is_not_read_does_not_bring_back_what_was_switched_off() -> None:
    off = followed("2026!module!A", enabled=False)
    for room in (followed("2026!location!R"), followed("R", type="location")):
        assert not preferences(off, room).wants(event("2026!module!A", room["key"]))
    assert preferences(off, followed("2026!studentset!S")).wants(event("2026!module!A", "2026!studentset!S"))


def test_types_that_are_filtered_for_calendars_are_left_out_where_filtering_is_on() -> None:
    left_out = {"id": "Excursie", "isFiltered": False, "isFilteredForSync": True}
    groups = {"filteringEnabled": True, "eventtypegroups": [left_out, {"id": "Other"}]}
    told = preferences(groups=groups)
    assert not told.wants(event("A", group="Excursie"))
    assert told.wants(event("A", group="Other"))
    assert told.wants(event("A"))
    assert preferences(groups=groups | {"filteringEnabled": False}).wants(event("A", group="Excursie"))


def test_a_type_that_only_the_web_page_hides_stays_in_the_calendar() -> None:
    hidden_there = {"id": "Excursie", "isFiltered": True, "isFilteredForSync": False}
    groups = {"filteringEnabled": True, "eventtypegroups": [hidden_there]}
    assert preferences(groups=groups).wants(event("A", group="Excursie"))


def test_the_samples_switch_off_one_subscription_and_no_type() -> None:
    subscriptions, groups = (
        body((LISTS / f"{name}.json").read_bytes()) for name in ("subscriptions", "eventtypegroups")
    )
    hidden = read_hidden_groups(groups, "Universiteit")
    told = Preferences.of(read_subscriptions(subscriptions, "Universiteit"), hidden, reads=lambda _: True)
    assert not told.wants(event("2011!module!49CBD432F01E8C5057B344E02604A711", group="Excursie"))
    assert told.wants(event("2011!module!OTHER", group="Excursie"))


@pytest.mark.parametrize("told", ["", "<html>", "{}", "null", "7", "[7, 8]", '[{"key": "A"}, {}, null]'])
async def test_subscriptions_that_cannot_be_read_leave_the_timetable(
    fetch: Fetch, stand_in: StandIn, told: str
) -> None:
    everything = events(await fetch(STUDENT))
    stand_in.faults["/api/v0/subscriptions"] = answer(200, told)
    assert_told_without(await fetch(STUDENT), everything)


@pytest.mark.parametrize("told", ["", "[]", "{}", '{"eventtypegroups": null}', '{"eventtypegroups": [1]}'])
async def test_types_that_cannot_be_read_leave_the_timetable(fetch: Fetch, stand_in: StandIn, told: str) -> None:
    everything = events(await fetch(STUDENT))
    stand_in.faults["/api/v0/eventtypegroups"] = answer(200, told)
    assert_told_without(await fetch(STUDENT), everything)


def assert_told_without(outcome: Outcome, everything: tuple[Event, ...]) -> None:
    """Assert that the timetable came, with a sentence about what did not."""
    assert events(outcome) == everything
    assert isinstance(outcome, Delivered)
    assert len(outcome.notes) == 1


@pytest.mark.parametrize("status", [403, 404])
async def test_where_the_site_keeps_them_to_itself_everything_is_shown(
    fetch: Fetch, stand_in: StandIn, status: int
) -> None:
    everything = events(await fetch(STUDENT))
    stand_in.controls["disable-subscription"]()
    stand_in.controls["filter-type"]()
    assert len(events(await fetch(STUDENT))) < len(everything)
    stand_in.faults["/api/v0/subscriptions"] = stand_in.faults["/api/v0/eventtypegroups"] = answer(status, "")
    assert events(await fetch(STUDENT)) == everything
    assert events(await fetch(OWN, OWN_TOKEN))


async def test_a_course_that_is_switched_off_goes_and_comes_back(fetch: Fetch, stand_in: StandIn) -> None:
    before = set(events(await fetch(STUDENT)))
    assert stand_in.controls["disable-subscription"]() == "Inleiding programmeren has been switched off."
    without = set(events(await fetch(STUDENT)))
    assert without < before
    assert {event.title for event in before - without} == {"Inleiding programmeren"}
    stand_in.controls["disable-subscription"]()
    assert set(events(await fetch(STUDENT))) == before


async def test_what_is_read_by_its_key_is_shown_whatever_is_switched_off(fetch: Fetch, stand_in: StandIn) -> None:
    key = stand_in.people[3].options["timetables"].split(",")[0]
    everything = events(await fetch(STUDENT, keys=key))
    stand_in.controls["filter-type"]()
    rest = events(await fetch(STUDENT, keys=key))
    lectures, left = ({event.title for event in found if event.label == "Hoorcollege"} for found in (everything, rest))
    assert "Inleiding programmeren" in lectures - left
    assert "Datastructuren" in left
