"""Choosing timetables and checking in, by the API."""

from bridge.upstream.discovery import discover
from tests.conftest import SettableClock
from tests.server.api.conftest import OpenApi


async def test_a_group_is_chosen(open_api: OpenApi, clock: SettableClock) -> None:
    stand_in = discover()["mytimetable"].stand_in(clock)
    async with open_api({"uva": stand_in}) as api:
        await api.done("POST", "/users", {"name": "noor"})
        sample = next(one for one in stand_in.people if one.user == "noor")
        await api.done("POST", "/users/noor/accounts", {"source": "uva", "identity": sample.identity})
        path = "/users/noor/timetables/uva"
        one = next(one for one in await api.get(path) if len(one["options"]) > 1)
        option = one["options"][0]["id"]
        chosen = await api.done("POST", f"{path}/options", {"key": one["key"], "options": [option]})
        assert chosen == {"key": one["key"], "state": "done"}
        again = next(other for other in await api.get(path) if other["key"] == one["key"])
        assert [found["id"] for found in again["options"] if found["chosen"]] == [option]
        first = await api.ask("GET", f"{path}?limit=3")
        assert 'rel="next"' in first.headers["Link"]
        keys = [found["key"] for found in first.value + await api.get(f"{path}?after={first.value[-1]['key']}")]
        assert keys == sorted(found["key"] for found in await api.get(path))
        word = one["name"].split()[0]
        assert one["key"] in {found["key"] for found in await api.get(f"{path}/search?word={word}")}
        assert (await api.done("DELETE", f"{path}?key={one['key']}"))["state"] == "done"
        assert one["key"] not in {other["key"] for other in await api.get(path)}
        assert (await api.done("POST", path, {"key": one["key"]}))["state"] == "done"
        unknown = await api.ask("POST", path, {"key": "2026!module!NOTHING"})
        assert (unknown.status, unknown.value["code"]) == (422, "404")


async def test_a_student_checks_in(open_api: OpenApi, clock: SettableClock) -> None:
    stand_in = discover()["checkin"].stand_in(clock)
    async with open_api({"checkin": stand_in}) as api:
        await api.done("POST", "/users", {"name": "joost"})
        sample = next(one for one in stand_in.people if one.user == "joost")
        account = {"source": "checkin", "identity": sample.identity, "secret": sample.secret}
        await api.done("POST", "/users/joost/accounts", account)
        path = "/users/joost/checkins/checkin"
        done = await api.done("POST", path, {"hours": 6, "mood": 8, "comment": "Fietsen"})
        assert done == {"day": "2026-11-22", "hours": 6.0, "state": "done"}
        assert (await api.ask("POST", path, {"hours": 30})).status == 422
        assert await api.done("DELETE", path) == {"day": "2026-11-22", "hours": None, "state": "done"}
