"""When homework is due: at a moment, on a day, or in weeks."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from bridge.model.event import AllDay, Timed, When
from bridge.sources.somtoday.assignments import OF_WEEK, TIED, Assignment, TaughtGroup
from bridge.sources.somtoday.mapping.items import day, moment

ONE_DAY, WORKING_WEEK = timedelta(days=1), timedelta(days=5)
_USUAL_LESSON = timedelta(minutes=50)
_LONGEST_MOMENT = 64
_FIRST_WEEK = 31  # the week of 1 August, on which the school year begins


def due(item: Assignment, since: date, zone: ZoneInfo) -> When:
    """Its moment, its day, or its weeks from Monday to Friday.

    Of weeks without a year, those are meant that end after `since`. Raises ValueError if it has none of them.
    """
    if item.listed == OF_WEEK:
        return _weeks(item, group_of(item), since)
    return _dated(item.listed, item.moment[:_LONGEST_MOMENT], zone)


@lru_cache(maxsize=4096)  # homework is for lessons, as those of a class
def _dated(listed: str, text: str, zone: ZoneInfo) -> When:
    """The moment of a lesson, or a day. Raises ValueError if it is neither."""
    if listed == TIED:
        start = moment(datetime.fromisoformat(text.strip()), zone)
        if start.astimezone(zone).time() != time():
            return Timed(start, start + _USUAL_LESSON, zone.key)
    on = _day_of(text, zone)
    return AllDay(on, on + ONE_DAY)


def _day_of(text: str, zone: ZoneInfo) -> date:
    """The day that begins at this moment in `zone`, however its offset is written; else that of its first letters."""
    try:
        local = moment(datetime.fromisoformat(text.strip()), zone).astimezone(zone)
    except (ValueError, OverflowError):
        return day(text)
    return local.date() if local.time() == time() else day(text)


def _weeks(item: Assignment, group: TaughtGroup, since: date) -> AllDay:
    first, last = item.first_week, item.last_week
    if first is None:
        raise ValueError("it is not said which week")
    last = first if last is None else last
    if not group.schooljaar or not group.schooljaar.start:
        return _next_weeks(first, last, since)
    year = day(group.schooljaar.start).year
    mondays = [date.fromisocalendar(year + (week < _FIRST_WEEK), week, 1) for week in (first, last)]
    return AllDay(mondays[0], mondays[1] + WORKING_WEEK)


def _next_weeks(first: int, last: int, since: date) -> AllDay:
    """From the Monday of one week to the Friday of another, of those in any year the first that end after `since`."""
    years = range(since.year - 1, since.year + 3)
    ends = (monday + WORKING_WEEK for monday in _mondays(last, years) if monday + WORKING_WEEK > since)
    end = next(ends, None)
    begun = [monday for monday in _mondays(first, years) if end is not None and monday < end]
    if end is None or not begun:
        raise ValueError("no year has that week")
    return AllDay(begun[-1], end)


def _mondays(week: int, years: Iterable[int]) -> Iterator[date]:
    """The Monday of a week in each of the years that have it."""
    for year in years:
        try:
            yield date.fromisocalendar(year, week, 1)
        except ValueError:
            continue


def monday_of_item(item: Any, zone: ZoneInfo) -> date | None:
    """The Monday of the week of an item, also of one that cannot be read; nothing if it is of weeks or says no day."""
    listed: str
    text: object
    if isinstance(item, Assignment):
        listed, text = item.listed, item.moment
    elif isinstance(item, dict):
        listed, text = item["list"], item.get("datumTijd")
    else:
        return None
    if listed == OF_WEEK or not isinstance(text, str):
        return None
    try:
        return monday_of(days_of(_dated(listed, text[:_LONGEST_MOMENT], zone), zone)[0])
    except (ValueError, OverflowError):
        return None


def monday_of(day: date) -> date:
    """The Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


def days_of(when: When, zone: ZoneInfo) -> tuple[date, date]:
    """The first day in `zone`, and the day after the last."""
    if isinstance(when, AllDay):
        return when.start, when.end
    local = when.start.astimezone(zone).date()
    return local, local + ONE_DAY


def group_of(item: Assignment) -> TaughtGroup:
    """The group that the homework is for, empty if it does not say."""
    return item.lesgroep or (item.additional_objects and item.additional_objects.lesgroep) or TaughtGroup()
