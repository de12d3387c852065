"""`/audit`: who did what to whom, and when."""

from pydantic import Field

from bridge.people.audit import DeedValue, deed_value, parse_since
from bridge.server.api.endpoint import MOST, Call, Endpoint, Given, Nothing, Part, Word, first_of
from bridge.server.services import Services


class DeedsWanted(Given):
    """Which deeds are wanted."""

    limit: int = Field(100, ge=1, le=MOST, description="how many objects at most")
    after: int = Field(0, ge=0, lt=2**63, description="the id of the last deed of the part before")
    since: Word = Field("", description="a duration before now such as `7d`, a date, or a date and time")


async def list_deeds(services: Services, call: Call[Nothing, DeedsWanted]) -> Part[DeedValue]:
    """List who did what to whom on pages, by the API and by commands, the oldest first."""
    wanted = call.query
    since = parse_since(wanted.since, services.clock()) if wanted.since else None
    found = await services.store.audit.some(since=since, after=wanted.after, limit=wanted.limit + 1)
    return first_of([deed_value(deed) for deed in found], wanted.limit, lambda deed: str(deed.id))


ENDPOINTS = (Endpoint("GET", "/audit", list_deeds, "audit"),)
