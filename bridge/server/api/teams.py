"""`/teams`: feeds that show who of a team is absent."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Self

from pydantic import Field, model_validator

from bridge.people.feeds import TEAM, add_feed
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
from bridge.server.api.feeds import FeedName, FeedOptions
from bridge.server.services import Services
from bridge.store.feed import Members, NewFeed


class NewTeam(Given):
    """A team's feed to add: of chosen users, or of a group at a source."""

    user: Known | None = Field(None, description="whose feed it is; by default the user `team`")
    name: FeedName = Field("default", description="the name of the feed")
    title: Title = Field("", description="the title of the calendar")
    users: Sequence[Known] = Field((), description="show who of these users is absent")
    source: Known | None = Field(None, description="the source that has the group")
    group: Text | None = Field(None, description="show who of this group is absent")
    options: FeedOptions = Field(default_factory=dict, description="options; see docs/feeds.md")

    @model_validator(mode="after")
    def _users_or_a_group(self) -> Self:
        if (self.source is None) is not (self.group is None):
            raise ValueError("source and group belong together")
        if bool(self.users) is (self.group is not None):
            raise ValueError("a team is users or a group, one of the two")
        return self


@dataclass(frozen=True, slots=True)
class TeamValue(FeedValue):
    """A team's feed. `source` and `group` are null if its members are chosen users."""

    source: str | None = None
    group: str | None = None


async def list_teams(services: Services, call: Call[Nothing, Listing]) -> Part[TeamValue]:
    """List the feeds of teams. `after` is USER/NAME."""
    teams = [
        TeamValue(**asdict(feed_value(feed)), source=feed.members.source or None, group=feed.members.group or None)
        for feed in await services.store.feeds.all()
        if feed.members is not None
    ]
    return part_of(teams, call.query, lambda team: f"{team.user}/{team.name}")


async def create_team(services: Services, call: Call[NewTeam, Nothing]) -> FeedAddress:
    """Add a team's feed."""
    body = call.body
    members = Members(tuple(body.users), body.source or "", body.group or "")
    new = NewFeed(body.name, body.title, options=body.options, members=members)
    token = await add_feed(services.store, services.sources, body.user, new, services.clock)
    await services.publisher.publish_for(body.user or TEAM)
    return FeedAddress(body.user or TEAM, body.name, services.server.feed_address(token))


def _new(call: Call[NewTeam, Nothing]) -> Concern:
    return Concern(call.body.user or TEAM, call.body.name)


ENDPOINTS = (
    Endpoint("GET", "/teams", list_teams, "feed list"),
    Endpoint("POST", "/teams", create_team, "feed add", HTTPStatus.CREATED, _new),
)
