"""All endpoints, in the order of the document."""

from collections.abc import Mapping
from typing import Any

from bridge.server.api import absences, accounts, audit, checkins, feeds, refreshes, sources, teams, timetables, users
from bridge.server.api.document import make_document
from bridge.server.api.endpoint import Call, Endpoint, Nothing
from bridge.server.routes import API
from bridge.server.services import Services

VERSION = "/v1"


async def get_document(services: Services, call: Call[Nothing, Nothing]) -> Mapping[str, Any]:  # noqa: ARG001 - all endpoints take a call
    """Get this document."""
    return make_document(ENDPOINTS, API + VERSION)


ENDPOINTS = (
    *sources.ENDPOINTS,
    *refreshes.ENDPOINTS,
    *users.ENDPOINTS,
    *accounts.ENDPOINTS,
    *feeds.ENDPOINTS,
    *absences.ENDPOINTS,
    *timetables.ENDPOINTS,
    *checkins.ENDPOINTS,
    *teams.ENDPOINTS,
    *audit.ENDPOINTS,
    Endpoint("GET", "/openapi.json", get_document, "version"),
)
