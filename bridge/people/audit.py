"""Record who did what to whom: commands, API and pages alike."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bridge.errors import ConfigError, UnknownName
from bridge.model.clock import Clock
from bridge.people.values import Moment
from bridge.settings.values import parse_duration
from bridge.store.audit import Deed, Via
from bridge.store.storage import Store


@dataclass(frozen=True, slots=True)
class DeedValue:
    """Something that somebody did, as an object.

    `by` is the number of the user who did it on a page of their own, null for an operator. `user` and `number` are whom
    it concerned; of a removed user only the number is known.
    """

    id: int
    at: Moment
    via: str
    by: int | None
    action: str
    user: str | None
    number: int | None
    thing: str | None


def deed_value(deed: Deed) -> DeedValue:
    """A deed as an object."""
    return DeedValue(
        id=deed.id,
        at=deed.at.isoformat(),
        via=deed.via,
        by=deed.actor,
        action=deed.action,
        user=deed.user,
        number=deed.number,
        thing=deed.thing,
    )


@asynccontextmanager
async def recorded(
    store: Store,
    clock: Clock,
    via: Via,
    action: str,
    *,
    user: str | None = None,
    thing: str | None = None,
    actor: int | None = None,
) -> AsyncIterator[None]:
    """Record what is done within, unless it raises.

    Args:
        store: where it is recorded.
        clock: gives the time.
        via: where it is done.
        action: what is done, as the command of that name is called.
        user: whom it concerns, also one who is added or removed within.
        thing: the source or feed that it concerns.
        actor: the number of the user who does it, on a page of their own.
    """
    number = await _number(store, user)
    yield
    number = number or await _number(store, user)
    kept = None if number is not None and await _number(store, user) is None else thing
    await store.audit.add(clock(), via, action, actor=actor, number=number, thing=kept)


async def _number(store: Store, user: str | None) -> int | None:
    try:
        return None if user is None else (await store.users.get(user)).id
    except UnknownName:
        return None


def parse_since(text: str, now: datetime) -> datetime:
    """A moment, written as a duration before now ("7d"), a date, or a date and time (of UTC, unless it has a zone).

    Raises:
        ConfigError: it is none of these.
    """
    try:
        span = parse_duration(text)
        return now - span if isinstance(span, timedelta) else now
    except ValueError:
        pass
    try:
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError('A moment is such as "7d" (ago), 2026-11-22 or 2026-11-22T08:00:00Z.') from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
