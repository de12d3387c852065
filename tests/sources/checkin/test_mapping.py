from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BadResponse
from bridge.model.event import AllDay, Event, Kind, Progress
from bridge.upstream.contract import Reading, Unread
from tests.sources.checkin.programme import USER, done, only, read

MORNING, EVENING = "2026-11-25T08:15:00.000000Z", "2026-11-25T18:00:00.000000Z"
DAY = timedelta(days=1)
MOMENTS = st.times(timezones=st.just(UTC))


def by_identity(reading: Reading) -> dict[str, Event]:
    return {event.identity: event for event in reading.events}


def test_a_check_in_that_cannot_be_read_is_that_of_the_day_or_week_of_its_last_change() -> None:
    odd = [done(number, MORNING) for number in (1, 2)] + [done(3, EVENING) | {"created_at": "toen"}]
    assert read(daily=odd).unread == (Unread("daily:2026-11-25"),)
    assert read(weekly=odd).unread == (Unread("weekly:2026-W48"),)
    odd[2]["updated_at"] = None
    assert read(daily=odd).unread == (Unread(),)


def test_a_daily_check_in_is_an_event_of_its_day_with_the_hours() -> None:
    checked_in = done(
        7,
        "2022-03-17T11:26:41.000000Z",
        mood_score=5,
        mood_description="Toppie",
        hours_worked=6,
        comment="Heb je een scooter?",
    )
    assert only(read(daily=[checked_in])) == Event(
        identity="daily:2022-03-17",
        kind=Kind.CHECKIN,
        when=AllDay(date(2022, 3, 17), date(2022, 3, 18)),
        title="Check-in",
        progress=Progress.DONE,
        hours=6.0,
        private_notes="Heb je een scooter?",
        mood="Toppie (5)",
    )


def test_a_weekly_check_in_is_an_event_of_the_day_when_it_was_done() -> None:
    event = only(read(weekly=[done(3, "2026-11-19T16:05:00.000000Z", whatever=[1, {"deep": None}])]))
    assert event == Event(
        identity="weekly:2026-W47",
        kind=Kind.CHECKIN,
        when=AllDay(date(2026, 11, 19), date(2026, 11, 20)),
        title="Check-in",
        progress=Progress.DONE,
        weekly=True,
    )


@pytest.mark.parametrize(
    ("created_at", "zone", "day"),
    [
        ("2026-07-01T21:59:59.000000Z", "Europe/Amsterdam", date(2026, 7, 1)),
        ("2026-07-01T22:00:00.000000Z", "Europe/Amsterdam", date(2026, 7, 2)),
        ("2026-12-01T22:30:00.000000Z", "Europe/Amsterdam", date(2026, 12, 1)),
        ("2026-12-01T23:00:00.000000Z", "Europe/Amsterdam", date(2026, 12, 2)),
        ("2026-12-01 23:30:00", "Europe/Amsterdam", date(2026, 12, 2)),
        ("2026-12-02T00:30:00+01:00", "Europe/Amsterdam", date(2026, 12, 2)),
        ("2026-12-02T03:00:00Z", "America/Curacao", date(2026, 12, 1)),
    ],
)
def test_the_day_is_the_local_one(created_at: str, zone: str, day: date) -> None:
    assert only(read(daily=[done(1, created_at)], zone=zone)).when == AllDay(day, day + DAY)


def test_what_is_due_today_is_today_and_what_is_due_this_week_is_monday_to_friday() -> None:
    found = by_identity(read(user=USER | {"canDoDaily": True, "canDoWeekly": True}))
    assert found == {
        "daily:2026-11-25": Event(
            identity="daily:2026-11-25",
            kind=Kind.CHECKIN,
            when=AllDay(date(2026, 11, 25), date(2026, 11, 26)),
            title="Check-in",
            progress=Progress.DUE,
        ),
        "weekly:2026-W48": Event(
            identity="weekly:2026-W48",
            kind=Kind.CHECKIN,
            when=AllDay(date(2026, 11, 23), date(2026, 11, 28)),
            title="Check-in",
            progress=Progress.DUE,
            weekly=True,
        ),
    }


def test_what_was_due_and_is_done_stays_the_same_event() -> None:
    due = read(user=USER | {"canDoDaily": True, "canDoWeekly": True})
    checked_in = read(daily=[done(1, MORNING)], weekly=[done(2, MORNING)], user=USER | {"canDoDaily": False})
    assert by_identity(due).keys() == by_identity(checked_in).keys()
    assert all(event.progress is Progress.DONE for event in checked_in.events)


def test_a_second_one_of_a_day_is_another_event_and_so_is_one_that_is_due_besides() -> None:
    both = [done(2, EVENING, hours_worked=2), done(1, MORNING, hours_worked=4)]
    found = by_identity(read(daily=both, user=USER | {"canDoDaily": True}))
    assert [(name, event.hours, event.progress) for name, event in found.items()] == [
        ("daily:2026-11-25", 4, Progress.DONE),
        ("daily:2026-11-25:2", 2, Progress.DONE),
        ("daily:2026-11-25:3", None, Progress.DUE),
    ]


def test_a_check_in_that_comes_twice_shows_once() -> None:
    assert only(read(daily=[done(1, MORNING), done(1, MORNING)]))


def test_a_week_at_the_turn_of_the_year_has_the_year_of_its_thursday() -> None:
    assert only(read(weekly=[done(1, "2027-01-02T10:00:00Z")])).identity == "weekly:2026-W53"
    due = only(read(today=date(2027, 1, 1), user=USER | {"canDoWeekly": True}))
    assert due.identity == "weekly:2026-W53"
    assert due.when == AllDay(date(2026, 12, 28), date(2027, 1, 2))


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_whatever_the_day_a_week_that_is_due_lies_in_it_and_keeps_its_name(day: date) -> None:
    due = only(read(today=day, user=USER | {"canDoWeekly": True}))
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    assert due.identity == only(read(weekly=[done(1, noon.isoformat())], zone="UTC")).identity
    start, end = due.when.start, due.when.end
    monday = day - day.weekday() * DAY
    assert (start, end) == ((monday, monday + 5 * DAY) if day.weekday() < 5 else (day, monday + 7 * DAY))


@given(st.lists(st.builds(datetime.combine, st.dates(date(1950, 1, 1), date(2150, 1, 1)), MOMENTS), max_size=8))
def test_every_check_in_is_one_event_whatever_the_order_of_the_list(moments: list[datetime]) -> None:
    items = [done(number, moment.isoformat()) for number, moment in enumerate(moments)]
    found = by_identity(read(daily=items))
    assert found == by_identity(read(daily=items[::-1]))
    assert len(found) == len(items)
    days = sorted(moment.astimezone(ZoneInfo("Europe/Amsterdam")).date() for moment in moments)
    assert sorted(event.when.start for event in found.values()) == days


@pytest.mark.parametrize(
    ("told", "hours"),
    [(6, 6.0), (7.5, 7.5), ("8", 8.0), (" 4,5 ", 4.5), (0, 0.0), (None, None), ("veel", None), (-1, None), (1e9, None)],
)
def test_hours_come_as_a_number_or_a_text(told: Any, hours: float | None) -> None:
    assert only(read(daily=[done(1, MORNING, hours_worked=told)])).hours == hours


@pytest.mark.parametrize(
    ("fields", "mood", "notes"),
    [
        ({}, "", ""),
        ({"mood_score": None, "mood_description": " ", "comment": ""}, "", ""),
        ({"mood_score": 5}, "5", ""),
        ({"mood_description": "Toppie"}, "Toppie", ""),
        ({"mood_score": 2, "mood_description": "Mwah"}, "Mwah (2)", ""),
        ({"comment": "Een\r\ntwee"}, "", "Een\ntwee"),
    ],
)
def test_mood_and_comment_are_private_and_nothing_else(fields: dict[str, Any], mood: str, notes: str) -> None:
    event = only(read(daily=[done(1, MORNING, **fields)]))
    assert (event.mood, event.private_notes) == (mood, notes)
    assert (event.notes, event.label, event.reason) == ("", "", "")


def test_what_is_due_tells_the_groups_and_projects_of_the_person() -> None:
    user = USER | {
        "can_do_daily": 1,
        "projects": [{"id": 1, "name": "Check-in"}, {"id": 3, "name": "Colloquium app"}, None, {"name": None}],
        "groups": [{"name": "Coachingsgroep Ronald"}, "Losse groep"],
    }
    due, checked_in = sorted(
        read(user=user, daily=[done(1, "2026-11-24T10:00:00Z")]).events, key=lambda e: e.progress == "done"
    )
    assert due.groups == ("Coachingsgroep Ronald", "Losse groep")
    assert due.projects == ("Check-in", "Colloquium app")
    assert (checked_in.groups, checked_in.projects) == ((), ())


@pytest.mark.parametrize("said", [None, False, "false", 0, "", "ja"])
def test_what_may_not_be_done_is_not_due(said: Any) -> None:
    assert read(user=USER | {"canDoDaily": said, "canDoWeekly": said}).events == ()


@pytest.mark.parametrize(
    "user",
    [
        [USER | {"id": 1}, USER | {"canDoDaily": True}],
        {"data": [USER | {"canDoDaily": True}]},
        {"data": USER | {"id": "47", "canDoDaily": True}},
    ],
)
def test_the_person_may_be_one_of_several_or_lie_in_a_data_of_its_own(user: Any) -> None:
    assert only(read(user=user)).progress is Progress.DUE


def test_check_ins_may_lie_in_a_data_of_their_own() -> None:
    assert only(read(daily={"data": [done(1, MORNING)], "links": {"next": None}}))


@pytest.mark.parametrize(
    ("today", "when"),
    [
        (date(2026, 11, 27), AllDay(date(2026, 11, 23), date(2026, 11, 28))),
        (date(2026, 11, 28), AllDay(date(2026, 11, 28), date(2026, 11, 30))),
        (date(2026, 11, 29), AllDay(date(2026, 11, 29), date(2026, 11, 30))),
    ],
)
def test_a_weekly_check_in_that_is_due_on_a_weekend_stands_where_it_can_still_be_done(
    today: date, when: AllDay
) -> None:
    due = only(read(user=USER | {"canDoWeekly": True}, today=today))
    assert (due.identity, due.when) == ("weekly:2026-W48", when)


@pytest.mark.parametrize(
    "wrong",
    [
        {"user": []},
        {"user": {}},
        {"user": None},
        {"user": USER | {"id": 48}},
        {"user": USER | {"id": "../48"}},
        {"daily": {}},
        {"daily": None},
        {"weekly": "Toppie"},
        {"daily": [done(1, "gisteren")]},
        {"daily": [done(1, MORNING), {}, None, 4]},
        {"weekly": [done(1, "9999-12-31T23:59:59Z")]},
    ],
)
def test_an_answer_that_cannot_be_read_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadResponse) as raised:
        read(**wrong)
    assert "Toppie" not in raised.value.sentence


def test_a_check_in_without_a_day_is_left_out_and_counted() -> None:
    reading = read(daily=[done(1, MORNING), done(2, EVENING), {"id": 3, "created_at": None}])
    assert (len(reading.events), reading.skipped) == (2, 1)
