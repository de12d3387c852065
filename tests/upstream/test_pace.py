"""Which days are read each time, and which seldom."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model.event import Part
from bridge.model.window import Window
from bridge.settings.schema import PacedSettings
from bridge.upstream.contract import Account
from bridge.upstream.pace import Pace

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
PARTS = (Part.SCHEDULE, Part.HOMEWORK)


def pace(now: datetime = NOW, **settings: str) -> Pace:
    return Pace.at(now, PacedSettings.model_validate({"type": "x", **settings}))


def test_last_week_this_one_and_the_next_two_are_near() -> None:
    assert pace().near == Window(date(2026, 11, 16), date(2026, 12, 14))


def test_weeks_begin_with_the_local_monday() -> None:
    sunday_evening = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
    assert pace(sunday_evening).near.start == date(2026, 11, 23)
    assert pace(sunday_evening, timezone="UTC").near.start == date(2026, 11, 16)


@given(st.integers(0, 40_000))
def test_today_is_always_near_with_a_week_before_it_and_two_after_it(hours: int) -> None:
    now = NOW + timedelta(hours=hours)
    near = pace(now, timezone="UTC").near
    assert near.start <= now.date() - timedelta(weeks=1)
    assert near.end > now.date() + timedelta(weeks=2)


@pytest.mark.parametrize(("ago", "due"), [(5, False), (6, True), (7, True)])
def test_an_answer_is_due_again_after_the_far_interval(ago: int, *, due: bool) -> None:
    came = NOW - timedelta(hours=ago)
    account = Account(read_at={part: {"far": came} for part in PARTS})
    assert pace().is_due("far", account, PARTS) is due
    assert pace(far_interval="10h").is_due("far", account, PARTS) is False


@pytest.mark.parametrize(("hour", "due"), [(5, True), (6, False), (8, False), (9, True)])
def test_on_weekday_mornings_far_days_wait_while_near_ones_are_read(hour: int, *, due: bool) -> None:
    morning = datetime(2026, 11, 25, hour, 30, tzinfo=ZoneInfo("Europe/Amsterdam")).astimezone(UTC)
    account = Account(read_at={Part.SCHEDULE: {"far": morning - timedelta(hours=7)}})
    assert pace(morning).is_due("far", account, (Part.SCHEDULE,)) is due
    assert pace(morning).near.start < morning.date() < pace(morning).near.end
    assert pace(morning + timedelta(days=3)).is_due("far", account, (Part.SCHEDULE,)), "a Saturday"


def test_far_days_wait_no_longer_than_twice_their_interval_and_new_ones_not_at_all() -> None:
    morning = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)
    account = Account(read_at={Part.SCHEDULE: {"far": morning - timedelta(hours=12)}})
    assert pace(morning).is_due("far", account, (Part.SCHEDULE,))
    assert pace(morning).is_due("other", account, (Part.SCHEDULE,))


def test_an_answer_that_one_part_has_never_been_read_from_is_due() -> None:
    account = Account(read_at={Part.SCHEDULE: {"far": NOW}})
    assert pace().is_due("far", account, PARTS)
    assert not pace().is_due("far", account, (Part.SCHEDULE,))
    assert pace().is_due("other", account, (Part.SCHEDULE,))


def test_an_answer_about_far_days_is_due_once_other_days_are_near() -> None:
    sunday, monday = datetime(2026, 11, 22, 22, 59, tzinfo=UTC), datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
    account = Account(read_at={Part.SCHEDULE: {"far": sunday}})
    assert not pace(sunday).is_due_this_week("far", account, (Part.SCHEDULE,))
    assert pace(monday).is_due_this_week("far", account, (Part.SCHEDULE,))
    read = Account(read_at={Part.SCHEDULE: {"far": monday}})
    assert not pace(monday).is_due_this_week("far", read, (Part.SCHEDULE,))
