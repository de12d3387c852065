from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest
from aiohttp import web

from bridge.errors import (
    AuthFailed,
    BadResponse,
    ConfigError,
    Forbidden,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownPerson,
)
from bridge.model.event import AllDay, Event, Part, Progress
from bridge.model.window import Window
from bridge.sources.checkin.source import Checkin
from bridge.sources.checkin.standin.programme import Student
from bridge.sources.checkin.standin.server import FORMATS, CheckinServer
from bridge.store.credentials import NoCredential
from bridge.sync.snapshot import Delivered, Outcome
from bridge.upstream.capabilities import ExchangesSecret, Revokes
from bridge.upstream.contract import Account
from bridge.upstream.standin import StandIn
from tests.conftest import OpenSchool, SettableClock
from tests.faults import saying
from tests.sources.checkin.programme import WINDOW

Fetch = Callable[..., Awaitable[Outcome]]
SEARCH, USER, ME = "POST /api/v3/users/search", "GET /api/v3/users/{id}", "GET /api/v1/user"
DAILY, WEEKLY = (f"POST /api/v3/users/{{id}}/{name}-checkins/search" for name in ("daily", "weekly"))
USERS = "/api/v3/users"
TODAY = date(2026, 11, 25)


@pytest.fixture
def yara(standin: CheckinServer) -> Student:
    return logged_in(standin, 0)


@pytest.fixture
def joost(standin: CheckinServer) -> Student:
    return logged_in(standin, 1)


def logged_in(standin: CheckinServer, number: int) -> Student:
    student = standin.programme.students[number]
    student.tokens.add(token_of(student))
    return student


def token_of(student: Student) -> str:
    return f"1|of-{student.key}"


def events(outcome: Outcome) -> list[Event]:
    assert isinstance(outcome, Delivered), outcome
    assert outcome.skipped == 0
    return sorted(outcome.events, key=lambda event: (event.when.start, event.identity))


def error(outcome: Outcome) -> SourceError:
    assert isinstance(outcome, SourceError), outcome
    return outcome


async def of(fetch: Fetch, student: Student, window: Window = WINDOW) -> list[Event]:
    return events(await fetch(token_of(student), str(student.key), window))


def test_it_exchanges_passwords_and_ends_logins(source: Checkin) -> None:
    assert isinstance(source, ExchangesSecret)
    assert isinstance(source, Revokes)


@pytest.mark.parametrize("form", FORMATS)
async def test_a_password_is_exchanged_for_a_token_whatever_it_comes_in(
    source: Checkin, standin: CheckinServer, form: str
) -> None:
    standin.token_format = form
    student = standin.programme.students[0]
    granted = await source.exchange(f" {student.email.upper()} ", student.password)
    assert {granted.secret} == student.tokens
    assert granted.access is None
    assert granted.secret not in repr(granted)


@pytest.mark.parametrize("body", ["12|abc", ' "12|abc" ', '{"token": " 12|abc"}', "12|abc\n"])
async def test_the_samples_of_a_token_are_read(source: Checkin, stand_in: StandIn, body: str) -> None:
    stand_in.faults["/"] = saying(200, body, "text/html")
    assert (await source.exchange("a@b", "c")).secret == "12|abc"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "12",
        "{}",
        "[]",
        '{"token": null}',
        '{"token": "two words"}',
        '{"token":"12|abc',
        "Fout wachtwoord!",
        "<html>",
        "<!doctypehtml><title>Inloggen</title>",
        '"x\\u0000"',
        "12|abc\ndef",
    ],
)
async def test_what_is_no_token_is_not_taken_for_one(source: Checkin, stand_in: StandIn, body: str) -> None:
    stand_in.faults["/"] = saying(200, body, "text/html")
    with pytest.raises(BadResponse, match="no token"):
        await source.exchange("a@b", "c")


async def test_a_wrong_password_an_unknown_address_and_no_address_are_told(
    source: Checkin, standin: CheckinServer, stand_in: StandIn
) -> None:
    for email in (standin.programme.students[0].email, "nobody@example.nl"):
        with pytest.raises(AuthFailed, match="does not know this e-mail address with this password") as raised:
            await source.exchange(email, "wrong")
        assert email not in raised.value.sentence
    assert stand_in.requests == {"POST /api/v1/sanctum/token": 2}
    with pytest.raises(ConfigError, match="--identity"):
        await source.exchange("  ", "wrong")


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (422, AuthFailed, "does not know this e-mail address with this password"),
        (401, AuthFailed, "does not know this e-mail address with this password"),
        (403, AuthFailed, "does not let this person log in"),
        (429, RateLimited, "asks for fewer requests"),
        (404, BadResponse, "does not have what was requested"),
        (503, Unavailable, "out of order"),
    ],
)
async def test_the_refusals_of_a_login_are_told_apart(
    source: Checkin, stand_in: StandIn, status: int, kind: type[SourceError], words: str
) -> None:
    stand_in.faults["/"] = saying(status, '{"message": "Pinkeltje"}', Retry_After="60")
    with pytest.raises(kind, match=words) as raised:
        await source.exchange("a@b", "c")
    assert "Pinkeltje" not in raised.value.sentence
    assert raised.value.retry_after == (timedelta(seconds=60) if status in {429, 503} else None)


async def test_a_password_is_sent_once_even_if_the_server_is_in_trouble(source: Checkin, stand_in: StandIn) -> None:
    stand_in.faults["/"] = saying(503)
    with pytest.raises(Unavailable):
        await source.exchange("a@b", "c")
    assert stand_in.requests.total() == 1


async def test_the_person_is_the_one_whose_token_it_is(source: Checkin, yara: Student) -> None:
    slot = NoCredential(token_of(yara))
    for identity in (yara.email.upper(), None, "47"):
        assert await source.connect(identity, Account(), slot) == Account("47")
    with pytest.raises(UnknownPerson, match="somebody else's"):
        await source.connect("f.wiersma@st.example.nl", Account(), slot)


async def test_an_account_without_a_login_is_refused_unasked(source: Checkin, stand_in: StandIn) -> None:
    with pytest.raises(ConfigError, match="--secret-stdin"):
        await source.connect("a@b", Account(), NoCredential())
    assert not stand_in.requests


async def test_a_refresh_takes_three_requests(fetch: Fetch, yara: Student, stand_in: StandIn) -> None:
    assert await of(fetch, yara)
    assert stand_in.requests == {SEARCH: 1, DAILY: 1, WEEKLY: 1}


async def test_only_the_days_of_the_window_are_asked_for(fetch: Fetch, yara: Student, stand_in: StandIn) -> None:
    asked: list[Any] = []

    async def listen(request: web.Request) -> web.StreamResponse:
        asked.append(await request.json())
        return await request.match_info.handler(request)

    stand_in.faults[USERS] = listen
    found = await of(fetch, yara, Window(date(2026, 11, 2), date(2026, 11, 14)))
    days = {event.when.start for event in found}
    assert days
    assert days <= {date(2026, 11, 2) + timedelta(days=number) for number in range(12)}
    span = {"created_at": {">": "2026-11-01 22:59:59", "<": "2026-11-13 23:00:00"}}
    assert asked == [span, span, {"id": 47, "with": ["canDoDaily", "canDoWeekly", "projects", "groups"]}]


async def test_a_server_that_compares_no_moments_is_asked_for_everything(
    fetch: Fetch, yara: Student, standin: CheckinServer, stand_in: StandIn
) -> None:
    before = await of(fetch, yara)
    standin.filters_moments = False
    stand_in.requests.clear()
    assert await of(fetch, yara) == before
    assert stand_in.requests == {SEARCH: 1, DAILY: 2, WEEKLY: 2}


async def test_pages_are_followed_to_the_last(
    fetch: Fetch, yara: Student, standin: CheckinServer, stand_in: StandIn
) -> None:
    before = await of(fetch, yara)
    standin.page = 3
    stand_in.requests.clear()
    assert await of(fetch, yara) == before
    assert stand_in.requests[DAILY] > 1


async def test_pages_are_followed_though_their_links_have_the_scheme_behind_a_proxy(
    fetch: Fetch, yara: Student, standin: CheckinServer, stand_in: StandIn
) -> None:
    before = await of(fetch, yara)
    standin.page = 3

    async def behind_a_proxy(request: web.Request) -> web.StreamResponse:
        usual = await request.match_info.handler(request)
        assert isinstance(usual, web.Response)
        return web.json_response(text=str(usual.text).replace("http://", "https://"))

    stand_in.faults[f"/api/v3/users/{yara.key}/"] = behind_a_proxy
    assert await of(fetch, yara) == before


@pytest.mark.parametrize(
    "link",
    ["http://127.0.0.1:9/api", "https://127.0.0.1:9/api", "https://elsewhere.example/api", "https://[", "?page=1"],
)
async def test_a_link_to_elsewhere_or_round_in_a_circle_fails_the_part(
    fetch: Fetch, yara: Student, stand_in: StandIn, link: str
) -> None:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"data": [], "links": {"next": link}})

    stand_in.faults[f"/api/v3/users/{yara.key}/daily"] = answer
    failed = error(await fetch(token_of(yara), str(yara.key)))
    assert failed.sentence == "Check-in HBO-ICT sends pages of check-ins that do not end."


async def test_somebody_who_is_up_to_date_has_nothing_due(fetch: Fetch, yara: Student) -> None:
    found = await of(fetch, yara)
    assert {event.progress for event in found} == {Progress.DONE}
    assert [event.weekly for event in found if event.when == AllDay(TODAY, TODAY + timedelta(days=1))] == [False, True]
    assert all(event.hours for event in found if event.identity.startswith("daily:"))


async def test_what_is_due_turns_into_what_is_done(fetch: Fetch, joost: Student, stand_in: StandIn) -> None:
    due = {event.identity: event for event in await of(fetch, joost) if event.progress is Progress.DUE}
    assert {name: event.when for name, event in due.items()} == {
        "daily:2026-11-25": AllDay(TODAY, date(2026, 11, 26)),
        "weekly:2026-W48": AllDay(date(2026, 11, 23), date(2026, 11, 28)),
    }
    assert {event.projects for event in due.values()} == {("Check-in",)}
    assert stand_in.controls["do-daily"]().startswith("2 students")
    assert stand_in.controls["do-weekly"]().startswith("2 students")
    after = {event.identity: event for event in await of(fetch, joost)}
    assert {after[name].progress for name in due} == {Progress.DONE}
    assert after["daily:2026-11-25"].hours == 6


async def test_tomorrow_the_next_day_is_due(fetch: Fetch, yara: Student, clock: SettableClock) -> None:
    clock.forward(days=1)
    (due,) = [event for event in await of(fetch, yara) if event.progress is Progress.DUE]
    assert due.identity == "daily:2026-11-26"


async def test_today_is_the_local_day(fetch: Fetch, joost: Student, clock: SettableClock) -> None:
    clock.now = clock.now.replace(hour=23, minute=30)
    due = [event.identity for event in await of(fetch, joost) if event.progress is Progress.DUE]
    assert "daily:2026-11-26" in due


async def test_a_list_of_users_that_is_closed_to_students_is_gone_round(
    fetch: Fetch, joost: Student, standin: CheckinServer, stand_in: StandIn
) -> None:
    before = await of(fetch, joost)
    standin.closed.add("/api/v3/users/search")
    stand_in.requests.clear()
    assert await of(fetch, joost) == before
    assert stand_in.requests == {SEARCH: 1, ME: 1, USER: 1, DAILY: 1, WEEKLY: 1}
    stand_in.faults["/api/v3/users/search"] = saying(404)
    assert await of(fetch, joost) == before


async def test_what_a_person_may_not_see_is_left_out(fetch: Fetch, joost: Student, standin: CheckinServer) -> None:
    standin.closed.add("/api/v3/users/{id}/weekly-checkins/search")
    assert {event.identity[:6] for event in await of(fetch, joost) if event.progress is Progress.DONE} == {"daily:"}
    standin.closed |= {"/api/v3/users/search", "/api/v3/users/{id}"}
    assert {event.progress for event in await of(fetch, joost)} == {Progress.DONE}
    standin.closed.add("/api/v3/users/{id}/daily-checkins/search")
    failed = error(await fetch(token_of(joost), "48"))
    assert isinstance(failed, Forbidden)
    assert failed.sentence == "Check-in HBO-ICT does not show these check-ins with this login."


async def test_what_is_due_stays_due_while_the_question_fails_and_until_it_is_done(
    open_school: OpenSchool, standin: CheckinServer, stand_in: StandIn, clock: SettableClock
) -> None:
    async def due() -> list[str]:
        (row,) = await school.refresh()
        assert (row.ok, row.error) == (True, sentence)
        (account,) = await school.bridge.store.accounts.all()
        entries = await school.bridge.store.events.of_part(account.id, Part.CHECKINS)
        return sorted(entry.event.identity for entry in entries if entry.event.progress is Progress.DUE)

    async with open_school({"school": stand_in}) as school:
        sentence = None
        await school.add("joost", "school")
        both = ["daily:2026-11-25", "weekly:2026-W48"]
        assert await due() == both
        sentence = "Not up to date: what is due. Check-in HBO-ICT is out of order (HTTP 503)."
        stand_in.faults["/api/v3/users/search"] = saying(503)
        assert await due() == both
        standin.programme.do_daily()
        assert await due() == both[1:], "it is done since the last good answer"
        clock.forward(days=1)
        assert await due() == ["daily:2026-11-26", both[1]]


async def test_another_persons_check_ins_are_not_shown(fetch: Fetch, joost: Student) -> None:
    assert isinstance(error(await fetch(token_of(joost), "47")), SourceError)


@pytest.mark.parametrize("token", ["", "1|wrong"])
async def test_a_login_that_has_ended_needs_a_new_one(fetch: Fetch, source: Checkin, yara: Student, token: str) -> None:
    failed = error(await fetch(token, "47"))
    assert isinstance(failed, AuthFailed)
    assert failed.needs_login
    sentence = "Check-in HBO-ICT no longer accepts this login; add the account again, with the password."
    assert failed.sentence == sentence
    with pytest.raises(AuthFailed):
        await source.connect(None, Account(), NoCredential(token or "1|wrong"))


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, RateLimited), (503, Unavailable), (402, Unavailable), (404, BadResponse), (418, BadResponse)],
)
async def test_a_server_in_trouble_is_no_end_of_a_login(
    fetch: Fetch, yara: Student, stand_in: StandIn, status: int, kind: type[SourceError]
) -> None:
    stand_in.faults["/api"] = saying(status)
    assert isinstance(error(await fetch(token_of(yara), "47")), kind)


async def test_a_403_while_the_server_cannot_tell_whose_token_it_is_ends_no_login(
    fetch: Fetch, yara: Student, stand_in: StandIn
) -> None:
    stand_in.faults |= {"/api/v3": saying(403), "/api/v1": saying(503)}
    assert isinstance(error(await fetch(token_of(yara), "47")), Unavailable)


async def test_revoking_ends_the_login_and_one_that_has_ended_is_no_error(
    source: Checkin, yara: Student, joost: Student, stand_in: StandIn
) -> None:
    slot = NoCredential(token_of(yara))
    await source.revoke(slot)
    assert (yara.tokens, joost.tokens) == (set(), {token_of(joost)})
    await source.revoke(slot)
    await source.revoke(NoCredential())
    assert stand_in.requests == {"POST /api/v1/sanctum/logout": 2}
    stand_in.faults["/"] = saying(500)
    with pytest.raises(Unavailable):
        await source.revoke(slot)


async def test_a_check_needs_no_login(source: Checkin, stand_in: StandIn) -> None:
    assert await source.check() == "reachable"
    stand_in.faults["/"] = saying(404)
    with pytest.raises(BadResponse):
        await source.check()
