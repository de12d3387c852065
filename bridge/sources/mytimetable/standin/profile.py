"""The calls about a person: subscriptions, filtered types, messages and the user name."""

from typing import Any

from aiohttp import web

from bridge.sources.mytimetable.standin.protocol import ApiError, Gate, require_known, unknown_call
from bridge.sources.mytimetable.standin.university import University


class Profile:
    """The calls about a person. Each returns what becomes JSON."""

    def __init__(self, at: University, gate: Gate) -> None:
        self._at = at
        self._gate = gate

    async def subscriptions(self, request: web.Request) -> Any:
        """/subscriptions."""
        return self._at.subscriptions[self._enter(request)]

    async def subscribe(self, request: web.Request) -> None:
        """POST /subscriptions/{key}."""
        user, key = self._enter(request), request.match_info["key"]
        chosen = (await request.post()).getall("option", [])
        name, kind = self._known(key)
        if any(one["key"] == key for one in self._at.subscriptions[user]):
            raise ApiError(400, "subscription_exists", "The timetable is followed already.")
        followed = self._at.followed_as(key, kind, name)
        self._at.subscriptions[user].append(followed)
        self._choose(followed, [str(one) for one in chosen])

    async def unsubscribe(self, request: web.Request) -> None:
        """DELETE /subscriptions/{key}."""
        user = self._enter(request)
        followed = self._followed(request, user)
        if not followed["removable"]:
            raise ApiError(403, "not_removable", "This subscription cannot be removed.")
        self._at.subscriptions[user].remove(followed)

    async def switch(self, request: web.Request) -> None:
        """PUT /subscriptions/{key}, also of one below another."""
        followed = self._followed(request, self._enter(request))
        state = str((await request.post()).get("state", "false"))
        if state not in {"true", "false"}:
            raise ApiError(400, "invalid_state", "The state is true or false.")
        followed["enabled"] = state == "true"

    async def set_options(self, request: web.Request) -> None:
        """PUT /subscriptions/{key}/options, also of one below another."""
        followed = self._followed(request, self._enter(request))
        chosen = [str(one) for one in (await request.post()).getall("option", [])]
        if not chosen:
            raise ApiError(400, "option_required", "An option is required.")
        self._choose(followed, chosen)

    async def clear_options(self, request: web.Request) -> None:
        """DELETE /subscriptions/{key}/options, also of one below another."""
        self._followed(request, self._enter(request))["enabledOptions"] = []

    async def options(self, request: web.Request) -> Any:
        """/timetables/{key}/options, also of one below another."""
        self._gate.caller(request)
        key = request.match_info["key"]
        self._known(key)
        return {"allEquivalent": not self._at.options_of(key), "options": self._at.options_of(key)}

    def _choose(self, followed: dict[str, Any], chosen: list[str]) -> None:
        options = {option["id"]: option for option in self._at.options_of(followed["key"])}
        if not set(chosen) <= set(options):
            raise ApiError(400, "invalid_option", "There is no such option.")
        followed["enabledOptions"] = [] if set(chosen) == set(options) else [options[one] for one in chosen]

    def _known(self, key: str) -> tuple[str, str]:
        """The name and the type of a timetable."""
        known = self._at.timetables_of(str(self._at.year))
        if key not in known:
            raise ApiError(404, "timetable_not_found", "The requested timetable was not found.")
        return known[key][0], key.split("!")[1]

    def _followed(self, request: web.Request, user: str) -> dict[str, Any]:
        """The subscription in the path."""
        among, path = self._at.subscriptions[user], request.match_info
        if "parent" in path:
            among = _with_key(among, path["parent"])["childSubscriptions"]
        return _with_key(among, path["key"])

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


def _with_key(subscriptions: list[dict[str, Any]], key: str) -> dict[str, Any]:
    found = next((one for one in subscriptions if one["key"] == key), None)
    if found is None:
        raise ApiError(404, "subscription_not_found", "The timetable is not followed.")
    return found
