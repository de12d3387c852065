import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bridge.model.event import AllDay, Before, DayPart, Event, Kind, Progress, Status, Timed, When
from bridge.store.codec import Codec, columns_of, decode, decode_before, encode, encode_before, when_of
from tests import strategies

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
moments = st.datetimes(datetime(1980, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - UTC is added
timed = st.builds(
    lambda start, length, zone: Timed(start, start + length, zone),
    moments,
    st.timedeltas(timedelta(microseconds=1), timedelta(days=30)),
    st.sampled_from(["Europe/Amsterdam", "America/Curacao", "UTC"]),
)
days = st.builds(
    lambda start, length: AllDay(start, start + timedelta(days=length)),
    st.dates(date(1980, 1, 1), date(2090, 1, 1)),
    st.integers(1, 60),
)
events = strategies.events(texts, when=timed | days)
befores = events.map(lambda event: event.before or Before())


def stored(event: Event) -> tuple[str, Kind, tuple[int, int, str | None], str]:
    return event.identity, event.kind, columns_of(event.when), encode(event)


def read(identity: str, kind: Kind, columns: tuple[int, int, str | None], text: str) -> Event:
    return decode(text, identity=identity, kind=kind, when=when_of(*columns))


@given(events)
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    again = read(*stored(event))
    assert again == event
    assert hash(again) == hash(event)
    assert isinstance(again.status, Status)
    assert again.progress is None or isinstance(again.progress, Progress)
    assert again.day_part is None or isinstance(again.day_part, DayPart)


@given(events)
def test_the_same_event_is_always_stored_alike(event: Event) -> None:
    assert stored(read(*stored(event))) == stored(event)


@given(events, events)
def test_different_events_are_stored_differently(one: Event, other: Event) -> None:
    assert (stored(one) == stored(other)) is (one == other)


@given(befores)
def test_what_an_event_was_before_comes_back(before: Before) -> None:
    assert decode_before(encode_before(before)) == before


def test_a_moment_is_stored_in_utc_in_any_zone() -> None:
    start = datetime(2026, 9, 7, 8, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))
    event = Event("1", Kind.LESSON, Timed(start, start + timedelta(hours=1), "Europe/Amsterdam"), "Wiskunde")
    assert columns_of(event.when) == (1788762600, 1788766200, "Europe/Amsterdam")
    assert encode(event) == '{"t":"Wiskunde"}'


def test_a_number_of_any_size_can_be_stored() -> None:
    when = AllDay(date(2026, 9, 7), date(2026, 9, 8))
    assert "1" + "0" * 30 in encode(Event("1", Kind.LESSON, when, "Wiskunde", periods=(1, 10**30)))


class Taste(StrEnum):
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Seat:
    row: int
    where: When | None = None


class EventWithMore(Event, frozen=True):
    floor: int | None = None
    taste: Taste = Taste.FINE
    dishes: tuple[str, ...] = ()
    seat: Seat | None = None
    seats: tuple[Seat, ...] | None = None


def test_a_field_that_is_added_to_an_event_is_stored_too() -> None:
    """Without a change here: a new field is one of `Event`, of the mapping that knows it, and of what shows it."""
    codec = Codec(EventWithMore, {"when"})
    when = AllDay(date(2026, 9, 7), date(2026, 9, 8))
    plain = EventWithMore("1", Kind.LESSON, when, "Wiskunde")
    more = replace(
        plain, floor=3, taste=Taste("fine"), dishes=("soup",), seat=Seat(4, when), seats=(Seat(5), Seat(6, when))
    )
    for event in (plain, more):
        assert codec.made(json.loads(json.dumps(codec.values(event))), when=when) == event
    assert codec.values(plain).keys() == {"identity", "kind", "t"}


def test_an_event_with_a_field_of_a_later_version_is_read_without_it() -> None:
    when = AllDay(date(2026, 9, 7), date(2026, 9, 8))
    written = Codec(EventWithMore, {"when"}).values(EventWithMore("1", Kind.LESSON, when, "Wiskunde", floor=3))
    assert Codec(Event, {"when"}).made(written, when=when) == Event("1", Kind.LESSON, when, "Wiskunde")
