"""Whom an account can stand for, and everybody whom the school has."""

from collections.abc import Callable

import pytest
from aiohttp import web

from bridge.errors import AuthFailed, BadResponse, ChoiceNeeded, ConfigError, UnknownPerson
from bridge.sources.informat.models.employee import Employee
from bridge.sources.informat.source import Informat
from bridge.sources.informat.staff import staff_of
from bridge.sources.informat.standin.institute import CLAES, GOOSSENS, STAFF, WOUTERS
from bridge.sources.informat.standin.server import InformatServer
from bridge.store.credentials import NoCredential
from bridge.upstream.capabilities import ListsPeople, Person
from bridge.upstream.contract import Account
from bridge.upstream.standin import StandIn
from tests.conftest import SettableClock

Make = Callable[..., Informat]
SLOT = NoCredential()


@pytest.mark.parametrize(
    "identity",
    [
        WOUTERS.key,
        f" {WOUTERS.key.upper()} ",
        f"{{{WOUTERS.key}}}",
        "jan.wouters@sintjan.example",
        " Jan.Wouters@SintJan.example",
    ],
)
async def test_somebody_is_found_by_key_or_school_address_however_written(make: Make, identity: str) -> None:
    assert await make().connect(identity, Account(), SLOT) == Account(WOUTERS.key)


@pytest.mark.parametrize(
    "identity",
    ["00000000-0000-0000-0000-000000000000", "4102", "Wouters", "wouters@thuis.example", "nobody@sintjan.example"],
)
async def test_somebody_whom_the_school_does_not_know_so_cannot_be_added(make: Make, identity: str) -> None:
    with pytest.raises(UnknownPerson) as raised:
        await make().connect(identity, Account(), SLOT)
    assert identity not in raised.value.sentence


@pytest.mark.parametrize("identity", [None, "", "  "])
async def test_an_account_needs_a_person(make: Make, stand_in: StandIn, identity: str | None) -> None:
    with pytest.raises(ConfigError, match="--identity with an e-mail address or personId"):
        await make().connect(identity, Account(), SLOT)
    assert not stand_in.requests


async def test_an_address_of_two_persons_is_theirs_to_choose(make: Make, stand_in: StandIn) -> None:
    async def shared(_: web.Request) -> web.StreamResponse:
        address = {"type": "school ", "email": "balie@sintjan.example"}
        people = [{"personId": key, "voornaam": key, "naam": "X", "emailadressen": [address]} for key in ("a", "b")]
        return web.json_response(people)

    stand_in.faults["/employees"] = shared
    with pytest.raises(ChoiceNeeded) as raised:
        await make().connect("Balie@sintjan.example", Account(), SLOT)
    assert raised.value.choices == (("a", "a X"), ("b", "b X"))


async def test_everybody_is_listed_with_names_addresses_and_groups(make: Make) -> None:
    source = make()
    assert isinstance(source, ListsPeople)
    people = {person.identity: person for person in await source.people()}
    assert set(people) == {one.key for one in STAFF}
    assert people[CLAES.key] == Person(
        CLAES.key, "Lotte Claes", "lotte.claes@sintjan.example", groups=("leerkrachten 1ste graad",)
    )
    assert people[GOOSSENS.key] == Person(GOOSSENS.key, "Rita Goossens", active=False)


async def test_only_those_of_the_structure_are_listed_though_the_server_does_not_filter(make: Make) -> None:
    people = await make(structure="211").people()
    assert [person.title for person in people] == ["Karim El Amrani"]


async def test_the_staff_is_asked_for_of_this_year_and_from_july_on_of_the_next_too(
    make: Make, stand_in: StandIn, clock: SettableClock
) -> None:
    for month, day, years in ((11, 22, 1), (6, 30, 1), (7, 1, 2), (8, 31, 2), (9, 1, 1)):
        clock.now = clock.now.replace(month=month, day=day)
        stand_in.requests.clear()
        await make().people()
        assert stand_in.requests["GET /employees"] == years


async def test_who_died_is_not_active() -> None:
    gone = Employee.model_validate({"personId": "a", "isActive": True, "isOverleden": True})
    assert [person.active for person in staff_of([gone]).people.values()] == [False]


async def test_a_check_says_whether_the_credentials_are_accepted(make: Make, stand_in: StandIn) -> None:
    assert await make().check() == "reachable, credentials accepted"
    assert stand_in.requests.total() == 2
    with pytest.raises(AuthFailed, match="client_id and client_secret of the settings"):
        await make(client_secret="wrong").check()


@pytest.mark.parametrize("status", [404, 200])
async def test_an_institute_without_staff_is_not_believed(make: Make, stand_in: StandIn, status: int) -> None:
    async def nobody(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text="[]")

    stand_in.faults["/employees"] = nobody
    with pytest.raises(BadResponse, match="nobody on the staff"):
        await make().check()


async def test_an_api_of_version_1_alone_lists_its_people_by_number(make: Make, standin: InformatServer) -> None:
    standin.versions = frozenset({"1"})
    people = await make(structure="211").people()
    assert people == (Person("4210", "Karim El Amrani", "karim.elamrani@sintjan.example"),)


async def test_an_api_of_version_1_alone_needs_a_structure(make: Make, standin: InformatServer) -> None:
    standin.versions = frozenset({"1"})
    with pytest.raises(BadResponse, match=r"refused the request \(VE001\)"):
        await make().people()


async def test_with_an_api_of_version_1_alone_somebody_is_found_by_key_only(
    make: Make, standin: InformatServer
) -> None:
    standin.versions = frozenset({"1"})
    source = make(structure="211")
    with pytest.raises(UnknownPerson, match="give the personId itself"):
        await source.connect("karim.elamrani@sintjan.example", Account(), SLOT)
    for unknown in ("4210", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(UnknownPerson, match="knows no employee with this personId"):
            await source.connect(unknown, Account(), SLOT)
    assert await source.connect(WOUTERS.key, Account(), SLOT) == Account(WOUTERS.key)
