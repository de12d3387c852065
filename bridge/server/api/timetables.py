"""`/users/{name}/timetables/{source}`: which timetables make up a person's own."""

from collections.abc import Sequence

from pydantic import Field

from bridge.server.api.endpoint import Call, Endpoint, Given, Listing, Nothing, Part, Text, Word, part_of
from bridge.server.api.taken import expect_taken
from bridge.server.services import Services
from bridge.sync.timetables import (
    ChangeValue,
    FoundValue,
    TimetableValue,
    add_timetable,
    change_value,
    choose_options,
    found_value,
    list_timetables,
    remove_timetable,
    search_timetables,
    timetable_value,
)


class SearchWanted(Listing):
    """Which timetables are wanted."""

    word: Word = Field(description="a word of the name")


class Followed(Given):
    """A timetable to follow."""

    key: Text = Field(description="its key")


class Choice(Given):
    """What to choose of a timetable."""

    key: Text = Field(description="the key of the timetable")
    options: Sequence[Text] = Field(description="the ids of what to choose; none is everything")


class Unfollowed(Given):
    """A timetable to follow no longer."""

    key: Word = Field(description="its key")


async def get_timetables(services: Services, call: Call[Nothing, Listing]) -> Part[TimetableValue]:
    """List the timetables that a user follows, with what can be chosen of them, by key."""
    followed = await list_timetables(services.desk, call.path["name"], call.path["source"])
    return part_of([timetable_value(one) for one in followed], call.query, lambda one: one["key"])


async def find_timetables(services: Services, call: Call[Nothing, SearchWanted]) -> Part[FoundValue]:
    """Search timetables by a word. They come by key."""
    found = await search_timetables(services.desk, call.path["name"], call.path["source"], call.query.word)
    return part_of([found_value(one) for one in found], call.query, lambda one: one["key"])


async def follow_timetable(services: Services, call: Call[Followed, Nothing]) -> ChangeValue:
    """Follow a timetable, or switch it on again."""
    path = call.path
    sent = await add_timetable(services.desk, path["name"], path["source"], call.body.key)
    return change_value(expect_taken(services, path["source"], sent))


async def choose_of_timetable(services: Services, call: Call[Choice, Nothing]) -> ChangeValue:
    """Choose options of a timetable, such as a group."""
    path = call.path
    sent = await choose_options(services.desk, path["name"], path["source"], call.body.key, call.body.options)
    return change_value(expect_taken(services, path["source"], sent))


async def unfollow_timetable(services: Services, call: Call[Nothing, Unfollowed]) -> ChangeValue:
    """Follow a timetable no longer, or switch it off."""
    path = call.path
    sent = await remove_timetable(services.desk, path["name"], path["source"], call.query.key)
    return change_value(expect_taken(services, path["source"], sent))


_PATH = "/users/{name}/timetables/{source}"
ENDPOINTS = (
    Endpoint("GET", _PATH, get_timetables, "timetable list"),
    Endpoint("GET", f"{_PATH}/search", find_timetables, "timetable search"),
    Endpoint("POST", _PATH, follow_timetable, "timetable add"),
    Endpoint("POST", f"{_PATH}/options", choose_of_timetable, "timetable choose"),
    Endpoint("DELETE", _PATH, unfollow_timetable, "timetable remove"),
)
