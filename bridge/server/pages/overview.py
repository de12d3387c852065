"""A person's page: their calendars, what these show, and how their schools stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from bridge.model.window import Window
from bridge.server.pages.rendering import Renderer
from bridge.server.pages.standing import standings
from bridge.server.pages.subscribing import Subscription, own_program
from bridge.server.pages.visits import Visit
from bridge.server.pages.week import Week, lay_out, monday_of
from bridge.server.services import Services
from bridge.store.feed import Feed

_WEEKS = 2
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Preview:
    """Weeks of a feed, and the day that is today in its zone."""

    weeks: Sequence[Week]
    today: date


@dataclass(frozen=True, slots=True)
class FeedCard:
    """A feed with the addresses to subscribe to it."""

    feed: Feed
    subscription: Subscription


class OverviewHandler:
    """GET of a person's page."""

    def __init__(self, services: Services, renderer: Renderer) -> None:
        self._services = services
        self._renderer = renderer

    async def get(self, visit: Visit) -> web.Response:
        """The page, with this week and the next of the chosen feed."""
        services = self._services
        cards = [await self._card(feed) for feed in await services.store.feeds.all(user=visit.user.name)]
        chosen = next((card.feed for card in cards if str(card.feed.id) == visit.request.query.get("feed")), None)
        shown = chosen or (cards[0].feed if cards else None)
        return self._renderer.page(
            visit.request,
            "person.html",
            visit=visit,
            cards=cards,
            own=own_program(visit.request.headers.get("User-Agent", "")),
            shown=shown,
            preview=None if shown is None else await preview_of(services, shown),
            accounts=await standings(services, visit.user.name),
            joinable=services.sign_in is not None and not await services.store.identities.known(visit.user),
            done=visit.request.query.get("done", ""),
        )

    async def _card(self, feed: Feed) -> FeedCard:
        address = self._services.server.feed_address(await self._services.store.feeds.token(feed.user, feed.name))
        return FeedCard(feed, Subscription(address, feed.title or feed.user_title))


async def preview_of(services: Services, feed: Feed) -> Preview:
    """This week and the next, as a feed shows them. It need not be stored."""
    zone = ZoneInfo(await services.publisher.zone(feed))
    monday = monday_of(services.clock(), zone)
    seen = await services.publisher.preview(feed, Window(monday, monday + _WEEKS * _WEEK))
    weeks = [lay_out(monday + number * _WEEK, seen) for number in range(_WEEKS)]
    return Preview(weeks, services.clock().astimezone(zone).date())
