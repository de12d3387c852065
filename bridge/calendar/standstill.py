"""What a feed says when one of its accounts stands still (option `alerts`). Pure."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

from bridge.calendar.shown import Shown
from bridge.calendar.words import Words
from bridge.model.event import AllDay, Event, Kind
from bridge.model.standstill import PATIENCE
from bridge.model.window import day_start

_DAY = timedelta(days=1)
_NAMESPACE = uuid.UUID("0f0e4c8e-1d5e-5a3b-9a43-6f8e4b1d2c11")


@dataclass(frozen=True, slots=True)
class Standstill:
    """An account that needs a login, or fails.

    Attributes:
        account: what tells it from all others, for the UID.
        place: what people call the school.
        since: its last good refresh, or when it was added (UTC).
        login: whether a new login would help.
        zone: the zone in which its days begin.
    """

    account: str
    place: str
    since: datetime
    login: bool
    zone: str


def alerts(standstills: Iterable[Standstill], words: Words, now: datetime) -> tuple[list[Shown], datetime | None]:
    """A free event on today for each account that has stood still for a day, and when that changes next."""
    found, changes = [], []
    for one in standstills:
        if now - one.since < PATIENCE:
            changes.append(one.since + PATIENCE)
            continue
        zone = ZoneInfo(one.zone)
        today = now.astimezone(zone).date()
        begun = day_start(today, zone)
        changes.append(day_start(today + _DAY, zone))
        since = one.since.astimezone(zone)
        told = f"{format_date(since.date(), 'd MMMM', locale=words.locale)} {since:%H:%M}"
        what = words.log_in_again if one.login else words.ask_who_keeps_it
        notes = f"{words.nothing_new_since.format(told)}\n{what}"
        event = Event("", Kind.NOTICE, AllDay(today, today + _DAY), words.stands_still.format(one.place), notes=notes)
        uid = str(uuid.uuid5(_NAMESPACE, f"{one.account} {today}"))
        found.append(Shown(uid, event, event.title, False, None, begun, begun, 0))
    return found, min(changes, default=None)
