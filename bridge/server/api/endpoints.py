"""All endpoints, in the order of the document."""

from bridge.server.api import users

ENDPOINTS = (*users.ENDPOINTS,)
