"""Whose page it is: the person who holds its address, or who is signed in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from aiohttp import web

from bridge.errors import UnknownName
from bridge.server.clients import Clients
from bridge.server.lookups import FailedLookups
from bridge.server.pages.protection import Handler, form_token, read_fields, read_form
from bridge.server.routes import SIGN_IN
from bridge.server.services import Services
from bridge.store.choice import thing_of
from bridge.store.links import Replaced
from bridge.store.users import User
from bridge.sync.desk import Asker, CannotWrite, Desk

ME = "me"
"""What stands in the address of a page for the token, where the person is signed in."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of a person to a page of their own.

    `token` is the secret of its address, or `ME` for who is signed in. `secret` is what the forms of the page stand on:
    that token, or the one of the session.
    """

    request: web.Request
    user: User
    token: str = field(repr=False)
    secret: str = field(repr=False)
    operator: bool = False

    @property
    def home(self) -> str:
        """The path of the person's page."""
        return f"/m/{self.token}"

    @property
    def signed_in(self) -> bool:
        """Whether the person is signed in, rather than holds an address."""
        return self.token == ME

    @property
    def account(self) -> str:
        """The account that the address names: its source, with `as` where the person has several there."""
        return thing_of(self.request.match_info["source"], self.request.query.get("as", ""))

    @property
    def which(self) -> str:
        """The query that names the account in addresses; empty for the one without a name."""
        name = self.request.query.get("as", "")
        return f"?{urlencode({'as': name})}" if name else ""

    @property
    def form(self) -> str:
        """What forms on the page carry."""
        return form_token(self.secret)

    async def posted(self) -> dict[str, str]:
        """The fields of the form that was sent, the last value of each. Raises HTTPForbidden for a form of others."""
        return {name: values[-1] for name, values in (await self.posted_lists()).items() if values}

    async def posted_lists(self) -> dict[str, list[str]]:
        """The fields of the form that was sent, all values of each. Raises HTTPForbidden for a form of others."""
        return await read_form(self.request, self.secret)

    async def posted_file(self, name: str) -> tuple[str, bytes] | None:
        """The name and contents of the file in a field of the form that was sent, once; `None` if there is none.

        Raises HTTPForbidden for a form of others.
        """
        await self.posted()
        found = (await read_fields(self.request)).get(name)
        if not isinstance(found, web.FileField):
            return None
        with found.file:
            return found.filename, found.file.read()

    def back(self, path: str = "", done: str = "") -> web.HTTPSeeOther:
        """Lead the browser to a page of the person, which says what was done."""
        said = f"{'&' if '?' in path else '?'}done={done}" if done else ""
        return web.HTTPSeeOther(f"{self.home}{path}{said}")


class Visitors:
    """Finds the person of a page."""

    def __init__(self, services: Services, clients: Clients, failed: FailedLookups) -> None:
        self._services = services
        self._clients = clients
        self._failed = failed

    async def find(self, request: web.Request, token: str) -> Visit | Replaced | None:
        """The visit of a request to the page with this token; `None` if no page ever had it."""
        if token == ME:
            signed_in = await self._services.sessions.current(request)
            if signed_in is None or signed_in.session.user is None:
                return None
            session = signed_in.session
            return Visit(request, signed_in.session.user, ME, signed_in.token, operator=session.operator)
        found = await self._services.store.links.find(token, self._services.clock())
        return Visit(request, found, token, token) if isinstance(found, User) else found

    def only(self, handler: Callable[[Visit], Awaitable[web.StreamResponse]]) -> Handler:
        """A handler for the person whose page it is. Others get 404, 410 or 429, or are led to signing in."""

        async def visited(request: web.Request) -> web.StreamResponse:
            token = request.match_info["token"]
            found = await self.find(request, token)
            if isinstance(found, Visit):
                return await handler(found)
            if token == ME and self._services.sign_in is not None:
                raise web.HTTPSeeOther(SIGN_IN)
            if self._failed.fail(self._clients.address_of(request)):
                raise web.HTTPTooManyRequests
            raise web.HTTPGone if isinstance(found, Replaced) else web.HTTPNotFound

        return visited


async def asker_of(desk: Desk, visit: Visit) -> Asker:
    """The account of the address, of a person who wants something written. Raises HTTPNotFound."""
    try:
        return await desk.asker(visit.user.name, visit.account)
    except (UnknownName, CannotWrite):
        raise web.HTTPNotFound from None
