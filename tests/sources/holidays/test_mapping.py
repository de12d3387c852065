"""Single days become ranges, without loss."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bridge.model.event import AllDay, Kind
from bridge.sources.holidays.mapping import merge, read_holidays

FIRST = date(2026, 11, 1)
names = st.lists(st.sampled_from(["Kerstvakantie", "Eerste kerstdag", "Nieuwjaarsdag"]), min_size=1)
calendars = st.dictionaries(st.dates(FIRST, date(2028, 2, 1)), names) | st.dictionaries(
    st.dates(FIRST, FIRST + timedelta(days=20)), names
)


def days_of(when: AllDay) -> set[date]:
    return {when.start + timedelta(days=n) for n in range((when.end - when.start).days)}


@given(calendars)
def test_merging_loses_no_day_and_adds_none(days: dict[date, list[str]]) -> None:
    merged = [(name, day) for name, when in merge(days) for day in days_of(when)]
    assert len(merged) == len(set(merged))
    assert set(merged) == {(name, day) for day, on_it in days.items() for name in on_it}


@given(calendars)
def test_two_ranges_of_one_name_never_touch(days: dict[date, list[str]]) -> None:
    merged = merge(days)
    for name, when in merged:
        assert all(other.start != when.end for other_name, other in merged if other_name == name)


@given(calendars)
def test_every_range_is_an_event_with_an_identity_of_its_own(days: dict[date, list[str]]) -> None:
    events = read_holidays(days)
    assert [(event.title, event.when) for event in events] == merge(days)
    assert len({event.identity for event in events}) == len(events)


@given(calendars)
def test_the_order_of_days_and_names_makes_no_difference(days: dict[date, list[str]]) -> None:
    turned = {day: days[day][::-1] for day in reversed(days)}
    assert read_holidays(turned) == read_holidays(days)


def test_a_range_goes_on_over_the_turn_of_the_year() -> None:
    days = {date(2026, 12, 19) + timedelta(days=n): ["Kerstvakantie"] for n in range(16)}
    assert merge(days) == [("Kerstvakantie", AllDay(date(2026, 12, 19), date(2027, 1, 4)))]


def test_a_day_in_the_middle_with_two_names_cuts_no_range() -> None:
    days = {
        date(2027, 4, 26): ["Meivakantie"],
        date(2027, 4, 27): ["Koningsdag", "Meivakantie"],
        date(2027, 4, 28): ["Meivakantie"],
    }
    assert merge(days) == [
        ("Meivakantie", AllDay(date(2027, 4, 26), date(2027, 4, 29))),
        ("Koningsdag", AllDay(date(2027, 4, 27), date(2027, 4, 28))),
    ]


def test_a_holiday_keeps_its_identity_when_its_days_shift() -> None:
    before = read_holidays({date(2026, 10, 10): ["Herfstvakantie"]})
    after = read_holidays({date(2026, 10, 17): ["Herfstvakantie"]})
    assert before != after
    assert [event.identity for event in before] == [event.identity for event in after]


def test_the_second_holiday_of_a_name_in_a_year_has_an_identity_of_its_own() -> None:
    days = {date(2027, 1, 1): ["Kerstvakantie"], date(2027, 12, 25): ["Kerstvakantie"]}
    events = read_holidays(days)
    assert [event.identity for event in events] == ["Kerstvakantie 2027", "Kerstvakantie 2027 2"]
    assert {event.kind for event in events} == {Kind.HOLIDAY}
