import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from bridge.errors import BadResponse, ChoiceNeeded, ConfigError, Unavailable, UnknownPerson
from bridge.sources.mytimetable.client import NoTimetable
from bridge.sources.mytimetable.standin.curriculum import key_of
from bridge.sources.mytimetable.standin.server import OWN_TOKEN, PLAIN_TOKEN
from bridge.sources.mytimetable.standin.university import STUDENT
from bridge.sync.snapshot import Outcome
from bridge.upstream.contract import Account
from bridge.upstream.standin import StandIn
from tests.sources.mytimetable.outcomes import answer, error, events

Connect = Callable[..., Awaitable[Account]]
Fetch = Callable[..., Awaitable[Outcome]]
LOGIC = key_of(2026, "module", "5062LOGI6Y")
PROJECT = key_of(2026, "module", "5062PROJ6Y")
ROOMS = [key_of(2026, "location", f"REC {name}") for name in ("A1.02", "B2.08", "C0.01")]


@pytest.fixture
def look_up(connect: Connect) -> Callable[..., Awaitable[str]]:
    """Add an account by words; gives the keys that it is kept with."""

    async def looked_up(words: str, secret: str | None = None, **options: str) -> str:
        account = await connect(secret=secret, options={"timetables": words, **options})
        assert set(account.options) == {"timetables"}
        return account.options["timetables"]

    return looked_up


LookUp = Callable[..., Awaitable[str]]


@pytest.mark.parametrize("word", ["logica", "LOGI", "Logica & verzamelingen", "5062logi6y", " verzam "])
async def test_a_word_that_finds_one_timetable_becomes_its_key(look_up: LookUp, word: str) -> None:
    assert await look_up(word) == LOGIC


async def test_a_whole_name_is_found_among_longer_ones(look_up: LookUp, stand_in: StandIn) -> None:
    async def timetables(request: web.Request) -> web.StreamResponse:
        names = ("Recht", "Rechtsgeschiedenis") if request.query["type"] == "module" else ()
        return web.json_response({"timetable": [{"description": name, "value": f"2026!{name}"} for name in names]})

    stand_in.faults = {"/api/v0/timetables/": answer(200, "[]"), "/api/v0/timetables": timetables}
    assert await look_up("recht") == "2026!Recht"
    with pytest.raises(ChoiceNeeded):
        await look_up("rech")


async def test_a_site_that_gives_all_timetables_whatever_the_word_finds_no_other(
    look_up: LookUp, stand_in: StandIn
) -> None:
    told = {"description": "Ingeniería", "value": "2026!one", "hostKey": "ING"}
    stand_in.faults = {
        "/api/v0/timetables/": answer(200, "[]"),
        "/api/v0/timetables": answer(200, json.dumps({"timetable": told})),
        "/api/v0/timetabletypesdetails": answer(404, ""),
        "/api/v0/timetabletypes": answer(200, json.dumps({"timetableType": ["module"]})),
    }
    assert await look_up("ingenieria") == "2026!one", "an only item need be no list"
    assert await look_up("logica") == "logica"


async def test_words_and_keys_go_together_and_each_key_comes_once(look_up: LookUp, stand_in: StandIn) -> None:
    assert await look_up(f"{ROOMS[0]}, logica, 5062LOGI6Y") == f"{ROOMS[0]},{LOGIC}"


async def test_several_are_listed_as_what_the_option_is_to_be_given(connect: Connect) -> None:
    with pytest.raises(ChoiceNeeded) as raised:
        await connect(options={"timetables": "rec"})
    assert raised.value.option == "timetables"
    assert raised.value.choices == tuple((room, f"Lokaal: {room.partition('!location!')[2]}") for room in ROOMS)
    with pytest.raises(ChoiceNeeded) as raised:
        await connect(options={"timetables": f"{LOGIC}, rec"})
    assert raised.value.choices[0][0] == f"{LOGIC},{ROOMS[0]}"
    for choice, _ in raised.value.choices:
        assert (await connect(options={"timetables": choice})).options == {"timetables": choice}


async def test_of_very_many_it_is_said_that_only_some_are_listed(connect: Connect, stand_in: StandIn) -> None:
    many = [{"description": f"Zaal {number}", "value": f"2026!{number}"} for number in range(25)]
    stand_in.faults["/api/v0/timetables"] = answer(200, json.dumps({"timetable": many}))
    with pytest.raises(ChoiceNeeded, match="these are some of them"):
        await connect(options={"timetables": "zaal"})


async def test_a_course_is_listed_with_its_code(connect: Connect) -> None:
    with pytest.raises(ChoiceNeeded) as raised:
        await connect(options={"timetables": "5062"})
    assert (LOGIC, "Vak: Logica & verzamelingen (5062LOGI6Y)") in raised.value.choices


async def test_a_type_narrows_what_is_found(look_up: LookUp, connect: Connect, stand_in: StandIn) -> None:
    with pytest.raises(ChoiceNeeded):
        await connect(options={"timetables": "inf"})
    with pytest.raises(ChoiceNeeded) as raised:
        await connect(options={"timetables": "inf", "type": "studentset"})
    assert {name for _, name in raised.value.choices} == {"Groep: INF-A1", "Groep: INF-A2"}
    stand_in.requests.clear()
    assert await look_up("proj", type="module") == PROJECT
    assert stand_in.requests["GET /api/v0/timetables"] == 1


async def test_of_an_unknown_type_the_known_ones_are_listed(connect: Connect) -> None:
    with pytest.raises(ChoiceNeeded) as raised:
        await connect(options={"timetables": "x", "type": "modules"})
    assert raised.value.option == "type"
    assert ("module", "Vak") in raised.value.choices


@pytest.mark.parametrize("value", ["FEB", "faculteit economie en bedrijfskunde"])
async def test_a_filter_narrows_what_is_found(look_up: LookUp, value: str) -> None:
    assert await look_up("5062", filter=f"department={value}") == PROJECT


@pytest.mark.parametrize("told", ["department", "department=", "department=Law"])
async def test_of_an_unknown_value_of_a_filter_the_known_ones_are_listed(connect: Connect, told: str) -> None:
    with pytest.raises(ChoiceNeeded) as raised:
        await connect(options={"timetables": "5062", "filter": told})
    assert raised.value.option == "filter"
    assert [name[:9] for _, name in raised.value.choices] == ["Faculteit"] * 2
    chosen = raised.value.choices[1][0]
    assert chosen.startswith("department=")
    account = await connect(options={"timetables": "5062", "filter": chosen})
    assert account.options == {"timetables": PROJECT}


async def test_an_unknown_filter_is_refused(connect: Connect) -> None:
    with pytest.raises(ConfigError, match="no filter faculty"):
        await connect(options={"timetables": "5062", "filter": "faculty=FEB"})


async def test_a_word_that_finds_nothing_is_refused_as_a_key_would_be(connect: Connect) -> None:
    with pytest.raises(UnknownPerson, match="has no timetable wiskunde"):
        await connect(options={"timetables": "wiskunde"})


async def test_the_database_of_this_academic_year_is_searched(look_up: LookUp, stand_in: StandIn) -> None:
    asked: list[Any] = []

    async def timetables(request: web.Request) -> web.StreamResponse:
        asked.append(dict(request.query))
        return web.json_response({"timetable": []})

    stand_in.faults["/api/v0/timetables"] = timetables
    for database, told in ({"d": "2026"}, 200), ({}, 403):
        if told != 200:
            stand_in.faults["/api/v0/database"] = answer(told, "")
        with pytest.raises(BadResponse):
            await look_up("logica", type="module")
        assert asked.pop(0) == {"type": "module", "q": "logica", "limit": "25", **database}
        asked.clear()


async def test_one_name_in_two_databases_is_told_apart_by_their_labels(connect: Connect, stand_in: StandIn) -> None:
    stand_in.faults["/api/v0/databasedetails"] = answer(
        200, '{"databases": [{"key": "2026", "label": "2026/2027"}, {"key": "2025", "label": "2026, draft"}]}'
    )
    with pytest.raises(ChoiceNeeded) as raised:
        await connect(options={"timetables": "logica"})
    assert [name.rpartition(", ")[2] for _, name in raised.value.choices] == ["2026/2027", "draft"]


async def test_a_site_that_does_not_let_timetables_be_looked_up_takes_keys_alone(
    connect: Connect, stand_in: StandIn
) -> None:
    stand_in.faults = {"/api/v0/timetabletypes": answer(403, ""), "/api/v0/timetablefilters": answer(403, "")}
    options = {"timetables": "logica", "type": "module", "filter": "department=FEB"}
    with pytest.raises(UnknownPerson, match="has no timetable logica"):
        await connect(options=options)
    assert (await connect(options={"timetables": LOGIC})).options == {"timetables": LOGIC}


async def test_a_type_that_the_site_keeps_to_itself_is_passed_over(look_up: LookUp, stand_in: StandIn) -> None:
    async def timetables(request: web.Request) -> web.StreamResponse:
        if request.query["type"] == "module":
            return web.Response(status=403)
        return web.json_response({"timetable": [{"description": "Logica", "value": ROOMS[0]}]})

    stand_in.faults = {"/api/v0/timetables/": answer(200, "[]"), "/api/v0/timetables": timetables}
    assert await look_up("logica") == ROOMS[0]


async def test_an_own_token_opens_the_lists_where_there_is_no_other(connect: Connect) -> None:
    account = await connect(None, OWN_TOKEN, options={"timetables": "logica"}, api_token=None)
    assert account.options == {"timetables": LOGIC}
    account = await connect(options={"timetables": "logica"}, api_token=PLAIN_TOKEN)
    assert account.options == {"timetables": LOGIC}


async def test_a_server_in_trouble_does_not_make_a_word_a_key(connect: Connect, stand_in: StandIn) -> None:
    stand_in.faults["/api/v0/databasedetails"] = answer(500, "")
    with pytest.raises(Unavailable):
        await connect(options={"timetables": "logica"})


async def test_keys_alone_are_not_looked_up(connect: Connect, stand_in: StandIn) -> None:
    await connect(STUDENT, options={"timetables": LOGIC})
    assert set(stand_in.requests) == {
        "GET /api/v0/timetable",
        "GET /api/v0/timetables/{key}",
        "GET /api/v0/subscriptions",
    }


async def test_what_a_word_found_is_named(connect: Connect) -> None:
    account = await connect(options={"timetables": "logica,5062DATA6Y"})
    assert account.found == (
        "Vak: Logica & verzamelingen (5062LOGI6Y)",
        "Vak: Datastructuren (5062DATA6Y)",
    )


async def test_a_word_that_was_stored_while_the_upstream_was_away_is_looked_up_when_it_is_read(fetch: Fetch) -> None:
    assert events(await fetch(keys="logica")) == events(await fetch(keys=LOGIC))
    failed = error(await fetch(keys="rec"))
    assert isinstance(failed, NoTimetable)
    assert "several timetables" in failed.sentence
