"""Reasons, remarks, moods and comments: searched for wherever somebody could read them who has not asked for them."""

import logging
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from io import StringIO

import aiohttp
import pytest
import structlog
from aiohttp import web

from bridge.app import serve_bridge
from bridge.logs import configure_logs
from bridge.model.event import Kind, Part
from bridge.store.feed import NewFeed
from bridge.upstream.discovery import discover
from tests.conftest import SLOW, OpenSchool, School, SettableClock

TELLS_PRIVATE_THINGS = {Part.ABSENCES, Part.CHECKINS, Part.INTERRUPTIONS}
GOOD, CUT_OFF, REFUSED, OUT_OF_ORDER, STRANGE = "good", "cut off", "refused", "out of order", "with lists for nulls"
BAD = (CUT_OFF, REFUSED, OUT_OF_ORDER, STRANGE) if SLOW else (REFUSED,)


@dataclass
class Overheard:
    """Answers for an upstream as it would, on a good or a bad day, and keeps what it would have said."""

    day: str = GOOD
    said: set[str] = field(default_factory=set)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        answer = await request.match_info.handler(request)
        if not isinstance(answer, web.Response) or answer.text is None:
            return answer
        text = answer.text
        self.said.add(text)
        days = {
            CUT_OFF: web.Response(text=text[: len(text) * 4 // 5], content_type="application/json"),
            REFUSED: web.Response(text=text, content_type="application/json", status=400),
            OUT_OF_ORDER: web.Response(text=text, content_type="text/html", status=503),
            STRANGE: web.Response(text=re.sub(r":\s*null", ":[]", text), content_type="application/json"),
        }
        return days.get(self.day, answer)


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def logs() -> Iterator[StringIO]:
    """Everything that is logged, told as it would be in service."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    told = StringIO()
    with redirect_stderr(told):
        configure_logs("debug", "console")
    yield told
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
async def everybody(logs: StringIO, open_school: OpenSchool) -> AsyncIterator[School]:
    """All systems, and everybody whom their stand-ins know."""
    async with open_school() as school:
        for source, stand_in in school.stand_ins.items():
            for person in stand_in.people:
                await school.add(person.user, source)
        yield school


def private_words(school: School) -> list[str]:
    return [word for stand_in in school.stand_ins.values() for word in stand_in.private_words]


def found(words: Iterable[str], text: str) -> set[str]:
    """Which of the words are in a text, in whatever case."""
    folded = text.casefold()
    there = {word for word in words if word.casefold() in folded}
    return {word for word in there if re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", folded)}


def as_read(calendar: str) -> str:
    """A calendar's lines and values as a program reads them (RFC 5545, 3.1 and 3.3.11)."""
    text = calendar.replace("\r\n ", "")
    return re.sub(r"\\(.)", lambda escaped: "\n" if escaped[1] in "nN" else escaped[1], text)


@pytest.mark.parametrize("name", sorted(discover()))
def test_a_stand_in_that_tells_private_things_says_which_words_they_are(name: str, clock: SettableClock) -> None:
    kind = discover()[name]
    assert kind.stand_in(clock).private_words or not TELLS_PRIVATE_THINGS & set(kind.parts)


async def test_no_private_word_is_in_any_feed_log_line_or_metric_unless_it_was_asked_for(
    everybody: School, logs: StringIO
) -> None:
    overheard = Overheard()
    for stand_in in everybody.stand_ins.values():
        stand_in.faults["/"] = overheard
    sentences = []
    for day in (GOOD, *BAD, GOOD):
        overheard.day = day
        sentences += [row.error or "" for row in await everybody.refresh()]
        sentences += [account.last_error or "" for account in await everybody.bridge.store.accounts.all()]
    words = private_words(everybody)
    assert found(words, "\n".join(overheard.said)) == set(words), "otherwise there is nothing to find"

    feeds = {}
    for user in await everybody.bridge.store.users.all():
        feeds[user.name] = await everybody.bridge.store.feeds.add(
            user.name, NewFeed("everything", kinds=tuple(Kind)), everybody.clock()
        )
    await everybody.bridge.publisher.publish_wanted()
    async with serve_bridge(everybody.bridge) as address, aiohttp.ClientSession(address) as client:
        for path in (*(f"/f/{token}.ics" for token in feeds.values()), "/metrics"):
            async with client.get(path) as response:
                assert response.status == 200
                text = await response.text()
            assert found(words, text if path == "/metrics" else as_read(text)) == set()
    assert found(words, "\n".join(sentences)) == set()
    assert "part.failed" in logs.getvalue()
    assert "route=/f/{token}.ics" in logs.getvalue()
    assert found(words, logs.getvalue()) == set()


async def test_the_search_finds_what_was_asked_for(open_school: OpenSchool) -> None:
    async with open_school() as school:
        await school.add("anna", "somtoday")
        await school.refresh()
        await school.feed("anna", absence_details="reason")
        words = school.stand_ins["somtoday"].private_words
        assert found(words, as_read(await school.ics("anna"))) == set(words)
