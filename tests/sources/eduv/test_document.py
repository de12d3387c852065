"""Requests and answers against the document of the Edu-V Education API, by a validator."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from jsonschema import ValidationError
from yarl import URL

from bridge.errors import BadResponse
from bridge.sources.eduv.client import SCOPE, EduvClient, NotAccepted, NotKnown
from bridge.sources.eduv.reference import Reference
from bridge.sources.eduv.standin.school import LYCEUM, SCHOOLS
from bridge.sources.eduv.standin.server import RegisterServer
from bridge.upstream.oauth import ClientCredentialsGrant
from bridge.upstream.standin import StandIn
from bridge.upstream.surroundings import Surroundings
from tests.sources.eduv.conftest import Configure, Read
from tests.sources.eduv.document import assert_as_promised, assert_documented, path_of

PRIMARY = Reference(LYCEUM.primary)
SECONDARY = Reference("", LYCEUM.secondary["V_ID"], "V_ID")
UNKNOWN = Reference("000X000")
Call = Callable[[EduvClient], Awaitable[Any]]

CALLS: dict[str, Call] = {
    "a school": lambda ask: ask.organisations(PRIMARY),
    "a school by a secondary identifier": lambda ask: ask.organisations(SECONDARY),
    "studies": lambda ask: ask.study_offerings(PRIMARY, filter_by_id=None),
    "studies of a location": lambda ask: ask.study_offerings(SECONDARY, filter_by_id=True),
    "studies without a filter": lambda ask: ask.study_offerings(SECONDARY, filter_by_id=False),
    "subjects": lambda ask: ask.subject_offerings(PRIMARY, filter_by_id=None),
    "subjects of a location": lambda ask: ask.subject_offerings(SECONDARY, filter_by_id=True),
}
REFUSED: dict[str, tuple[Call, type[BadResponse]]] = {
    "an unknown school": (lambda ask: ask.organisations(UNKNOWN), NotKnown),
    "nothing at all": (lambda ask: ask.organisations(Reference()), NotAccepted),
    "studies of an unknown school": (lambda ask: ask.study_offerings(UNKNOWN, filter_by_id=None), NotKnown),
}


@pytest.fixture
def exchanges(stand_in: StandIn) -> list[tuple[str, URL, int, Any]]:
    """What was asked and answered: the document's path, the address, the status and the body."""
    seen: list[tuple[str, URL, int, Any]] = []

    async def watch(request: web.Request) -> web.StreamResponse:
        answer = await request.match_info.handler(request)
        assert isinstance(answer, web.Response)
        assert answer.text is not None
        seen.append((path_of(request), request.rel_url, answer.status, json.loads(answer.text)))
        return answer

    stand_in.faults["/v1"] = watch
    return seen


@pytest.fixture
def client(configure: Configure, surroundings: Surroundings) -> EduvClient:
    settings = configure()
    http = surroundings.http(settings)
    grant = ClientCredentialsGrant(
        http,
        URL(settings.token_url),
        client_id=settings.client_id,
        client_secret=settings.client_secret.get_secret_value(),
        scope=SCOPE,
        clock=surroundings.clock,
    )
    return EduvClient(http, grant, settings.api_url)


def assert_by_the_document(exchanges: list[tuple[str, URL, int, Any]], count: int = 1) -> None:
    assert len(exchanges) == count
    for path, url, status, body in exchanges:
        assert_documented(path, url)
        assert_as_promised(path, status, body)


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_asks_and_is_answered_as_the_document_has_it(
    client: EduvClient, exchanges: list[tuple[str, URL, int, Any]], name: str
) -> None:
    body = await CALLS[name](client)
    assert_by_the_document(exchanges)
    assert json.loads(bytes(body)) == exchanges[0][3] != []


@pytest.mark.parametrize("name", REFUSED)
async def test_a_refusal_is_one_of_the_documents_and_is_told(
    client: EduvClient, exchanges: list[tuple[str, URL, int, Any]], name: str
) -> None:
    call, expected = REFUSED[name]
    with pytest.raises(expected) as raised:
        await call(client)
    assert raised.type is expected
    assert exchanges[0][2] in {400, 404}
    path, _, status, body = exchanges[0]
    assert_as_promised(path, status, body)


@pytest.mark.parametrize(
    "changes",
    [{}, {"organisation": "", "organisation_id": "27QQ00", "organisation_id_type": "V_ID"}],
    ids=["primary", "secondary"],
)
async def test_what_the_source_asks_is_by_the_document(
    read: Read, exchanges: list[tuple[str, URL, int, Any]], changes: dict[str, str]
) -> None:
    await read(**changes)
    assert_by_the_document(exchanges, 3)


async def test_a_token_that_is_refused_is_told_by_the_document(
    client: EduvClient, exchanges: list[tuple[str, URL, int, Any]], standin: RegisterServer
) -> None:
    await client.organisations(PRIMARY)
    standin.tokens.clear()
    await client.organisations(PRIMARY)
    assert [status for _, _, status, _ in exchanges] == [200, 401, 200]
    assert_by_the_document(exchanges, 3)


def test_the_validator_minds(standin: RegisterServer) -> None:
    good = [standin.register.organisation(school) for school in SCHOOLS]
    assert_as_promised("/organisations", 200, good)
    spoiled: list[Any] = [
        [good[0] | {"status": "gone"}],
        [good[0] | {"dateCreated": "yesterday"}],
        [good[0] | {"locations": [{"locationMasterIdentifier": "1"}]}],
        [{}],
        {},
    ]
    for bad in spoiled:
        with pytest.raises(ValidationError):
            assert_as_promised("/organisations", 200, bad)
    with pytest.raises(AssertionError):
        assert_documented("/organisations", URL("/organisations?limit=1"))
    with pytest.raises(ValidationError):
        assert_documented("/organisations", URL("/organisations?orgIdType=BRIN"))
