"""What comes out for the people of the stand-in's school."""

from datetime import date

import pytest
from aiohttp import web

from bridge.errors import AuthFailed, BadResponse, Forbidden, RateLimited, SourceError
from bridge.model.event import DayPart, Event, Kind, Part
from bridge.model.window import Window
from bridge.sources.informat.standin.answers import interruption_answer
from bridge.sources.informat.standin.institute import CLAES, EL_AMRANI, JACOBS, MAES, PEETERS, WILLEMS, WOUTERS
from bridge.sources.informat.standin.server import InformatServer
from bridge.sync.snapshot import Delivered, Outcome
from bridge.upstream.standin import StandIn
from tests.conftest import OpenSchool, SettableClock
from tests.sources.informat.answers import days
from tests.sources.informat.conftest import Fetch, events

SECRETS = ("Ziekteverlof", "grieperig", "Huwelijk", "Omstandigheidsverlof", "autoband", "Staking", "Uurrooster")


def failed(outcome: Outcome) -> SourceError:
    assert isinstance(outcome, SourceError), outcome
    return outcome


def of_kind(found: list[Event], kind: Kind) -> list[Event]:
    return [event for event in found if event.kind is kind]


async def test_who_is_ill_is_absent_and_keeps_the_assignment(fetch: Fetch) -> None:
    parts = await fetch(WOUTERS.key)
    [absence] = events(parts[Part.INTERRUPTIONS])
    assert (absence.kind, absence.when, absence.title) == (Kind.INTERRUPTION, days("2026-11-19", "2026-12-03"), "")
    assert (absence.reason, absence.colleague, absence.day_part) == ("Ziekteverlof", "", None)
    [assignment] = events(parts[Part.ASSIGNMENTS])
    assert assignment.when == days("2026-09-01", "2027-08-31")
    assert (assignment.title, assignment.hours, assignment.full_hours) == ("Wetenschappelijk werk", 18.0, 20.0)
    assert assignment.locations == ("Hoofdgebouw",)


async def test_the_substitute_replaces_from_the_day_that_the_assignment_begins(fetch: Fetch) -> None:
    found = events((await fetch(CLAES.key))[Part.ASSIGNMENTS])
    [substitution] = of_kind(found, Kind.SUBSTITUTION)
    assert (substitution.when, substitution.colleague) == (days("2026-11-20", "2026-12-03"), "Jan Wouters")
    assert [event.title for event in of_kind(found, Kind.ASSIGNMENT)] == ["Wiskunde", "Wetenschappelijk werk"]


async def test_of_who_is_ill_it_is_told_who_does_the_work_and_from_when(fetch: Fetch) -> None:
    [absence] = events((await fetch(WOUTERS.key))[Part.INTERRUPTIONS])
    assert [(cover.what, cover.days, cover.colleague) for cover in absence.cover] == [
        ("Wetenschappelijk werk", days("2026-11-19", "2026-11-19"), ""),
        ("Wetenschappelijk werk", days("2026-11-20", "2026-12-03"), "Lotte Claes"),
    ]


async def test_the_absent_person_is_told_who_replaces_them_where_the_settings_say_so(fetch: Fetch) -> None:
    [absence] = events((await fetch(WOUTERS.key, name_substitutes=True))[Part.INTERRUPTIONS])
    assert absence.colleague == "Lotte Claes"


async def test_the_secretariat_has_a_function_and_no_subject(fetch: Fetch) -> None:
    [assignment] = events((await fetch(PEETERS.key))[Part.ASSIGNMENTS])
    assert (assignment.title, assignment.subject) == ("Administratief medewerker", "")


async def test_an_absence_in_two_structures_shows_once(fetch: Fetch) -> None:
    parts = await fetch(EL_AMRANI.key)
    assert len(events(parts[Part.INTERRUPTIONS])) == 1
    assert len(events(parts[Part.ASSIGNMENTS])) == 2


async def test_strikes_take_the_part_of_the_day_that_was_recorded(fetch: Fetch) -> None:
    [whole] = events((await fetch(MAES.key))[Part.INTERRUPTIONS])
    morning, afternoon = events((await fetch(JACOBS.key))[Part.INTERRUPTIONS])
    [hours] = events((await fetch(WILLEMS.key))[Part.INTERRUPTIONS])
    assert [event.day_part for event in (whole, morning, afternoon, hours)] == [
        DayPart.WHOLE,
        DayPart.MORNING,
        DayPart.AFTERNOON,
        DayPart.HOURS,
    ]
    assert [event.hours for event in (whole, morning, afternoon, hours)] == [None, None, None, 2.0]


async def test_what_happens_at_school_is_in_the_next_answer(fetch: Fetch, stand_in: StandIn) -> None:
    stand_in.controls["fall-ill"]()
    assert len(events((await fetch(WOUTERS.key))[Part.INTERRUPTIONS])) == 2
    stand_in.controls["substitute"]()
    [substitution] = of_kind(events((await fetch(WILLEMS.key))[Part.ASSIGNMENTS]), Kind.SUBSTITUTION)
    assert substitution.when == days("2026-12-14", "2026-12-19")
    stand_in.controls["recover"]()
    [absence] = events((await fetch(WOUTERS.key))[Part.INTERRUPTIONS])
    assert absence.when == days("2026-11-19", "2026-11-21")
    assert of_kind(events((await fetch(WILLEMS.key))[Part.ASSIGNMENTS]), Kind.SUBSTITUTION) == []


async def test_an_interruption_over_the_turn_of_the_year_shows_once(fetch: Fetch, standin: InformatServer) -> None:
    standin.institute.interruptions = [
        interruption_answer("d1", MAES, "311", date(2026, 8, 20), date(2026, 9, 10)),
        interruption_answer("d2", MAES, "311", date(2026, 8, 1), date(2026, 8, 2)),
    ]
    parts = await fetch(MAES.key, window=Window(date(2026, 8, 15), date(2026, 9, 15)))
    assert [event.when for event in events(parts[Part.INTERRUPTIONS])] == [days("2026-08-20", "2026-09-10")]


async def test_days_that_end_before_they_begin_are_skipped_and_counted(fetch: Fetch, standin: InformatServer) -> None:
    wrong = interruption_answer("d9", WOUTERS, "311", date(2026, 12, 9), date(2026, 12, 10))
    standin.institute.interruptions.append(wrong | {"begindatum": "2026-12-11T00:00:00"})
    outcome = (await fetch(WOUTERS.key))[Part.INTERRUPTIONS]
    assert isinstance(outcome, Delivered)
    assert (len(outcome.events), outcome.skipped) == (1, 1)
    assert len(events((await fetch(MAES.key))[Part.INTERRUPTIONS])) == 1


async def test_an_interruption_of_an_unknown_employee_hinders_nobody(fetch: Fetch, standin: InformatServer) -> None:
    stranger = interruption_answer("d9", MAES, "311", date(2026, 12, 9), date(2026, 12, 10)) | {"personId": "nobody"}
    standin.institute.interruptions.append(stranger)
    assert len(events((await fetch(MAES.key))[Part.INTERRUPTIONS])) == 1


async def test_a_school_without_interruptions_is_a_school_where_nobody_is_absent(
    fetch: Fetch, standin: InformatServer, stand_in: StandIn
) -> None:
    standin.institute.interruptions = []
    parts = await fetch(WOUTERS.key)
    assert events(parts[Part.INTERRUPTIONS]) == []
    assert len(events(parts[Part.ASSIGNMENTS])) == 1
    assert stand_in.requests["GET /employees"] == 2


async def test_a_school_without_anybody_is_no_school(fetch: Fetch, standin: InformatServer) -> None:
    standin.institute.interruptions, standin.institute.assignments, standin.institute.employees = [], [], ()
    parts = await fetch(WOUTERS.key)
    for part in parts.values():
        assert isinstance(failed(part), BadResponse)


@pytest.mark.parametrize("path", ["/employees/interruptions", "/employees/assignments"])
@pytest.mark.parametrize(("status", "kind"), [(403, Forbidden), (429, RateLimited), (400, BadResponse)])
async def test_a_list_that_does_not_come_fails_only_the_parts_that_need_it(
    fetch: Fetch, stand_in: StandIn, path: str, status: int, kind: type[SourceError]
) -> None:
    async def refuse(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status)

    stand_in.faults[path] = refuse
    parts = await fetch(WOUTERS.key)
    assert isinstance(failed(parts[Part.ASSIGNMENTS]), kind)
    if path.endswith("assignments"):
        assert len(events(parts[Part.INTERRUPTIONS])) == 1
        named = (await fetch(WOUTERS.key, name_substitutes=True))[Part.INTERRUPTIONS]
        assert isinstance(named, Delivered)
        assert named.notes, "who covers it is told another time"
    else:
        assert isinstance(failed(parts[Part.INTERRUPTIONS]), kind)


async def test_refused_credentials_fail_every_part_and_are_the_operators_to_mend(fetch: Fetch) -> None:
    for outcome in (await fetch(WOUTERS.key, client_secret="wrong")).values():
        error = failed(outcome)
        assert isinstance(error, AuthFailed)
        assert not error.needs_login


async def test_no_reason_and_no_remark_is_in_a_feed_or_a_log(
    open_school: OpenSchool,
    stand_in: StandIn,
    clock: SettableClock,
    capfd: pytest.CaptureFixture[str],
) -> None:
    async with open_school({"sintjan": stand_in}, sintjan={"name_substitutes": True}) as school:
        for person in stand_in.people:
            await school.add(person.user, "sintjan")
            await school.feed(person.user)
        assert all(row.ok and not row.error for row in await school.refresh())
        calendars = [await school.ics(person.user) for person in stand_in.people]
    assert all("BEGIN:VEVENT" in calendar for calendar in calendars)
    told = "".join(calendars) + "".join(capfd.readouterr())
    assert not [secret for secret in SECRETS if secret in told]
