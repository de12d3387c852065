"""Reminders (VALARM; RFC 5545, 3.6.6) by kind of event."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from bridge.calendar.duration import write_duration
from bridge.model.event import Kind
from bridge.settings.nearest import nearest
from bridge.settings.values import parse_duration

_ALARMS = uuid.UUID("5b7f5e6c-0f0e-5a53-9d3e-0a6d4b8f2c11")
_FORM = "takes none or reminders such as lesson:10m,exam:1d"


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder for every event of `kind`, `ahead` of its start."""

    kind: Kind
    ahead: timedelta

    def trigger(self, begins: timedelta = timedelta(0)) -> str:
        """TRIGGER (RFC 5545, 3.8.6.3): a duration from DTSTART, `begins` after which the event begins."""
        return write_duration(begins - self.ahead)

    def uid(self, event: str) -> str:
        """The UID of the alarm (RFC 9074, 4), made from the UID of the event and the time ahead."""
        return str(uuid.uuid5(_ALARMS, f"{event} {int(self.ahead.total_seconds())}"))


def parse_reminders(text: str) -> tuple[Reminder, ...]:
    """Parse the value of the option `alarms`. Each reminder is returned once, the earliest of a kind first.

    Raises:
        ValueError: the value is not valid. The message continues "The feed option alarms".
    """
    if text.strip() == "none":
        return ()
    return tuple(sorted({_reminder(part.strip()) for part in text.split(",")}, key=lambda one: (one.kind, -one.ahead)))


def _reminder(text: str) -> Reminder:
    kind, colon, ahead = (part.strip() for part in text.partition(":"))
    if not colon:
        raise ValueError(f"{_FORM}; not {text or 'nothing'}.")
    if kind not in set(Kind):
        raise ValueError(f"has no kind {kind}; {nearest(kind, Kind)}.")
    try:
        read = cast("timedelta", parse_duration(ahead))
    except ValueError as error:
        raise ValueError(f"cannot read {ahead or 'nothing'}: {error}.") from None
    return Reminder(Kind(kind), read)
