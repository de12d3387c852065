"""HTTP requests to upstreams, with limits on rate, time and size, and with errors by what went wrong.

Bodies, queries and header values never get into the log or into the sentence of an error.
"""

import asyncio
import errno
import json
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from io import BytesIO
from typing import Any

import aiohttp
import orjson
import stamina
from yarl import URL

from bridge import __version__
from bridge.errors import AuthFailed, BadResponse, Forbidden, RateLimited, SourceError, Unavailable, Unreached
from bridge.upstream.addresses import Addresses, PublicResolver
from bridge.upstream.budget import Budget, OwnBudget, is_nice_to_have
from bridge.upstream.receive import ENCODINGS, LARGE, receive

USER_AGENT = f"Roosterbridge/{__version__}"
LARGEST_LIST = 16 * 1024 * 1024
_LONGEST_PAUSE = timedelta(days=7)
_MOST_REDIRECTS = 5
_REQUESTS_PER_SECOND = 10
_MOST_VALUES, _MOST_CONTAINERS = 600_000, 200_000
_READ_AHEAD = 1024 * 1024  # a page of a list has about 200 KB: it is read without pausing the connection
_STREAMED = 256 * 1024
_PUBLIC_HEADERS = {"Accept"}
_REDIRECTS = {301, 302, 303, 307, 308}

REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
"""What a source accepts beside 200 if its upstream says in these ways what it does not allow or have."""

Query = Sequence[tuple[str, str]]
Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a safe request is sent after transient errors, and the limits of the wait in between.

    A Retry-After longer than `longest_wait` is not waited for; the error has it.
    """

    attempts: int = 3
    first_wait: timedelta = timedelta(milliseconds=200)
    longest_wait: timedelta = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of an answer, in the pieces in which they came; joined only when they are read."""

    pieces: tuple[bytes, ...]

    def __bytes__(self) -> bytes:
        return b"".join(self.pieces)

    def __len__(self) -> int:
        return sum(map(len, self.pieces))


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer. `origin` is the name of the upstream for people."""

    status: int
    headers: Headers
    body: Body
    origin: str

    def json(self) -> Any:
        """The body as JSON. The last value of a repeated key is used.

        Raises:
            BadResponse: it is empty, a web page, XML, cut off or not JSON for another reason.
        """
        return parse_json(self.body, self.origin)


def expect_reasonable(pages: Sequence[Body], origin: str) -> None:
    """Raise BadResponse if a list has more bytes than any list of a person has."""
    if sum(map(len, pages)) > LARGEST_LIST:
        raise BadResponse(f"{origin} sent a list of more than {LARGEST_LIST // (1024 * 1024)} MiB.")


def parse_json(document: Body | bytes, origin: str) -> Any:
    """Parse `document` as JSON; see `Reply.json`.

    An integer beyond 64 bits may come as a float.
    """
    body = bytes(document)
    _expect_few_values(body, origin)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _parse_blemished(body, origin)


def _expect_few_values(body: bytes, origin: str) -> None:
    """Raise BadResponse if parsing would take hundreds of megabytes, or hold up everything else for a second.

    Commas and brackets in texts count as well, which in no real answer makes a difference.
    """
    if len(body) > LARGE and (
        body.count(b",") > _MOST_VALUES or body.count(b"[") + body.count(b"{") > _MOST_CONTAINERS
    ):
        raise BadResponse(f"{origin} sent an answer with more values than any list of a person has.")


def _parse_blemished(body: bytes, origin: str) -> Any:
    """Parse what orjson refuses although upstreams send it: a byte order mark, control characters, NaN."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:64]
    if not start:
        raise BadResponse(f"{origin} sent an empty answer.")
    if start.startswith(b"<"):
        what = "XML" if start.startswith(b"<?xml") else "a web page"
        raise BadResponse(f"{origin} sent {what} instead of JSON.")
    try:
        return json.loads(body.decode("utf-8-sig"), strict=False)
    except (ValueError, RecursionError) as error:
        raise BadResponse(f"{origin} sent an answer that is cut off or is not JSON.") from _nameless(error)


class HttpClient:
    """A client for one source, with limits on rate, time, size and number of tries."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        origin: str,
        timeout: timedelta = timedelta(seconds=30),
        budget: Budget | None = None,
        retry: RetryPolicy | None = None,
        addresses: Addresses | None = None,
        sent: Callable[[], None] = lambda: None,
    ) -> None:
        """Create a client.

        `addresses` are those of the settings; `None` allows any address. `budget` limits the requests; by default to
        ten a second. `sent` is called for each request.
        """
        self._sent = sent
        self.origin = origin
        self._addresses = addresses
        self._session = session
        self._timeout = timeout
        self._retry = retry or RetryPolicy()
        self._budget = budget or OwnBudget(_REQUESTS_PER_SECOND)

    def written(self, url: URL) -> bool:
        """Whether `url` is at a host of the settings, which may get credentials."""
        return self._addresses is None or self._addresses.written(url)

    async def get(
        self, url: URL, *, query: Query = (), headers: Headers | None = None, accept: Collection[int] = (200,)
    ) -> Reply:
        """Send a GET request, again after a transient error. A status that is not in `accept` raises an error.

        Raises:
            AuthFailed: 401. Forbidden: 403. RateLimited: 429. Unavailable: 402, 5xx, no or a broken connection.
            TooLarge: a body of more than 8 MiB. BadResponse: any other status, a redirect to another origin; an
                address that is neither at a host of the settings nor public https, or not the former and there are
                credentials.
        """
        target = url.update_query(query) if query else url
        return await self._repeated("GET", target, headers or {}, None, accept)

    async def post_form(
        self,
        url: URL,
        body: str,
        *,
        headers: Headers | None = None,
        accept: Collection[int] = (200,),
        safe: bool = False,
        may_send: Callable[[], bool] | None = None,
    ) -> Reply:
        """POST an `application/x-www-form-urlencoded` body, again only if that is `safe`.

        `may_send` is asked when the connection is there and the body is about to be sent.

        Raises:
            NotSent: nothing of the body was sent, since it may not be.
            SourceError: what `get` raises.
        """
        content = "application/x-www-form-urlencoded"
        if may_send is None:
            return await self._send("POST", url, content, body, headers, accept, safe=safe)
        given = {"Content-Type": content, "Content-Length": str(len(body.encode())), **(headers or {})}
        return await self._exchange("POST", url, given, _GuardedBody(body.encode(), may_send), accept)

    async def send_form(
        self,
        method: str,
        url: URL,
        body: str,
        *,
        headers: Headers | None = None,
        accept: Collection[int] = (200,),
        safe: bool,
    ) -> Reply:
        """Send a form with a method such as PUT; see `post_form`."""
        return await self._send(method, url, "application/x-www-form-urlencoded", body, headers, accept, safe=safe)

    async def post_json(
        self,
        url: URL,
        value: Any,
        *,
        headers: Headers | None = None,
        accept: Collection[int] = (200,),
        safe: bool = False,
    ) -> Reply:
        """POST a JSON body, again after a transient error only if that is `safe`. Raises what `get` raises."""
        return await self.send_json("POST", url, value, headers=headers, accept=accept, safe=safe)

    async def send_json(
        self,
        method: str,
        url: URL,
        value: Any,
        *,
        headers: Headers | None = None,
        accept: Collection[int] = (200,),
        safe: bool,
    ) -> Reply:
        """Send a JSON body with a method such as PUT or PATCH; see `post_json`."""
        return await self._send(method, url, "application/json", json.dumps(value), headers, accept, safe=safe)

    async def delete(
        self,
        url: URL,
        *,
        query: Query = (),
        headers: Headers | None = None,
        accept: Collection[int] = (200,),
        safe: bool = False,
    ) -> Reply:
        """Send a DELETE request, again after a transient error only if that is `safe`. Raises what `get` raises.

        It is not safe where the second answer is that there is nothing to delete.
        """
        ask = self._repeated if safe else self._exchange
        return await ask("DELETE", url.update_query(query) if query else url, headers or {}, None, accept)

    async def _send(
        self,
        method: str,
        url: URL,
        content: str,
        body: str,
        headers: Headers | None,
        accept: Collection[int],
        *,
        safe: bool,
    ) -> Reply:
        ask = self._repeated if safe else self._exchange
        return await ask(method, url, {"Content-Type": content, **(headers or {})}, body.encode(), accept)

    async def _repeated(
        self, method: str, url: URL, headers: Headers, body: bytes | None, accept: Collection[int]
    ) -> Reply:
        try:
            return await self._exchange(method, url, headers, body, accept)
        except SourceError as error:
            if self._again(error) is False:
                raise
            failed = error
        async for attempt in stamina.retry_context(
            on=self._again,
            attempts=self._retry.attempts,
            timeout=self._timeout * 2,
            wait_initial=self._retry.first_wait,
            wait_max=self._retry.longest_wait,
            wait_jitter=self._retry.first_wait,
        ):
            with attempt:
                if attempt.num == 1:
                    raise failed  # the request that failed counts as the first try
                return await self._exchange(method, url, headers, body, accept)
        raise AssertionError("unreachable: stamina raises the last error")

    def _again(self, error: Exception) -> bool | timedelta:
        """Whether to send the request again, or how long to wait before that."""
        if not isinstance(error, SourceError) or not error.transient:
            return False
        if error.retry_after is None:
            return True
        return error.retry_after if error.retry_after <= self._retry.longest_wait else False

    async def _exchange(
        self, method: str, url: URL, headers: Headers, body: "bytes | _GuardedBody | None", accept: Collection[int]
    ) -> Reply:
        self._guard(method, url, headers)
        try:
            reply = await self._follow(method, url, headers, body)
        except TimeoutError as error:
            seconds = self._timeout.total_seconds()
            raise Unavailable(f"{self.origin} took longer than {seconds:g} s to answer.", transient=True) from error
        except aiohttp.ClientConnectorError as error:
            sentence = f"{self.origin} cannot be reached: {_why_unreachable(error)}."
            raise Unreached(sentence, transient=True) from _nameless(error)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if isinstance(body, _GuardedBody) and body.withheld:
                raise NotSent(f"{self.origin} was not asked: this process stood still.", transient=True) from None
            raise Unavailable(f"{self.origin} broke off its answer.", transient=True) from _nameless(error)
        if reply.status not in accept:
            meaning = self._meaning(reply)
            if (isinstance(meaning, RateLimited) or meaning.retry_after) and not is_nice_to_have():
                await self._budget.hear(meaning.retry_after)
            raise meaning
        return reply

    def _guard(self, method: str, url: URL, headers: Headers) -> None:
        """Refuse addresses that an upstream named and that must not be asked, or not with this."""
        if self._addresses is None or self._addresses.written(url):
            return
        if method != "GET" or not headers.keys() <= _PUBLIC_HEADERS or not self._addresses.askable(url):
            raise BadResponse(f"{self.origin} names an address that is not in its settings, and that is not asked.")

    async def _follow(self, method: str, url: URL, headers: Headers, body: "bytes | _GuardedBody | None") -> Reply:
        """Send a request. GET follows redirects within the same origin."""
        for _ in range(_MOST_REDIRECTS + 1):
            await self._budget.take(self.origin)
            self._sent()
            async with (
                asyncio.timeout(self._timeout.total_seconds()) as limit,
                self._session.request(
                    method, url, data=_streamed(body), headers=headers, allow_redirects=False
                ) as response,
            ):
                if response.status not in _REDIRECTS:
                    pieces = await receive(response, limit, self.origin)
                    return Reply(response.status, response.headers, Body(pieces), self.origin)
                target = same_origin(url, response.headers.get("Location", ""))
                if method != "GET" or target is None:
                    raise BadResponse(
                        f"{self.origin} redirects to another address; put the right one into its settings."
                    )
                url = target
        raise BadResponse(f"{self.origin} redirects too many times.")

    def _meaning(self, reply: Reply) -> SourceError:
        status, origin = reply.status, self.origin
        retry_after = _retry_after(reply.headers.get("Retry-After", ""))
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            sentence = f"{origin} is out of order (HTTP {status})."
            error = Unavailable(sentence, transient=True, retry_after=retry_after)
            error.__cause__ = Cause(f"HTTP {status}")
            return error
        meanings: dict[int, SourceError] = {
            HTTPStatus.UNAUTHORIZED: AuthFailed(f"{origin} refused the credentials."),
            HTTPStatus.PAYMENT_REQUIRED: Unavailable(f"{origin} has been switched off by the school."),
            HTTPStatus.FORBIDDEN: Forbidden(f"{origin} does not allow this."),
            HTTPStatus.NOT_FOUND: BadResponse(f"{origin} does not have what was requested (HTTP 404)."),
            HTTPStatus.TOO_MANY_REQUESTS: RateLimited(
                f"{origin} asks for fewer requests.", transient=True, retry_after=retry_after
            ),
        }
        return meanings.get(status, BadResponse(f"{origin} gave an unexpected answer (HTTP {status})."))


def new_session(hosts: Collection[str] = (), *, connections_per_host: int = 16) -> aiohttp.ClientSession:
    """A session for all sources, with the hosts of their settings; other names lead to public addresses only.

    It has no cookies, so that accounts stay apart.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, limit_per_host=connections_per_host, resolver=PublicResolver(hosts)),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": ENCODINGS},
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(),
        read_bufsize=_READ_AHEAD,
    )


def same_origin(url: URL, link: str) -> URL | None:
    """The target of a link or redirect at `url`; `None` if it is invalid or at another origin."""
    try:
        target = url.join(URL(link))
        return target if target.origin() == url.origin() else None
    except ValueError:
        return None


def _retry_after(value: str) -> timedelta | None:
    """Parse Retry-After (RFC 9110, 10.2.3), in seconds or as a date; at most a week."""
    if value.strip().isdecimal():
        return min(timedelta(seconds=int(value.strip()[:9])), _LONGEST_PAUSE)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(moment - datetime.now(UTC), timedelta(0)), _LONGEST_PAUSE)


def _why_unreachable(error: aiohttp.ClientConnectorError) -> str:
    """Why there is no connection, and to which host, for people."""
    host = error.host
    match error:
        case aiohttp.ClientProxyConnectionError():
            return f"the proxy {host} does not answer"
        case aiohttp.ClientConnectorDNSError():
            return f"no host is called {host}"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return f"the certificate of {host} is not valid"
    refused = error.errno == errno.ECONNREFUSED
    return f"{host} refuses connections" if refused else f"{host} does not answer"


def _streamed(body: "bytes | _GuardedBody | None") -> bytes | BytesIO | AsyncIterator[bytes] | None:
    """A body as it is sent: a large one piece by piece, so that others go on meanwhile."""
    if isinstance(body, _GuardedBody):
        return body.pieces()
    return BytesIO(body) if body is not None and len(body) > _STREAMED else body


class NotSent(Unavailable):
    """Nothing of a body was sent, since it may not be any more."""


class _GuardedBody:
    """A body that asks whether it may be sent, when the connection is there. `withheld` is whether it was not."""

    def __init__(self, body: bytes, may_send: Callable[[], bool]) -> None:
        self._body = body
        self._may_send = may_send
        self.withheld = False

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body, in one piece. Raises ValueError if it may not be sent."""
        if not self._may_send():
            self.withheld = True
            raise ValueError("it may not be sent any more")
        yield self._body


class Cause(Exception):
    """The type of an underlying error. Its text may contain an address or a document."""


def _nameless(error: Exception) -> Cause:
    return Cause(type(error).__name__)
