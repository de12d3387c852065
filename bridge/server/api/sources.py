"""`/sources`: the schools' systems that are read."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import Field, JsonValue, WithJsonSchema

from bridge.people.audit import recorded
from bridge.people.invitations import invite
from bridge.people.leavers import remove_leavers
from bridge.people.rosters import SyncedValue, sync_people, synced_value
from bridge.people.sources import Finding, SourceValue, check_source
from bridge.server.api.endpoint import Call, Concern, Endpoint, Given, Listing, Nothing, Part, Text, part_of
from bridge.server.services import Services
from bridge.settings.values import Duration
from bridge.store.audit import Via


class NewSource(Given):
    """A source to add to the storage."""

    name: Text = Field(description="lower-case letters, digits, - and _")
    type: Text = Field(description="which system it is, such as `somtoday`")
    settings: Mapping[Text, JsonValue] = Field(
        default_factory=dict, description="its settings, secrets too; see docs/configuration.md"
    )


class SourceChanges(Given):
    """What changes of a source in the storage."""

    settings: Mapping[Text, JsonValue] = Field(description="settings; null sets the default again")


@dataclass(frozen=True, slots=True)
class RemovedSource:
    """A source that was removed, and how many accounts are not read any more."""

    name: str
    accounts: int


Span = Annotated[Duration, WithJsonSchema({"type": "string", "pattern": r"^\s*[0-9]{1,5}\s*[smhdw]\s*$"})]
"""A duration such as "30d"."""


class SyncWanted(Given):
    """How to sync."""

    dry_run: bool = Field(False, description="whether only to tell what would be done")
    invitations: bool = Field(
        False,
        description="whether to invite those who have no address of their page, or an unopened invitation, for 14 days",
    )
    remove_gone: Span | None = Field(
        None, description='removes those whom the source has not known for so long, as in "30d"'
    )


async def list_sources(services: Services, call: Call[Nothing, Listing]) -> Part[SourceValue]:
    """List the sources of the settings file and of the storage, by name."""
    found = [services.known.value(name) for name in services.sources]
    return part_of(found, call.query, lambda source: source.name)


async def create_source(services: Services, call: Call[NewSource, Nothing]) -> SourceValue:
    """Add a source to the storage. It is read at once."""
    body = call.body
    await services.known.add(body.name, body.type, body.settings)
    return services.known.value(body.name)


async def patch_source(services: Services, call: Call[SourceChanges, Nothing]) -> SourceValue:
    """Change the settings of a source in the storage."""
    name = call.path["name"]
    await services.known.change(name, call.body.settings)
    return services.known.value(name)


async def delete_source(services: Services, call: Call[Nothing, Nothing]) -> RemovedSource:
    """Remove a source from the storage. Its accounts stay, but are not read any more."""
    name = call.path["name"]
    return RemovedSource(name, await services.known.remove(name))


async def check(services: Services, call: Call[Nothing, Nothing]) -> Finding:
    """Check that a source answers, and how its credentials and accounts stand."""
    return await check_source(services.store, services.source(call.path["name"]))


async def sync(services: Services, call: Call[SyncWanted, Nothing]) -> SyncedValue:
    """Add a user, an account and a feed for everybody whom a source lists."""
    at, wanted, store = services.source(call.path["name"]), call.body, services.store
    synced = await sync_people(store, at, services.clock, dry_run=wanted.dry_run, gone_for=wanted.remove_gone)
    if wanted.dry_run:
        return synced_value(synced, services.server.feed_address)

    def removal(action: str, user: str) -> AbstractAsyncContextManager[None]:
        return recorded(store, services.clock, Via.API, action, user=user)

    await remove_leavers(store, services.sources, at, synced.leaving, services.clock(), removal)
    await services.publisher.publish_wanted()
    if synced.leaving:
        await store.database.scrub()
    names = [*(user for user, _ in synced.added), *synced.kept] if wanted.invitations else []
    invited = await invite(store, names, services.clock, services.server.page_address)
    return synced_value(synced, services.server.feed_address, invited)


def _by_path(call: Call[Any, Any]) -> Concern:
    return Concern(thing=call.path["name"])


def _new(call: Call[NewSource, Nothing]) -> Concern:
    return Concern(thing=call.body.name)


ENDPOINTS = (
    Endpoint("GET", "/sources", list_sources, "source list"),
    Endpoint("POST", "/sources", create_source, "source add", HTTPStatus.CREATED, _new),
    Endpoint("PATCH", "/sources/{name}", patch_source, "source add", concerns=_by_path),
    Endpoint("DELETE", "/sources/{name}", delete_source, "source remove", concerns=_by_path),
    Endpoint("POST", "/sources/{name}/check", check, "check", concerns=_by_path),
    Endpoint("POST", "/sources/{name}/sync", sync, "user sync", concerns=_by_path),
)
