"""The operator's pages of people: finding, inviting and removing them, and what each of them has."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from bridge.errors import NameTaken, UnknownName
from bridge.people.accounts import remove_user
from bridge.people.names import tidy_title, tidy_user_name
from bridge.people.users import add_user
from bridge.server.admin.entrance import Round, whole_number
from bridge.server.admin.work import Work, Works
from bridge.server.pages.languages import message
from bridge.server.pages.rendering import Renderer, worded
from bridge.server.pages.standing import standings
from bridge.server.pages.subscribing import Subscription
from bridge.server.services import Services
from bridge.store.account import State
from bridge.store.users import User
from bridge.sync.on_demand import accounts_to_refresh, refresh_now
from bridge.sync.outcome import Row

PER_PAGE = 50
_LONGEST_SEARCH = 200
_LAST_PAGE = 1_000_000
_UNFIT = message("A name has 1 to 64 characters, without “/”, and differs from other names in more than case.")


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for: a part of a name, a source, a state, and which page of the result."""

    text: str
    source: str
    state: State | None
    page: int

    @classmethod
    def of(cls, request: web.Request) -> "Search":
        """The search of a request."""
        query = request.query
        state = query.get("state", "")
        return cls(
            query.get("search", "").replace("\0", "").strip()[:_LONGEST_SEARCH],
            query.get("source", "").replace("\0", ""),
            State(state) if state in set(State) else None,
            min(max(whole_number(query.get("page", "")) or 1, 1), _LAST_PAGE),
        )

    def address(self, page: int) -> str:
        """The query of another page of the result."""
        given = {"search": self.text, "source": self.source, "state": self.state or "", "page": str(page)}
        return urlencode({name: value for name, value in given.items() if value})


class PeoplePages:
    """The pages of people."""

    def __init__(self, services: Services, renderer: Renderer, works: Works) -> None:
        self._services = services
        self._renderer = renderer
        self._works = works

    async def list(self, round_: Round) -> web.Response:
        """A page of 50 people, of all or of those who are searched for."""
        search = Search.of(round_.request)
        first = (search.page - 1) * PER_PAGE
        found = await self._services.store.surveys.people(
            search.text, source=search.source or None, state=search.state, offset=first, limit=PER_PAGE
        )
        return self._renderer.page(
            round_.request,
            "admin/people.html",
            round=round_,
            search=search,
            found=found,
            first=first,
            sources=sorted(self._services.sources),
            states=list(State),
            title_of=self._services.title_of,
            done=round_.request.query.get("done", ""),
        )

    async def new(self, round_: Round) -> web.Response:
        """The form of an invitation."""
        return self._form(round_, "", "", {})

    async def add(self, round_: Round) -> web.Response:
        """Add a user, and show the invitation."""
        sent, services = await round_.posted(), self._services
        name, title = sent.get("name", ""), sent.get("title", "")
        try:
            name = tidy_user_name(name)
        except ValueError as error:
            return self._form(round_, name, title, {"name": self._said(round_, str(error))})
        try:
            title = tidy_title(title)
        except ValueError:
            return self._form(round_, name, title, {"title": message("A name has at most 200 characters.")})
        try:
            async with services.recorded_for(round_.operator, "user add", user=name):
                await add_user(services.store, name, title, services.clock)
        except NameTaken:
            return self._form(round_, name, title, {"name": message("Somebody is called so already.")})
        raise round_.to("people", name, "invitation", done="invited")

    async def show(self, round_: Round) -> web.Response:
        """A user, with accounts and feeds."""
        user, services = await self._user(round_), self._services
        accounts = await services.store.accounts.all(user=user.name)
        return self._renderer.page(
            round_.request,
            "admin/person.html",
            round=round_,
            user=user,
            accounts=list(zip(accounts, await standings(services, user.name), strict=True)),
            feeds=await services.store.feeds.all(user=user.name),
            refused=services.publisher.refused,
            done=round_.request.query.get("done", ""),
        )

    async def invitation(self, round_: Round) -> web.Response:
        """The address of a person's page with its QR code, to hand over."""
        user, services = await self._user(round_), self._services
        address = services.server.page_address(await services.store.links.token(user.name, services.clock()))
        return self._renderer.page(
            round_.request,
            "admin/invitation.html",
            round=round_,
            user=user,
            link=Subscription(address, user.title),
            done=round_.request.query.get("done", ""),
        )

    async def renew(self, round_: Round) -> web.Response:
        """Give a person's page a new address."""
        await round_.posted()
        user, services = await self._user(round_), self._services
        async with services.recorded_for(round_.operator, "user link", user=user.name):
            await services.store.links.renew(user.name, services.clock())
        raise round_.to("people", user.name, "invitation", done="renewed")

    async def refresh(self, round_: Round) -> web.Response:
        """Begin a refresh of all accounts of a user."""
        await round_.posted()
        user, services = await self._user(round_), self._services

        async def do(work: Work) -> Sequence[Row]:
            accounts = await accounts_to_refresh(services.store, services.sources, user=user.name)
            work.watch(0, len(accounts))
            async with services.recorded_for(round_.operator, "refresh", user=user.name):
                return await refresh_now(services.refresher, services.sweeper, accounts, ended=work.advance)

        raise round_.to("jobs", self._works.begin("refresh", "", user.name, do).id)

    async def ask_remove(self, round_: Round) -> web.Response:
        """Ask whether a user shall go, and say what goes with them."""
        user, store = await self._user(round_), self._services.store
        return self._renderer.page(
            round_.request,
            "admin/person_remove.html",
            round=round_,
            user=user,
            accounts=[self._services.title_of(one.source) for one in await store.accounts.all(user=user.name)],
            feeds=await store.feeds.all(user=user.name),
        )

    async def remove(self, round_: Round) -> web.Response:
        """Remove a user, as `user remove` does."""
        await round_.posted()
        user, services = await self._user(round_), self._services
        async with services.recorded_for(round_.operator, "user remove", user=user.name):
            await remove_user(services.store, services.sources, user.name, services.clock())
        await services.publisher.publish_for(user.name)
        await services.store.database.scrub()
        raise round_.to("people", done="removed")

    def _form(self, round_: Round, name: str, title: str, errors: dict[str, str]) -> web.Response:
        return self._renderer.page(
            round_.request,
            "admin/invite.html",
            status=422 if errors else 200,
            round=round_,
            name=name,
            title_typed=title,
            errors=errors,
            sources=[at for at in self._services.sources.values() if at.type.accounts],
        )

    def _said(self, round_: Round, error: str) -> str:
        return worded(round_.request, f"{error[:1].upper()}{error[1:]}.", _UNFIT)

    async def _user(self, round_: Round) -> User:
        """The user of the address. Raises HTTPNotFound."""
        name = round_.named("user")
        if "\0" in name:
            raise web.HTTPNotFound
        try:
            return await self._services.store.users.get(name)
        except UnknownName:
            raise web.HTTPNotFound from None
