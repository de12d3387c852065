from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from bridge.errors import BadResponse
from bridge.model.event import Timed
from bridge.sources.mytimetable.standin.server import OWN_TOKEN
from bridge.sources.mytimetable.standin.university import STUDENT
from bridge.sources.mytimetable.weeks import WeekNames, default_map
from bridge.sync.snapshot import Delivered, Outcome
from bridge.upstream.standin import StandIn
from tests.sources.bodies import body
from tests.sources.mytimetable.outcomes import answer, events

Fetch = Callable[..., Awaitable[Outcome]]
MAPS = "GET /api/v0/weeklabelmaps"


async def test_a_week_is_named_where_the_settings_want_it(fetch: Fetch, stand_in: StandIn) -> None:
    assert not any(event.week for event in events(await fetch(STUDENT)))
    assert MAPS not in stand_in.requests
    found = events(await fetch(STUDENT, week_labels=True))
    names = {event.when.start.date(): event.week for event in found if isinstance(event.when, Timed)}
    assert names[date(2026, 10, 1)] == "blok 1 week 5"
    assert names[date(2026, 10, 21)] == "blok 1 tentamenweek"


async def test_an_own_token_opens_them_where_there_is_no_other(fetch: Fetch) -> None:
    found = events(await fetch("", OWN_TOKEN, api_token=None, week_labels=True))
    assert any("blok" in event.week for event in found)


@pytest.mark.parametrize("place", ["weeklabelmaps", "weeklabelmaps/"])
async def test_a_site_without_names_of_weeks_has_lessons_all_the_same(
    fetch: Fetch, stand_in: StandIn, place: str
) -> None:
    without = events(await fetch(STUDENT))
    stand_in.faults[f"/api/v0/{place}"] = answer(404, "")
    assert events(await fetch(STUDENT, week_labels=True)) == without


async def test_names_of_weeks_that_do_not_come_leave_the_timetable(fetch: Fetch, stand_in: StandIn) -> None:
    without = events(await fetch(STUDENT))
    stand_in.faults["/api/v0/weeklabelmaps"] = answer(500, "")
    outcome = await fetch(STUDENT, week_labels=True)
    assert events(outcome) == without
    assert isinstance(outcome, Delivered)
    assert outcome.notes == ("Not up to date: names of weeks. Universiteit is out of order (HTTP 500).",)


def test_the_map_that_is_the_default_counts_and_else_the_first() -> None:
    def chosen(text: str) -> str | None:
        return default_map(body(text.encode()), "Universiteit")

    assert chosen('{"weeklabelmaps": [{"key": "A"}, {"key": "B", "isDefault": true}]}') == "B"
    assert chosen('{"weeklabelmaps": [{"key": "A", "isDefault": null}, {"key": "B"}]}') == "A"
    assert chosen('{"weeklabelmaps": []}') is None
    with pytest.raises(BadResponse):
        chosen('{"weeklabelmaps": {}}')


def test_labels_that_cannot_be_read_are_left_out_unless_they_are_most() -> None:
    label = {"year": 2026, "week": 48, "description": "blok 2"}
    assert WeekNames.of(body({"weeklabels": [label, {}]}), "Universiteit").name(date(2026, 11, 29)) == "blok 2"
    with pytest.raises(BadResponse):
        WeekNames.of(body({"weeklabels": [label, {}, None]}), "Universiteit")
