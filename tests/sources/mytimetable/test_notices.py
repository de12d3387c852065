from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import AuthFailed, BadResponse, Forbidden, RateLimited, SourceError, Unavailable
from bridge.model.event import AllDay, Event, Kind, Part
from bridge.sources.mytimetable.notices import read_messages, read_terms
from bridge.sources.mytimetable.standin.server import OWN_TOKEN, PLAIN_TOKEN
from bridge.sources.mytimetable.standin.university import OWN, STAFF, STUDENT
from bridge.sync.snapshot import Delivered, Outcome
from bridge.upstream.contract import Reading
from bridge.upstream.standin import StandIn
from tests.sources.bodies import body
from tests.sources.mytimetable.outcomes import answer, error, events

Fetch = Callable[..., Awaitable[Outcome]]
ZONE = ZoneInfo("Europe/Amsterdam")
LISTS = Path(__file__).parent / "samples" / "lists"
HOUR = 3_600_000
NOON = 1792576800000
"""Wednesday 2026-10-21 12:00 in Amsterdam."""
UNTIL = date(2027, 8, 1)
MESSAGES = "GET /api/v0/user/messages"


def read(*messages: Any) -> Reading:
    return read_messages(body({"messages": messages}), zone=ZONE, origin="Universiteit", until=UNTIL)


def message(**changes: object) -> dict[str, Any]:
    return {"id": 1, "title": "Titel", "body": "Tekst", "publicationDate": NOON, "expirationDate": None} | changes


def days(**changes: object) -> object:
    [event] = read(message(**changes)).events
    return event.when


def test_the_messages_of_the_sample() -> None:
    told = read_messages(body((LISTS / "messages.json").read_bytes()), zone=ZONE, origin="Universiteit", until=UNTIL)
    assert told == Reading(
        (
            Event(
                "message 1",
                Kind.NOTICE,
                AllDay(date(2019, 2, 14), UNTIL),
                "This is the title of a non-expiring message targeted to students marked as important.",
                notes="This is a header formatted with Markdown",
            ),
            Event(
                "message 2",
                Kind.NOTICE,
                AllDay(date(2019, 2, 14), date(2019, 3, 23)),
                "This is an expiring message targeted to all users.",
                notes="Some content.",
            ),
        )
    )


def test_the_terms_of_the_sample() -> None:
    told = read_terms(body((LISTS / "terms.json").read_bytes()), zone=ZONE, origin="Universiteit")
    assert told == Reading(
        (
            Event(
                "term 2017!492E26C5A6F3BDE74C11240C046C2FB1",
                Kind.NOTICE,
                AllDay(date(2017, 9, 4), date(2017, 12, 23)),
                "[2017/2018] All year",
            ),
            Event(
                "term 2017!492E26C5A6F3BDE74C11240C046C2FB1 #2",
                Kind.NOTICE,
                AllDay(date(2018, 1, 2), date(2018, 9, 3)),
                "[2017/2018] All year",
            ),
            Event(
                "term TermTime!13",
                Kind.NOTICE,
                AllDay(date(2017, 9, 4), date(2018, 9, 3)),
                "[Term Time] All year",
            ),
        )
    )


@pytest.mark.parametrize("expires", [None, 253402297200000])
def test_a_message_for_ever_stays_for_the_rest_of_the_academic_year(expires: int | None) -> None:
    assert days(expirationDate=expires) == AllDay(date(2026, 10, 21), UNTIL)


def test_a_message_lasts_until_the_day_that_it_expires() -> None:
    assert days(expirationDate=NOON + HOUR) == AllDay(date(2026, 10, 21), date(2026, 10, 22))
    assert days(expirationDate=NOON + 4 * 24 * HOUR) == AllDay(date(2026, 10, 21), date(2026, 10, 26))
    assert days(expirationDate=NOON + 12 * HOUR) == AllDay(date(2026, 10, 21), date(2026, 10, 22))
    assert days(publicationDate=NOON + 11 * HOUR) == AllDay(date(2026, 10, 21), UNTIL)
    assert days(publicationDate=NOON + 12 * HOUR) == AllDay(date(2026, 10, 22), UNTIL)


def test_a_draft_is_left_out_and_not_counted() -> None:
    assert read(message(publicationDate=None)) == Reading(())


@pytest.mark.parametrize("wrong", [{"expirationDate": NOON - 1}, {"id": None}, {"publicationDate": "soon"}])
def test_a_message_that_cannot_be_read_is_skipped_and_counted(wrong: dict[str, object]) -> None:
    told = read(message(id=2), message(**wrong))
    assert (len(told.events), told.skipped) == (1, 1)


@pytest.mark.parametrize(
    "told", [b"", b"[]", b"{}", b"null", b"7", b'[{"messages": []}, {}]', b'{"messages": null}', b"<html>"]
)
def test_an_answer_that_holds_no_list_is_refused(told: bytes) -> None:
    with pytest.raises(BadResponse):
        read_messages(body(told), zone=ZONE, origin="Universiteit", until=UNTIL)
    with pytest.raises(BadResponse):
        read_terms(body(told), zone=ZONE, origin="Universiteit")


@given(st.text(max_size=40), st.integers(0, 7 * 10**12), st.integers(0, 10**11))
def test_every_message_that_is_out_has_its_day(body: str, published: int, lasts: int) -> None:
    when = days(body=body, publicationDate=published, expirationDate=published + 1000 + lasts)
    assert isinstance(when, AllDay)


async def test_a_student_and_a_teacher_have_their_own_messages(fetch: Fetch) -> None:
    student, teacher, other = [
        {event.title: event for event in events(await fetch(who, token, part=Part.NOTICES))}
        for who, token in ((STUDENT, None), (STAFF, None), ("", OWN_TOKEN))
    ]
    assert student.keys() == {"Onderhoud aan MyTimetable", "Roosterwijzigingen"} == other.keys()
    assert teacher.keys() == {"Onderhoud aan MyTimetable", "Roosterwensen"}
    told = student["Onderhoud aan MyTimetable"]
    assert told.when == AllDay(date(2026, 10, 11), date(2026, 10, 19))
    assert told.notes == (
        "Storing mogelijk\n\nHet rooster is zaterdag niet te zien. Meer lezen (https://example.nl/onderhoud)"
    )


async def test_a_message_that_is_posted_appears(fetch: Fetch, stand_in: StandIn) -> None:
    before = events(await fetch(STUDENT, part=Part.NOTICES))
    assert stand_in.controls["post-message"]().endswith("to all students.")
    [new] = set(events(await fetch(STUDENT, part=Part.NOTICES))) - set(before)
    assert (new.title, new.when) == ("Rooster gewijzigd", AllDay(date(2026, 10, 14), UNTIL))


@pytest.mark.parametrize("status", [403, 404])
async def test_a_site_without_messages_does_not_offer_them_and_has_not_failed(
    fetch: Fetch, stand_in: StandIn, status: int
) -> None:
    stand_in.faults["/api/v0/user/messages"] = answer(status, "")
    for outcome in (await fetch(STUDENT, part=Part.NOTICES), await fetch("", OWN_TOKEN, part=Part.NOTICES)):
        failed = error(outcome)
        assert isinstance(failed, Forbidden)
        assert failed.sentence == "Universiteit does not offer messages here."
    assert events(await fetch(STUDENT))


async def test_a_server_before_4_0_has_no_messages(fetch: Fetch, stand_in: StandIn) -> None:
    stand_in.controls["old-version"]()
    assert isinstance(error(await fetch(STUDENT, part=Part.NOTICES)), Forbidden)


async def test_an_account_of_nobody_has_no_messages_and_none_are_asked_for(fetch: Fetch, stand_in: StandIn) -> None:
    keys = stand_in.people[3].options["timetables"]
    failed = error(await fetch(keys=keys, part=Part.NOTICES))
    assert isinstance(failed, Forbidden)
    assert failed.sentence == "Universiteit has messages only for persons, and this account has none."
    assert stand_in.requests.keys() == {"GET /api/v0/timetables/{key}"}


@pytest.mark.parametrize(("status", "kind"), [(500, Unavailable), (400, BadResponse), (418, BadResponse)])
async def test_messages_fail_on_their_own(
    fetch: Fetch, stand_in: StandIn, status: int, kind: type[SourceError]
) -> None:
    stand_in.faults["/api/v0/user/messages"] = answer(status, "")
    assert isinstance(error(await fetch(STUDENT, part=Part.NOTICES)), kind)
    assert events(await fetch(STUDENT))
    stand_in.faults.clear()
    stand_in.faults["/api/v0/timetable"] = answer(status, "")
    assert events(await fetch(STUDENT, part=Part.NOTICES))


@pytest.mark.parametrize(("status", "kind"), [(401, AuthFailed), (429, RateLimited)])
async def test_a_server_that_turns_us_away_is_not_asked_for_more(
    fetch: Fetch, stand_in: StandIn, status: int, kind: type[SourceError]
) -> None:
    stand_in.faults["/api"] = answer(status, "")
    assert isinstance(error(await fetch(STUDENT, part=Part.NOTICES)), kind)
    assert stand_in.requests == {"GET /api/v0/timetable": 1}


async def test_terms_are_shown_where_the_settings_want_them(fetch: Fetch, stand_in: StandIn) -> None:
    assert not any(event.title.startswith("Semester") for event in events(await fetch(OWN, part=Part.NOTICES)))
    found = events(await fetch(OWN, part=Part.NOTICES, terms=True))
    [first] = [event for event in found if event.title == "Semester 1" and "#" not in event.identity]
    assert first.when == AllDay(date(2026, 8, 31), date(2026, 10, 26))
    assert [event.kind for event in found] == [Kind.NOTICE] * len(found)
    keys = stand_in.people[3].options["timetables"]
    of_nobody = events(await fetch(keys=keys, api_token=PLAIN_TOKEN, part=Part.NOTICES, terms=True))
    assert {event.title for event in of_nobody} == {"Semester 1"}


async def test_terms_without_messages_and_messages_without_terms_are_told(fetch: Fetch, stand_in: StandIn) -> None:
    for place in ("user/messages", "terms"):
        stand_in.faults = {f"/api/v0/{place}": answer(404, "")}
        assert isinstance(await fetch(STUDENT, part=Part.NOTICES, terms=True), Delivered)
    stand_in.faults = {"/api/v0/terms": answer(500, "")}
    outcome = await fetch(STUDENT, part=Part.NOTICES, terms=True)
    assert isinstance(outcome, Delivered)
    assert outcome.notes == ("Not up to date: terms. Universiteit is out of order (HTTP 500).",)


async def test_a_timetable_that_may_not_be_read_does_not_keep_messages_away(fetch: Fetch, stand_in: StandIn) -> None:
    stand_in.faults["/api/v0/timetables/"] = answer(403, "")
    assert isinstance(error(await fetch(STUDENT, keys="2026!A")), AuthFailed)
    assert events(await fetch(STUDENT, keys="2026!A", part=Part.NOTICES))
