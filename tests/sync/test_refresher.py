import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web

from bridge.model.event import Part
from bridge.store.account import State, StoredAccount
from bridge.store.renderings import PublishedHead
from bridge.store.schema import events, feed_bytes, feeds
from bridge.store.tokens import hash_token
from tests.club.server import AHEAD, API, CLOSED, HIDDEN, LESSONS, PAST, TOKEN, Club
from tests.conftest import OpenSchool, School
from tests.faults import as_usual, saying
from tests.tables import contents

PARTS = [Part.SCHEDULE, Part.HOLIDAYS]


@pytest.fixture
async def school(open_school: OpenSchool, club: Club) -> AsyncIterator[School]:
    """A bridge with Anna's account and feed, refreshed once."""
    async with open_school({"club": club.stand_in}) as opened:
        await opened.add("anna", "club")
        await opened.feed("anna")
        assert all(row.ok for row in await opened.refresh())
        yield opened


async def account(school: School, user: str = "anna") -> StoredAccount:
    (found,) = await school.bridge.store.accounts.all(user=user)
    return found


async def head(school: School) -> PublishedHead:
    found = await school.bridge.store.renderings.head(
        hash_token(await school.bridge.store.feeds.token("anna", "default"))
    )
    assert isinstance(found, PublishedHead)
    return found


async def vevents(school: School) -> dict[str, str]:
    """The events of Anna's feed by UID, each as it is written."""
    blocks = (await school.ics("anna")).split("BEGIN:VEVENT\r\n")[1:]
    return {block.partition("UID:")[2].partition("\r\n")[0]: block.partition("END:VEVENT")[0] for block in blocks}


def field(block: str, name: str) -> str:
    return block.partition(f"\n{name}")[2].partition(":")[2].partition("\r\n")[0]


async def test_a_first_refresh_brings_every_part(school: School) -> None:
    clock_was = school.clock()
    rows = await school.refresh()
    assert [(row.user, row.source, row.part, row.ok) for row in rows] == [("anna", "club", p, True) for p in PARTS]
    assert rows[0].events == PAST + AHEAD
    anna = await account(school)
    assert (anna.state, anna.failures, anna.last_ok, anna.last_error) == (State.OK, 0, clock_was, None)


@pytest.mark.parametrize(("path", "part"), [(LESSONS, 0), (CLOSED, 1)])
async def test_a_failed_part_keeps_its_last_good_events_and_the_others_go_on(
    school: School, club: Club, path: str, part: int
) -> None:
    before, told = await school.ics("anna"), await contents(school.bridge.store.database, events)
    last_ok = (await account(school)).last_ok
    club.stand_in.faults[path] = saying(500)
    school.clock.forward(hours=1)
    rows = await school.refresh()
    assert [row.ok for row in rows] == [number != part for number in range(2)]
    assert rows[part].error == "Chess Club is out of order (HTTP 500)."
    assert rows[part].events > 0
    anna = await account(school)
    assert (anna.state, anna.failures, anna.last_ok) == (State.FAILING, 1, last_ok)
    assert anna.last_error == rows[part].error
    assert await school.ics("anna") == before
    assert await contents(school.bridge.store.database, events) == told


@pytest.mark.parametrize(
    "answer",
    [
        saying(200, "<html>", "text/html"),
        saying(200, ""),
        saying(200, '{"lessons": [{}, {}]}'),
        saying(200, "null"),
        saying(404),
        saying(402),
    ],
)
async def test_an_answer_that_cannot_be_read_is_never_an_empty_one(school: School, club: Club, answer: object) -> None:
    before = await school.ics("anna")
    club.stand_in.faults[LESSONS] = answer  # type: ignore[assignment] # parametrize loses the type
    assert [row.ok for row in await school.refresh()] == [False, True]
    assert await school.ics("anna") == before


async def test_when_all_is_well_again_the_account_is(school: School, club: Club) -> None:
    club.stand_in.faults[API] = saying(503)
    for failures in (1, 2, 3):
        await school.refresh()
        assert (await account(school)).failures == failures
    club.stand_in.faults.clear()
    await school.refresh()
    anna = await account(school)
    assert (anna.state, anna.failures, anna.last_error, anna.last_ok) == (State.OK, 0, None, school.clock())


async def test_what_the_school_forbids_is_nobodys_failure(school: School, club: Club) -> None:
    before = await school.ics("anna")
    club.stand_in.faults[CLOSED] = saying(403)
    rows = await school.refresh()
    assert [(row.ok, row.forbidden) for row in rows] == [(True, False), (False, True)]
    assert rows[1].error == "Chess Club does not allow this."
    anna = await account(school)
    assert (anna.state, anna.failures, anna.last_error) == (State.OK, 0, None)
    assert await school.ics("anna") == before


async def test_a_second_refresh_without_news_writes_neither_events_nor_feeds(school: School, club: Club) -> None:
    tables = (events, feeds, feed_bytes)
    before, was = await contents(school.bridge.store.database, *tables), await head(school)
    for span in (timedelta(hours=1), timedelta(hours=9)):  # the second one is tomorrow
        school.clock.now += span
        rows = await school.refresh()
        assert [(row.ok, row.added, row.changed, row.removed) for row in rows] == [(True, 0, 0, 0)] * 2
        assert await contents(school.bridge.store.database, *tables) == before
        assert await head(school) == was


async def test_a_lesson_that_moves_changes_one_event_and_the_etag(school: School, club: Club) -> None:
    before, was = await vevents(school), await head(school)
    school.clock.forward(minutes=30)
    club.move(minutes=30)
    rows = await school.refresh()
    assert [(row.added, row.changed, row.removed) for row in rows] == [(0, 1, 0), (0, 0, 0)]
    after, now = await vevents(school), await head(school)
    assert sorted(after) == sorted(before)
    (uid,) = [uid for uid in after if after[uid] != before[uid]]
    assert field(after[uid], "DTSTART") != field(before[uid], "DTSTART")
    assert (field(before[uid], "SEQUENCE"), field(after[uid], "SEQUENCE")) == ("0", "1")
    assert field(before[uid], "LAST-MODIFIED") == "20261122T100000Z"
    assert field(after[uid], "LAST-MODIFIED") == field(after[uid], "DTSTAMP") == "20261122T103000Z"
    assert field(after[uid], "CREATED") == field(before[uid], "CREATED")
    assert now.etag != was.etag
    assert now.modified > was.modified


async def test_a_vanished_lesson_is_told_for_14_days_and_then_gone(school: School, club: Club) -> None:
    before = set(await vevents(school))
    school.clock.forward(minutes=30)
    club.take(1)
    assert [row.removed for row in await school.refresh()] == [1, 0]
    assert set(await vevents(school)) == before
    assert (await school.ics("anna")).count("SUMMARY:Vervalt: ") == 1
    school.clock.forward(days=13, hours=23)
    assert [row.removed for row in await school.refresh()] == [0, 0]
    assert set(await vevents(school)) == before
    school.clock.forward(days=1)
    await school.refresh()
    assert (await school.ics("anna")).count("SUMMARY:Vervalt: ") == 0


async def test_events_leave_with_the_window_and_not_before(school: School, club: Club) -> None:
    first = min(lesson.start for lesson in club.lessons.values())

    async def told() -> set[str]:
        return {field(block, "DTSTART") for block in (await vevents(school)).values() if "CATEGORIES:Les" in block}

    before = await told()
    for lesson in [lesson for lesson in club.lessons.values() if lesson.start < school.clock()]:
        del club.lessons[lesson.id]
    school.clock.now = first + timedelta(days=60)
    await school.refresh()
    assert await told() == before
    school.clock.forward(days=1)
    rows = await school.refresh()
    assert [row.removed for row in rows] == [0, 0]
    gone = before - await told()
    assert {moment[:8] for moment in gone} == {f"{first:%Y%m%d}"}


async def test_items_that_are_skipped_are_counted_in_the_row(school: School, club: Club) -> None:
    async def with_rubbish(request: web.Request) -> web.StreamResponse:
        answer = await as_usual(request)
        assert isinstance(answer, web.Response)
        text = (answer.text or "").replace('"lessons": [', '"lessons": [{"rubbish": 1}, {"rubbish": 2}, ')
        return web.Response(text=text, content_type="application/json")

    club.stand_in.faults[LESSONS] = with_rubbish
    rows = await school.refresh()
    assert (rows[0].ok, rows[0].events) == (True, PAST + AHEAD)
    assert rows[0].error == "2 items could not be read and were left out."
    assert (await account(school)).state is State.OK


async def test_an_item_that_cannot_be_read_keeps_its_event_and_stops_nothing_else(school: School, club: Club) -> None:
    spoiled, cancelled, changed = club.ahead()[:3]

    async def with_one_spoiled(request: web.Request) -> web.StreamResponse:
        answer = await as_usual(request)
        assert isinstance(answer, web.Response)
        told = json.loads(answer.text or "")
        told["lessons"] = [
            one | {"room": None} if one["id"] == spoiled.id else one
            for one in told["lessons"]
            if one["id"] != cancelled.id
        ]
        return web.json_response(told)

    club.put(replace(changed, room="B2"))
    club.stand_in.faults[LESSONS] = with_one_spoiled
    (lessons, _) = await school.refresh()
    assert (lessons.ok, lessons.error) == (True, "1 item could not be read and was left out.")
    assert (lessons.added, lessons.changed, lessons.removed) == (0, 1, 1)
    titles = re.findall(r"SUMMARY:(.*)\r", await school.ics("anna"))
    assert f"Vervalt: {cancelled.title}" in titles
    assert spoiled.title in titles


async def test_an_item_of_which_nothing_is_known_lets_cancellations_wait(school: School, club: Club) -> None:
    async def with_rubbish(request: web.Request) -> web.StreamResponse:
        answer = await as_usual(request)
        assert isinstance(answer, web.Response)
        return web.json_response({"lessons": [*json.loads(answer.text or "")["lessons"], "rubbish"]})

    club.take(1)
    club.stand_in.faults[LESSONS] = with_rubbish
    assert (await school.refresh())[0].removed == 0
    club.stand_in.faults.clear()
    assert (await school.refresh())[0].removed == 1


async def test_what_a_person_hides_goes_without_a_trace_and_is_not_held_back(school: School, club: Club) -> None:
    club.hidden = {lesson.id for lesson in club.ahead()}
    (lessons, _) = await school.refresh()
    assert (lessons.ok, lessons.removed) == (True, 0)
    assert not any("Lesson" in block and "Vervalt" in block for block in (await vevents(school)).values())
    club.hidden.clear()
    assert (await school.refresh())[0].added == AHEAD


async def test_what_was_hidden_stays_hidden_while_that_cannot_be_asked(school: School, club: Club) -> None:
    club.hidden = {club.ahead()[0].id}
    await school.refresh()
    before = await vevents(school)
    club.stand_in.faults[HIDDEN] = saying(503)
    for _ in range(2):
        (lessons, _) = await school.refresh()
        assert (lessons.ok, lessons.error) == (True, "Chess Club is out of order (HTTP 503).")
        assert await vevents(school) == before


async def test_what_an_operator_leaves_out_goes_without_a_trace(
    open_school: OpenSchool, school: School, club: Club
) -> None:
    before = await vevents(school)
    club.take(7)
    async with open_school({"club": club.stand_in}, club={"language": "en"}) as changed:
        (lessons, _) = await changed.refresh()
        assert (lessons.ok, lessons.removed) == (True, 0)
        assert not any("Vervalt" in block for block in (await vevents(changed)).values())
        assert len(await vevents(changed)) == len(before) - 7


async def test_a_login_that_is_needed_is_told_without_a_request(school: School, club: Club) -> None:
    before = await school.ics("anna")
    club.log_out()
    club.stand_in.faults[TOKEN] = saying(400, '{"error": "invalid_grant"}')
    assert not any(row.ok for row in await school.refresh())
    anna = await account(school)
    assert anna.state is State.LOGIN_NEEDED
    asked = club.asked
    rows = await school.refresh()
    assert [(row.user, row.part, row.ok, row.error) for row in rows] == [("anna", None, False, anna.last_error)]
    assert club.asked == asked
    assert await school.ics("anna") == before
