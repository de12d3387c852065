"""`/sources`: the schools' systems that are read."""

from typing import Any

from pydantic import Field

from bridge.people.rosters import SyncedValue, sync_people, synced_value
from bridge.people.sources import Finding, SourceValue, check_source, source_value
from bridge.server.api.endpoint import Call, Concern, Endpoint, Given, Listing, Nothing, Part, part_of
from bridge.server.api.service import Service


class SyncWanted(Given):
    """How to sync."""

    dry_run: bool = Field(False, description="whether only to tell what would be done")


async def list_sources(service: Service, call: Call[Nothing, Listing]) -> Part[SourceValue]:
    """List the sources, by name."""
    return part_of([source_value(at) for at in service.sources.values()], call.query, lambda source: source.name)


async def check(service: Service, call: Call[Nothing, Nothing]) -> Finding:
    """Check that a source answers, and how its credentials and accounts stand."""
    return await check_source(service.store, service.source(call.path["name"]))


async def sync(service: Service, call: Call[SyncWanted, Nothing]) -> SyncedValue:
    """Add a user, an account and a feed for everybody whom a source lists. Nobody is removed."""
    at = service.source(call.path["name"])
    synced = await sync_people(service.store, at, service.clock, dry_run=call.body.dry_run)
    await service.publisher.publish_wanted()
    return synced_value(synced, service.feed_address)


def _by_path(call: Call[Any, Any]) -> Concern:
    return Concern(thing=call.path["name"])


ENDPOINTS = (
    Endpoint("GET", "/sources", list_sources, "check"),
    Endpoint("POST", "/sources/{name}/check", check, "check"),
    Endpoint("POST", "/sources/{name}/sync", sync, "user sync", concerns=_by_path),
)
