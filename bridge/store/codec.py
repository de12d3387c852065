"""Events as text and back, without loss; the same event is always the same text."""

import json
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from typing import Any

from bridge.model import AllDay, Event, Kind, Status, Timed, When

_DEFAULTS = {f.name: f.default for f in fields(Event) if f.default is not MISSING}
_LISTS = {"groups", "teachers", "locations", "periods"}


def encode(event: Event) -> str:
    """`event` as JSON; fields that have their default are left out."""
    values: dict[str, Any] = {
        f.name: getattr(event, f.name)
        for f in fields(Event)
        if f.name != "when" and getattr(event, f.name) != _DEFAULTS.get(f.name, MISSING)
    }
    return json.dumps({**values, "when": _when_out(event.when)}, ensure_ascii=False, separators=(",", ":"))


def decode(text: str) -> Event:
    """The event that `encode` was given."""
    values = json.loads(text)
    for name in _LISTS & values.keys():
        values[name] = tuple(values[name])
    values["when"] = _when_in(values["when"])
    values["kind"] = Kind(values["kind"])
    values["status"] = Status(values.get("status", Status.CONFIRMED))
    return Event(**values)


def _when_out(when: When) -> list[str]:
    if isinstance(when, AllDay):
        return [when.start.isoformat(), when.end.isoformat()]
    return [when.start.astimezone(UTC).isoformat(), when.end.astimezone(UTC).isoformat(), when.zone]


def _when_in(parts: list[str]) -> When:
    if len(parts) == len(("start", "end")):
        return AllDay(date.fromisoformat(parts[0]), date.fromisoformat(parts[1]))
    return Timed(datetime.fromisoformat(parts[0]), datetime.fromisoformat(parts[1]), parts[2])
