"""Choose which timetables make up a person's own."""

from collections.abc import Sequence

from typing_extensions import TypedDict

from bridge.store.outbox import Outgoing
from bridge.sync.desk import Asker, CannotWrite, Desk
from bridge.upstream.writing import ChoosesTimetables, ChosenTimetable, FoundTimetable


class FoundValue(TypedDict):
    """A timetable that can be followed, as an object."""

    key: str
    name: str


class OptionValue(TypedDict):
    """A part of a timetable, such as a group, as an object."""

    id: str
    name: str
    chosen: bool


class TimetableValue(FoundValue):
    """A timetable that is followed, as an object."""

    enabled: bool
    options: list[OptionValue]


class ChangeValue(TypedDict):
    """A change of what is followed, as an object."""

    key: str
    state: str


async def search_timetables(desk: Desk, user: str, source: str, word: str) -> Sequence[FoundTimetable]:
    """The timetables at a source that a word finds.

    Raises:
        UnknownName, CannotWrite: the account is not there, or cannot do this.
        SourceError: the source could not be asked.
    """
    asker = await desk.asker(user, source)
    return await _choosing(asker).search_timetables(asker.account, asker.slot, word)


async def list_timetables(desk: Desk, user: str, source: str) -> Sequence[ChosenTimetable]:
    """The timetables that a user follows. Raises what `search_timetables` raises."""
    asker = await desk.asker(user, source)
    return await _choosing(asker).timetables(asker.account, asker.slot)


async def add_timetable(desk: Desk, user: str, source: str, key: str) -> Outgoing:
    """Follow a timetable. Returns what has come of it so far. Raises what `search_timetables` raises, and Refused."""
    asker = await desk.asker(user, source)
    return await desk.take_one(asker, _choosing(asker).plan_addition(asker.account, key))


async def remove_timetable(desk: Desk, user: str, source: str, key: str) -> Outgoing:
    """Follow a timetable no longer. Returns what has come of it so far. Raises what `add_timetable` raises."""
    asker = await desk.asker(user, source)
    return await desk.take_one(asker, _choosing(asker).plan_removal(asker.account, key))


async def choose_options(desk: Desk, user: str, source: str, key: str, options: Sequence[str]) -> Outgoing:
    """Choose options of a timetable; none is all. Returns what has come of it so far. Raises as `add_timetable`."""
    asker = await desk.asker(user, source)
    return await desk.take_one(asker, _choosing(asker).plan_choice(asker.account, key, options))


def found_value(found: FoundTimetable) -> FoundValue:
    """A timetable as an object."""
    return {"key": found.key, "name": found.name}


def timetable_value(timetable: ChosenTimetable) -> TimetableValue:
    """A timetable that is followed as an object."""
    return {
        "key": timetable.key,
        "name": timetable.name,
        "enabled": timetable.enabled,
        "options": [{"id": one.id, "name": one.name, "chosen": one.chosen} for one in timetable.options],
    }


def change_value(outgoing: Outgoing) -> ChangeValue:
    """A change as an object."""
    return {"key": outgoing.write.about["key"], "state": outgoing.state}


def _choosing(asker: Asker) -> ChoosesTimetables:
    if not isinstance(asker.at.source, ChoosesTimetables):
        raise CannotWrite(f"At {asker.at.title} nobody chooses timetables.")
    return asker.at.source
