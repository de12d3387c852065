"""The calls about a person: subscriptions, filtered types, messages and the user name."""

from typing import Any

from aiohttp import web

from bridge.sources.mytimetable.standin.protocol import Gate, require_known, unknown_call
from bridge.sources.mytimetable.standin.university import University


class Profile:
    """The calls about a person. Each returns what becomes JSON."""

    def __init__(self, at: University, gate: Gate) -> None:
        self._at = at
        self._gate = gate

    async def subscriptions(self, request: web.Request) -> Any:
        """/subscriptions."""
        return self._at.subscriptions[self._enter(request)]

    async def event_type_groups(self, request: web.Request) -> Any:
        """/eventtypegroups."""
        self._enter(request)
        return {
            "filteringEnabled": True,
            "eventtypegroups": [
                {
                    "id": name,
                    "description": name,
                    "isFilteredByDefault": False,
                    "isFiltered": False,
                    "isFilteredForSync": for_sync,
                }
                for name, for_sync in self._at.event_types.items()
            ],
        }

    async def messages(self, request: web.Request) -> Any:
        """/user/messages."""
        user = self._enter(request)
        if self._at.before_3_1:
            raise unknown_call()
        return {"messages": self._at.messages_for(user)}

    async def user(self, request: web.Request) -> Any:
        """/user."""
        user = self._enter(request)
        return {"feedUrl": "https://rooster.example.nl/ical", "username": user, "roles": [self._at.role(user)]}

    def _enter(self, request: web.Request) -> str:
        require_known(request, ())
        return self._gate.person(request)
