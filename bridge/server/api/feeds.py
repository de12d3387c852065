"""`/users/{name}/feeds`: secret addresses that show a selection of events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from pydantic import AfterValidator, Field

from bridge.errors import ConfigError
from bridge.model.event import SHOWN_BY_DEFAULT, Kind
from bridge.people.feeds import add_feed, change_feed
from bridge.people.names import LONGEST_FEED_NAME, tidy_feed_name
from bridge.people.values import FeedAddress, FeedValue, feed_value
from bridge.server.api.endpoint import (
    Call,
    Concern,
    Endpoint,
    Given,
    Known,
    Listing,
    Nothing,
    Part,
    Text,
    Title,
    part_of,
)
from bridge.server.services import Services
from bridge.store.feed import NewFeed

FeedName = Annotated[
    str, AfterValidator(tidy_feed_name), Field(json_schema_extra={"minLength": 1, "maxLength": LONGEST_FEED_NAME})
]
FeedOptions = Mapping[Text, Text]


class FeedToAdd(Given):
    """A feed to add."""

    name: FeedName = Field("default", description="the name of the feed")
    title: Title = Field("", description="the title of the calendar; by default that of the user")
    kinds: Sequence[Kind] = Field(SHOWN_BY_DEFAULT, min_length=1, description="the kinds of events that it shows")
    sources: Sequence[Known] | None = Field(None, description="the sources that it shows; null: all of them")
    options: FeedOptions = Field(default_factory=dict, description="options; see docs/feeds.md")


class FeedChanges(Given):
    """What changes of a feed."""

    title: Title | None = Field(None, description="another title; empty: that of the user")
    kinds: Sequence[Kind] | None = Field(None, min_length=1, description="other kinds of events")
    sources: Sequence[Known] | None = Field(None, description="other sources; null: all of them")
    options: Mapping[Text, Text | None] = Field(
        default_factory=dict, description="options; an empty text or null sets the default again"
    )


@dataclass(frozen=True, slots=True)
class RevokedFeed:
    """A feed that was removed."""

    user: str
    name: str


@dataclass(frozen=True, slots=True)
class Exported:
    """The calendar of a feed, as iCalendar text."""

    user: str
    name: str
    calendar: str


async def list_feeds(services: Services, call: Call[Nothing, Listing]) -> Part[FeedValue]:
    """List a user's feeds, by name."""
    user = await services.store.users.get(call.path["name"])
    feeds = [feed_value(feed) for feed in await services.store.feeds.all(user=user.name)]
    return part_of(feeds, call.query, lambda feed: feed.name)


async def create_feed(services: Services, call: Call[FeedToAdd, Nothing]) -> FeedAddress:
    """Add a feed."""
    body, user = call.body, call.path["name"]
    new = NewFeed(body.name, body.title, _in_order(body.kinds), body.sources, body.options)
    token = await add_feed(services.store, services.sources, user, new, services.clock)
    await services.publisher.publish_for(user)
    return FeedAddress(user, body.name, services.server.feed_address(token))


async def patch_feed(services: Services, call: Call[FeedChanges, Nothing]) -> FeedValue:
    """Change what a feed shows, and how. What is left out stays, and so does its address."""
    body, user, name = call.body, call.path["name"], call.path["feed"]
    before = await services.store.feeds.get(user, name)
    if before.members is not None and body.model_fields_set & {"kinds", "sources"}:
        raise ConfigError("A team's feed shows absences alone; its kinds and sources cannot be changed.")
    given = {**before.options, **{key: value or "" for key, value in body.options.items()}}
    changed = NewFeed(
        name,
        before.title if body.title is None else body.title,
        before.kinds if body.kinds is None else _in_order(body.kinds),
        body.sources if "sources" in body.model_fields_set else before.sources,
        {key: value for key, value in given.items() if value},
        before.members,
    )
    feed = await change_feed(services.store, services.sources, user, changed, services.clock)
    await services.publisher.publish_for(user)
    return feed_value(feed)


async def delete_feed(services: Services, call: Call[Nothing, Nothing]) -> RevokedFeed:
    """Remove a feed. Its address stops working."""
    user, name = call.path["name"], call.path["feed"]
    await services.store.feeds.revoke(user, name, services.clock())
    return RevokedFeed(user, name)


async def rotate_feed(services: Services, call: Call[Nothing, Nothing]) -> FeedAddress:
    """Give a feed a new address. The old one stops working."""
    user, name = call.path["name"], call.path["feed"]
    token = await services.store.feeds.rotate(user, name, services.clock())
    return FeedAddress(user, name, services.server.feed_address(token))


async def address_of_feed(services: Services, call: Call[Nothing, Nothing]) -> FeedAddress:
    """Give the secret address of a feed, as a QR code would hold it."""
    user, name = call.path["name"], call.path["feed"]
    return FeedAddress(user, name, services.server.feed_address(await services.store.feeds.token(user, name)))


async def export_feed(services: Services, call: Call[Nothing, Nothing]) -> Exported:
    """Give the calendar of a feed."""
    user, name = call.path["name"], call.path["feed"]
    await services.publisher.publish_for(user)
    return Exported(user, name, (await services.store.renderings.calendar(user, name)).decode())


def _in_order(kinds: Sequence[Kind]) -> tuple[Kind, ...]:
    """The kinds in their usual order, each once."""
    return tuple(kind for kind in Kind if kind in kinds)


def _new(call: Call[FeedToAdd, Nothing]) -> Concern:
    return Concern(call.path["name"], call.body.name)


ENDPOINTS = (
    Endpoint("GET", "/users/{name}/feeds", list_feeds, "feed list"),
    Endpoint("POST", "/users/{name}/feeds", create_feed, "feed add", HTTPStatus.CREATED, _new),
    Endpoint("PATCH", "/users/{name}/feeds/{feed}", patch_feed, "feed set"),
    Endpoint("DELETE", "/users/{name}/feeds/{feed}", delete_feed, "feed revoke"),
    Endpoint("POST", "/users/{name}/feeds/{feed}/rotate", rotate_feed, "feed rotate"),
    Endpoint("GET", "/users/{name}/feeds/{feed}/address", address_of_feed, "feed qr"),
    Endpoint("GET", "/users/{name}/feeds/{feed}/export", export_feed, "feed export"),
)
