"""What cannot be read keeps the event of its identity."""

import json
from datetime import date

import pytest
from aiohttp import web
from msgspec import structs

from bridge.model.event import Part, Timed
from bridge.sources.somtoday import SOURCE
from bridge.sources.somtoday.mapping.absences import same_as_earlier
from bridge.sources.somtoday.standin.server import ANNA
from bridge.upstream.contract import Unread
from bridge.upstream.standin import StandIn
from tests.conftest import OpenSchool, School, SettableClock
from tests.faults import Handler, as_usual
from tests.sources.somtoday.answers import (
    absences,
    appointment,
    item,
    link,
    observation,
    registrations,
    report,
    schedule,
    utc,
    vacation,
    vacations,
    weeks,
)


def test_what_cannot_be_read_keeps_its_event_in_every_list() -> None:
    wrong = {"beginDatumTijd": "x"}
    assert absences([report(1), report(2, **wrong)]).unread == (Unread("melding:2"),)
    assert absences([], [observation(1), observation(2, **wrong)]).unread == (Unread("waarneming:2"),)
    registered = {"begin": "2026-09-07T11:15:00", "registratieId": 1}
    missing = registered | {"registratieId": 2, "begin": None}
    for group, name in (("teLaat", "melding:2"), ("afwezigWaarnemingen", "waarneming:2")):
        assert registrations({group: [registered, missing]}).unread == (Unread(name),)
    lacking = {"uniqueIdentifier": "h2", "beginDatumTijd": 7}
    assert registrations({"teLaat": [registered], "huiswerkNietGemaakt": [lacking]}).unread == (
        Unread("huiswerkNietGemaakt:h2"),
    )
    assert vacations(vacation(1), vacation(2, eindDatum="x")).unread == (Unread("2"),)
    nameless = vacation(links=[])
    [known] = vacations(nameless).events
    assert vacations(vacation(1), nameless | {"eindDatum": None}).unread == (Unread(known.identity),)
    good = link("SUMMARY:Les")
    assert link("SUMMARY:Les", "SUMMARY:Toets", "SUMMARY:Les\nDTEND:x").unread == (Unread(good.events[0].identity),)


def test_an_absence_that_was_seen_does_not_show_beside_its_report_that_cannot_be_read() -> None:
    other = {"beginDatumTijd": "2026-09-08T11:15:00", "eindDatumTijd": "2026-09-08T12:00:00"}
    at = Timed(utc(2026, 9, 7, 9, 15), utc(2026, 9, 7, 10), "Europe/Amsterdam")
    told = absences([report(9, eindDatumTijd="x"), report(8, **other)], [observation(1)])
    reading = same_as_earlier(told, {"melding:9": at})
    assert [event.identity for event in reading.events] == ["melding:8"]


def with_an_odd(name: str, start: str) -> Handler:
    """The week as usual, but for a field of the lesson at `start` that cannot be read."""

    async def answer(request: web.Request) -> web.StreamResponse:
        usual = await as_usual(request)
        assert isinstance(usual, web.Response)
        told = json.loads(str(usual.text))
        [lesson] = [lesson for lesson in told["items"] if lesson["beginDatumTijd"].startswith(start)]
        lesson[name] = {"odd": 1}
        return web.json_response(told)

    return answer


async def calendar_before_an_odd(name: str, school: School, stand_in: StandIn) -> str:
    """The calendar of a pupil, of whom from now on a lesson with homework has a field that is written oddly."""
    await school.add("anna", "fortes")
    start = stand_in.controls["add-homework"]().rpartition(", ")[2].replace(" ", "T")
    await school.refresh()
    await school.feed("anna")
    before = await school.ics("anna")
    year, week, _ = date.fromisoformat(start[:10]).isocalendar()
    path = f"/rest/v1/afspraakitems/{ANNA.key}/jaar/{year}/week/{week}"
    stand_in.faults[path] = with_an_odd(name, start)
    return before


async def test_homework_of_a_lesson_that_cannot_be_read_does_not_show_beside_it(
    open_school: OpenSchool, clock: SettableClock
) -> None:
    stand_in = SOURCE.stand_in(clock)
    async with open_school({"fortes": stand_in}) as school:
        before = await calendar_before_an_odd("status", school, stand_in)
        rows = {row.part: row for row in await school.refresh()}
        assert "could not be read" in str(rows[Part.SCHEDULE].error)
        assert await school.ics("anna") == before


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("locatie", {"locations"}),
        ("titel", set[str]()),
        ("omschrijving", set[str]()),
        ("docentNamen", {"teachers"}),
        ("vak", {"subject", "code", "title"}),
    ],
)
@pytest.mark.parametrize("odd", [{"naam": []}, ["a", {}], True])
def test_an_odd_field_costs_only_itself(name: str, lost: set[str], odd: object) -> None:
    whole, partial = weeks(item()), weeks(item(**{name: odd}))
    assert (partial.unread, len(partial.events), bool(partial.notes)) == ((), 1, True)
    told, read = structs.asdict(whole.events[0]), structs.asdict(partial.events[0])
    assert {key for key in told if told[key] != read[key]} - {"groups"} == lost
    assert lost <= partial.lacking[whole.events[0].identity]


def test_an_odd_field_costs_only_itself_in_the_documented_timetable() -> None:
    extras = appointment()["additionalObjects"] | {"docentAfkortingen": {"odd": 1}}
    reading = schedule(appointment(locatie=[], additionalObjects=extras))
    (event,) = reading.events
    assert (event.title, event.locations, event.teachers, reading.skipped) == ("wiskunde B", (), (), 0)


async def test_a_known_room_stays_while_it_is_written_oddly(open_school: OpenSchool, clock: SettableClock) -> None:
    stand_in = SOURCE.stand_in(clock)
    async with open_school({"fortes": stand_in}) as school:
        before = await calendar_before_an_odd("locatie", school, stand_in)
        (row,) = [row for row in await school.refresh() if row.part is Part.SCHEDULE]
        assert (row.ok, row.error) == (True, "Some lessons could not be read in full.")
        assert await school.ics("anna") == before
