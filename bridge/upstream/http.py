"""HTTP requests to upstreams, with limits on rate, time and size, and with errors by what went wrong.

Bodies, queries and header values never get into the log or into the sentence of an error.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import Any

import aiohttp
import stamina
from yarl import URL

from bridge.errors import BadResponse, RateLimited, SourceError, Unavailable, Unreached, nameless
from bridge.upstream.addresses import Addresses, same_origin
from bridge.upstream.budget import Budget, OwnBudget, is_nice_to_have
from bridge.upstream.failures import meaning_of, why_unreachable
from bridge.upstream.receive import receive
from bridge.upstream.reply import Body, Headers, Reply
from bridge.upstream.retry import RetryPolicy
from bridge.upstream.shared_answers import SHARING, SharedAnswers

_MOST_REDIRECTS = 5
_REQUESTS_PER_SECOND = 10
_STREAMED = 256 * 1024
_STEPS = 20
_PUBLIC_HEADERS = {"Accept"}
_REDIRECTS = {301, 302, 303, 307, 308}

REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
"""What a source accepts beside 200 if its upstream says in these ways what it does not allow or have."""

Query = Sequence[tuple[str, str]]


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
        answers: SharedAnswers | None = None,
    ) -> None:
        """Create a client.

        `addresses` are those of the settings; `None` allows any address. `budget` limits the requests; by default to
        ten a second. `sent` is called for each request. `answers` are shared with other hosts.
        """
        self._sent = sent
        self._answers = answers
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
        ask = partial(self._repeated, "GET", target, headers or {}, None, accept)
        sharing = SHARING.get()
        if sharing is None or self._answers is None:
            return await ask()
        told = {name: value for name, value in (headers or {}).items() if name != "Authorization"}
        return await self._answers.get(f"{target} {json.dumps(told, sort_keys=True)}", sharing, ask)

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
            sentence = f"{self.origin} cannot be reached: {why_unreachable(error)}."
            raise Unreached(sentence, transient=True) from nameless(error)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if isinstance(body, _GuardedBody) and body.withheld:
                raise NotSent(f"{self.origin} was not asked: this process stood still.", transient=True) from None
            raise Unavailable(f"{self.origin} broke off its answer.", transient=True) from nameless(error)
        if reply.status not in accept:
            meaning = meaning_of(reply)
            if (isinstance(meaning, RateLimited) or meaning.retry_after) and not is_nice_to_have():
                await self._budget.hear(meaning.retry_after)
            raise meaning
        return reply

    def _guard(self, method: str, url: URL, headers: Headers) -> None:
        """Refuse addresses that an upstream or a person named and that must not be asked, or not with this."""
        if not {".", ".."}.isdisjoint(url.raw_path.split("/")):
            raise BadResponse(f"{self.origin} has nothing at an address that leads to another one.")
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
                _while_awake(limit, self._timeout.total_seconds(), needed=isinstance(body, _GuardedBody)),
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


@asynccontextmanager
async def _while_awake(limit: asyncio.Timeout, seconds: float, *, needed: bool) -> AsyncIterator[None]:
    """Let `limit` run only while this process does, if that is `needed`.

    The answer to a token that comes while the process stands still is there when it goes on, and so is the end of the
    time: without this, that would win.
    """
    if not needed:
        yield
        return

    async def run() -> None:
        for _ in range(_STEPS):
            await asyncio.sleep(seconds / _STEPS)
        limit.reschedule(asyncio.get_running_loop().time())

    limit.reschedule(None)
    running = asyncio.create_task(run())
    try:
        yield
    finally:
        running.cancel()


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
