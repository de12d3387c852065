"""From Check-in's answers to our events: pure, whole answers in, readings out."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bridge.errors import BadResponse
from bridge.model.event import AllDay, Event, Kind, Progress
from bridge.sources.checkin.models import CheckIn, User, unwrapped, validated
from bridge.upstream.contract import Reading, join_readings, read_items
from bridge.upstream.http import Body, parse_json

_DAY = timedelta(days=1)
_WORKING_DAYS = 5


@dataclass(frozen=True, slots=True)
class _Words:
    daily: str
    weekly: str
    mood: str
    projects: str


_WORDS: Mapping[str, _Words] = {
    "nl": _Words("Check-in", "Wekelijkse check-in", "Stemming", "Projecten"),
    "en": _Words("Check-in", "Weekly check-in", "Mood", "Projects"),
    "fr": _Words("Check-in", "Check-in hebdomadaire", "Humeur", "Projets"),
}


@dataclass(frozen=True, slots=True)
class Answered:
    """What Check-in said of one person; `None` where the person may not see it.

    `today` is the local day on which it said so: what is due is due then. `user` is that user, or a list with that
    user; `daily` and `weekly` are lists of check-ins.
    """

    today: date
    user: Body | None
    daily: Body | None
    weekly: Body | None


def read_check_ins(answered: Answered, *, person: str, language: str, zone: ZoneInfo, origin: str) -> Reading:
    """What was done, on the days when it was, and what is still due.

    The n-th check-in of a day, or of a week, is one event, from when it is due until after it is done.

    Args:
        answered: the answers.
        person: the user's id.
        language: of titles, and of the words in notes.
        zone: where days begin.
        origin: what to call the upstream in a sentence.

    Raises:
        BadResponse: an answer is not what it should be, or most of a list cannot be read.
    """
    words = _WORDS.get(language.partition("-")[0].lower(), _WORDS["en"])
    today = answered.today
    user = _user(answered.user, person, origin)
    monday = today - timedelta(days=today.weekday())
    daily = _read(answered.daily, words.daily, words, zone, origin)
    weekly = _read(answered.weekly, words.weekly, words, zone, origin)
    if user and user.daily_due:
        daily = _with_due(daily, user, words.daily, AllDay(today, today + _DAY), words)
    if user and user.weekly_due:
        weekly = _with_due(weekly, user, words.weekly, AllDay(monday, monday + _WORKING_DAYS * _DAY), words)
    return join_readings((_numbered(daily, _day), _numbered(weekly, _week)))


def _read(body: Body | None, title: str, words: _Words, zone: ZoneInfo, origin: str) -> Reading:
    """The check-ins of one sort, each once, the oldest first; an identity is not for keeps as yet."""

    def done(item: CheckIn) -> Iterator[Event]:
        day = item.created_at.astimezone(zone).date()
        yield Event(
            identity=f"{item.created_at.isoformat()} {item.id:>20}",
            kind=Kind.CHECKIN,
            when=AllDay(day, day + _DAY),
            title=title,
            progress=Progress.DONE,
            hours=item.hours_worked,
            private_notes=_feelings(item, words),
        )

    items = () if body is None else items_of(body, origin)
    reading = read_items(items, CheckIn, done, origin=origin)
    unique = {event.identity: event for event in reading.events}
    return replace(reading, events=tuple(unique[name] for name in sorted(unique)))


def _feelings(item: CheckIn, words: _Words) -> str:
    """Mood and comment, as lines for whoever asks for them."""
    score = f"({item.mood_score})" if item.mood_description and item.mood_score else item.mood_score
    mood = f"{item.mood_description} {score}".strip()
    return "\n".join(filter(None, (mood and f"{words.mood}: {mood}", item.comment)))


def _with_due(done: Reading, user: User, title: str, when: AllDay, words: _Words) -> Reading:
    """What was done and, after it, what is due; where the person is now is told of that alone."""
    due = Event(
        identity="",
        kind=Kind.CHECKIN,
        when=when,
        title=title,
        groups=user.groups,
        notes=f"{words.projects}: {', '.join(user.projects)}" if user.projects else "",
        progress=Progress.DUE,
    )
    return replace(done, events=(*done.events, due))


def _numbered(reading: Reading, period: Callable[[date], str]) -> Reading:
    """Every event named after its period and its number in there."""
    counted: Counter[str] = Counter()
    events = []
    for event in reading.events:
        name = period(event.when.start)
        counted[name] += 1
        events.append(replace(event, identity=name if counted[name] == 1 else f"{name}:{counted[name]}"))
    return replace(reading, events=tuple(events))


def _day(day: date) -> str:
    return f"daily:{day.isoformat()}"


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"weekly:{year}-W{week:02}"


def _user(body: Body | None, person: str, origin: str) -> User | None:
    """The user `person`, alone or among others; `None` where nothing was said of users."""
    if body is None:
        return None
    answer = unwrapped(parse_json(body, origin))
    items = answer if isinstance(answer, list) else [answer]
    users = {user.id: user for user in (validated(User, item, origin) for item in items)}
    if person not in users:
        raise BadResponse(f"{origin} no longer knows this person.")
    return users[person]


def items_of(body: Body, origin: str) -> list[Any]:
    """The items of a list answer, not read yet.

    Raises:
        BadResponse: it is no list, or says that it is only a part of one.
    """
    answer = parse_json(body, origin)
    items = unwrapped(answer)
    if not isinstance(items, list):
        raise BadResponse(f"{origin} sent something else than a list of check-ins.")
    if isinstance(answer, dict) and (answer.get("next_page_url") or _next_link(answer.get("links"))):
        raise BadResponse(f"{origin} sent only a part of a list of check-ins.")
    return items


def _next_link(links: Any) -> Any:
    return links.get("next") if isinstance(links, dict) else None
