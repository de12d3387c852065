"""Sources in several zones: each keeps the days of its own zone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from msgspec import structs

from bridge.calendar.options import FeedOptions
from bridge.calendar.render import render
from bridge.calendar.standstill import Standstill
from bridge.calendar.team import Member, team_entries
from bridge.model.event import AllDay, Kind, When
from bridge.model.tracked import TrackedEvent
from tests.calendar.entries import CHANGED, INFO, NOW, between, entry, events_in

NEAR, FAR = "Europe/Amsterdam", "Pacific/Auckland"
ABROAD = replace(INFO, zones={"fortes": NEAR, "kiwi": FAR})
DAY = date(2026, 9, 3)


def at_home(identity: str, when: When, **fields: Any) -> TrackedEvent:
    return entry(identity, when=when, title=identity, **fields)


def abroad(identity: str, when: When, **fields: Any) -> TrackedEvent:
    return structs.replace(at_home(identity, when, **fields), source="kiwi")


def shown(*entries: TrackedEvent, now: datetime = NOW, **options: str) -> list[str]:
    """The titles, each with its first moment or day."""
    calendar = render(ABROAD, entries, FeedOptions.parse(options), now=now).calendar
    return [f"{event['summary']} {event['dtstart'].dt:%d %H:%M}" for event in events_in(calendar)]


def on(day: date) -> AllDay:
    return AllDay(day, day + timedelta(days=1))


def test_today_begins_where_the_school_is() -> None:
    entries = [at_home("here", on(DAY)), abroad("there", on(DAY))]
    noon_before = datetime(2026, 9, 2, 11, 59, tzinfo=UTC)  # a minute to midnight in Auckland
    assert shown(*entries, now=noon_before, future="0d") == []
    assert shown(*entries, now=noon_before + timedelta(minutes=1), future="0d") == ["there 03 00:00"]
    found = render(ABROAD, entries, FeedOptions.parse({"future": "0d"}), now=noon_before)
    assert found.valid_until == datetime(2026, 9, 2, 12, tzinfo=UTC)
    assert render(ABROAD, entries, FeedOptions.parse({"future": "0d"}), now=found.valid_until).valid_until == datetime(
        2026, 9, 2, 22, tzinfo=UTC
    )


def test_what_lasts_over_midnight_takes_the_days_where_it_is() -> None:
    evening = datetime(2026, 9, 3, 9, tzinfo=UTC)  # 11:00 in Amsterdam, 21:00 in Auckland
    entries = [at_home("here", between(evening, 300, NEAR)), abroad("there", between(evening, 300, FAR))]
    calendar = render(ABROAD, entries, FeedOptions(), now=NOW).calendar
    spans = {str(event["summary"]): (event["dtstart"].dt, event["dtend"].dt) for event in events_in(calendar)}
    assert spans["there"] == (DAY, date(2026, 9, 5))
    assert isinstance(spans["here"][0], datetime)


def test_a_lesson_abroad_is_in_the_holiday_of_its_own_day() -> None:
    early = between(datetime(2026, 9, 2, 20, 30, tzinfo=UTC), 50, FAR)  # 08:30 on the third in Auckland
    holiday = at_home("feestdag", on(DAY), kind=Kind.HOLIDAY)
    same_moment = between(early.start, 50, NEAR)  # 22:30 on the second in Amsterdam
    found = shown(abroad("les", early), at_home("avondles", same_moment), holiday, holiday_clears="mark")
    assert [title for title in found if "les" in title] == ["avondles 02 22:30", "Vakantie: les 03 08:30"]


def test_a_holiday_that_appears_makes_a_lesson_abroad_newer() -> None:
    early = abroad("les", between(datetime(2026, 9, 2, 20, 30, tzinfo=UTC), 50, FAR))
    later = structs.replace(at_home("feestdag", on(DAY), kind=Kind.HOLIDAY), modified=CHANGED + timedelta(hours=1))
    calendar = render(ABROAD, [early, later], FeedOptions.parse({"holiday_clears": "mark"}), now=NOW).calendar
    (lesson,) = (event for event in events_in(calendar) if "les" in str(event["summary"]))
    assert lesson["last-modified"].dt == later.modified


def test_whole_days_of_two_zones_stay_whole_in_a_busy_feed() -> None:
    entries = [
        at_home("here", on(DAY), kind=Kind.INTERRUPTION),
        abroad("there", on(DAY + timedelta(days=1)), kind=Kind.INTERRUPTION),
    ]
    calendar = render(ABROAD, entries, FeedOptions.parse({"privacy": "busy"}), now=NOW).calendar
    assert [(event["dtstart"].dt, event["dtend"].dt) for event in events_in(calendar)] == [
        (DAY, DAY + timedelta(days=2))
    ]


def test_an_account_abroad_stands_still_on_its_own_today() -> None:
    since = NOW - timedelta(days=2)
    info = replace(
        ABROAD,
        standstills=(
            Standstill("1 fortes", "Fortes", since, login=True, zone=NEAR),
            Standstill("1 kiwi", "Kiwi", since, login=True, zone=FAR),
        ),
    )
    made = render(info, [], FeedOptions(), now=NOW)  # noon in UTC: in Auckland the third has begun
    assert {str(event["summary"]): event["dtstart"].dt for event in events_in(made.calendar)} == {
        "Fortes staat stil": date(2026, 9, 2),
        "Kiwi staat stil": date(2026, 9, 3),
    }
    assert made.valid_until == datetime(2026, 9, 2, 22, tzinfo=UTC)


def test_a_team_s_member_is_absent_on_the_days_where_they_work() -> None:
    evening = between(datetime(2026, 9, 3, 9, tzinfo=UTC), 300, FAR)
    (line,) = team_entries([Member("kiri", "Kiri", [abroad("1", evening, kind=Kind.ABSENCE)])])
    assert line.event.when == AllDay(DAY, date(2026, 9, 5))
