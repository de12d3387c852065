"""Asking SOMtoday: tokens, pages and the calls that are read. Bodies are handed on as they came."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from yarl import URL

from bridge.errors import BadResponse, Forbidden
from bridge.model.window import Window
from bridge.upstream.http import Body, HttpClient, Query, Reply, parse_json
from bridge.upstream.oauth import AccessToken, CredentialSlot, RefreshTokenGrant

CLIENT_ID = "somtoday-leerling-native"
_PAGE = 100
_MOST_PAGES = 100
_CONTENT_RANGE = re.compile(r"items (?:(\d{1,9})-(\d{1,9})|\*)/(\d{1,9}|\*)")
_PARTIAL, _BEYOND, _UNKNOWN = 206, 416, 404


class SomtodayClient:
    """The API of one school."""

    def __init__(self, http: HttpClient, grant: RefreshTokenGrant, *, api_url: str, follow_token: bool) -> None:
        """Take what it asks with.

        Args:
            http: within the source's limits.
            grant: where access tokens come from.
            api_url: where the API is.
            follow_token: whether a token answer's `somtoday_api_url` says better where the API is.
        """
        self._http = http
        self._grant = grant
        self._api_url = api_url
        self._follow_token = follow_token

    @property
    def origin(self) -> str:
        """What to call the upstream in a sentence."""
        return self._http.origin

    async def reach(self) -> None:
        """Ask for anything without a token, to see whether somebody is there. Raises SourceError if not."""
        await self._http.get(URL(self._api_url) / "rest/v1/leerlingen", headers=_ACCEPT, accept=(200, 401, 403))

    async def sign_in(self, slot: CredentialSlot) -> None:
        """Have an access token at hand, so that a login that fails is asked for once. Raises SourceError."""
        await self._grant.access_token(slot)

    async def pupils(self, slot: CredentialSlot) -> list[Body]:
        """GET /leerlingen: one for a pupil, one for each child of a parent."""
        return await self._pages(slot, "leerlingen", ())

    async def account(self, slot: CredentialSlot) -> Any:
        """GET /account/me with what the school allows."""
        return (await self._get(slot, "account/me", (("additional", "restricties"),))).json()

    async def appointments(self, slot: CredentialSlot, window: Window) -> list[Body]:
        """GET /afspraken; the end is asked a day late, since the document does not say whether it is inclusive."""
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
        """GET /waarnemingen, those of absence only."""
        query = [("waarnemingSoort", "Afwezig"), ("begintNaOfOp", window.start.isoformat())]
        return await self._pages(slot, "waarnemingen", query)

    async def vacations(self, slot: CredentialSlot, pupil: str) -> list[Body]:
        """GET /vakanties/leerling/{id}: all that the school has entered."""
        return await self._pages(slot, f"vakanties/leerling/{pupil}", ())

    async def week(self, slot: CredentialSlot, pupil: str, year: int, week: int) -> Body | None:
        """GET /afspraakitems/{id}/jaar/{year}/week/{week}, by ISO week; none where there is no such call."""
        path = f"afspraakitems/{pupil}/jaar/{year}/week/{week}"
        reply = await self._get(slot, path, (), accept=(200, _UNKNOWN))
        return None if reply.status == _UNKNOWN else reply.body

    async def assignments(self, slot: CredentialSlot, name: str, pupil: str, window: Window) -> list[Body]:
        """GET /studiewijzeritem{name}: homework for lessons, days or weeks, those that begin in the window or later."""
        query = [
            ("begintNaOfOp", window.start.isoformat()),
            ("geenDifferentiatieOfGedifferentieerdVoorLeerling", pupil),
            *(("additional", extra) for extra in ("swigemaaktVinkjes", "leerlingen", "lesgroep")),
        ]
        return await self._pages(slot, f"studiewijzeritem{name}", query)

    async def registrations(self, slot: CredentialSlot, pupil: str) -> Body | None:
        """GET /leerlingen/{id}/registratieOverzicht of the school year; none where there is no such call."""
        path, query = f"leerlingen/{pupil}/registratieOverzicht", (("periode", "SCHOOLJAAR"),)
        reply = await self._get(slot, path, query, accept=(200, _UNKNOWN))
        return None if reply.status == _UNKNOWN else reply.body

    async def grades(self, slot: CredentialSlot, pupil: str) -> list[Body]:
        """GET /resultaten/huidigVoorLeerling/{id}."""
        return await self._pages(slot, f"resultaten/huidigVoorLeerling/{pupil}", ())

    async def link(self, slot: CredentialSlot) -> Body:
        """What the school's own iCal link leads to, from GET /icalendar.

        Raises:
            Forbidden: there is none.
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
        """The address of a call; the pages of a list have one in common."""
        base = (access.extra.get("somtoday_api_url") if self._follow_token else None) or self._api_url
        try:
            url = _address(base, path, tuple(query))
        except ValueError as error:
            raise BadResponse(f"{self.origin} sent a token answer with an address that is none.") from error
        if url.scheme not in {"http", "https"}:
            raise BadResponse(f"{self.origin} sent a token answer with an address that is none.")
        return url

    async def _pages(self, slot: CredentialSlot, path: str, query: Query) -> list[Body]:
        """All pages of a list, by `Range: items=…`.

        Raises:
            BadResponse: the pages do not go on where the last one ended, or never end.
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
            sizes.append(size)
            count, total = self._count(reply, extent, first), _total(extent)
            first += count
            if (count < _PAGE) if total is None else (first >= total):
                return pages
            if not count:
                raise BadResponse(f"{self.origin} stopped sending pages half-way.")
        raise BadResponse(f"{self.origin} sends pages without end.")

    def _count(self, reply: Reply, match: re.Match[str] | None, first: int) -> int:
        """How many items a page has."""
        if match is None or match[1] is None or int(match[2]) < int(match[1]):
            return len(items_of(reply.body, self.origin))
        if int(match[1]) != first:
            raise BadResponse(f"{self.origin} sent another page than was asked for.")
        return int(match[2]) - first + 1


@lru_cache(maxsize=256)
def _address(base: str, path: str, query: tuple[tuple[str, str], ...]) -> URL:
    url = URL(f"{base.rstrip('/')}/rest/v1/{path}")
    return url.update_query(query) if query else url


def _content_range(reply: Reply) -> re.Match[str] | None:
    return _CONTENT_RANGE.fullmatch(reply.headers.get("Content-Range", "").strip())


def _total(match: re.Match[str] | None) -> int | None:
    """How many items there are in all, where the answer says so."""
    return int(match[3]) if match and match[3] != "*" else None


_ACCEPT = {"Accept": "application/json"}


def items_of(body: Body, origin: str) -> list[Any]:
    """The `items` of a list answer.

    Raises:
        BadResponse: it is no such answer.
    """
    answer = parse_json(body, origin)
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise BadResponse(f"{origin} sent no list of items.")
    return items
