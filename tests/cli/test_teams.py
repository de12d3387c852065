from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from bridge.model.clock import now_utc
from bridge.sources.informat.standin.server import stand_in
from bridge.upstream.standin import StandIn
from tests.conftest import SLOW
from tests.program import Program, new_program

EMPLOYEES = 400 if SLOW else 40
FIRST_GRADE = "leerkrachten 1ste graad"


@pytest.fixture(params=[0])
def institute(request: pytest.FixtureRequest) -> StandIn:
    return stand_in(now_utc, request.param)


@pytest.fixture
async def program(tmp_path: Path, made_url: str | None, institute: StandIn) -> AsyncIterator[Program]:
    """A school in Belgium with its staff."""
    async with new_program(tmp_path / "service", made_url) as made, institute.serve() as address:
        made.configure({"sources.sintjan": institute.settings_at(address) | {"requests_per_second": 1000}})
        yield made


async def test_who_has_no_address_at_school_is_named_and_left_out(program: Program, institute: StandIn) -> None:
    async def employees(_: web.Request) -> web.StreamResponse:
        private = {"type": "Privé", "email": "ann@thuis.example"}
        people = [{"personId": "a", "voornaam": "Ann", "naam": "Bos", "isActive": True, "emailadressen": [private]}]
        people.append({"personId": "b", "voornaam": "Rik", "naam": "Vos", "isActive": False})
        return web.json_response(people)

    institute.faults["/employees"] = employees
    for words in (("--dry-run",), ()):
        synced = await program.json("user", "sync", "sintjan", *words)
        assert (synced["added"], synced["left_out"]) == ([], [{"title": "Ann Bos", "why": "no school address"}])
    told = (await program.run("user", "sync", "sintjan")).out.decode()
    assert told.splitlines()[-1].split() == ["left", "out", "Ann", "Bos", "no", "school", "address"]


@pytest.mark.parametrize("institute", [EMPLOYEES - 7], indirect=True)
async def test_everybody_of_an_institute_gets_a_feed_at_the_cost_of_one_account(
    program: Program, institute: StandIn
) -> None:
    dry = await program.json("user", "sync", "sintjan", "--dry-run")
    assert len(dry["added"]) == EMPLOYEES
    assert {one["url"] for one in dry["added"]} == {None}
    assert await program.json("user", "list") == []

    institute.requests.clear()
    synced = await program.json("user", "sync", "sintjan")
    assert [one["user"] for one in synced["added"]] == [one["user"] for one in dry["added"]]
    assert all("@" in one["user"] and one["url"].startswith("http") for one in synced["added"])
    rows = await program.json("refresh", "--source", "sintjan")
    assert {(row["part"], row["ok"]) for row in rows} == {("interruptions", True), ("assignments", True)}
    assert len(rows) == 2 * EMPLOYEES
    assert institute.requests.total() <= 20

    async with program.opened() as bridge:
        before = [await bridge.store.renderings.calendar(one["user"], "default") for one in synced["added"]]
    again = await program.json("refresh", "--source", "sintjan")
    assert {(row["added"], row["changed"], row["removed"]) for row in again} == {(0, 0, 0)}
    assert institute.requests.total() <= 20
    async with program.opened() as bridge:
        assert [await bridge.store.renderings.calendar(one["user"], "default") for one in synced["added"]] == before

    third = await program.json("user", "sync", "sintjan")
    assert (third["added"], len(third["kept"]), third["gone"]) == ([], EMPLOYEES, [])


async def test_invitations_are_written_for_who_has_not_opened_their_page(program: Program) -> None:
    sheet = program.folder / "invitations.csv"
    assert (await program.run("user", "sync", "sintjan", "--dry-run", "--links", str(sheet))).code == 0
    assert not sheet.exists()
    outcome = await program.run("--json", "user", "sync", "sintjan", "--links", str(sheet), "--remove-gone", "30d")
    assert f"invitations are in {sheet}, good for 14 days." in outcome.err
    invited = outcome.json["invited"]
    assert {one["user"] for one in invited} == {one["user"] for one in outcome.json["added"]}
    lines = sheet.read_text("utf-8-sig").splitlines()
    assert len(lines) == len(invited) + 1
    assert all(f",{one['url']}," in line for one, line in zip(invited, lines[1:], strict=True))
    assert outcome.json["removed"] == []
    assert "exists already" in await program.refused("user", "sync", "sintjan", "--links", str(sheet))
    assert (await program.run("user", "sync", "sintjan", "--remove-gone", "a while")).code == 2


async def test_a_source_that_lists_nobody_says_so(program: Program) -> None:
    assert "does not list people" in await program.refused("user", "sync", "vrij")


async def test_a_team_shows_who_is_absent_and_nothing_else(program: Program) -> None:
    await program.json("user", "sync", "sintjan")
    await program.json("refresh", "--source", "sintjan")
    group = await program.json("feed", "add", "--source", "sintjan", "--group", FIRST_GRADE, "--name", "graad")
    assert (group["user"], group["name"]) == ("team", "graad")
    calendar = (await program.run("feed", "export", "team", "--name", "graad")).out.decode().replace("\r\n ", "")
    assert f"X-WR-CALNAME:{FIRST_GRADE}" in calendar
    assert "SUMMARY:Jan Wouters: Afwezig" in calendar
    assert "Ziekteverlof" not in calendar
    assert "Peeters" not in calendar, "who does not belong to the group"
    assert "DTSTART;VALUE=DATE:" in calendar
    assert "DTSTART;TZID" not in calendar

    listed = await program.json("feed", "list", "--user", "team")
    assert [(one["name"], one["kinds"]) for one in listed] == [("graad", ["absence", "interruption"])]
    assert "the groups are: " in await program.refused("feed", "add", "--source", "sintjan", "--group", "turners")


async def test_a_team_of_chosen_users_belongs_to_whom_it_is_made_for(program: Program) -> None:
    synced = await program.json("user", "sync", "sintjan")
    users = [one["user"] for one in synced["added"]][:3]
    feed = await program.json("feed", "add", users[0], "--users", ",".join(users), "--name", "collega's")
    assert (feed["user"], feed["name"]) == (users[0], "collega's")
    assert 'No user is called "nobody"' in await program.refused("feed", "add", "--users", "nobody")
    for words in (("--source", "sintjan"), ("--users", users[0], "--kinds", "lesson"), ()):
        assert (await program.run("feed", "add", *words)).code == 2


async def test_who_is_removed_leaves_the_feeds_of_teams_and_the_disk(program: Program) -> None:
    synced = await program.json("user", "sync", "sintjan")
    users = [one["user"] for one in synced["added"]]
    [jan] = [user for user in users if user.startswith("jan.wouters")]
    await program.json("refresh", "--source", "sintjan")
    await program.json("feed", "add", "--source", "sintjan", "--group", FIRST_GRADE, "--name", "graad")
    await program.json("feed", "add", "--users", ",".join(users), "--name", "allen")
    for name in ("graad", "allen"):
        assert "Jan Wouters" in await exported(program, name)
    assert traces(program, jan)

    await program.json("user", "remove", jan)
    for name in ("graad", "allen"):
        calendar = await exported(program, name)
        assert "BEGIN:VEVENT" in calendar
        assert "Jan Wouters" not in calendar
    assert traces(program, jan) == []


async def test_a_new_user_of_an_old_name_belongs_to_no_team(program: Program) -> None:
    synced = await program.json("user", "sync", "sintjan")
    users = [one["user"] for one in synced["added"]]
    await program.json("refresh", "--source", "sintjan")
    await program.json("feed", "add", "--users", ",".join(users), "--name", "allen")
    [jan] = [user for user in users if user.startswith("jan.wouters")]
    await program.json("user", "remove", jan)
    await program.json("user", "sync", "sintjan")
    await program.json("refresh", "--source", "sintjan")
    assert "Afwezig" in await exported(program, "default", jan)
    assert "Jan Wouters" not in await exported(program, "allen")


async def exported(program: Program, name: str, user: str = "team") -> str:
    """The calendar of a feed, its lines unfolded."""
    return (await program.run("feed", "export", user, "--name", name)).out.decode().replace("\r\n ", "")


def traces(program: Program, word: str) -> list[str]:
    """The files of the storage that have a word in them."""
    folder = program.folder / "data"
    return [path.name for path in folder.iterdir() if word.encode() in path.read_bytes()]
