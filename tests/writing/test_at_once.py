"""How soon a calendar shows what a person reported: from a command, the API and a page of a running service.

Each is done three times, and the quickest counts: other load of the machine is not the service's. From the moment at
which the command has ended, or the answer is there, until the feed of the person and that of the team have it.
"""

import re
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import aiohttp

from bridge.model.clock import now_utc
from bridge.server.pages.protection import form_token
from bridge.upstream.discovery import discover
from tests.conftest import slow
from tests.program import Program, new_program, until

AT_ONCE = 1.0
TOKEN = "the-token-of-all-tests"
WORK = "sintjan"
TRIES = 3
Report = Callable[[str, str, str], Awaitable[str]]
"""Report an absence from a day to another, or correct the one with an id. Gives its id."""
Withdraw = Callable[[str], Awaitable[object]]


def by_commands(program: Program) -> tuple[Report, Withdraw]:
    async def report(first: str, last: str, corrects: str) -> str:
        more = ("--id", corrects) if corrects else ()
        told = await program.json("absence", "report", "els", WORK, "--from", first, "--to", last, *more)
        return str(told["id"])

    return report, lambda absence: program.json("absence", "withdraw", "els", WORK, absence)


def by_api(client: aiohttp.ClientSession, address: str) -> tuple[Report, Withdraw]:
    headers, path = {"Authorization": f"Bearer {TOKEN}"}, f"{address}/api/v1/users/els/absences/{WORK}"

    async def report(first: str, last: str, corrects: str) -> str:
        body = {"from": first, "to": last, "id": corrects}
        async with client.post(path, json=body, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
            return str((await answer.json())["id"])

    async def withdraw(absence: str) -> None:
        async with client.delete(f"{path}/{absence}", headers=headers) as answer:
            assert answer.status == 200, await answer.text()

    return report, withdraw


def by_page(client: aiohttp.ClientSession, address: str, page: str) -> tuple[Report, Withdraw]:
    token = page.rpartition("/")[2]

    async def send(**fields: str) -> str:
        form = {"form": form_token(token), **fields}
        async with client.post(f"{address}/m/{token}/ill/{WORK}", data=form) as answer:
            assert answer.status == 200
            return await answer.text()

    async def report(first: str, last: str, corrects: str) -> str:
        told = await send(do="report", until="other", first=first, last=last, corrects=corrects)
        return str(re.findall(r'name="id" value="([^"]+)"', told)[0])

    return report, lambda absence: send(do="withdraw", id=absence)


@slow("how soon calendars show what was reported")
async def test_what_is_reported_shows_within_a_second_to_the_person_and_the_team(tmp_path: Path) -> None:
    informat = discover()["informat"].stand_in(now_utc)
    person = next(one for one in informat.people if one.user == "peeters")
    first = now_utc().date() + timedelta(days=3)
    days = [first + timedelta(days=number) for number in range(3)]
    day, next_day, last = [one.isoformat() for one in days]
    async with new_program(tmp_path) as program, informat.serve() as school, aiohttp.ClientSession() as client:
        program.configure({f"sources.{WORK}": informat.settings_at(school), "security": {"admin_token": TOKEN}})
        await program.json("user", "add", "els")
        await program.json("account", "add", "els", WORK, "--identity", person.identity or "")
        async with program.serve() as service:
            feeds = [
                (await program.json("feed", "add", *words))["url"].replace("http://calendars.test", service.address)
                for words in (("els",), ("--users", "els"))
            ]
            page = (await program.json("user", "link", "els"))["url"]

            async def show(expected: str) -> bool:
                calendars = []
                for url in feeds:
                    async with client.get(url) as answer:
                        calendars.append(await answer.text())
                starts = [set(re.findall(r"DTSTART;VALUE=DATE:(\d{8})", calendar)) for calendar in calendars]
                wanted = {one.strftime("%Y%m%d") for one in days[:2]}
                return all(found & wanted == {expected} - {""} for found in starts)

            await program.run("refresh", "--user", "els")
            await until(lambda: show(""))
            took: dict[str, list[float]] = defaultdict(list)

            async def waited(what: str, expected: str) -> None:
                began = time.monotonic()
                await until(lambda: show(expected))
                took[what].append(time.monotonic() - began)

            ways: dict[str, tuple[Report, Withdraw]] = {
                "command": by_commands(program),
                "API": by_api(client, service.address),
                "page": by_page(client, service.address, page),
            }
            for way, (report, withdraw) in ways.items():
                for _ in range(TRIES):
                    absence = await report(day, next_day, "")
                    await waited(f"{way}: reported", days[0].strftime("%Y%m%d"))
                    assert await report(next_day, last, absence) == absence
                    await waited(f"{way}: corrected", days[1].strftime("%Y%m%d"))
                    await withdraw(absence)
                    await waited(f"{way}: withdrawn", "")
        assert len(took) == 9
        assert {what: min(all_of) for what, all_of in took.items() if min(all_of) >= AT_ONCE} == {}
