"""HTTP requests to Check-in: logins (API V1) and entities (API V3)."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from yarl import URL

from bridge.errors import AuthFailed, BadResponse, Forbidden, Refused
from bridge.model.window import Window, day_start
from bridge.sources.checkin.models import Me, validated
from bridge.upstream.addresses import same_origin
from bridge.upstream.http import HttpClient
from bridge.upstream.reply import Body, Reply, expect_reasonable

DEVICE = "Roosterbridge"
_ACCEPT = {"Accept": "application/json"}
_DONE = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT)
_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_NO_SUCH_FILTER = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
_NOT_OPEN = (*_NO_SUCH_FILTER, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
_TOKEN = re.compile(r"[\w.~+/=|-]{1,1024}", re.ASCII)
_PLAIN_TOKEN = re.compile(r"\d+\|.+|\S{20,}", re.ASCII)
_MOMENT = timedelta(seconds=1)
_MOST_PAGES = 100


class CheckinClient:
    """The API of a programme.

    An invalid token gets the same 403 as a valid one without permission. A request to /api/v1/user, which all valid
    tokens may make, shows which of the two it is.
    """

    def __init__(self, http: HttpClient, api_url: str) -> None:
        self._http = http
        self._root = URL(api_url)

    @property
    def origin(self) -> str:
        """The name of the upstream for people."""
        return self._http.origin

    async def reach(self) -> None:
        """Check that Check-in answers, with a request without a token. Raises SourceError."""
        await self._http.get(self._url("v1/user"), headers=_ACCEPT, accept=(HTTPStatus.OK, *_REFUSED))

    async def exchange(self, email: str, password: str) -> str:
        """POST /api/v1/sanctum/token: a token that is valid until it is revoked.

        Raises:
            AuthFailed: the person is unknown, or the password is wrong.
            SourceError: Check-in could not be asked.
        """
        given = {"email": email, "password": password, "device_name": DEVICE}
        answers = (*_DONE, *_REFUSED, HTTPStatus.UNPROCESSABLE_ENTITY)
        reply = await self._http.post_json(self._url("v1/sanctum/token"), given, headers=_ACCEPT, accept=answers)
        if reply.status == HTTPStatus.FORBIDDEN:
            raise AuthFailed(f"{self.origin} does not let this person log in.")
        if reply.status not in _DONE:
            raise AuthFailed(f"{self.origin} does not know this e-mail address with this password.")
        return _token(reply)

    async def revoke(self, token: str) -> None:
        """POST /api/v1/sanctum/logout: revoke the token, if it is still valid. Raises SourceError."""
        answers = (*_DONE, *_REFUSED)
        await self._http.post_json(self._url("v1/sanctum/logout"), {}, headers=_bearer(token), accept=answers)

    async def me(self, token: str) -> Me:
        """GET /api/v1/user: the person of the token.

        Raises:
            AuthFailed: the token is no longer valid.
            SourceError: Check-in could not be asked.
        """
        accept = (HTTPStatus.OK, *_REFUSED)
        reply = await self._http.get(self._url("v1/user"), headers=_bearer(token), accept=accept)
        if reply.status != HTTPStatus.OK:
            raise AuthFailed(f"{self.origin} no longer accepts this login; add the account again, with the password.")
        return validated(Me, reply.json(), self.origin)

    async def user(self, token: str, person: str, extras: Sequence[str]) -> Body:
        """POST /api/v3/users/search for one user with `extras`, or GET /api/v3/users/{id} if that is forbidden.

        Raises:
            Forbidden: both are forbidden to this person.
            AuthFailed: the token is no longer valid.
            SourceError: any other error.
        """
        wanted = {"id": int(person) if person.isdecimal() else person, "with": list(extras)}
        try:
            reply = await self._search(token, self._url("v3/users/search"), wanted, _NOT_OPEN)
        except Forbidden:
            reply = None
        if reply is None or reply.status != HTTPStatus.OK:
            query = [("with[]", extra) for extra in extras]  # a list, as PHP reads it from a query
            reply = await self._http.get(
                self._url(f"v3/users/{person}"), query=query, headers=_bearer(token), accept=(HTTPStatus.OK, *_REFUSED)
            )
        return (await self._judged(token, reply)).body

    async def check_ins(self, token: str, person: str, relation: str, window: Window, zone: ZoneInfo) -> list[Body]:
        """POST /api/v3/users/{id}/{relation}/search for what was created on the days of `window` in `zone`.

        The documentation promises `<` and `>` only for numbers; if they are refused, everything is requested. Raises
        what `user` raises.
        """
        url = self._url(f"v3/users/{person}/{relation}/search")
        after, before = day_start(window.start, zone) - _MOMENT, day_start(window.end, zone)
        created = {">": f"{after:%Y-%m-%d %H:%M:%S}", "<": f"{before:%Y-%m-%d %H:%M:%S}"}
        wanted: dict[str, Any] = {"created_at": created}
        reply = await self._search(token, url, wanted, _NO_SUCH_FILTER)
        if reply.status != HTTPStatus.OK:
            wanted = {}
            reply = await self._search(token, url, wanted, ())
        return [reply.body, *await self._rest(token, reply, url, wanted)]

    async def add(self, token: str, person: str, relation: str, values: Mapping[str, Any]) -> None:
        """POST /api/v3/users/{id}/{relation}, once.

        Raises:
            Refused: Check-in does not take it. Forbidden: the person may not do this.
            AuthFailed: the token is no longer valid. SourceError: any other error.
        """
        url = self._url(f"v3/users/{person}/{relation}")
        accept = (*_DONE, *_REFUSED, *_NO_SUCH_FILTER)
        self._taken(
            await self._judged(
                token, await self._http.post_json(url, dict(values), headers=_bearer(token), accept=accept)
            )
        )

    async def withdraw(self, token: str, person: str, relation: str, item: str) -> None:
        """DELETE /api/v3/users/{id}/{relation}/{id}; one that is gone is no error. Raises what `add` raises."""
        url = self._url(f"v3/users/{person}/{relation}/{quote(item, safe='')}")
        accept = (*_DONE, *_REFUSED, *_NO_SUCH_FILTER, HTTPStatus.NOT_FOUND)
        reply = await self._judged(
            token, await self._http.delete(url, headers=_bearer(token), accept=accept, safe=True)
        )
        if reply.status != HTTPStatus.NOT_FOUND:
            self._taken(reply)

    def _taken(self, reply: Reply) -> None:
        if reply.status not in _DONE:
            raise Refused(f"{self.origin} does not take these values.", str(reply.status))

    async def _rest(self, token: str, reply: Reply, first: URL, wanted: dict[str, Any]) -> list[Body]:
        """The pages after `reply`, as far as their links lead.

        Raises:
            BadResponse: a link leads to another server, to a page that was read already, or there is no end.
        """
        pages: list[Body] = []
        seen = {first}
        while (link := next_page(reply.json())) is not None:
            url = _page_at(first, link)
            if url is None or url in seen or len(pages) == _MOST_PAGES:
                raise BadResponse(f"{self.origin} sends pages of check-ins that do not end.")
            seen.add(url)
            reply = await self._search(token, url, wanted, ())
            pages.append(reply.body)
            expect_reasonable(pages, self.origin)
        return pages

    async def _search(self, token: str, url: URL, wanted: dict[str, Any], accept: Sequence[int]) -> Reply:
        reply = await self._http.post_json(
            url,
            wanted,
            headers=_bearer(token),
            accept=(HTTPStatus.OK, *_REFUSED, *accept),
            safe=True,
        )
        return await self._judged(token, reply)

    async def _judged(self, token: str, reply: Reply) -> Reply:
        """`reply`, unless it is a refusal of the token or of the request."""
        if reply.status in _REFUSED:
            await self.me(token)
            raise Forbidden(f"{self.origin} does not show these check-ins with this login.")
        return reply

    def _url(self, path: str) -> URL:
        return self._root / "api" / path


def _page_at(first: URL, link: str) -> URL | None:
    """The page that a link leads to, asked for where `first` is; `None` if it leads elsewhere.

    Behind a proxy that ends TLS, Laravel writes http:// into the links of a server that is asked by https://.
    """
    if (url := same_origin(first, link)) is not None:
        return url
    try:
        target = URL(link)
    except ValueError:
        return None
    named = target.explicit_port in {None, first.explicit_port}
    if target.host != first.host or {target.scheme, first.scheme} != {"http", "https"} or not named:
        return None
    return first.join(target.relative())


def next_page(answer: Any) -> str | None:
    """The link to the next page of a list, as Laravel writes it; `None` on the last page."""
    if not isinstance(answer, dict):
        return None
    links = answer.get("links")
    link = answer.get("next_page_url") or (links.get("next") if isinstance(links, dict) else None)
    return link if isinstance(link, str) and link else None


def _bearer(token: str) -> dict[str, str]:
    return {**_ACCEPT, "Authorization": f"Bearer {token}"}


def _token(reply: Reply) -> str:
    """The token in an answer: plain text, a JSON string, or `token` of an object.

    Raises:
        BadResponse: the answer has no token.
    """
    text = bytes(reply.body).decode("utf-8", "replace").strip()
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        answer = text if _PLAIN_TOKEN.fullmatch(text) else None
    token = answer.get("token") if isinstance(answer, dict) else answer
    if not isinstance(token, str) or not _TOKEN.fullmatch(token.strip()):
        raise BadResponse(f"{reply.origin} sent no token that can be read.")
    return token.strip()
