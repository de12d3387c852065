from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from bridge.errors import AuthFailed, BadResponse, Forbidden, RateLimited, SourceError, Unavailable
from bridge.model.event import Part
from bridge.sources.somtoday.client import CLIENT_ID, SomtodayClient
from bridge.sources.somtoday.settings import SomtodaySettings
from bridge.sources.somtoday.standin.server import SomtodayServer, make_server
from bridge.sync.snapshot import Delivered, Outcome
from bridge.upstream.oauth import RefreshTokenGrant
from bridge.upstream.session import USER_AGENT
from bridge.upstream.standin import StandIn
from bridge.upstream.surroundings import Surroundings
from tests.faults import saying
from tests.sources.somtoday.answers import text, vacation
from tests.sources.somtoday.conftest import Fetch, KeptLogin
from tests.sources.somtoday.upstream import ASKED, LESSONS, in_turn

TOKEN = "/oauth2/token"
TOKENS = "POST /oauth2/token"


def error(outcome: Outcome) -> SourceError:
    assert isinstance(outcome, SourceError), outcome
    return outcome


async def test_every_request_says_who_asks_and_in_which_form(fetch: Fetch, stand_in: StandIn, login: KeptLogin) -> None:
    asked: list[web.Request] = []

    async def watch(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        return web.json_response({"items": []})

    stand_in.faults["/rest"] = watch
    await fetch()
    assert login.access is not None
    paths = [request.path.removeprefix("/rest/v1/") for request in asked]
    assert paths[0] == "account/me"
    assert sorted(paths[1:]) == [
        "1409824200/schoolgegevens",
        "afspraken",
        "leerlingen/1409824200/registratieOverzicht",
        "resultaten/huidigVoorLeerling/1409824200",
        "studiewijzeritemafspraaktoekenningen",
        "studiewijzeritemdagtoekenningen",
        "studiewijzeritemweektoekenningen",
        "vakanties/leerling/1409824200",
    ]
    for request in asked:
        assert request.headers["Authorization"] == f"Bearer {login.access.token}"
        assert request.headers["Accept"] == "application/json"
        assert request.headers["User-Agent"] == USER_AGENT
    lists = {path for path, request in zip(paths, asked, strict=True) if request.headers.get("Range") == "items=0-99"}
    assert set(paths) - lists == {
        "1409824200/schoolgegevens",
        "account/me",
        "leerlingen/1409824200/registratieOverzicht",
    }


async def test_each_list_is_asked_for_with_the_documents_words(fetch: Fetch, stand_in: StandIn) -> None:
    asked: dict[str, list[tuple[str, str]]] = {}

    async def watch(request: web.Request) -> web.StreamResponse:
        asked[request.path.rpartition("/v1/")[2]] = list(request.query.items())
        return web.json_response({"items": []}, status=404 if request.path.endswith("registratieOverzicht") else 200)

    stand_in.faults["/rest"] = watch
    await fetch()
    assert asked["account/me"] == [("additional", "restricties")]
    assert asked["afspraken"] == [
        ("sort", "asc-id"),
        ("additional", "vak"),
        ("additional", "docentAfkortingen"),
        ("additional", "leerlingen"),
        ("begindatum", "2026-11-01"),
        ("einddatum", "2027-02-01"),
    ]
    for name in ("afspraak", "dag", "week"):
        assert asked[f"studiewijzeritem{name}toekenningen"] == [
            ("begintNaOfOp", "2026-11-01"),
            ("geenDifferentiatieOfGedifferentieerdVoorLeerling", "1409824200"),
            ("additional", "swigemaaktVinkjes"),
            ("additional", "leerlingen"),
            ("additional", "lesgroep"),
        ]
    assert asked["leerlingen/1409824200/registratieOverzicht"] == [("periode", "SCHOOLJAAR")]
    assert asked["absentiemeldingen"] == [("begindatumtijd", "2026-11-01"), ("einddatumtijd", "2027-02-01")]
    assert asked["waarnemingen"] == [("waarnemingSoort", "Afwezig"), ("begintNaOfOp", "2026-11-01")]


async def test_an_access_token_is_used_while_it_lasts(fetch: Fetch, stand_in: StandIn, login: KeptLogin) -> None:
    await fetch()
    await fetch()
    assert stand_in.requests[TOKENS] == 1
    assert login.written == "claimed replaced "


async def test_a_token_that_is_refused_once_is_renewed_and_the_request_made_again(
    fetch: Fetch, stand_in: StandIn, standin: SomtodayServer, login: KeptLogin
) -> None:
    await fetch()
    standin.access_tokens.clear()
    stand_in.requests.clear()
    outcomes = await fetch()
    assert all(isinstance(outcome, Delivered) for outcome in outcomes.values())
    assert stand_in.requests[TOKENS] == 1
    assert stand_in.requests["GET /rest/v1/account/me"] == 2
    assert (standin.grants, standin.replays, login.dead) == (2, 0, False)


async def test_a_token_that_is_refused_in_the_middle_is_renewed_and_no_lesson_is_lost(
    fetch: Fetch, stand_in: StandIn
) -> None:
    whole = (await fetch())[Part.SCHEDULE]
    assert isinstance(whole, Delivered)
    refusing = saying(401)

    async def second_page_refused_once(request: web.Request) -> web.StreamResponse:
        if request.headers["Range"] != "items=0-99":
            del stand_in.faults[LESSONS]
            return await refusing(request)
        return await standin_page(request)

    async def standin_page(request: web.Request) -> web.StreamResponse:
        return await request.match_info.handler(request)

    stand_in.faults[LESSONS] = second_page_refused_once
    stand_in.requests.clear()
    assert (await fetch())[Part.SCHEDULE] == whole
    assert stand_in.requests[TOKENS] == 1


async def test_a_new_token_that_is_refused_too_asks_for_a_login_and_nothing_more_is_sent(
    fetch: Fetch, stand_in: StandIn, login: KeptLogin
) -> None:
    stand_in.faults["/rest"] = saying(401)
    for outcome in (await fetch()).values():
        failed = error(outcome)
        assert isinstance(failed, AuthFailed)
        assert failed.needs_login
    assert login.dead
    assert login.written == "claimed replaced claimed replaced refused "
    stand_in.requests.clear()
    assert all(isinstance(error(outcome), AuthFailed) for outcome in (await fetch()).values())
    assert not stand_in.requests


async def test_a_refresh_token_that_has_ended_asks_for_a_login_at_once(
    fetch: Fetch, stand_in: StandIn, login: KeptLogin
) -> None:
    login.secret = "refresh-unknown"
    assert all(isinstance(error(outcome), AuthFailed) for outcome in (await fetch()).values())
    assert login.written == "claimed refused "
    assert stand_in.requests == {TOKENS: 1}


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
async def test_a_token_server_in_trouble_asks_for_no_login(
    fetch: Fetch, stand_in: StandIn, login: KeptLogin, status: int
) -> None:
    stand_in.faults[TOKEN] = saying(status, '{"error": "temporarily_unavailable"}')
    for outcome in (await fetch()).values():
        assert not isinstance(error(outcome), AuthFailed)
    assert not login.dead
    assert login.secret == "refresh-anna"
    del stand_in.faults[TOKEN]
    assert all(isinstance(outcome, Delivered) for outcome in (await fetch()).values())


@pytest.mark.parametrize(
    ("status", "kind", "sentence"),
    [
        (402, Unavailable, "Fortes has been switched off by the school."),
        (403, Forbidden, "Fortes does not show the schedule of this pupil."),
        (404, BadResponse, "Fortes does not have what was requested (HTTP 404)."),
        (429, RateLimited, "Fortes asks for fewer requests."),
        (500, Unavailable, "Fortes is out of order (HTTP 500)."),
        (418, BadResponse, "Fortes gave an unexpected answer (HTTP 418)."),
    ],
)
async def test_each_refusal_says_what_it_means_and_costs_no_other_part(
    fetch: Fetch, stand_in: StandIn, login: KeptLogin, status: int, kind: type[SourceError], sentence: str
) -> None:
    stand_in.faults[LESSONS] = saying(status, "Anna de Wit")
    outcomes = await fetch()
    failed = error(outcomes[Part.SCHEDULE])
    assert (type(failed), failed.sentence) == (kind, sentence)
    assert isinstance(outcomes[Part.ABSENCES], Delivered)
    assert isinstance(outcomes[Part.HOLIDAYS], Delivered)
    assert stand_in.requests[ASKED] == 1
    assert not login.dead


@pytest.mark.parametrize(
    ("first", "last"), [("0001-01-01", "2026-12-20"), ("2026-12-20", "9999-12-30"), ("0001-01-01", "9999-12-30")]
)
async def test_a_vacation_of_a_thousand_years_is_left_out_and_costs_nothing_else(
    fetch: Fetch, stand_in: StandIn, first: str, last: str
) -> None:
    body = text(vacation(1), vacation(2, beginDatum=first, eindDatum=last), vacation(3, eindDatum="2026-11-02"))
    stand_in.faults["/rest/v1/vakanties"] = saying(200, body)
    outcomes = await fetch()
    holidays = outcomes[Part.HOLIDAYS]
    assert isinstance(holidays, Delivered)
    assert ([event.identity for event in holidays.events], holidays.skipped) == (["3"], 1)
    assert isinstance(outcomes[Part.SCHEDULE], Delivered)


async def test_how_long_to_wait_comes_along(fetch: Fetch, stand_in: StandIn) -> None:
    for status in (429, 503):
        stand_in.faults[LESSONS] = saying(status, Retry_After="1800")
        assert error((await fetch())[Part.SCHEDULE]).retry_after == timedelta(minutes=30)


async def test_the_token_answer_says_where_the_api_is(fetch: Fetch, stand_in: StandIn) -> None:
    outcomes = await fetch(api_url=None)
    assert all(isinstance(outcome, Delivered) for outcome in outcomes.values())
    assert stand_in.requests[ASKED] > 0


async def test_an_address_that_is_set_by_hand_wins_over_the_token_answers(
    fetch: Fetch, standin: SomtodayServer
) -> None:
    standin.address = "http://127.0.0.1:9"
    assert all(isinstance(outcome, Delivered) for outcome in (await fetch()).values())


async def test_a_token_goes_to_no_host_that_the_operator_did_not_write(
    configure: Callable[..., SomtodaySettings], surroundings: Surroundings, standin: SomtodayServer, stand_in: StandIn
) -> None:
    other = make_server(surroundings.clock)
    elsewhere = StandIn(source="somtoday", settings={}, addresses=(), routes=other.register)
    settings = configure()
    http = surroundings.http(settings)
    grant = RefreshTokenGrant(http, URL(settings.auth_url) / "oauth2/token", CLIENT_ID, surroundings.clock)
    client = SomtodayClient(http, grant, api_url=settings.api_url, follow_token=True)
    async with elsewhere.serve() as address:
        standin.address = str(address)
        assert await client.pupils(KeptLogin())
    assert not elsewhere.requests
    assert stand_in.requests["GET /rest/v1/leerlingen"] == 1


@pytest.mark.parametrize("told", ["http://[", "nonsense", "file:///etc/passwd", "http://x:99999999"])
async def test_an_address_that_is_none_fails_every_part_with_a_sentence(
    fetch: Fetch, standin: SomtodayServer, told: str
) -> None:
    standin.address = told
    for outcome in (await fetch(api_url=None)).values():
        assert error(outcome).sentence.startswith("Fortes ")


@pytest.mark.parametrize(
    "answer",
    [
        {"expires_in": 1e400},
        {"expires_in": 10**30},
        {"expires_in": -5},
        {"expires_in": "soon"},
        {"access_token": None},
        {"refresh_token": 7},
    ],
)
async def test_an_odd_token_answer_never_ends_the_login(
    fetch: Fetch, stand_in: StandIn, login: KeptLogin, answer: dict[str, Any]
) -> None:
    good = {"access_token": "a", "refresh_token": "b", "expires_in": 3600}
    stand_in.faults[TOKEN] = in_turn(lambda _: _json(good | answer))
    stand_in.faults["/rest"] = saying(500)
    for outcome in (await fetch()).values():
        assert not isinstance(error(outcome), AuthFailed)
    assert not login.dead


async def _json(value: object) -> web.StreamResponse:
    return web.json_response(value)
