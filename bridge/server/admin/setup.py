"""The page on which the first operator sets up an empty installation."""

from http import HTTPStatus

from aiohttp import web

from bridge.people.setting_up import set_up
from bridge.server.admin.entrance import HOME, Round
from bridge.server.clients import Clients
from bridge.server.lookups import FailedLookups
from bridge.server.operators import Operators
from bridge.server.pages.protection import form_token, read_form
from bridge.server.pages.rendering import Renderer
from bridge.server.services import Services
from bridge.store.installation import Offered

_MOST_WRONG = 5


class SetupPage:
    """GET and POST of `/setup/{token}`."""

    def __init__(self, services: Services, operators: Operators, clients: Clients, renderer: Renderer) -> None:
        self._services = services
        self._operators = operators
        self._clients = clients
        self._renderer = renderer
        self._failed = FailedLookups(_MOST_WRONG)

    async def get(self, request: web.Request) -> web.Response:
        """What setting up does, and a button."""
        token = request.match_info["token"]
        if not await self._offered(request, token):
            return await self._over(request)
        return self._renderer.page(request, "admin/setup.html", form=form_token(token))

    async def post(self, request: web.Request) -> web.Response:
        """Make an admin token, show it once, and sign the operator in."""
        token, services = request.match_info["token"], self._services
        await read_form(request, token)
        offered = await self._offered(request, token)
        admin_token = await set_up(services.store, token, services.clock) if offered else None
        if admin_token is None:
            return await self._over(request)
        signed_in = await services.sessions.open(operator=True, opened_with=await self._operators.token_hash())
        page = self._renderer.page(
            request,
            "admin/setup_done.html",
            round=Round(request, signed_in),
            admin_token=admin_token,
        )
        services.sessions.remember(page, signed_in)
        async with services.recorded_for(None, "setup"):
            return page

    async def _offered(self, request: web.Request, token: str) -> bool:
        """Whether the page is to be used; false if it is over. Raises HTTPNotFound if there never was such a page."""
        client = self._clients.address_of(request)
        if self._failed.wait(client):
            raise web.HTTPTooManyRequests
        found = await self._services.store.installation.setup(token, self._services.clock())
        if found is None:
            self._failed.fail(client)
            raise web.HTTPNotFound
        return isinstance(found, Offered) and not await self._operators.welcome()

    async def _over(self, request: web.Request) -> web.Response:
        """Lead an operator who is signed in on; say to others what to do."""
        signed_in = await self._services.sessions.current(request)
        if signed_in is not None and await self._operators.opens(signed_in.session):
            raise web.HTTPSeeOther(HOME)
        welcome = await self._operators.welcome()
        return self._renderer.page(request, "admin/setup_over.html", status=HTTPStatus.GONE, welcome=welcome)
