"""A university's lists that are not personal: types, databases, filters, timetables, weeks and terms."""

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import quote

from bridge.errors import NotOffered
from bridge.sources.mytimetable.client import MyTimetableClient
from bridge.sources.mytimetable.lists import each, listed
from bridge.sources.mytimetable.models import Database, Timetable, TimetableFilter, TimetableType
from bridge.sources.mytimetable.weeks import default_map
from bridge.upstream.http import Query
from bridge.upstream.reply import Body, parse_json
from bridge.upstream.shared_fetch import SharedFetch

_FIRST_MONTH = 8
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
MOST_FOUND = 25
"""Timetables that are asked for in one list."""


class Catalogue:
    """The lists, requested once for all accounts if the settings have an `api_token`.

    `secret` is the account's own OAuth access token, which is used without an `api_token`. All calls raise SourceError
    if a list cannot be requested.
    """

    def __init__(self, client: MyTimetableClient, shared: SharedFetch) -> None:
        self._client = client
        self._shared = shared

    async def types(self, secret: str | None) -> list[TimetableType]:
        """All types of timetables in the order of the site's menus; empty if the site does not offer the list.

        Before 3.0 they have no descriptions.
        """
        origin = self._client.origin
        if (body := await self._ask("timetabletypesdetails", secret)) is not None:
            found = each(listed(parse_json(body, origin), "timetableTypes", origin), TimetableType, origin)
            return sorted((kind for kind in found if kind.name), key=lambda kind: kind.weight)
        if (body := await self._ask("timetabletypes", secret)) is not None:
            names = listed(parse_json(body, origin), "timetableType", origin)
            return each([{"name": name} for name in names], TimetableType, origin)
        return []

    async def databases(self, secret: str | None) -> list[Database]:
        """All databases, since 3.1 with labels; empty if the site does not offer the list."""
        origin = self._client.origin
        if (body := await self._ask("databasedetails", secret)) is not None:
            return each(listed(parse_json(body, origin), "databases", origin), Database, origin)
        if (body := await self._ask("databases", secret)) is not None:
            keys = listed(parse_json(body, origin), "database", origin)
            return each([{"key": key, "label": key} for key in keys], Database, origin)
        return []

    async def filters(self, kind: str, database: str, secret: str | None) -> list[TimetableFilter]:
        """The filters of a type of timetables, in a database; the usual one if `database` is empty."""
        origin = self._client.origin
        body = await self._ask("timetablefilters", secret, [("type", kind), *_in(database)])
        if body is None:
            return []
        return each(listed(parse_json(body, origin), "filterattribute", origin), TimetableFilter, origin)

    async def timetables(
        self, kind: str, word: str, database: str, secret: str | None, filters: Query = ()
    ) -> list[Timetable]:
        """The first timetables of a type that `word` finds; empty if the site does not offer the search."""
        origin = self._client.origin
        query = [("type", kind), ("q", word), ("limit", str(MOST_FOUND)), *filters, *_in(database)]
        body = await self._ask("timetables", secret, query)
        if body is None:
            return []
        found = each(listed(parse_json(body, origin), "timetable", origin), Timetable, origin)
        return [timetable for timetable in found if timetable.key]

    async def week_labels(self, secret: str | None) -> Body:
        """The answer of /weeklabelmaps/{key} for the default map. Raises NotOffered if the site has none."""
        maps = await self._ask("weeklabelmaps", secret)
        key = None if maps is None else default_map(maps, self._client.origin)
        body = None if key is None else await self._ask(f"weeklabelmaps/{quote(key, safe='')}", secret)
        if body is None:
            raise NotOffered(f"{self._client.origin} has no names for its weeks.")
        return body

    async def terms(self, secret: str | None) -> Body | None:
        """The answer of /terms; `None` if the site does not offer it."""
        return await self._ask("terms", secret)

    async def _ask(self, path: str, secret: str | None, query: Query = ()) -> Body | None:
        async def ask() -> Body | None:
            return await self._client.of_site(path, secret, query)

        if self._client.has_token:
            return await self._shared.get((path, tuple(query)), ask)
        return await ask()


def academic_year(day: date) -> int:
    """The year in which the academic year of `day` begins. From August on it is the new one."""
    return day.year if day.month >= _FIRST_MONTH else day.year - 1


def year_end(year: int) -> date:
    """The day after the last of the academic year that begins in `year`."""
    return date(year + 1, _FIRST_MONTH, 1)


def covering(databases: Sequence[Database], day: date) -> list[Database]:
    """The databases of the academic year of `day`: those whose label, or else key, begins with that year."""
    year = str(academic_year(day))
    return [
        database
        for database in databases
        if database.key and (_YEAR.findall(database.label) or _YEAR.findall(database.key))[:1] == [year]
    ]


def _in(database: str) -> Query:
    return [("d", database)] if database else []
