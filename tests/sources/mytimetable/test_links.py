"""Addresses and tags of a lesson, where phones show them."""

from msgspec import structs

from bridge.model.event import Link
from tests.calendar.entries import entry
from tests.calendar.entries import only as shown
from tests.sources.mytimetable.test_mapping import LESSON, only

ROOM, BOOK = "https://rooms.example.nl/a02", "https://book.example.nl/a02"
LINKED = LESSON | {
    "activityTypeDescription": "Hoorcollege",
    "conferenceUrl": "https://meet.example.nl/1",
    "recordingUrl": "https://video.example.nl/2",
    "locations": [{"name": "N-A02", "url": ROOM, "bookUrl": BOOK}, {"name": "N-A03", "url": None, "bookUrl": None}],
    "tags": [{"key": "weblecture", "name": "Web Lecture"}, {"key": "h", "name": "hoorcollege"}, None],
}


def description(**changes: object) -> list[str]:
    fields = {name: getattr(only(LINKED | changes), name) for name in structs.asdict(only(LINKED))}
    return str(shown(entry(**fields))["description"]).splitlines()


def test_tags_and_every_address_stand_in_the_description() -> None:
    lines = description()
    assert "Soort: Hoorcollege, Web Lecture" in lines
    addresses = [line for line in lines if "://" in line]
    assert addresses == ["https://meet.example.nl/1", "https://video.example.nl/2", ROOM, BOOK]


def test_a_tag_shows_also_of_a_lesson_without_a_type() -> None:
    assert "Soort: Web Lecture" in description(
        activityTypeDescription=None, activityTypeName=None, tags=["Web Lecture"]
    )


def test_a_room_with_two_addresses_is_one_location() -> None:
    event = only(LINKED)
    assert event.locations == ("N-A02", "N-A03")
    assert event.links == (Link("N-A02", ROOM), Link("N-A02", BOOK))
