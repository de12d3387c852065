"""What a register's names are, and what happens when it does not tell them."""

from collections.abc import Awaitable, Callable
from datetime import date

import pytest
from aiohttp import web

from bridge.errors import AuthFailed, BadResponse, Forbidden, RateLimited, SourceError, Unavailable
from bridge.model.event import Part
from bridge.model.window import Window
from bridge.sources.eduv.standin.server import RegisterServer
from bridge.store.credentials import NoCredential
from bridge.sync.snapshot import take_snapshot
from bridge.upstream.contract import Account, Answer, Source
from bridge.upstream.standin import StandIn
from tests.conftest import SettableClock
from tests.sources.eduv.conftest import Configure, Make, Read, names_of

SUBJECTS = {
    "netl": "Nederlands",
    "entl": "Engels",
    "dutl": "Duits",
    "wisb": "Wiskunde B",
    "nat": "Natuurkunde",
    "schk": "Scheikunde",
    "biol": "Biologie",
    "ges": "Geschiedenis",
    "ak": "Aardrijkskunde",
    "econ": "Economie",
    "lo": "Lichamelijke opvoeding",
    "maat": "Maatschappijleer",
}
SECONDARY = {"organisation": "", "organisation_id": "27qq00", "organisation_id_type": "V_ID"}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answer(status: int, body: str = "") -> Handler:
    async def answered(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=body, content_type="application/json")

    return answered


async def test_a_school_its_subjects_and_its_locations_are_named(read: Read) -> None:
    reading = await read()
    names = names_of(reading)
    assert reading.skipped == 0
    assert names.school == "Fortes Lyceum"
    assert names.subjects == SUBJECTS
    assert names.locations == {
        "112x995": "Fortes Lyceum Centrum",
        "27qq00": "Fortes Lyceum Centrum",
        "fortes lyceum centrum": "Fortes Lyceum Centrum",
        "112x996": "Fortes Lyceum Oost",
        "27qq01": "Fortes Lyceum Oost",
        "fortes lyceum oost": "Fortes Lyceum Oost",
    }


async def test_a_secondary_identifier_gives_the_same_though_the_server_does_not_filter(
    read: Read, stand_in: StandIn
) -> None:
    stand_in.settings = {name: value for name, value in stand_in.settings.items() if name != "organisation"}
    by_primary, by_secondary = (
        await read(organisation="104A158"),
        await read(**SECONDARY | {"organisation_id": "27QQ00"}),
    )
    assert by_primary == by_secondary


async def test_a_supplier_that_refuses_the_filter_is_asked_without_it(
    read: Read, standin: RegisterServer, stand_in: StandIn
) -> None:
    stand_in.settings = {name: value for name, value in stand_in.settings.items() if name != "organisation"}
    filtered = await read(**SECONDARY | {"organisation_id": "27QQ00"})
    standin.filters = False
    assert await read(**SECONDARY | {"organisation_id": "27QQ00"}) == filtered


async def test_a_renamed_subject_has_its_new_name_and_a_second_time_its_old_one(read: Read, stand_in: StandIn) -> None:
    assert stand_in.controls["rename-subject"]() == "renamed: Wiskunde B to Wiskunde bèta"
    assert names_of(await read()).subjects == SUBJECTS | {"wisb": "Wiskunde bèta"}
    stand_in.controls["rename-subject"]()
    assert names_of(await read()).subjects == SUBJECTS


async def test_one_token_serves_a_day_s_questions(
    make: Make, read: Read, standin: RegisterServer, stand_in: StandIn
) -> None:
    source = make()
    await source.check()
    await read(source)
    assert standin.grants == 1
    assert stand_in.requests == {
        "POST /oauth2/token": 1,
        "GET /v1/organisations": 2,
        "GET /v1/subjectofferings/school": 1,
        "GET /v1/studyofferings/school": 1,
    }


async def test_a_token_is_renewed_before_it_ends(
    make: Make, read: Read, standin: RegisterServer, clock: SettableClock
) -> None:
    source = make()
    for minutes, grants in ((0, 1), (54, 1), (2, 2)):
        clock.forward(minutes=minutes)
        await read(source)
        assert standin.grants == grants


async def test_a_token_that_the_server_has_forgotten_is_asked_for_once_more(
    make: Make, read: Read, standin: RegisterServer
) -> None:
    source = make()
    await read(source)
    standin.tokens.clear()
    assert names_of(await read(source)).subjects == SUBJECTS
    assert standin.grants == 2


async def test_a_new_token_that_is_refused_is_the_operators_to_mend(
    read: Read, standin: RegisterServer, stand_in: StandIn
) -> None:
    stand_in.faults["/v1"] = answer(401)
    with pytest.raises(AuthFailed, match="refuses even a new token") as raised:
        await read()
    assert not raised.value.needs_login
    assert standin.grants == 2


@pytest.mark.parametrize("changes", [{"client_id": "them"}, {"client_secret": "guess"}])
async def test_wrong_credentials_are_the_operators_to_mend(make: Make, read: Read, changes: dict[str, str]) -> None:
    with pytest.raises(AuthFailed, match="client_id and client_secret of the settings") as raised:
        await read(**changes)
    assert not raised.value.needs_login
    with pytest.raises(AuthFailed):
        await make(**changes).check()


@pytest.mark.parametrize(
    ("status", "kind", "sentence"),
    [
        (400, BadResponse, "does not accept the organisation in the settings"),
        (403, Forbidden, "the school has to allow it"),
        (404, BadResponse, "has nothing under this address or organisation"),
        (429, RateLimited, "fewer requests"),
        (500, Unavailable, "out of order"),
        (418, BadResponse, "unexpected"),
    ],
)
async def test_a_refusal_is_told_apart_and_never_quoted(
    make: Make, read: Read, stand_in: StandIn, status: int, kind: type[SourceError], sentence: str
) -> None:
    stand_in.faults["/v1"] = answer(status, '{"status": 7, "statusMessage": "Geen toestemming van Fortes"}')
    for asked in (read(), make().check()):
        with pytest.raises(kind, match=sentence) as raised:
            await asked
        assert "Fortes" not in raised.value.sentence
        assert raised.value.sentence.startswith("Schoolregister ")


@pytest.mark.parametrize("path", ["/v1/organisations", "/v1/subjectofferings"])
@pytest.mark.parametrize("body", ["", "<html>", '[{"name": ', "{}", "null", '["x"]'])
async def test_a_list_that_cannot_be_read_fails_them_all(read: Read, stand_in: StandIn, path: str, body: str) -> None:
    stand_in.faults[path] = answer(200, body)
    with pytest.raises(BadResponse):
        await read()


@pytest.mark.parametrize("path", ["/v1/organisations", "/v1/subjectofferings"])
async def test_an_empty_list_takes_no_names_away(read: Read, stand_in: StandIn, path: str) -> None:
    stand_in.faults[path] = answer(200, "[]")
    with pytest.raises(BadResponse):
        await read()


@pytest.mark.parametrize("status", [403, 404])
async def test_studies_that_the_school_does_not_have_or_show_are_done_without(
    read: Read, stand_in: StandIn, status: int
) -> None:
    stand_in.faults["/v1/studyofferings"] = answer(status)
    without = {code: name for code, name in SUBJECTS.items() if code != "ges"}
    assert names_of(await read()).subjects == without


@pytest.mark.parametrize("fault", [answer(503), answer(404), answer(200, "<html>"), answer(200, "[]")])
async def test_studies_that_do_not_come_cost_no_name_and_are_told(
    make: Make, stand_in: StandIn, fault: Handler
) -> None:
    first = await ask(make(), Account())
    stand_in.faults["/v1/studyofferings"] = fault
    again = await ask(make(), Account(remembered={Part.NAMES: first.remember}))
    assert again.fingerprint == first.fingerprint
    assert [note.removeprefix("Not up to date: studies. ").partition(" ")[0] for note in again.notes] == [
        "Schoolregister"
    ]


async def test_where_studies_never_came_their_failure_leaves_out_what_they_tell_apart(
    make: Make, stand_in: StandIn
) -> None:
    stand_in.faults["/v1/studyofferings"] = answer(503)
    source = make()
    found = await ask(source, Account())
    assert found.notes == ("Not up to date: studies. Schoolregister is out of order (HTTP 503).",)
    without = {code: name for code, name in SUBJECTS.items() if code != "ges"}
    assert names_of(source.read(Part.NAMES, found.payload, Account())).subjects == without


async def ask(source: Source, account: Account) -> Answer:
    """The answer of a register about its names."""
    found = (await source.fetch(account, NoCredential(), Window(date(2026, 11, 23), date(2026, 11, 24))))[Part.NAMES]
    assert isinstance(found, Answer)
    return found


async def test_a_school_that_the_register_does_not_know_is_told(make: Make) -> None:
    for changes in ({"organisation": "000X000"}, {**SECONDARY, "organisation_id": "99ZZ"}):
        with pytest.raises(BadResponse, match="organisation"):
            await make(**changes).check()


async def test_a_check_sees_address_credentials_and_school(make: Make) -> None:
    assert await make().check() == "reachable, credentials accepted, school found"
    with pytest.raises(Unavailable):
        await make(token_url="http://127.0.0.1:9/oauth2/token").check()
    with pytest.raises(Unavailable):
        await make(api_url="http://127.0.0.1:9/v1").check()


async def test_connecting_changes_nothing(make: Make) -> None:
    assert await make().connect(None, Account(), NoCredential()) == Account()


async def test_the_same_names_have_the_same_digest(
    make: Make, configure: Configure, clock: SettableClock, stand_in: StandIn
) -> None:
    async def digest() -> str:
        window = Window(clock().date(), clock().date())
        snapshot = await take_snapshot(make(), configure(), Account(), NoCredential(), window, {})
        outcome = snapshot[Part.NAMES]
        assert not isinstance(outcome, SourceError)
        return outcome.answers[""]

    first, second = await digest(), await digest()
    stand_in.controls["rename-subject"]()
    assert first == second != await digest()
