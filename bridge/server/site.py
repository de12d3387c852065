"""All pages, with their routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bridge.server.admin.site import AdminPages
from bridge.server.clients import Clients
from bridge.server.lookups import FailedLookups
from bridge.server.operators import Operators
from bridge.server.pages.absences import AbsencePages
from bridge.server.pages.assets import Assets
from bridge.server.pages.belongings import BelongingPages
from bridge.server.pages.checking_in import CheckInPages
from bridge.server.pages.children import ChildrenPages
from bridge.server.pages.choosing import ChoicePages
from bridge.server.pages.connections import ConnectionPages
from bridge.server.pages.feeds import FeedPages
from bridge.server.pages.landing import LandingHandler
from bridge.server.pages.overview import OverviewHandler
from bridge.server.pages.protection import Guard
from bridge.server.pages.rendering import Renderer
from bridge.server.pages.visits import Visitors
from bridge.server.routes import (
    ANYTHING,
    CHECK_IN,
    CHILDREN,
    COME_BACK,
    CONNECT,
    CONNECT_TO,
    DISCONNECT,
    EDIT_FEED,
    END_ACCESS,
    EVERYTHING,
    FEED_ADDRESS,
    GROUPS,
    ILL,
    JOIN,
    JOINED,
    LANDING,
    LOG_IN,
    NEW_FEED,
    PERSON,
    REMOVE_FEED,
    REMOVE_ME,
    SIGN_IN,
    SIGN_OUT,
    SIGNED_IN,
    STATIC,
)
from bridge.server.services import Services

if TYPE_CHECKING:
    from bridge.server.pages.signin import SignInPages


class Pages:
    """The pages for people and, below them, those for operators."""

    def __init__(self, services: Services, clients: Clients, operators: Operators) -> None:
        self._assets = Assets()
        renderer = Renderer(self._assets, services.clock, signs_in=services.sign_in is not None)
        self._guard = Guard(renderer, services.server.public_url)
        self._visitors = Visitors(services, clients, FailedLookups())
        self._landing = LandingHandler(renderer, services.sessions)
        self._sign_in = _sign_in_pages(services, renderer)
        self._overview = OverviewHandler(services, renderer)
        self._feeds = FeedPages(services, renderer)
        self._connections = ConnectionPages(services, renderer, self._visitors)
        self._children = ChildrenPages(services, renderer)
        self._belongings = BelongingPages(services, renderer)
        self._admin = AdminPages(services, operators, clients, renderer, self._guard)
        self._absences = AbsencePages(services, renderer)
        self._choices = ChoicePages(services, renderer)
        self._check_ins = CheckInPages(services, renderer)

    def add_to(self, app: web.Application) -> None:
        """Add the routes, after all others: the last one answers every address that no other has."""
        guard, person, router = self._guard, self._visitors.only, app.router
        router.add_get(LANDING, guard(self._landing.get))
        router.add_get(STATIC, guard(self._assets.get))
        router.add_get(PERSON, guard(person(self._overview.get)))
        router.add_get(CONNECT, guard(person(self._connections.choose)))
        router.add_get(COME_BACK, guard(self._connections.come_back))
        router.add_get(EVERYTHING, guard(person(self._belongings.take)))
        feeds, connections, belongings = self._feeds, self._connections, self._belongings
        children = self._children
        for route, show, act in (
            (NEW_FEED, feeds.new, feeds.add),
            (EDIT_FEED, feeds.edit, feeds.change),
            (FEED_ADDRESS, feeds.ask_address, feeds.rotate),
            (REMOVE_FEED, feeds.ask_remove, feeds.remove),
            (CONNECT_TO, connections.begin, connections.connect),
            (LOG_IN, connections.log_in, connections.finish),
            (CHILDREN, children.ask, children.connect),
            (DISCONNECT, connections.ask_remove, connections.remove),
            (END_ACCESS, belongings.ask_end, belongings.end),
            (REMOVE_ME, belongings.ask_remove, belongings.remove),
            (ILL, self._absences.show, self._absences.act),
            (GROUPS, self._choices.show, self._choices.act),
            (CHECK_IN, self._check_ins.show, self._check_ins.act),
        ):
            router.add_get(route, guard(person(show)))
            router.add_post(route, guard(person(act)))
        if (signing_in := self._sign_in) is not None:
            router.add_get(SIGN_IN, guard(signing_in.begin))
            router.add_get(SIGNED_IN, guard(signing_in.come_back))
            router.add_get(JOIN, guard(person(signing_in.begin_to_join)))
            router.add_post(JOINED, guard(signing_in.join))
            router.add_get(SIGN_OUT, guard(signing_in.ask_sign_out))
            router.add_post(SIGN_OUT, guard(signing_in.sign_out))
        self._admin.add_to(app)
        router.add_get(ANYTHING, guard(self._landing.unknown))


def _sign_in_pages(services: Services, renderer: Renderer) -> SignInPages | None:
    """The pages of sign-in, where the settings name a provider: only then are their libraries imported."""
    if services.sign_in is None:
        return None
    from bridge.server.pages.signin import SignInPages  # noqa: PLC0415 - only with a provider

    return SignInPages(services, services.sign_in, renderer)
