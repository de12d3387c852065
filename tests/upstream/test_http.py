"""Requests: where they go, what they take along, and what is read of their answers."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from bridge.errors import BadResponse, RateLimited, SourceError, Unavailable
from bridge.upstream.http import HttpClient
from bridge.upstream.reply import Reply
from bridge.upstream.session import USER_AGENT
from tests.upstream.misbehaving import (
    SECRET,
    Handler,
    asking,
    breaking_off,
    dripping,
    flooding,
    refused,
    saying,
    sending_on,
    waiting,
)


async def test_a_compressed_answer_is_unpacked() -> None:
    packed = saying(gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")
    async with asking(packed) as (http, upstream):
        assert (await http.get(upstream.url)).json() == {"a": 1}
        assert "gzip" in upstream.requests[0].headers["Accept-Encoding"]


@pytest.mark.parametrize("body", [b"hunter2", gzip.compress(b'{"a": "hunter2"}', mtime=0)[:-12]])
async def test_a_broken_compression_is_a_broken_answer(body: bytes) -> None:
    async with asking(saying(body, Content_Encoding="gzip")) as (http, upstream):
        await refused(http, upstream.url)


@pytest.mark.parametrize(
    "handler",
    [
        saying(b" " * 10 * 1024 * 1024),
        saying(gzip.compress(b" " * 10 * 1024 * 1024), Content_Encoding="gzip"),
        flooding,
    ],
    ids=["told", "packed", "without end"],
)
async def test_an_answer_that_is_too_large_is_not_read(handler: Handler) -> None:
    async with asking(handler) as (http, upstream):
        error = await refused(http, upstream.url)
        assert isinstance(error, BadResponse)
        assert "8 MiB" in error.sentence
        assert len(upstream.requests) == 1


async def test_a_redirect_within_the_origin_is_followed() -> None:
    async with asking(sending_on("/there?a=1"), saying(b"[1]")) as (http, upstream):
        reply = await http.get(upstream.url / "here", headers={"Authorization": SECRET})
        assert reply.json() == [1]
        assert [request.path_qs for request in upstream.requests] == ["/here", "/there?a=1"]
        assert upstream.requests[1].headers["Authorization"] == SECRET


async def test_an_endless_redirect_ends() -> None:
    async with asking(sending_on(f"/again?token={SECRET}")) as (http, upstream):
        error = await refused(http, upstream.url)
        assert isinstance(error, BadResponse)
        assert "too many times" in error.sentence
        assert len(upstream.requests) == 6


async def test_a_redirect_to_another_origin_is_refused_and_takes_nothing_along() -> None:
    async with asking(saying()) as (_, other):
        elsewhere = sending_on(str(other.url.with_query(token=SECRET)))
        async with asking(elsewhere) as (http, upstream):
            error = await refused(http, upstream.url, headers={"Authorization": SECRET})
        assert isinstance(error, BadResponse)
        assert "another address" in error.sentence
        assert other.requests == []
        assert len(upstream.requests) == 1


@pytest.mark.parametrize("location", ["mailto:hunter2@a.example", "http://[hunter2", "//hunter2:99999/", "data:x"])
async def test_a_redirect_to_nowhere_is_a_bad_response(location: str) -> None:
    async with asking(sending_on(location)) as (http, upstream):
        assert isinstance(await refused(http, upstream.url), BadResponse)


@pytest.mark.parametrize("path", ["/api/../admin", "/api/./x", "/api/.."])
async def test_an_address_that_leads_to_another_one_is_not_asked(path: str) -> None:
    async with asking(saying()) as (http, upstream):
        error = await refused(http, URL(f"{upstream.url.origin()}{path}", encoded=True))
        assert isinstance(error, BadResponse)
        assert upstream.requests == []


async def test_a_status_that_is_accepted_is_no_error() -> None:
    async with asking(saying(b"[]", 206)) as (http, upstream):
        assert (await http.get(upstream.url, accept=(200, 206))).status == 206


@pytest.mark.parametrize("handler", [waiting, dripping])
async def test_a_slow_answer_is_given_up(handler: Handler) -> None:
    async with asking(handler, within=0.2) as (http, upstream):
        error = await refused(http, upstream.url)
        assert isinstance(error, Unavailable)
        assert error.sentence == "Fortes took longer than 0.2 s to answer."
        assert 1 <= len(upstream.requests) <= 3


async def test_waiting_for_its_turn_is_not_the_upstream_s_slowness() -> None:
    async with asking(saying(b"[1]"), within=0.3, rate=1) as (http, upstream):
        replies = await asyncio.gather(*(http.get(upstream.url) for _ in range(3)))
        assert [reply.status for reply in replies] == [200, 200, 200]
        assert len(upstream.requests) == 3


Post = Callable[..., Awaitable[Reply]]


async def post_form(http: HttpClient, url: URL, **more: Any) -> Reply:
    return await http.post_form(url, f"refresh_token={SECRET}", **more)


async def post_json(http: HttpClient, url: URL, **more: Any) -> Reply:
    return await http.post_json(url, {"password": SECRET, "names": ["één", "\ud800"]}, **more)


POSTS = pytest.mark.parametrize("post", [post_form, post_json])


@POSTS
@pytest.mark.parametrize("handler", [saying(b"", 500), saying(b"", 429), breaking_off, waiting])
async def test_a_post_is_not_repeated(post: Post, handler: Handler) -> None:
    async with asking(handler, within=0.2) as (http, upstream):
        with pytest.raises((Unavailable, RateLimited)):
            await post(http, upstream.url)
        assert len(upstream.requests) == 1


@POSTS
@pytest.mark.parametrize("handler", [saying(b"", 500), saying(b"", 429), breaking_off, waiting])
async def test_a_post_that_is_safe_is_repeated_with_the_same_body(post: Post, handler: Handler) -> None:
    bodies = []

    async def take(request: web.Request) -> web.StreamResponse:
        bodies.append(await request.read())
        return await (handler if len(bodies) == 1 else saying(b"[1]"))(request)

    async with asking(take, within=0.2) as (http, upstream):
        assert (await post(http, upstream.url, safe=True)).json() == [1]
    assert len(bodies) == 2
    assert bodies[0] == bodies[1] != b""


@POSTS
async def test_a_post_that_is_safe_is_not_repeated_without_end_nor_after_a_refusal(post: Post) -> None:
    for status, tries in ((500, 3), (400, 1), (401, 1), (403, 1), (404, 1), (422, 1)):
        async with asking(saying(b"hunter2", status)) as (http, upstream):
            with pytest.raises(SourceError) as raised:
                await post(http, upstream.url, safe=True)
            assert SECRET not in raised.value.sentence
            assert len(upstream.requests) == tries


async def test_a_posted_value_arrives_as_json_with_the_headers_and_accepted_statuses() -> None:
    sent: list[Any] = []

    async def take(request: web.Request) -> web.StreamResponse:
        sent.append((request.headers, json.loads(await request.read())))
        return web.json_response({"message": "no"}, status=422)

    async with asking(take) as (http, upstream):
        value = {"filters": [{"field": "created_at", "value": None}], "name": "één"}
        reply = await http.post_json(upstream.url, value, headers={"Authorization": SECRET}, accept=(200, 422))
    assert (reply.status, reply.json()) == (422, {"message": "no"})
    headers, body = sent[0]
    assert body == value
    assert headers.getall("Content-Type") == ["application/json"]
    assert headers["Authorization"] == SECRET
    assert headers["User-Agent"] == USER_AGENT


@POSTS
@pytest.mark.parametrize("status", [302, 303, 307, 308])
async def test_a_post_is_not_sent_on(post: Post, status: int) -> None:
    async with asking(sending_on("/there", status)) as (http, upstream):
        with pytest.raises(BadResponse):
            await post(http, upstream.url, safe=True)
        assert len(upstream.requests) == 1


async def test_a_request_names_us_and_repeats_the_keys_of_its_query() -> None:
    async with asking(saying()) as (http, upstream):
        query = [("additional", "vak"), ("additional", "docent")]
        await http.get(upstream.url.with_query("sort=asc"), query=query, headers={"Range": "items=0-99"})
        (request,) = upstream.requests
        assert request.query.getall("additional") == ["vak", "docent"]
        assert request.query["sort"] == "asc"
        assert request.headers["Range"] == "items=0-99"
        assert request.headers.getall("User-Agent") == [USER_AGENT]


async def test_cookies_are_not_kept() -> None:
    async with asking(saying(Set_Cookie="session=1")) as (http, upstream):
        await http.get(upstream.url)
        await http.get(upstream.url)
        assert "Cookie" not in upstream.requests[1].headers
