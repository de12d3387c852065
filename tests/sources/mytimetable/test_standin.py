import json
from datetime import date, datetime, time, timedelta
from typing import Any

import aiohttp
import pytest
from yarl import URL

from bridge.sources.mytimetable.standin.curriculum import ZONE, academic_year, events, milliseconds
from bridge.sources.mytimetable.standin.server import API_TOKEN, OWN_TOKEN, PLAIN_TOKEN
from bridge.sources.mytimetable.standin.university import STUDENT
from bridge.upstream.standin import StandIn

PLAIN = {"Accept": "application/json", "apiToken": API_TOKEN}
FOR_STUDENT = PLAIN | {"requestedAuth": STUDENT}
OWN = {"Accept": "application/json", "Authorization": f"Bearer {OWN_TOKEN}"}


async def ask(caller: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> tuple[int, Any]:
    async with caller.get(URL(url, encoded=True), headers=headers) as reply:
        return reply.status, json.loads(await reply.text())


@pytest.mark.parametrize(
    ("path", "headers", "status", "error"),
    [
        ("timetable", {"Accept": "application/json"}, 401, "invalid_api_token"),
        ("timetable", PLAIN | {"apiToken": "wrong"}, 401, "invalid_api_token"),
        ("timetable", PLAIN, 403, "login_required"),
        ("timetable", FOR_STUDENT | {"apiToken": PLAIN_TOKEN}, 403, "elevation_required"),
        ("timetable", PLAIN | {"requestedAuth": "nobody"}, 404, "user_not_found"),
        ("timetable", OWN | {"apiToken": API_TOKEN}, 400, "ambiguous_credentials"),
        ("timetable", OWN | {"Authorization": "Bearer x"}, 401, "invalid_access_token"),
        ("timetable?startDate=12-10-2026", FOR_STUDENT, 400, "invalid_date"),
        ("timetable?limit=all", FOR_STUDENT, 400, "invalid_limit"),
        ("timetable?type=modules", FOR_STUDENT, 400, "invalid_type"),
        ("timetable?from=2026-01-01", FOR_STUDENT, 400, "unknown_parameter"),
        ("timetables", PLAIN, 400, "invalid_type"),
        ("timetables/2026%21module%21NONE", PLAIN, 404, "timetable_not_found"),
        ("timetables/2026%21location%21REC%20A1.02", FOR_STUDENT, 400, "impersonation_not_supported"),
        ("timetables/2026!location!REC%20A1.02", PLAIN, 400, "invalid_key"),
        ("timetables?type=location&departmentFilter=FEB", PLAIN, 400, "unknown_parameter"),
        ("timetables?type=module&d=1999", PLAIN, 400, "invalid_database"),
        ("timetables?type=module&limit=x", PLAIN, 400, "invalid_limit"),
        ("timetablefilters", PLAIN, 400, "invalid_type"),
        ("weeklabelmaps/NONE", PLAIN, 404, "weeklabelmap_not_found"),
        ("timetabletypesdetails", {"Accept": "application/json"}, 401, "invalid_api_token"),
        ("subscriptions", PLAIN, 403, "login_required"),
        ("subscriptions", PLAIN | {"requestedAuth": "nobody"}, 404, "user_not_found"),
        ("subscriptions?limit=1", FOR_STUDENT, 400, "unknown_parameter"),
        ("eventtypegroups", PLAIN, 403, "login_required"),
        ("user", FOR_STUDENT | {"apiToken": PLAIN_TOKEN}, 403, "elevation_required"),
        ("user/messages", OWN | {"Authorization": "Bearer x"}, 401, "invalid_access_token"),
        ("timetables/2026%2521location%2521REC%2520A1.02", PLAIN, 404, "timetable_not_found"),
    ],
)
async def test_the_stand_in_refuses_what_the_document_does_not_allow(
    caller: aiohttp.ClientSession, address: str, path: str, headers: dict[str, str], status: int, error: str
) -> None:
    got, body = await ask(caller, f"{address}/api/v0/{path}", headers)
    assert (got, body["errorType"], body["status"]) == (status, error, "error")
    assert body["errorMessage"]


@pytest.mark.parametrize(
    "path",
    [
        "timetables?type=module",
        "timetables?type=module&q=inf&limit=2&offset=1&d=2025",
        "timetabletypes",
        "timetabletypesdetails",
        "timetablefilters?type=module",
        "timetables/2026%21location%21REC%20A1.02",
        "databases",
        "databasedetails",
        "weeklabelmaps",
        "weeklabelmaps/ONDERWIJS",
        "terms",
    ],
)
async def test_an_api_token_opens_what_is_nobodys_own(caller: aiohttp.ClientSession, address: str, path: str) -> None:
    got, body = await ask(caller, f"{address}/api/v0/{path}", PLAIN)
    assert got == 200
    assert body


async def test_days_and_limit_are_honoured(caller: aiohttp.ClientSession, address: str) -> None:
    base = f"{address}/api/v0/timetable?startDate=2026-10-12&endDate=2026-10-16"
    _, some = await ask(caller, base, FOR_STUDENT)
    _, one = await ask(caller, f"{base}&limit=1", FOR_STUDENT)
    _, today = await ask(caller, f"{address}/api/v0/timetable?startDate=today&endDate=tomorrow", FOR_STUDENT)
    assert len(some) > 3
    assert one == some[:1]
    assert len(today) < len(some)


async def test_who_does_not_ask_for_json_gets_xml(caller: aiohttp.ClientSession, address: str) -> None:
    async with caller.get(f"{address}/api/v0/timetabletypes", headers={"apiToken": API_TOKEN}) as reply:
        assert reply.content_type == "application/xml"


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip", "gzip"), ("identity", None)])
async def test_answers_are_compressed_where_that_is_accepted(
    caller: aiohttp.ClientSession, address: str, accepted: str, encoding: str | None
) -> None:
    headers = FOR_STUDENT | {"Accept-Encoding": accepted}
    async with caller.get(f"{address}/api/v0/timetable", headers=headers) as reply:
        assert reply.headers.get("Content-Encoding") == encoding


async def test_both_shapes_of_staff_and_of_events_come_in_a_year(caller: aiohttp.ClientSession, address: str) -> None:
    _, events = await ask(caller, f"{address}/api/v0/timetable", FOR_STUDENT)
    shapes = {type(member) for event in events for member in event["staffMembers"]}
    assert shapes == {str, dict}
    assert {"id" in event for event in events} == {True, False}
    assert {"eventType" in event for event in events} == {True, False}
    assert {event["filtered"] for event in events} == {True, False}
    assert {event["draft"] for event in events} == {True, False}
    assert {event["allDay"] for event in events} == {True, False}


def test_the_same_day_gives_the_same_people(stand_in: StandIn) -> None:
    assert len(stand_in.people) >= 3
    assert any(person.options for person in stand_in.people)
    assert any(person.secret for person in stand_in.people)


@pytest.mark.parametrize("month", range(1, 13))
def test_this_week_has_lectures_and_the_next_has_exams_at_any_time_of_the_year(month: int) -> None:
    today = date(2026, month, 24)
    monday = today - timedelta(days=today.weekday())
    found = events(academic_year(today), today)

    def kinds(first: date) -> set[str]:
        start, end = (milliseconds(datetime.combine(day, time(), ZONE)) for day in (first, first + timedelta(days=7)))
        return {
            event["activityTypeDescription"]
            for event in found
            if start <= event["startDate"] < end and not event["allDay"]
        }

    assert "Hoorcollege" in kinds(monday) or "Practicum" in kinds(monday)
    assert "Tentamen" not in kinds(monday)
    assert kinds(monday + timedelta(days=7)) == {"Tentamen"}


@pytest.mark.parametrize("today", [date(2026, 11, 27), date(2026, 5, 4)])
def test_a_university_is_closed_at_christmas(today: date) -> None:
    days = {datetime.fromtimestamp(event["startDate"] / 1000, ZONE).date() for event in events(2026, today)}
    assert not any(date(2026, 12, 21) <= day < date(2027, 1, 4) for day in days)
    assert any(date(2026, 12, 7) <= day < date(2027, 1, 11) for day in days)
