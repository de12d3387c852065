"""HTTP requests to SOMtoday: tokens, pages and calls."""

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from yarl import URL

from bridge.errors import BadResponse, Forbidden, NotOffered
from bridge.model.window import Window
from bridge.upstream.credential import AccessToken, CredentialSlot
from bridge.upstream.http import HttpClient, Query
from bridge.upstream.oauth import RefreshTokenGrant
from bridge.upstream.reply import Body, Reply, expect_reasonable
from bridge.upstream.typed_list import listed_under

CLIENT_ID = "somtoday-leerling-native"
_PAGE = 100
_MOST_PAGES = 100
_CONTENT_RANGE = re.compile(r"items (?:(\d{1,9})-(\d{1,9})|\*)/(\d{1,9}|\*)")
_PARTIAL, _BEYOND, _UNKNOWN = 206, 416, 404


class SomtodayClient:
    """The API of a school."""

    def __init__(self, http: HttpClient, grant: RefreshTokenGrant, *, api_url: str, follow_token: bool) -> None:
        """Create a client.

        Args:
            http: the HTTP client with the limits of the source.
            grant: gives access tokens.
            api_url: the address of the API.
            follow_token: whether the `somtoday_api_url` of a token answer replaces `api_url`.
        """
        self._http = http
        self._grant = grant
        self._api_url = api_url
        self._follow_token = follow_token

    @property
    def origin(self) -> str:
        """The name of the upstream for people."""
        return self._http.origin

    async def reach(self) -> None:
        """Check that SOMtoday answers, with a request without a token. Raises SourceError."""
        await self._http.get(URL(self._api_url) / "rest/v1/leerlingen", headers=_ACCEPT, accept=(200, 401, 403))

    async def sign_in(self, slot: CredentialSlot) -> None:
        """Get an access token, so that a login that fails is tried only once. Raises SourceError."""
        await self._grant.access_token(slot)

    async def pupils(self, slot: CredentialSlot) -> list[Body]:
        """GET /leerlingen: the pupil, or the children of a parent."""
        return await self._pages(slot, "leerlingen", ())

    async def account(self, slot: CredentialSlot) -> Any:
        """GET /account/me, with what the school shows. Raises NotOffered if the school does not have the call."""
        reply = await self._get(slot, "account/me", (("additional", "restricties"),), accept=(200, _UNKNOWN))
        if reply.status == _UNKNOWN:
            raise NotOffered(f"{self.origin} does not say what it shows of its pupils.")
        return reply.json()

    async def appointments(self, slot: CredentialSlot, window: Window) -> list[Body]:
        """GET /afspraken until a day after the window: the documentation does not say whether the end is inclusive."""
        query = [
            ("sort", "asc-id"),
            *(("additional", extra) for extra in ("vak", "docentAfkortingen", "leerlingen")),
            ("begindatum", window.start.isoformat()),
            ("einddatum", window.end.isoformat()),
        ]
        return await self._pages(slot, "afspraken", query)

    async def absence_reports(self, slot: CredentialSlot, window: Window) -> list[Body]:
        """GET /absentiemeldingen."""
        query = [("begindatumtijd", window.start.isoformat()), ("einddatumtijd", window.end.isoformat())]
        return await self._pages(slot, "absentiemeldingen", query)

    async def observations(self, slot: CredentialSlot, window: Window) -> list[Body]:
        """GET /waarnemingen, only those of absence."""
        query = [("waarnemingSoort", "Afwezig"), ("begintNaOfOp", window.start.isoformat())]
        return await self._pages(slot, "waarnemingen", query)

    async def vacations(self, slot: CredentialSlot, pupil: str) -> list[Body]:
        """GET /vakanties/leerling/{id}: all holidays of the school."""
        return await self._pages(slot, f"vakanties/leerling/{pupil}", ())

    async def week(self, slot: CredentialSlot, pupil: str, year: int, week: int) -> Body | None:
        """GET /afspraakitems/{id}/jaar/{year}/week/{week}, by ISO week; `None` if the school does not have the call."""
        path = f"afspraakitems/{pupil}/jaar/{year}/week/{week}"
        reply = await self._get(slot, path, (), accept=(200, _UNKNOWN))
        return None if reply.status == _UNKNOWN else reply.body

    async def assignments(self, slot: CredentialSlot, name: str, pupil: str, first: date) -> list[Body]:
        """GET /studiewijzeritem{name}: homework for lessons, days or weeks that begins on the day `first` or later."""
        query = [
            ("begintNaOfOp", first.isoformat()),
            ("geenDifferentiatieOfGedifferentieerdVoorLeerling", pupil),
            *(("additional", extra) for extra in ("swigemaaktVinkjes", "leerlingen", "lesgroep")),
        ]
        return await self._pages(slot, f"studiewijzeritem{name}", query)

    async def registrations(self, slot: CredentialSlot, pupil: str) -> Body | None:
        """GET /leerlingen/{id}/registratieOverzicht of the school year; `None` if the school does not have the call."""
        path, query = f"leerlingen/{pupil}/registratieOverzicht", (("periode", "SCHOOLJAAR"),)
        reply = await self._get(slot, path, query, accept=(200, _UNKNOWN))
        return None if reply.status == _UNKNOWN else reply.body

    async def school(self, slot: CredentialSlot, pupil: str) -> Body | None:
        """GET /{id}/schoolgegevens; `None` if the school does not have the call, or does not allow it."""
        try:
            reply = await self._get(slot, f"{pupil}/schoolgegevens", (), accept=(200, _UNKNOWN))
        except Forbidden:
            return None
        return None if reply.status == _UNKNOWN else reply.body

    async def grades(self, slot: CredentialSlot, pupil: str) -> list[Body]:
        """GET /resultaten/huidigVoorLeerling/{id}, with the sorts of tests."""
        return await self._pages(slot, f"resultaten/huidigVoorLeerling/{pupil}", (("additional", "toetssoortnaam"),))

    async def link(self, slot: CredentialSlot) -> Body:
        """The calendar at the school's own iCal link, which GET /icalendar gives.

        Raises:
            Forbidden: the school has no link for this pupil.
        """
        reply = await self._get(slot, "icalendar", (), accept=(200, _UNKNOWN))
        answer = reply.json() if reply.status != _UNKNOWN else None
        link = answer.get("leerlingICalendarLink") if isinstance(answer, dict) else None
        try:
            address = URL(link) if isinstance(link, str) else URL()
        except ValueError:
            address = URL()
        if address.scheme not in {"http", "https"} or not address.host:
            raise Forbidden(f"{self.origin} has no iCal link for this pupil.")
        return (await self._http.get(address, headers={"Accept": "text/calendar"})).body

    async def _get(
        self,
        slot: CredentialSlot,
        path: str,
        query: Query,
        extra: dict[str, str] | None = None,
        accept: Sequence[int] = (200,),
    ) -> Reply:
        """GET with a token."""

        async def ask(access: AccessToken) -> Reply:
            headers = {**_ACCEPT, "Authorization": f"Bearer {access.token}", **(extra or {})}
            return await self._http.get(self._url(access, path, query), headers=headers, accept=accept)

        return await self._grant.reply(slot, ask)

    def _url(self, access: AccessToken, path: str, query: Query) -> URL:
        """The address of a call, which is the same for all pages of a list.

        If the token answer names a host that is not in the settings, it gets no token: the one there is asked.
        """
        base = (access.extra.get("somtoday_api_url") if self._follow_token else None) or self._api_url
        try:
            url = _address(base, path, tuple(query))
        except ValueError as error:
            raise BadResponse(f"{self.origin} sent a token answer with an invalid address.") from error
        if url.scheme not in {"http", "https"}:
            raise BadResponse(f"{self.origin} sent a token answer with an invalid address.")
        return url if self._http.written(url) else _address(self._api_url, path, tuple(query))

    async def _pages(self, slot: CredentialSlot, path: str, query: Query) -> list[Body]:
        """All pages of a list, by `Range: items=…`.

        Raises:
            BadResponse: a page does not begin where the last one ended, or the pages never end.
        """
        pages: list[Body] = []
        sizes: list[int] = []
        first = 0
        while len(pages) < _MOST_PAGES:
            wanted = {"Range": f"items={first}-{first + _PAGE - 1}"}
            reply = await self._get(slot, path, query, wanted, accept=(200, _PARTIAL, _BEYOND))
            if reply.status == _BEYOND:
                if not pages and _total(_content_range(reply)) != 0:
                    raise BadResponse(f"{self.origin} refused the first page of a list.")
                return pages
            if reply.status != _PARTIAL:
                if pages:
                    raise BadResponse(f"{self.origin} stopped sending pages half-way.")
                return [reply.body]
            extent = _content_range(reply)
            size = len(reply.body)
            if any(bytes(page) == bytes(reply.body) for page, known in zip(pages, sizes, strict=True) if known == size):
                raise BadResponse(f"{self.origin} sends the same page again and again.")
            pages.append(reply.body)
            expect_reasonable(pages, self.origin)
            sizes.append(size)
            count, total = self._count(reply, extent, first), _total(extent)
            first += count
            if (count < _PAGE) if total is None else (first >= total):
                return pages
            if not count:
                raise BadResponse(f"{self.origin} stopped sending pages half-way.")
        raise BadResponse(f"{self.origin} sends too many pages.")

    def _count(self, reply: Reply, match: re.Match[str] | None, first: int) -> int:
        """The number of items on a page."""
        if match is None or match[1] is None or int(match[2]) < int(match[1]):
            return len(items_of(reply.body, self.origin))
        if int(match[1]) != first:
            raise BadResponse(f"{self.origin} sent another page than the one requested.")
        return int(match[2]) - first + 1


@lru_cache(maxsize=256)
def _address(base: str, path: str, query: tuple[tuple[str, str], ...]) -> URL:
    url = URL(f"{base.rstrip('/')}/rest/v1/{path}")
    return url.update_query(query) if query else url


def _content_range(reply: Reply) -> re.Match[str] | None:
    return _CONTENT_RANGE.fullmatch(reply.headers.get("Content-Range", "").strip())


def _total(match: re.Match[str] | None) -> int | None:
    """The total number of items, if the answer has it."""
    return int(match[3]) if match and match[3] != "*" else None


_ACCEPT = {"Accept": "application/json"}


def items_of(body: Body, origin: str) -> list[Any]:
    """The `items` of a list.

    Raises:
        BadResponse: the answer has no such list.
    """
    return listed_under("items", body, origin)
