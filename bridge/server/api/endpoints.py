"""All endpoints, in the order of the document."""

from bridge.server.api import accounts, feeds, refreshes, sources, teams, users

ENDPOINTS = (
    *sources.ENDPOINTS,
    *refreshes.ENDPOINTS,
    *users.ENDPOINTS,
    *accounts.ENDPOINTS,
    *feeds.ENDPOINTS,
    *teams.ENDPOINTS,
)
