from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bridge.model.event import AllDay, Before, DayPart, Event, Kind, Progress, Status, Timed
from bridge.store.codec import decode, encode

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
lists = st.lists(texts, max_size=3).map(tuple)
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
events = st.builds(
    Event,
    texts,
    st.sampled_from(Kind),
    timed | days,
    texts,
    texts,
    texts,
    texts,
    lists,
    lists,
    lists,
    st.none() | st.tuples(st.integers(0, 15), st.integers(0, 15)),
    texts,
    texts,
    texts,
    texts,
    st.sampled_from(Status),
    texts,
    st.none() | st.builds(Before, st.none() | timed | days, st.none() | lists, st.none() | lists),
    st.none() | lists,
    st.none() | st.sampled_from(Progress),
    st.none() | st.sampled_from(DayPart),
    st.none() | st.floats(0, 400),
    st.none() | st.floats(0, 400),
    texts,
    st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
    texts,
)


@given(events)
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    again = decode(encode(event))
    assert again == event
    assert hash(again) == hash(event)
    assert isinstance(again.kind, Kind)
    assert isinstance(again.status, Status)
    assert again.progress is None or isinstance(again.progress, Progress)
    assert again.day_part is None or isinstance(again.day_part, DayPart)


@given(events)
def test_the_same_event_is_always_the_same_text(event: Event) -> None:
    assert encode(decode(encode(event))) == encode(event)


@given(events, events)
def test_different_events_are_different_texts(one: Event, other: Event) -> None:
    assert (encode(one) == encode(other)) is (one == other)


def test_a_moment_is_written_in_utc_whatever_zone_it_came_in() -> None:
    start = datetime(2026, 9, 7, 8, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))
    event = Event("1", Kind.LESSON, Timed(start, start + timedelta(hours=1), "Europe/Amsterdam"), "Wiskunde")
    assert "2026-09-07T06:30:00+00:00" in encode(event)
    assert decode(encode(event)) == event
