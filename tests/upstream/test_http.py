"""An upstream that misbehaves, one way a test, played by a real server on loopback."""

import asyncio
import gzip
import json
import ssl
import traceback
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from bridge.errors import AuthFailed, BadResponse, Forbidden, RateLimited, SourceError, Unavailable
from bridge.upstream.budget import OwnBudget
from bridge.upstream.http import HttpClient
from bridge.upstream.reply import Reply, parse_json
from bridge.upstream.retry import RetryPolicy
from bridge.upstream.session import USER_AGENT, new_session

SECRET = "hunter2"
QUICK = RetryPolicy(3, timedelta(milliseconds=1), timedelta(milliseconds=20))
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Upstream:
    """A server that answers each request with the next of its handlers, and the last one from then on."""

    def __init__(self, *handlers: Handler) -> None:
        self.handlers = list(handlers)
        self.requests: list[web.Request] = []
        self.url = URL()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        return await self.handlers[min(len(self.requests), len(self.handlers)) - 1](request)

    async def run(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = URL(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        return runner


@asynccontextmanager
async def asking(
    *handlers: Handler, within: float = 5, rate: float = 1000
) -> AsyncIterator[tuple[HttpClient, Upstream]]:
    upstream = Upstream(*handlers)
    runner = await upstream.run()
    try:
        async with new_session() as session:
            yield client(session, within, rate), upstream
    finally:
        await runner.cleanup()


def client(session: Any, within: float = 5, rate: float = 1000) -> HttpClient:
    limit = timedelta(seconds=within)
    return HttpClient(session, origin="Fortes", timeout=limit, budget=OwnBudget(rate), retry=QUICK)


def saying(body: bytes = b"{}", status: int = 200, **headers: str) -> Handler:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, status=status, headers=named)

    return answer


def sending_on(location: str, status: int = 302) -> Handler:
    return saying(b"", status, Location=location)


async def breaking_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"name": "hunter2')
    assert request.transport is not None
    request.transport.close()
    return response


async def waiting(_: web.Request) -> web.Response:
    await asyncio.sleep(2)
    return web.Response()


async def dripping(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(200):
        await response.write(b" ")
        await asyncio.sleep(0.01)
    return response


async def flooding(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while request.transport is not None:
        await response.write(b" " * 65536)
    return response


async def refused(http: HttpClient, url: URL, **more: Any) -> SourceError:
    with pytest.raises(SourceError) as raised:
        (await http.get(url, **more)).json()
    told = "".join(traceback.format_exception(raised.value))
    assert SECRET not in told
    assert "://" not in raised.value.sentence
    assert raised.value.sentence.startswith("Fortes ")
    assert raised.value.sentence.endswith(".")
    return raised.value


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"name": "hunter2', "cut off"),
        (b"hunter2", "not JSON"),
        (b'{"hunter2"}', "not JSON"),
        (b'{"name": "hunter2\xff"}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"<!doctype html><p>hunter2", "a web page"),
        (b"\n <html>hunter2</html>", "a web page"),
        (b'<?xml version="1.0"?><name>hunter2</name>', "XML"),
    ],
)
async def test_what_is_not_json_is_named_and_not_asked_for_again(body: bytes, sentence: str) -> None:
    async with asking(saying(body)) as (http, upstream):
        error = await refused(http, upstream.url)
        assert isinstance(error, BadResponse)
        assert sentence in error.sentence
        assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'{"a": "one\x00\n\ttwo"}', {"a": "one\x00\n\ttwo"}),
        (b"\xef\xbb\xbf[1]", [1]),
        (b"[-Infinity]", [float("-inf")]),
        (b'"\\ud800"', "\ud800"),
        ('"één"'.encode(), "één"),
    ],
)
async def test_json_with_the_usual_blemishes_is_read(body: bytes, value: object) -> None:
    async with asking(saying(body)) as (http, upstream):
        assert (await http.get(upstream.url)).json() == value


@given(st.binary())
@example(b" " * 600 + b"{}")
@example(b"\xef\xbb\xbf" + b"9" * 5000)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        parse_json(body, "Fortes")
    except BadResponse as error:
        assert error.sentence.startswith("Fortes sent ")  # noqa: PT017 - both ways out are right


def test_json_after_much_white_space_is_read() -> None:
    assert parse_json(b"\n" * 600 + b"{}", "Fortes") == {}


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


@pytest.mark.parametrize(
    ("status", "expected", "sentence"),
    [
        (401, AuthFailed, "refused the credentials"),
        (402, Unavailable, "switched off by the school"),
        (403, Forbidden, "does not allow"),
        (404, BadResponse, "404"),
        (400, BadResponse, "400"),
        (204, BadResponse, "204"),
        (304, BadResponse, "304"),
    ],
)
async def test_a_refusal_is_named_and_not_asked_for_again(
    status: int, expected: type[SourceError], sentence: str
) -> None:
    async with asking(saying(b"" if status in {204, 304} else b"hunter2", status)) as (http, upstream):
        error = await refused(http, upstream.url, query=[("token", SECRET)])
        assert type(error) is expected
        assert sentence in error.sentence
        assert not error.transient
        assert len(upstream.requests) == 1


async def test_a_status_that_is_accepted_is_no_error() -> None:
    async with asking(saying(b"[]", 206)) as (http, upstream):
        assert (await http.get(upstream.url, accept=(200, 206))).status == 206


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
async def test_a_passing_fault_is_asked_again_until_it_passes(status: int) -> None:
    async with asking(saying(b"hunter2", status), saying(b"[1]")) as (http, upstream):
        assert (await http.get(upstream.url)).json() == [1]
        assert len(upstream.requests) == 2


@pytest.mark.parametrize(("status", "expected"), [(500, Unavailable), (429, RateLimited)])
async def test_a_lasting_fault_is_asked_three_times(status: int, expected: type[SourceError]) -> None:
    async with asking(saying(b"hunter2", status)) as (http, upstream):
        error = await refused(http, upstream.url)
        assert type(error) is expected
        assert error.transient
        assert len(upstream.requests) == 3


@pytest.mark.parametrize("status", [429, 503])
async def test_a_long_retry_after_in_seconds_is_left_to_the_schedule(status: int) -> None:
    async with asking(saying(b"", status, Retry_After="120")) as (http, upstream):
        assert (await refused(http, upstream.url)).retry_after == timedelta(seconds=120)
        assert len(upstream.requests) == 1


async def test_a_long_retry_after_as_a_date_is_left_to_the_schedule() -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    async with asking(saying(b"", 429, Retry_After=until)) as (http, upstream):
        error = await refused(http, upstream.url)
        assert error.retry_after is not None
        assert timedelta(minutes=59) < error.retry_after <= timedelta(hours=1)
        assert len(upstream.requests) == 1


@pytest.mark.parametrize("value", ["0", "Wed, 21 Oct 2015 07:28:00 GMT"])
async def test_a_retry_after_that_has_passed_is_asked_again_at_once(value: str) -> None:
    async with asking(saying(b"", 429, Retry_After=value), saying(b"[1]")) as (http, upstream):
        assert (await http.get(upstream.url)).json() == [1]


@pytest.mark.parametrize("value", ["9" * 8000, "604801", "Fri, 31 Dec 9999 23:59:59 GMT", "31 Dec 9999 23:59 -2359"])
async def test_no_retry_after_of_more_than_a_week_is_believed(value: str) -> None:
    async with asking(saying(b"", 503, Retry_After=value)) as (http, upstream):
        assert (await refused(http, upstream.url)).retry_after == timedelta(days=7)


@pytest.mark.parametrize(
    "value", ["soon", "-5", "", "1e9", "²", "Wed, 99 Foo 2015", "9" * 4000, "Fri, 1 Dec 1900 25:00 +99999999999999"]
)
async def test_a_retry_after_that_makes_no_sense_harms_nothing(value: str) -> None:
    async with asking(saying(b"", 429, Retry_After=value)) as (http, upstream):
        assert isinstance(await refused(http, upstream.url), RateLimited)


@pytest.mark.parametrize("handler", [waiting, dripping])
async def test_a_slow_answer_is_given_up(handler: Handler) -> None:
    async with asking(handler, within=0.2) as (http, upstream):
        started = asyncio.get_running_loop().time()
        error = await refused(http, upstream.url)
        assert isinstance(error, Unavailable)
        assert error.sentence == "Fortes took longer than 0.2 s to answer."
        assert asyncio.get_running_loop().time() - started < 1
        assert 1 <= len(upstream.requests) <= 3


async def test_waiting_for_its_turn_is_not_the_upstream_s_slowness() -> None:
    async with asking(saying(b"[1]"), within=0.3, rate=1) as (http, upstream):
        replies = await asyncio.gather(*(http.get(upstream.url) for _ in range(3)))
        assert [reply.status for reply in replies] == [200, 200, 200]
        assert len(upstream.requests) == 3


async def test_a_connection_that_breaks_is_tried_again() -> None:
    async with asking(breaking_off, saying(b"[1]")) as (http, upstream):
        assert (await http.get(upstream.url)).json() == [1]
    async with asking(breaking_off) as (http, upstream):
        error = await refused(http, upstream.url)
        assert isinstance(error, Unavailable)
        assert error.transient
        assert len(upstream.requests) == 3


async def test_nobody_there_is_out_of_reach() -> None:
    async with new_session() as session:
        error = await refused(client(session), URL(f"http://127.0.0.1:{unused_port()}/?token={SECRET}"))
    assert isinstance(error, Unavailable)
    assert error.transient
    assert error.sentence == "Fortes cannot be reached: 127.0.0.1 refuses connections."


async def test_a_host_that_nobody_knows_is_named() -> None:
    async with new_session() as session:
        error = await refused(client(session), URL("http://fortes.invalid/"))
    assert error.sentence == "Fortes cannot be reached: no host is called fortes.invalid."


@pytest.fixture
def self_signed(tmp_path: Path) -> Path:
    """A file with a key and a certificate that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    file = tmp_path / "certificate.pem"
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(key.private_bytes(*form) + made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return file


async def test_a_certificate_that_is_not_valid_is_told(self_signed: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(self_signed)
    runner = web.AppRunner(web.Application())
    await runner.setup()
    port = unused_port()
    await web.TCPSite(runner, "127.0.0.1", port, ssl_context=context).start()
    async with new_session() as session:
        error = await refused(client(session), URL(f"https://127.0.0.1:{port}/"))
    await runner.cleanup()
    assert error.sentence == "Fortes cannot be reached: the certificate of 127.0.0.1 is not valid."


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


@pytest.mark.parametrize("piece", [b"[]", b"{}", b'"a"', b"0.1", b"1"])
def test_millions_of_values_are_refused_before_they_take_memory(piece: bytes) -> None:
    def items(count: int) -> bytes:
        return b"[" + b",".join([piece] * count) + b"]"

    body = items(8_000_000 // (len(piece) + 1))
    tracemalloc.start()
    try:
        with pytest.raises(BadResponse, match="Fortes sent an answer with more values than any list of a person has"):
            parse_json(body, "Fortes")
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert len(parse_json(items(200_000), "Fortes")) == 200_000
