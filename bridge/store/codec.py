"""Events as text and back, without loss; the same event is always the same text."""

import json
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from typing import Any

from bridge.model.event import AllDay, Before, DayPart, Event, Kind, Progress, Status, Timed, When

_DEFAULTS = {f.name: f.default for f in fields(Event) if f.default is not MISSING}
_LISTS = {"groups", "teachers", "locations", "periods", "tasks", "position"}


def encode(event: Event) -> str:
    """`event` as JSON; fields that have their default are left out."""
    values: dict[str, Any] = {
        f.name: getattr(event, f.name)
        for f in fields(Event)
        if f.name != "when" and getattr(event, f.name) != _DEFAULTS.get(f.name, MISSING)
    }
    if event.before is not None:
        values["before"] = before_out(event.before)
    return json.dumps({**values, "when": _when_out(event.when)}, ensure_ascii=False, separators=(",", ":"))


def decode(text: str) -> Event:
    """The event that `encode` was given."""
    values = json.loads(text)
    for name in _LISTS & values.keys():
        values[name] = tuple(values[name])
    values["when"] = _when_in(values["when"])
    values["kind"] = Kind(values["kind"])
    values["status"] = Status(values.get("status", Status.CONFIRMED))
    for name, make in (("progress", Progress), ("day_part", DayPart), ("before", before_in)):
        if name in values:
            values[name] = make(values[name])
    return Event(**values)


def before_out(before: Before) -> dict[str, Any]:
    """`before` as values for JSON; what did not change is left out."""
    values: dict[str, Any] = {} if before.when is None else {"when": _when_out(before.when)}
    for name in ("locations", "teachers"):
        if getattr(before, name) is not None:
            values[name] = list(getattr(before, name))
    return values


def before_in(values: dict[str, Any]) -> Before:
    """What `before_out` was given."""
    return Before(
        _when_in(values["when"]) if "when" in values else None,
        *(tuple(values[name]) if name in values else None for name in ("locations", "teachers")),
    )


def _when_out(when: When) -> list[str]:
    if isinstance(when, AllDay):
        return [when.start.isoformat(), when.end.isoformat()]
    return [when.start.astimezone(UTC).isoformat(), when.end.astimezone(UTC).isoformat(), when.zone]


def _when_in(parts: list[str]) -> When:
    if len(parts) == len(("start", "end")):
        return AllDay(date.fromisoformat(parts[0]), date.fromisoformat(parts[1]))
    return Timed(datetime.fromisoformat(parts[0]), datetime.fromisoformat(parts[1]), parts[2])
