from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
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
from bridge.model.event import AllDay, Kind, Status, Timed
from bridge.model.window import Window
from bridge.sources.mytimetable.standin.server import OWN_TOKEN, PLAIN_TOKEN
from bridge.sources.mytimetable.standin.university import OWN, STAFF, STUDENT
from bridge.sync.snapshot import Outcome
from bridge.upstream.contract import Account, Source
from bridge.upstream.standin import StandIn
from tests.sources.mytimetable.outcomes import answer, error, events

Fetch = Callable[..., Awaitable[Outcome]]
Connect = Callable[..., Awaitable[Account]]
Make = Callable[..., Source]
PERSONAL, SINGLE = "GET /api/v0/timetable", "GET /api/v0/timetables/{key}"
NEAR = Window(date(2026, 10, 12), date(2026, 10, 26))
ABOUT_A_PERSON = {
    "GET /api/v0/subscriptions": 1,
    "GET /api/v0/eventtypegroups": 1,
    "GET /api/v0/user/messages": 1,
}


def keys_of(stand_in: StandIn) -> str:
    return stand_in.people[3].options["timetables"]


async def test_a_students_year_is_read_in_two_requests_and_three_small_ones(fetch: Fetch, stand_in: StandIn) -> None:
    found = events(await fetch(STUDENT, window=Window(date(2026, 8, 1), date(2027, 8, 1))))
    assert stand_in.requests == ABOUT_A_PERSON | {PERSONAL: 2}
    assert len(found) > 100
    assert {event.kind for event in found} == {Kind.LESSON, Kind.EXAM}
    assert {event.status for event in found} == {Status.CONFIRMED, Status.TENTATIVE}
    assert any(isinstance(event.when, AllDay) for event in found)
    assert any(event.conference for event in found)
    assert not any(event.label == "Spreekuur" for event in found)


async def test_lessons_begin_at_nine_on_both_sides_of_a_clock_change(fetch: Fetch) -> None:
    found = events(await fetch(STUDENT, window=Window(date(2026, 10, 12), date(2026, 11, 14))))
    begins = {
        event.when.start
        for event in found
        if event.title == "Logica & verzamelingen" and event.label == "Hoorcollege" and isinstance(event.when, Timed)
    }
    assert datetime(2026, 10, 13, 7, tzinfo=UTC) in begins
    assert datetime(2026, 10, 27, 8, tzinfo=UTC) in begins


async def test_only_the_days_of_the_window_are_delivered(fetch: Fetch) -> None:
    found = events(await fetch(STUDENT, window=Window(date(2026, 10, 12), date(2026, 10, 14))))
    days = {event.when.start.date() for event in found if isinstance(event.when, Timed)}
    assert days == {date(2026, 10, 12), date(2026, 10, 13)}


async def test_a_teacher_and_a_student_have_timetables_of_their_own(fetch: Fetch) -> None:
    student, teacher = events(await fetch(STUDENT)), events(await fetch(STAFF))
    assert set(teacher) < set(student)


async def test_the_template_says_how_a_user_name_is_sent(fetch: Fetch, connect: Connect) -> None:
    assert events(await fetch("edijk", username_template="{username}1"))
    with pytest.raises(UnknownPerson):
        await connect("edijk", username_template="UVA\\{username}")


async def test_only_subscriptions_of_the_chosen_types_are_asked_for(fetch: Fetch) -> None:
    assert {event.title for event in events(await fetch(OWN, types="module"))} == set()
    assert events(await fetch(OWN, types="module, studentset"))


async def test_rooms_come_along_where_the_settings_want_them(fetch: Fetch) -> None:
    without = events(await fetch(STUDENT, types="location"))
    with_rooms = events(await fetch(STUDENT, types="location", exclude_resource_timetables=False))
    assert not without
    assert with_rooms


async def test_an_older_server_is_asked_once_more_without_the_parameter_that_it_does_not_know(
    fetch: Fetch, connect: Connect, stand_in: StandIn
) -> None:
    stand_in.controls["old-version"]()
    assert events(await fetch(STUDENT, window=NEAR))
    assert stand_in.requests == ABOUT_A_PERSON | {PERSONAL: 2}
    assert (await connect(STUDENT)).person == STUDENT


async def test_a_person_with_a_token_of_their_own_is_read_without_ours(fetch: Fetch) -> None:
    assert events(await fetch(OWN, OWN_TOKEN, api_token=None))
    assert await fetch("", OWN_TOKEN) == await fetch("", f" {OWN_TOKEN}\n")


async def test_an_event_in_two_single_timetables_comes_once(fetch: Fetch, stand_in: StandIn) -> None:
    module, room = keys_of(stand_in).split(",")
    one, other = events(await fetch(keys=module)), events(await fetch(keys=room))
    both = events(await fetch(keys=keys_of(stand_in)))
    assert set(one) & set(other)
    assert set(both) == set(one) | set(other)
    assert len(both) == len(set(one) | set(other))


async def test_a_key_that_is_named_twice_is_asked_for_once(fetch: Fetch, stand_in: StandIn) -> None:
    key = keys_of(stand_in).split(",")[0]
    assert events(await fetch(keys=f"{key}, {key} ,"))
    assert stand_in.requests == {SINGLE: 2}, "near days, and all"


async def test_single_timetables_need_no_elevated_token(fetch: Fetch, stand_in: StandIn) -> None:
    assert events(await fetch(keys=keys_of(stand_in), api_token=PLAIN_TOKEN))


async def test_a_person_may_have_single_timetables_besides(fetch: Fetch, stand_in: StandIn) -> None:
    assert events(await fetch(OWN, keys=keys_of(stand_in), window=NEAR))
    assert stand_in.requests == ABOUT_A_PERSON | {PERSONAL: 1, SINGLE: 2}


async def test_one_timetable_that_is_gone_fails_them_all(fetch: Fetch, stand_in: StandIn) -> None:
    failed = error(await fetch(keys=f"{keys_of(stand_in)},2026!module!GONE"))
    assert failed.sentence == "Universiteit has no timetable 2026!module!GONE (timetable_not_found)."


async def test_of_a_key_of_a_past_year_it_is_said_that_keys_change_every_year(fetch: Fetch) -> None:
    failed = error(await fetch(keys="2025!module!GONE"))
    assert failed.sentence == (
        "Universiteit no longer has the timetable 2025!module!GONE: it is of a past year, and keys change every year; "
        "add the account again with this year's."
    )


async def test_a_lesson_that_moves_keeps_its_identity(fetch: Fetch, stand_in: StandIn) -> None:
    before = {event.identity: event for event in events(await fetch(STUDENT))}
    assert "2026-10-15 13:00" in stand_in.controls["move-lesson"]()
    after = {event.identity: event for event in events(await fetch(STUDENT))}
    assert set(after) == set(before)
    [(old, new)] = [(before[name], after[name]) for name in before if before[name] != after[name]]
    assert isinstance(old.when, Timed)
    hour = timedelta(hours=1)
    assert new.when == replace(old.when, start=old.when.start + hour, end=old.when.end + hour)


async def test_a_lesson_that_is_cancelled_is_no_longer_there(fetch: Fetch, stand_in: StandIn) -> None:
    before = set(events(await fetch(STUDENT)))
    assert stand_in.controls["cancel-lesson"]().endswith("has been cancelled.")
    after = set(events(await fetch(STUDENT)))
    assert after < before
    assert len(before - after) == 1


async def test_a_refused_token_of_the_person_asks_for_a_new_one(
    fetch: Fetch, connect: Connect, stand_in: StandIn
) -> None:
    stand_in.controls["withdraw-token"]()
    failed = error(await fetch(OWN, OWN_TOKEN))
    assert isinstance(failed, AuthFailed)
    assert failed.needs_login
    with pytest.raises(AuthFailed):
        await connect(OWN, OWN_TOKEN)


async def test_a_refused_token_of_the_settings_is_the_operators_to_mend(fetch: Fetch, make: Make) -> None:
    failed = error(await fetch(STUDENT, api_token="wrong"))
    assert isinstance(failed, AuthFailed)
    assert not failed.needs_login
    assert failed.sentence == "Universiteit refused the api_token of the settings (invalid_api_token)."
    with pytest.raises(AuthFailed, match="api_token"):
        await make(api_token="wrong").check()


async def test_a_settings_file_without_a_token_fails_before_anything_is_asked(fetch: Fetch, stand_in: StandIn) -> None:
    failed = error(await fetch(STUDENT, api_token=None))
    assert isinstance(failed, AuthFailed)
    assert not failed.needs_login
    assert not stand_in.requests


async def test_a_token_that_may_not_act_for_persons_fails_and_is_not_the_schools_choice(fetch: Fetch) -> None:
    failed = error(await fetch(STUDENT, api_token=PLAIN_TOKEN))
    assert not isinstance(failed, Forbidden)
    assert "api_token may not act for persons (elevation_required)" in failed.sentence


async def test_a_sentence_never_holds_what_the_upstream_says(fetch: Fetch) -> None:
    for failed in (error(await fetch("piet.jansen")), error(await fetch("piet.jansen", api_token=PLAIN_TOKEN))):
        assert "jansen" not in failed.sentence


@pytest.mark.parametrize("body", ["", "Forbidden for piet", '{"errorType": "Piet Jansen"}', "[]", '{"errorType": 7}'])
async def test_an_error_without_their_document_still_gives_a_sentence(
    fetch: Fetch, stand_in: StandIn, body: str
) -> None:
    for status in (400, 401, 403, 404):
        stand_in.faults["/api"] = answer(status, body)
        for outcome in (
            await fetch(STUDENT),
            await fetch(OWN, OWN_TOKEN),
            await fetch(keys="2026!A"),
            await fetch(keys="2026!A", secret=OWN_TOKEN),
        ):
            failed = error(outcome)
            assert "iet" not in failed.sentence.replace("Universiteit", "")
            assert not isinstance(failed, Forbidden)
            assert "(" not in failed.sentence.replace("(HTTP 400)", "")


async def test_a_403_never_ends_a_persons_token(fetch: Fetch, stand_in: StandIn) -> None:
    stand_in.faults["/api"] = answer(403, "")
    for outcome in (
        await fetch(OWN, OWN_TOKEN),
        await fetch(keys="2026!A", secret=OWN_TOKEN),
        await fetch(keys="2026!A"),
    ):
        failed = error(outcome)
        assert isinstance(failed, AuthFailed)
        assert not failed.needs_login


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, RateLimited), (500, Unavailable), (503, Unavailable), (402, Unavailable), (418, BadResponse)],
)
async def test_a_server_in_trouble_fails_the_part(
    fetch: Fetch, stand_in: StandIn, status: int, kind: type[SourceError]
) -> None:
    stand_in.faults["/api"] = answer(status, "")
    assert isinstance(error(await fetch(STUDENT)), kind)


@pytest.mark.parametrize("body", ["", "<html>", '{"events": []}', "[{", "null"])
async def test_an_answer_that_is_no_list_of_events_fails_the_part(
    fetch: Fetch, connect: Connect, stand_in: StandIn, body: str
) -> None:
    stand_in.faults["/api"] = answer(200, body)
    assert isinstance(error(await fetch(STUDENT)), BadResponse)
    with pytest.raises(BadResponse):
        await connect(STUDENT)


async def test_adding_an_account_costs_a_small_request_and_one_for_what_it_found(
    connect: Connect, stand_in: StandIn
) -> None:
    asked: list[Any] = []

    async def watch(request: web.Request) -> web.StreamResponse:
        asked.append(dict(request.query) | {"language": request.headers["Accept-Language"]})
        return web.json_response([])

    stand_in.faults["/api/v0/timetable"] = watch
    assert await connect(f" {STUDENT} ") == Account(STUDENT)
    assert asked == [
        {
            "startDate": "2026-10-14",
            "endDate": "2026-10-15",
            "limit": "1",
            "excludeResourceTimetables": "true",
            "language": "nl",
        }
    ]


async def test_a_personal_account_finds_the_timetables_that_are_switched_on(
    connect: Connect, stand_in: StandIn
) -> None:
    everything = (await connect(STUDENT)).found
    assert {"Inleiding programmeren", "Iedereen"} <= set(everything)
    assert "REC A1.02" not in everything, "rooms are not read"
    stand_in.controls["disable-subscription"]()
    assert set((await connect(STUDENT)).found) < set(everything)


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
async def test_a_server_that_does_not_say_what_it_found_hinders_nobody(
    connect: Connect, stand_in: StandIn, status: int
) -> None:
    stand_in.faults["/api/v0/subscriptions"] = answer(status, "")
    assert (await connect(STUDENT)).found == ()


async def test_every_sample_person_can_be_added_and_has_events(
    connect: Connect, fetch: Fetch, stand_in: StandIn
) -> None:
    for person in stand_in.people:
        account = await connect(person.identity, person.secret, options=dict(person.options))
        assert account == Account(person.identity or "", person.options)
        assert events(await fetch(account.person, person.secret, keys=account.options.get("timetables", "")))


async def test_an_access_token_alone_stands_for_its_person_and_is_called_by_their_user_name(connect: Connect) -> None:
    assert await connect(secret=OWN_TOKEN) == Account("", called=OWN)


@pytest.mark.parametrize("status", [403, 404, 500, 200])
async def test_a_server_that_does_not_say_whose_a_token_is_hinders_nobody(
    connect: Connect, stand_in: StandIn, status: int
) -> None:
    stand_in.faults["/api/v0/user"] = answer(status, "[]")
    assert await connect(secret=OWN_TOKEN) == Account("")


@pytest.mark.parametrize("token", [None, PLAIN_TOKEN])
async def test_an_unknown_person_cannot_be_added(connect: Connect, token: str | None) -> None:
    changes = {"api_token": token} if token else {}
    with pytest.raises(UnknownPerson):
        await connect("nobody", **changes)


async def test_an_unknown_timetable_cannot_be_added_and_is_named(connect: Connect) -> None:
    with pytest.raises(UnknownPerson, match="has no timetable 2026!module!NONE"):
        await connect(options={"timetables": "2026!module!NONE"})


async def test_an_account_without_person_and_timetables_is_told_both_ways(connect: Connect) -> None:
    for options in ({}, {"timetables": " , "}):
        with pytest.raises(ConfigError, match="--identity USERNAME or --option timetables=KEY"):
            await connect(options=options)


async def test_an_account_without_any_token_cannot_be_added(connect: Connect) -> None:
    with pytest.raises(ConfigError, match="no api_token"):
        await connect(STUDENT, api_token=None)


async def test_a_user_name_of_two_lines_is_never_sent(connect: Connect, stand_in: StandIn) -> None:
    with pytest.raises(ConfigError):
        await connect(f"{STUDENT}\r\nX: y")
    assert not stand_in.requests


async def test_a_check_says_whether_the_token_is_accepted(make: Make, stand_in: StandIn) -> None:
    assert await make().check() == "reachable, API token accepted"
    assert (await make(api_token=None).check()).startswith("reachable; ")
    assert stand_in.requests == {"GET /api/v0/timetabletypes": 2}


async def test_a_check_of_a_wrong_address_fails(make: Make, address: str) -> None:
    with pytest.raises(BadResponse):
        await make(api_url=f"{address}/elsewhere").check()
    with pytest.raises(Unavailable):
        await make(api_url="http://127.0.0.1:9").check()
