import re
from datetime import date, timedelta
from typing import Any

import aiohttp
import pytest

from bridge.model.event import Kind
from bridge.sources.somtoday import SOURCE
from bridge.sources.somtoday.client import CLIENT_ID
from bridge.sources.somtoday.standin.school import School
from bridge.sources.somtoday.standin.server import ANNA, SomtodayServer
from tests.conftest import OpenSchool, SettableClock

JSON = {"Accept": "application/json"}
DAYS = "begindatum=2026-11-01&einddatum=2027-02-01"


async def grant(caller: aiohttp.ClientSession, address: str, token: str, **changes: str) -> tuple[int, Any]:
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": CLIENT_ID} | changes
    async with caller.post(f"{address}/oauth2/token", data=form) as reply:
        return reply.status, await reply.json()


@pytest.fixture
async def bearer(caller: aiohttp.ClientSession, address: str) -> dict[str, str]:
    _, answer = await grant(caller, address, "refresh-anna")
    return JSON | {"Authorization": f"Bearer {answer['access_token']}"}


async def test_a_refresh_token_that_comes_back_ends_its_family(
    caller: aiohttp.ClientSession, address: str, standin: SomtodayServer
) -> None:
    status, answer = await grant(caller, address, "refresh-anna")
    assert (status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 3600)
    revoked = {"error": "invalid_grant", "error_description": "Token revoked"}
    assert await grant(caller, address, "refresh-anna") == (400, revoked)
    assert await grant(caller, address, answer["refresh_token"]) == (400, revoked)
    assert standin.replays == 1
    bearer = JSON | {"Authorization": f"Bearer {answer['access_token']}"}
    async with caller.get(f"{address}/rest/v1/leerlingen", headers=bearer) as reply:
        assert reply.status == 401


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"client_id": "other"}, "invalid_client"), ({"grant_type": "password"}, "unsupported_grant_type")],
)
async def test_only_the_apps_own_refresh_grant_is_answered(
    caller: aiohttp.ClientSession, address: str, changes: dict[str, str], error: str
) -> None:
    status, answer = await grant(caller, address, "refresh-anna", **changes)
    assert (status, answer["error"]) == (400, error)


async def test_it_is_as_picky_as_the_real_one(
    caller: aiohttp.ClientSession, address: str, bearer: dict[str, str]
) -> None:
    url = f"{address}/rest/v1/leerlingen"
    async with caller.get(url, headers=bearer | {"User-Agent": ""}) as reply:
        assert reply.status == 403
    async with caller.get(url, headers=bearer | {"Accept": "*/*"}) as reply:
        assert reply.content_type == "application/xml"
    async with caller.get(url, headers=JSON) as reply:
        assert reply.status == 401
    async with caller.get(f"{address}/rest/v1/vakanties/leerling/1", headers=bearer) as reply:
        assert reply.status == 403


async def test_no_more_than_a_hundred_come_in_a_page(
    caller: aiohttp.ClientSession, address: str, bearer: dict[str, str]
) -> None:
    url = f"{address}/rest/v1/afspraken?{DAYS}"
    async with caller.get(url, headers=bearer | {"Range": "items=0-499"}) as reply:
        page = await reply.json()
        match = re.fullmatch(r"items 0-99/(\d+)", reply.headers["Content-Range"])
        assert (reply.status, len(page["items"])) == (206, 100)
    assert match is not None
    total = int(match[1])
    async with caller.get(url, headers=bearer | {"Range": f"items={total}-{total + 99}"}) as reply:
        assert (reply.status, reply.headers["Content-Range"]) == (416, f"items */{total}")
    async with caller.get(url, headers=bearer) as reply:
        assert reply.status == 200
        assert len((await reply.json())["items"]) == total


async def test_extras_come_only_where_they_are_asked_for(
    caller: aiohttp.ClientSession, address: str, bearer: dict[str, str]
) -> None:
    url = f"{address}/rest/v1/afspraken?{DAYS}"
    async with caller.get(url, headers=bearer) as reply:
        assert all(item["additionalObjects"] == {} for item in (await reply.json())["items"])
    async with caller.get(f"{url}&additional=vak&additional=leerlingen", headers=bearer) as reply:
        assert all(set(item["additionalObjects"]) == {"vak", "leerlingen"} for item in (await reply.json())["items"])


@pytest.mark.parametrize("month", range(1, 13))
def test_this_week_is_an_ordinary_one_and_the_next_has_tests_at_any_time_of_the_year(month: int) -> None:
    today = date(2026, month, 24)
    monday = today - timedelta(days=today.weekday())
    lessons = School(today, (ANNA,)).lessons[ANNA.key]
    this, following = (
        [one for one in lessons if start <= one.start.date() < start + timedelta(days=7)]
        for start in (monday, monday + timedelta(days=7))
    )
    assert len(this) > 20
    assert sum(lesson.test for lesson in this) <= 1
    assert len(following) > 5
    assert all(lesson.test for lesson in following)


def test_nobody_has_a_lesson_during_the_trip() -> None:
    school = School(date(2026, 11, 24), (ANNA,))
    (trip,) = school.trips[ANNA.key]
    assert not [one for one in school.lessons[ANNA.key] if one.start < trip.end and one.end > trip.start]


async def test_a_lesson_that_is_moved_takes_its_homework_along(open_school: OpenSchool, clock: SettableClock) -> None:
    stand_in = SOURCE.stand_in(clock)
    async with open_school({"fortes": stand_in}) as school:
        await school.add("anna", "fortes")
        stand_in.controls["add-homework"]()
        await school.refresh()
        await school.feed("anna", kinds=[Kind.LESSON, Kind.HOMEWORK])
        before = await school.ics("anna")
        stand_in.controls["move-lesson"]()
        await school.refresh()
        after = await school.ics("anna")
    assert "Verplaatst: " not in before
    [moved] = [event for event in after.split("BEGIN:VEVENT") if "SUMMARY:Verplaatst: " in event]
    assert "woorden" in moved
    assert after.count("CATEGORIES:Huiswerk") == before.count("CATEGORIES:Huiswerk")
