"""`/refresh`: refresh now."""

from pydantic import Field

from bridge.server.api.endpoint import Call, Concern, Endpoint, Given, Known, Nothing
from bridge.server.services import Services
from bridge.sync.on_demand import RowValue, accounts_to_refresh, refresh_now, row_value


class RefreshWanted(Given):
    """What to refresh; by default everything."""

    user: Known | None = Field(None, description="only the accounts of this user")
    source: Known | None = Field(None, description="only the accounts at this source")
    accept: bool = Field(False, description="whether to accept answers that would be held back")


async def refresh(services: Services, call: Call[RefreshWanted, Nothing]) -> list[RowValue]:
    """Refresh now, ignoring the schedule. Answers when it is done, with a row for each account and part."""
    wanted = call.body
    if wanted.source is not None:
        services.source(wanted.source)
    accounts = await accounts_to_refresh(services.store, services.sources, user=wanted.user, source=wanted.source)
    rows = await refresh_now(services.refresher, services.sweeper, accounts, accept=wanted.accept)
    if wanted.user is None:
        await services.publisher.publish_wanted()
    else:
        await services.publisher.publish_for(wanted.user)
    return [row_value(row) for row in rows]


def _of_body(call: Call[RefreshWanted, Nothing]) -> Concern:
    return Concern(call.body.user, call.body.source)


ENDPOINTS = (Endpoint("POST", "/refresh", refresh, "refresh", concerns=_of_body),)
