"""The calls, and what becomes of each refusal."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from bridge.errors import AuthFailed, BadResponse, Forbidden, RateLimited, SourceError, Unavailable
from bridge.sources.informat.client import InformatClient, RefusedRequest
from bridge.sources.informat.standin.institute import EL_AMRANI, STAFF, WOUTERS
from bridge.sources.informat.standin.server import INSTITUTE, OTHER_INSTITUTE, InformatServer
from bridge.upstream.standin import StandIn
from tests.conftest import SettableClock

YEAR = "2026-27"
TOKEN = "POST /connect/token"
Client = Callable[..., InformatClient]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def saying(status: int, body: str = "", **headers: str) -> Handler:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=body, headers=named)

    return answer


def listening(stand_in: StandIn) -> list[tuple[dict[str, str], dict[str, str]]]:
    """The query and headers of each request from now on."""
    heard: list[tuple[dict[str, str], dict[str, str]]] = []

    async def listen(request: web.Request) -> web.StreamResponse:
        heard.append((dict(request.query), dict(request.headers)))
        return web.Response(text="[]")

    stand_in.faults["/employees"] = listen
    return heard


async def test_employees_come_with_names_and_groups(client: Client) -> None:
    found = (await client().employees(YEAR)).all()
    assert {employee.person_id for employee in found} == {one.key for one in STAFF}
    assert {group.naam for employee in found for group in employee.personeelsgroepen} == {
        "leerkrachten 1ste graad",
        "secretariaat",
    }


async def test_employees_of_version_1_come_by_structure(client: Client) -> None:
    found = (await client(structure="211").employees_v1(YEAR)).all()
    assert [(one.person_id, one.naam, one.email) for one in found] == [
        ("4210", "El Amrani", ("karim.elamrani@sintjan.example",))
    ]
    with pytest.raises(RefusedRequest, match=r"refused the request \(BR005A\)"):
        await client().employees_v1(YEAR)


async def test_one_employee_comes_alone_or_not_at_all(client: Client) -> None:
    found = await client().employee(WOUTERS.key, YEAR)
    assert found is not None
    assert (found.voornaam, found.naam) == ("Jan", "Wouters")
    assert await client().employee("00000000-0000-0000-0000-000000000000", YEAR) is None


async def test_assignments_come_for_everybody_or_for_one_structure(client: Client) -> None:
    everybody = (await client().assignments(YEAR)).all()
    assert {found.person_id for found in everybody} == {one.key for one in STAFF if one.active}
    [one] = (await client(structure="211").assignments(YEAR)).all()
    assert one in everybody


async def test_interruptions_come_for_everybody_or_for_one_structure(client: Client) -> None:
    everybody = (await client().interruptions(YEAR)).all()
    assert {found.staking for found in everybody} == {"", "Dag", "VM", "NM", "Uren"}
    [one] = (await client(structure="211").interruptions(YEAR)).all()
    assert (one.person_id, one in everybody) == (EL_AMRANI.key, True)


async def test_what_is_of_another_structure_is_left_out_though_the_server_sends_it(
    client: Client, standin: InformatServer
) -> None:
    one = client(structure="211")
    before = (await one.assignments(YEAR)).items, (await one.interruptions(YEAR)).items
    standin.ignores_structure = True
    assert ((await one.assignments(YEAR)).items, (await one.interruptions(YEAR)).items) == before


async def test_each_request_says_institute_version_year_and_structure(client: Client, stand_in: StandIn) -> None:
    heard = listening(stand_in)
    await client().interruptions(YEAR)
    await client(structure="311").employees(YEAR)
    assert [query for query, _ in heard] == [{"schoolyear": YEAR}, {"schoolyear": YEAR, "structure": "311"}]
    assert [sent["Api-Version"] for _, sent in heard] == ["1", "2"]
    for _, sent in heard:
        assert sent["InstituteNo"] == INSTITUTE
        assert sent["Authorization"].startswith("Bearer ")
        assert sent["Accept"] == "application/json"


async def test_one_token_serves_an_hour_of_requests(client: Client, stand_in: StandIn, clock: SettableClock) -> None:
    one = client()
    for minutes in (0, 30, 24):
        clock.forward(minutes=minutes)
        await one.employees(YEAR)
    assert stand_in.requests[TOKEN] == 1
    clock.forward(minutes=2)
    await one.employees(YEAR)
    assert stand_in.requests[TOKEN] == 2, "renewed some minutes before it ends"


async def test_a_token_that_is_refused_before_its_time_is_renewed_once(
    client: Client, stand_in: StandIn, standin: InformatServer
) -> None:
    one = client()
    await one.employees(YEAR)
    standin.tokens.clear()
    await one.employees(YEAR)
    assert stand_in.requests == {TOKEN: 2, "GET /employees": 3}


async def test_a_new_token_that_is_refused_too_is_the_operators_to_mend(client: Client, stand_in: StandIn) -> None:
    stand_in.faults["/employees"] = saying(401, WWW_Authenticate="Bearer")
    with pytest.raises(AuthFailed, match=r"^Sint-Jan refuses even a new access token\.$") as raised:
        await client().employees(YEAR)
    assert not raised.value.needs_login
    assert stand_in.requests == {TOKEN: 2, "GET /employees": 2}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"client_secret": "wrong"}, "client_id and client_secret"),
        ({"client_id": "wrong"}, "client_id and client_secret"),
        ({"institute": "999999"}, "invalid_scope"),
    ],
)
async def test_credentials_that_are_refused_are_the_operators_to_mend(
    client: Client, stand_in: StandIn, changes: dict[str, str], sentence: str
) -> None:
    with pytest.raises(AuthFailed, match=sentence) as raised:
        await client(**changes).employees(YEAR)
    assert not raised.value.needs_login
    assert stand_in.requests == {TOKEN: 1}


async def test_an_institute_outside_of_the_scope_is_forbidden(client: Client, standin: InformatServer) -> None:
    one = client(institute=OTHER_INSTITUTE)
    await one.employees(YEAR)
    for token, (_, until) in standin.tokens.items():
        standin.tokens[token] = frozenset(), until
    with pytest.raises(Forbidden, match=rf"read institute {OTHER_INSTITUTE} \(FB001\)"):
        await one.employees(YEAR)


async def test_no_data_is_no_failure(client: Client, stand_in: StandIn) -> None:
    assert (await client().interruptions("2031-32")).items == ()
    stand_in.faults["/employees"] = saying(404, "<html>nothing</html>")
    assert (await client().interruptions(YEAR)).items == ()


@pytest.mark.parametrize(
    "body",
    [
        '{"errors": [{"Code": "BR004B", "Message": "Invalid Schooljaar format of Jan"}]}',
        '{"Errors": [{"code": "BR004B", "message": "Jan"}, {"code": "BR001"}]}',
        '{"ERRORS": [{"CODE": "BR004B"}]}',
    ],
)
async def test_a_refusal_is_told_by_its_code_and_never_by_its_message(
    client: Client, stand_in: StandIn, body: str
) -> None:
    stand_in.faults["/employees"] = saying(400, body)
    with pytest.raises(RefusedRequest, match=r"^Sint-Jan refused the request \(BR004B\)\.$"):
        await client().employees(YEAR)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no JSON",
        "[]",
        '{"errors": []}',
        '{"errors": {"Code": "BR001"}}',
        '{"errors": ["BR001"]}',
        '{"errors": [{"Code": "Jan Wouters"}]}',
        '{"errors": [{"Code": "A1234567890123"}]}',
        '{"errors": [{"Code": 7}]}',
    ],
)
async def test_a_refusal_without_a_usable_code_still_gives_a_sentence(
    client: Client, stand_in: StandIn, body: str
) -> None:
    for status in (400, 401, 403, 405):
        stand_in.faults["/employees"] = saying(status, body)
        with pytest.raises(SourceError) as raised:
            await client().employees(YEAR)
        assert "(" not in raised.value.sentence
        assert "Wouters" not in raised.value.sentence


@pytest.mark.parametrize(
    ("status", "kind"), [(429, RateLimited), (500, Unavailable), (999, Unavailable), (415, BadResponse)]
)
async def test_a_server_in_trouble_is_named(
    client: Client, stand_in: StandIn, status: int, kind: type[SourceError]
) -> None:
    stand_in.faults["/employees"] = saying(status, Retry_After="1200")
    with pytest.raises(kind) as raised:
        await client().employees(YEAR)
    if kind is not BadResponse:
        assert raised.value.retry_after is not None
        assert raised.value.retry_after.total_seconds() == 1200


@pytest.mark.parametrize("body", ["", "{}", "null", "7", '"x"', "<html>", "[{"])
async def test_an_answer_that_is_no_list_is_refused(client: Client, stand_in: StandIn, body: str) -> None:
    stand_in.faults["/employees"] = saying(200, body)
    one = client()
    calls: list[Callable[[], Awaitable[Any]]] = [
        lambda: one.employees(YEAR),
        lambda: one.employee(WOUTERS.key, YEAR),
        lambda: one.interruptions(YEAR),
    ]
    for call in calls:
        with pytest.raises(BadResponse):
            await call()
