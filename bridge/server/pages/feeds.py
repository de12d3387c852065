"""Making, changing and removing the feeds of a person."""

from dataclasses import replace

from aiohttp import web

from bridge.errors import UnknownName
from bridge.model.event import Kind
from bridge.people.children import shared_sources
from bridge.people.feeds import add_feed, change_feed
from bridge.people.names import LONGEST_FEED_NAME
from bridge.server.pages import feed_form
from bridge.server.pages.feed_form import FeedForm, form_of, read_form, with_preset
from bridge.server.pages.languages import language_of, message
from bridge.server.pages.overview import preview_of
from bridge.server.pages.rendering import Renderer
from bridge.server.pages.visits import Visit
from bridge.server.services import Services
from bridge.store.choice import place_of, source_of
from bridge.store.feed import Feed, NewFeed

MOST_FEEDS = 50
"""So many a person can make themselves: each is made again whenever something changes."""


class FeedPages:
    """The pages of single feeds."""

    def __init__(self, services: Services, renderer: Renderer) -> None:
        self._services = services
        self._renderer = renderer

    async def new(self, visit: Visit) -> web.Response:
        """The form of a new feed, in the language of the visitor."""
        language = language_of(visit.request)
        return await self._form(visit, None, FeedForm(options={} if language == "nl" else {"language": language}))

    async def add(self, visit: Visit) -> web.Response:
        """Make a feed, or show the form again with what is wrong or as a preset has it."""
        form, decided = await self._sent(visit)
        if decided and len(await self._services.store.feeds.all(user=visit.user.name)) >= MOST_FEEDS:
            form = replace(form, errors={"name": message("You have 50 calendars. Remove one first.")})
        if decided and not form.errors:
            name = form.title.replace(",", " ")[:LONGEST_FEED_NAME].strip() or "default"
            new = NewFeed(name, form.title, form.kinds, form.sources, form.options)
            services = self._services
            try:
                async with services.recorded(visit.user, "feed add", name):
                    await add_feed(services.store, services.sources, visit.user.name, new, services.clock)
            except UnknownName:
                taken = message("You already have a calendar of that name.")
                form = replace(form, errors={"name": taken})
            else:
                await services.publisher.publish_for(visit.user.name)
                raise visit.back(done="made")
        return await self._form(visit, None, form)

    async def edit(self, visit: Visit) -> web.Response:
        """The form of a feed."""
        feed = await self._feed(visit)
        return await self._form(visit, feed, form_of(feed, await self._choosable(visit)))

    async def change(self, visit: Visit) -> web.Response:
        """Change a feed, or show the form again."""
        feed = await self._feed(visit)
        form, decided = await self._sent(visit)
        if not decided or form.errors:
            return await self._form(visit, feed, form)
        services = self._services
        new = NewFeed(feed.name, form.title, form.kinds, form.sources, form.options)
        async with services.recorded(visit.user, "feed set", feed.name):
            await change_feed(services.store, services.sources, feed.user, new, services.clock)
        await services.publisher.publish_for(visit.user.name)
        raise visit.back(done="changed")

    async def ask_address(self, visit: Visit) -> web.Response:
        """Ask whether a feed shall have a new address."""
        return self._renderer.page(visit.request, "feed_address.html", visit=visit, feed=await self._feed(visit))

    async def rotate(self, visit: Visit) -> web.Response:
        """Give a feed a new address."""
        await visit.posted()
        feed = await self._feed(visit)
        async with self._services.recorded(visit.user, "feed rotate", feed.name):
            await self._services.store.feeds.rotate(feed.user, feed.name, self._services.clock())
        raise visit.back(done="rotated")

    async def ask_remove(self, visit: Visit) -> web.Response:
        """Ask whether a feed shall go."""
        return self._renderer.page(visit.request, "feed_remove.html", visit=visit, feed=await self._feed(visit))

    async def remove(self, visit: Visit) -> web.Response:
        """Remove a feed."""
        await visit.posted()
        feed = await self._feed(visit)
        async with self._services.recorded(visit.user, "feed revoke", feed.name):
            await self._services.store.feeds.revoke(feed.user, feed.name, self._services.clock())
        raise visit.back(done="removed")

    async def _feed(self, visit: Visit) -> Feed:
        """The feed of the address, if it is the person's own. Raises HTTPNotFound."""
        wanted = visit.request.match_info["feed"]
        for feed in await self._services.store.feeds.all(user=visit.user.name):
            if str(feed.id) == wanted:
                return feed
        raise web.HTTPNotFound

    async def _sent(self, visit: Visit) -> tuple[FeedForm, bool]:
        """The form that was sent, and whether it is to be saved."""
        given = await visit.posted_lists()
        form = read_form(given, await self._choosable(visit))
        what = given.get("do", ["save"])[-1]
        preset = what.removeprefix("preset-")
        if preset in feed_form.PRESETS and what != preset:
            return with_preset(form, preset), False
        return form, what == "save"

    async def _choosable(self, visit: Visit) -> dict[str, str]:
        """What the person can choose from, with titles: their own accounts, and the sources of everybody."""
        services = self._services
        accounts = await services.store.accounts.all(user=visit.user.name)
        several = {one.source for one in accounts if one.name}
        found = {}
        for one in accounts:
            title = services.title_of(one.source)
            if one.source not in several:
                found[one.source] = title
            elif one.source in services.sources:
                label = one.first_name or one.name or visit.user.title
                found[place_of(one.source, one.name)] = f"{label} · {title}"
        shared = {name: services.title_of(name) for name in shared_sources(services.sources)}
        return {choice: title for choice, title in (found | shared).items() if source_of(choice) in services.sources}

    async def _form(self, visit: Visit, feed: Feed | None, form: FeedForm) -> web.Response:
        services = self._services
        before = {"language": language_of(visit.request)} if feed is None else feed.options
        shown = replace(
            feed or _unsaved(visit),
            title=form.title,
            kinds=tuple(form.kinds),
            sources=None if form.sources is None else tuple(form.sources),
            options={**{name: before[name] for name in form.errors if name in before}, **form.valid_options},
        )
        return self._renderer.page(
            visit.request,
            "feed_form.html",
            status=422 if form.errors else 200,
            visit=visit,
            feed=feed,
            form=form,
            sources=list((await self._choosable(visit)).items()),
            kinds_of_events=list(Kind),
            fields=feed_form,
            preview=await preview_of(services, shown),
        )


def _unsaved(visit: Visit) -> Feed:
    """A feed that is not stored, for a preview."""
    return Feed(
        id=0,
        user_id=visit.user.id,
        user=visit.user.name,
        user_title=visit.user.title,
        name="",
        title="",
        kinds=(),
        sources=None,
        options={},
        created=visit.user.created,
        last_read=None,
        wanted=0,
    )
