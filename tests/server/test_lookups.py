"""Guessing addresses, and requests that are none."""

import asyncio
import logging

import pytest
from aiohttp.http_exceptions import BadStatusLine

from bridge.server.lookups import FailedLookups
from bridge.server.malformed import RequestLog
from tests.server.conftest import OpenSite


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    return sqlite_url


def test_who_fails_too_often_waits_until_the_minute_is_over() -> None:
    moments = [0.0]
    failed = FailedLookups(3, seconds=lambda: moments[0])
    assert [failed.fail("198.51.100.1") for _ in range(4)] == [0, 0, 0, 61]
    assert failed.fail("203.0.113.7") == 0
    moments[0] = 59.5
    assert failed.fail("198.51.100.1") == 1
    moments[0] = 60.0
    assert failed.fail("198.51.100.1") == 0


def test_who_has_a_whole_network_of_addresses_is_one_client() -> None:
    failed = FailedLookups(1, seconds=lambda: 0.0)
    assert [failed.fail(client) for client in ("2001:db8::1", "2001:db8:0:0:1::1", "2001:db8:0:1::1")] == [0, 61, 0]
    assert failed.wait("2001:db8::2")
    assert not failed.wait("::ffff:198.51.100.1")


async def test_the_1001st_unknown_address_in_a_minute_is_refused_and_a_known_one_is_not(open_site: OpenSite) -> None:
    async with open_site() as site:
        await site.school.add("anna", "club")
        token = await site.school.feed("anna")
        statuses = {(await site.get(f"rf_{number}"))[0].status for number in range(1000)}
        refused, _ = await site.get("rf_one_more")
        known, _ = await site.get(token)
        assert (statuses, refused.status, known.status) == ({404}, 429, 200)
        assert 1 <= int(refused.headers["Retry-After"]) <= 61


async def test_unknown_and_revoked_addresses_differ_in_their_status_alone(open_site: OpenSite) -> None:
    async with open_site() as site:
        await site.school.add("anna", "club")
        token = await site.school.feed("anna")
        await site.school.bridge.store.feeds.revoke("anna", "default", site.school.clock())
        (gone, was), (unknown, never) = await site.get(token), await site.get("rf_" + "x" * 43)
        assert (gone.status, unknown.status) == (410, 404)
        assert len(was) == len(never)
        assert gone.headers.keys() == unknown.headers.keys()


async def test_answers_tell_browsers_not_to_guess_their_type_nor_to_tell_the_address(open_site: OpenSite) -> None:
    async with open_site() as site:
        await site.school.add("anna", "club")
        answers = [(await site.get(token))[0] for token in (await site.school.feed("anna"), "rf_unknown")]
        for answer in answers:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/metrics", 200),
        ("GET", "/nowhere", 404),
        ("POST", "/healthz", 405),
        ("GET", "/f/rf_unknown.ics", 404),
    ],
)
async def test_every_answer_has_the_headers_that_browsers_look_for(
    open_site: OpenSite, method: str, path: str, status: int
) -> None:
    async with open_site() as site, site.client.request(method, site.address + path) as answer:
        assert answer.status == status
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Referrer-Policy" in answer.headers
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_a_flood_of_malformed_requests_is_a_line_every_ten_seconds(caplog: pytest.LogCaptureFixture) -> None:
    moments = [0.0]
    log = RequestLog(seconds=lambda: moments[0])
    for second in (0.0, 1.0, 2.0, 10.0):
        moments[0] = second
        log.exception("Error handling request", exc_info=BadStatusLine("\x16"))  # noqa: LOG004 - as aiohttp calls it
    assert [record.getMessage() for record in caplog.records] == [
        "malformed requests: 1, the last one: BadStatusLine",
        "malformed requests: 3, the last one: BadStatusLine",
    ]
    assert all(record.exc_info is None for record in caplog.records)


def test_other_errors_of_requests_keep_their_places_in_the_code(caplog: pytest.LogCaptureFixture) -> None:
    RequestLog().exception("Error handling request", exc_info=ValueError("no"))
    (record,) = caplog.records
    assert record.exc_info is not None
    assert record.levelno == logging.ERROR


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"HELLO\r\n\r\n", b"HTTP/1.0 400 "),
        (b"GET / HTTP/1.1\r\nHost: x\r\nExpect: \xff\r\nConnection: close\r\n\r\n", b"HTTP/1.1 500 "),
    ],
)
async def test_what_is_no_http_or_is_not_thought_of_is_answered_and_logged_once(
    open_site: OpenSite, caplog: pytest.LogCaptureFixture, said: bytes, answer: bytes
) -> None:
    async with open_site() as site:
        host, _, port = site.address.removeprefix("http://").partition(":")
        for _ in range(20):
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(said)
            assert (await reader.read()).startswith(answer)
            writer.close()
    lines = [record for record in caplog.records if record.name == "aiohttp.server"]
    assert len(lines) <= 1
