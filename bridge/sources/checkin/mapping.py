"""From Check-in's answers to events. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import structs

from bridge.errors import BadResponse
from bridge.model.event import AllDay, Event, Kind, Progress
from bridge.sources.checkin.models import Changed, CheckIn, User, unwrapped, validated
from bridge.upstream.contract import Reading, Unread, join_readings, read_items
from bridge.upstream.markup import without_markup
from bridge.upstream.reply import Body, parse_json

_DAY = timedelta(days=1)
_WORKING_DAYS = 5
_Period = Callable[[date], str]
TITLE = "Check-in"
"""What a check-in is called in every language; the calendar has a word for that of a week."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The answers about a person; `None` for what the person may not see.

    `today` is the local day of the answers, on which due check-ins are due. `user` is the user, or a list with that
    user; `user_is_last` is whether it is an earlier answer. `daily` and `weekly` are the pages of lists of check-ins.
    """

    today: date
    user: Body | None
    daily: Sequence[Body] | None
    weekly: Sequence[Body] | None
    user_is_last: bool = False


def read_check_ins(answered: Answered, *, person: str, zone: ZoneInfo, origin: str) -> Reading:
    """The check-ins that were done, on the days when they were done, and those that are due.

    The n-th check-in of a day, or of a week, is the same event before and after it is done. By an earlier answer about
    the user nothing is due that was done since.

    Args:
        answered: the answers.
        person: the id of the user.
        zone: the zone in which days begin.
        origin: the name of the upstream for people.

    Raises:
        BadResponse: an answer has another form, or most of a list cannot be read.
    """
    today = answered.today
    user = None if answered.user is None else read_user(answered.user, person, origin)
    daily = _read(answered.daily, daily_identity, zone, origin)
    weekly = _read(answered.weekly, _week, zone, origin, weekly=True)
    if user and user.daily_due and not (answered.user_is_last and _is_done(daily, today, daily_identity)):
        daily = _with_due(daily, user, AllDay(today, today + _DAY))
    if user and user.weekly_due and not (answered.user_is_last and _is_done(weekly, today, _week)):
        weekly = _with_due(weekly, user, _week_of(today), weekly=True)
    return join_readings((_numbered(daily, daily_identity), _numbered(weekly, _week)))


def _is_done(done: Reading, today: date, period: _Period) -> bool:
    """Whether there is a check-in of today's day or week."""
    return any(period(event.when.start) == period(today) for event in done.events)


def _week_of(today: date) -> AllDay:
    """Monday to Friday; in the weekend what is left of it, for that is when it can still be done."""
    monday = today - timedelta(days=today.weekday())
    friday = AllDay(monday, monday + _WORKING_DAYS * _DAY)
    return friday if today < friday.end else AllDay(today, monday + 7 * _DAY)


def _read(
    pages: Sequence[Body] | None, period: _Period, zone: ZoneInfo, origin: str, *, weekly: bool = False
) -> Reading:
    """The check-ins of a kind, each once, the oldest first. Their identities are not final.

    One that cannot be read is named after the day or week in which it was last changed.
    """

    def done(item: CheckIn) -> Iterator[Event]:
        day = item.created_at.astimezone(zone).date()
        event = Event(
            identity=f"{item.created_at.isoformat()} {item.id:>20}",
            kind=Kind.CHECKIN,
            when=AllDay(day, day + _DAY),
            title=TITLE,
            progress=Progress.DONE,
            hours=item.hours_worked,
            private_notes=item.comment,
            weekly=weekly,
            mood=_mood(item),
        )
        yield without_markup(event)

    def identify(item: Any) -> Unread:
        return Unread(period(Changed.model_validate(item).updated_at.astimezone(zone).date()))

    items = (item for page in pages or () for item in items_of(page, origin))
    reading = read_items(items, CheckIn, done, origin=origin, identify=identify)
    unique = {event.identity: event for event in reading.events}
    return replace(reading, events=tuple(unique[name] for name in sorted(unique)))


def _mood(item: CheckIn) -> str:
    score = f"({item.mood_score})" if item.mood_description and item.mood_score else item.mood_score
    return f"{item.mood_description} {score}".strip()


def _with_due(done: Reading, user: User, when: AllDay, *, weekly: bool = False) -> Reading:
    """Add the due check-ins. Only they name the person's groups and projects, which are the current ones."""
    due = Event(
        identity="",
        kind=Kind.CHECKIN,
        when=when,
        title=TITLE,
        groups=user.groups,
        progress=Progress.DUE,
        weekly=weekly,
        projects=user.projects,
    )
    return replace(done, events=(*done.events, due))


def _numbered(reading: Reading, period: _Period) -> Reading:
    """Give each event an identity made of its period and its number in that period."""
    counted: Counter[str] = Counter()
    events = []
    for event in reading.events:
        name = period(event.when.start)
        counted[name] += 1
        events.append(structs.replace(event, identity=name if counted[name] == 1 else f"{name}:{counted[name]}"))
    return replace(reading, events=tuple(events))


def daily_identity(day: date) -> str:
    """The identity of the first daily check-in of a day."""
    return f"daily:{day.isoformat()}"


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"weekly:{year}-W{week:02}"


def read_user(body: Body, person: str, origin: str) -> User:
    """The user `person`, alone or in a list. Raises BadResponse if there is no such user."""
    answer = unwrapped(parse_json(body, origin))
    items = answer if isinstance(answer, list) else [answer]
    users = {user.id: user for user in (validated(User, item, origin) for item in items)}
    if person not in users:
        raise BadResponse(f"{origin} no longer knows this person.")
    return users[person]


def items_of(body: Body, origin: str) -> list[Any]:
    """The items of a page of a list, not validated yet.

    Raises:
        BadResponse: it is not a list.
    """
    items = unwrapped(parse_json(body, origin))
    if not isinstance(items, list):
        raise BadResponse(f"{origin} did not send a list of check-ins.")
    return items
