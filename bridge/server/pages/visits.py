"""Whose page it is: the person who holds its address."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web
from multidict import MultiDictProxy

from bridge.server.clients import Clients
from bridge.server.lookups import FailedLookups
from bridge.server.pages.protection import Handler, check_form, form_token
from bridge.store.links import LinkStore, Replaced
from bridge.store.users import User

Form = MultiDictProxy[str | bytearray | bytes | web.FileField]


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of a person to a page of their own. `token` is the secret of its address."""

    request: web.Request
    user: User
    token: str = field(repr=False)

    @property
    def home(self) -> str:
        """The path of the person's page."""
        return f"/m/{self.token}"

    @property
    def form(self) -> str:
        """What forms on the page carry."""
        return form_token(self.token)

    async def posted(self) -> dict[str, str]:
        """The fields of the form that was sent, the last value of each. Raises HTTPForbidden for a form of others."""
        return {name: value for name, value in (await self._fields()).items() if isinstance(value, str)}

    async def posted_lists(self) -> dict[str, list[str]]:
        """The fields of the form that was sent, all values of each. Raises HTTPForbidden for a form of others."""
        fields = await self._fields()
        return {name: [value for value in fields.getall(name) if isinstance(value, str)] for name in fields}

    async def _fields(self) -> Form:
        fields = await self.request.post()
        given = fields.get("form")
        check_form(given if isinstance(given, str) else "", self.token)
        return fields

    def back(self, path: str = "", done: str = "") -> web.HTTPSeeOther:
        """Lead the browser to a page of the person, which says what was done."""
        return web.HTTPSeeOther(f"{self.home}{path}{f'?done={done}' if done else ''}")


class Visitors:
    """Finds the person of a page."""

    def __init__(self, links: LinkStore, clients: Clients, failed: FailedLookups) -> None:
        self._links = links
        self._clients = clients
        self._failed = failed

    def only(self, handler: Callable[[Visit], Awaitable[web.StreamResponse]]) -> Handler:
        """A handler for the person whose page it is. Others get 404, 410 or 429."""

        async def visited(request: web.Request) -> web.StreamResponse:
            token = request.match_info["token"]
            found = await self._links.find(token)
            if isinstance(found, User):
                return await handler(Visit(request, found, token))
            if self._failed.fail(self._clients.address_of(request)):
                raise web.HTTPTooManyRequests
            raise web.HTTPGone if isinstance(found, Replaced) else web.HTTPNotFound

        return visited
