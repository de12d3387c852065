"""`/users`: the people who have calendars."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from bridge.people.accounts import remove_user
from bridge.people.exports import everything_about
from bridge.people.names import LONGEST_NAME, tidy_user_name
from bridge.people.users import add_user
from bridge.people.values import UserValue, user_value
from bridge.server.api.endpoint import Call, Concern, Endpoint, Given, Listing, Nothing, Part, Title, first_of
from bridge.server.services import Services


class NewUser(Given):
    """A user to add."""

    name: Annotated[
        str, AfterValidator(tidy_user_name), Field(json_schema_extra={"minLength": 1, "maxLength": LONGEST_NAME})
    ] = Field(description="what the user is called here; it cannot be changed")
    title: Title = Field("", description="their name for people; by default `name`")


class LinkWanted(Given):
    """Which address of a page is wanted."""

    new: bool = Field(False, description="whether to make a new address; the old one stops working")


@dataclass(frozen=True, slots=True)
class AddedUser:
    """A user who was added, with the secret address of their page."""

    name: str
    title: str
    manage_url: str


@dataclass(frozen=True, slots=True)
class RemovedUser:
    """A user who was removed. `warnings` name the logins that may still be valid at their school."""

    name: str
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class Link:
    """The secret address of a user's page."""

    manage_url: str


async def list_users(services: Services, call: Call[Nothing, Listing]) -> Part[UserValue]:
    """List the users, by name."""
    wanted = call.query
    found = await services.store.users.some(after=wanted.after, limit=wanted.limit + 1)
    return first_of([user_value(user) for user in found], wanted.limit, lambda user: user.name)


async def create_user(services: Services, call: Call[NewUser, Nothing]) -> AddedUser:
    """Add a user."""
    user = await add_user(services.store, call.body.name, call.body.title, services.clock)
    token = await services.store.links.token(user.name, services.clock())
    return AddedUser(user.name, user.title, services.server.page_address(token))


async def get_user(services: Services, call: Call[Nothing, Nothing]) -> UserValue:
    """Get a user."""
    return user_value(await services.store.users.get(call.path["name"]))


async def delete_user(services: Services, call: Call[Nothing, Nothing]) -> RemovedUser:
    """Remove a user with all accounts and feeds. The addresses of the feeds stop working."""
    name = call.path["name"]
    warnings = await remove_user(services.store, services.sources, name, services.clock())
    await services.publisher.publish_for(name)
    await services.store.database.scrub()
    return RemovedUser(name, warnings)


async def link_user(services: Services, call: Call[LinkWanted, Nothing]) -> Link:
    """Give the secret address of a user's page, or make a new one."""
    links = services.store.links
    token = await (links.renew if call.body.new else links.token)(call.path["name"], services.clock())
    return Link(services.server.page_address(token))


async def export(services: Services, call: Call[Nothing, Nothing]) -> Mapping[str, Any]:
    """Give everything that is kept about a user. Of secrets it only says that they are kept."""
    return await everything_about(services.store, call.path["name"])


ENDPOINTS = (
    Endpoint("GET", "/users", list_users, "user list"),
    Endpoint("POST", "/users", create_user, "user add", HTTPStatus.CREATED, lambda call: Concern(call.body.name)),
    Endpoint("GET", "/users/{name}", get_user, "user list"),
    Endpoint("DELETE", "/users/{name}", delete_user, "user remove"),
    Endpoint("GET", "/users/{name}/export", export, "user export"),
    Endpoint("POST", "/users/{name}/link", link_user, "user link"),
)
