"""Events as columns and text, and back, without loss. Equal events give equal texts.

The fields of an event are not named here: they are written and read by their types.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import lru_cache
from inspect import Parameter, signature
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import orjson
from msgspec import Struct

from bridge.model.event import AllDay, Before, Event, Timed, When

# Nearly every event has these. All other fields are written under their own names.
_SHORT = {
    "title": "t",
    "subject": "s",
    "code": "c",
    "groups": "g",
    "teachers": "p",
    "locations": "l",
    "periods": "h",
    "tasks": "k",
}
_DAY = 86_400
_FIRST_DAY = date(1970, 1, 1).toordinal()
_T = TypeVar("_T")
_Convert = Callable[[Any], Any] | None


class Codec(Generic[_T]):
    """Writes the fields of a `Struct` or a dataclass as JSON, without those that have their default.

    A field is text, a number, an enumeration, a `When`, another such value, a tuple of these, or one of these or
    `None`. The fields in `elsewhere` are not written, but are read where they are.
    """

    def __init__(self, made: Callable[..., _T], elsewhere: Collection[str] = ()) -> None:
        hints = get_type_hints(made)
        every = [(field, *_conversions(hints[field.name])) for field in signature(made).parameters.values()]
        written = [(field, write) for field, write, _ in every if field.name not in elsewhere]
        self._made = made
        self._values = attrgetter(*(field.name for field, _ in written))
        self._write = [(_key(field), _default(field), write) for field, write in written]
        self._read = {_key(field): (field.name, read) for field, _, read in every}

    def values(self, value: _T) -> dict[str, Any]:
        """The fields of `value` as JSON values."""
        return {
            key: field if write is None else write(field)
            for field, (key, default, write) in zip(self._values(value), self._write, strict=True)
            if field != default
        }

    def made(self, values: Mapping[str, Any], **elsewhere: Any) -> _T:
        """Rebuild what `values` was called with, without fields of a later version."""
        for key, field in values.items():
            if known := self._read.get(key):
                name, read = known
                elsewhere[name] = field if read is None else read(field)
        return self._made(**elsewhere)


def _when_out(when: When) -> list[str]:
    if isinstance(when, AllDay):
        return [when.start.isoformat(), when.end.isoformat()]
    return [when.start.astimezone(UTC).isoformat(), when.end.astimezone(UTC).isoformat(), when.zone]


def _when_in(parts: list[str]) -> When:
    if len(parts) == len(("start", "end")):
        return AllDay(date.fromisoformat(parts[0]), date.fromisoformat(parts[1]))
    return Timed(datetime.fromisoformat(parts[0]), datetime.fromisoformat(parts[1]), parts[2])


def _key(field: Parameter) -> str:
    return _SHORT.get(field.name, field.name)


def _default(field: Parameter) -> object:
    return object() if field.default is Parameter.empty else field.default  # an object that no value equals


def _conversions(hint: Any) -> tuple[_Convert, _Convert]:
    """The functions that write and read a field of this type; `None` if the value is JSON already."""
    several = get_origin(hint) in {Union, UnionType}
    kind = next(one for one in get_args(hint) if one is not NoneType) if several else hint
    if kind in {Timed, AllDay}:
        return _when_out, _when_in
    if get_origin(kind) is tuple:
        write, read = _conversions(get_args(kind)[0])
        return _each(list, write), _each(tuple, read) or tuple
    if isinstance(kind, type) and (issubclass(kind, Struct) or is_dataclass(kind)):
        nested = Codec(kind)
        return nested.values, nested.made
    if issubclass(kind, Enum):
        return attrgetter("value"), kind
    return None, None


def _each(made: Callable[[Iterable[Any]], Any], convert: _Convert) -> _Convert:
    """How several are converted, if one has to be."""
    return None if convert is None else lambda values: made(map(convert, values))


_EVENT = Codec(Event, {"identity", "kind", "when"})
_WHOLE = Codec(Event)
_BEFORE = Codec(Before)


def encode(event: Event) -> str:
    """`event` as JSON, without identity and kind, and without its time if `columns_of` has all of it."""
    values, when = _EVENT.values(event), event.when
    if isinstance(when, Timed) and (when.start.microsecond or when.end.microsecond):
        values["when"] = _when_out(when)
    return _text(values)


def decode(text: str, **elsewhere: Any) -> Event:
    """Decode what `encode` returned, given the identity, the kind and the time from the columns."""
    return _EVENT.made(orjson.loads(text), **elsewhere)


def encode_whole(event: Event) -> str:
    """`event` as JSON, with all that it has."""
    return _text(_WHOLE.values(event))


def decode_whole(text: str) -> Event:
    """Decode what `encode_whole` returned."""
    return _WHOLE.made(orjson.loads(text))


def encode_before(before: Before) -> str:
    """`before` as JSON."""
    return _text(_BEFORE.values(before))


def decode_before(text: str) -> Before:
    """Decode what `encode_before` returned."""
    return _BEFORE.made(orjson.loads(text))


def columns_of(when: When) -> tuple[int, int, str | None]:
    """Begin and end of an event in seconds since 1970, and its zone; whole days are in UTC without a zone."""
    if isinstance(when, AllDay):
        return _midnight(when.start), _midnight(when.end), None
    return int(when.start.timestamp()), int(when.end.timestamp()), when.zone


@lru_cache(maxsize=2048)  # lessons begin and end at the same few times
def when_of(start: int, end: int, zone: str | None) -> When | None:
    """The time of an event with these columns; `None` if it is shorter than a second."""
    if zone is None:
        return AllDay(_day(start), _day(end))
    if start == end:
        return None
    return Timed(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC), zone)


@lru_cache(maxsize=512)  # most events of an account were made, and last changed, in a few moments
def moment_of(seconds: int) -> datetime:
    """The moment so many seconds after 1970, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


@lru_cache(maxsize=512)  # as above
def seconds_of(moment: datetime) -> int:
    """The seconds since 1970."""
    return int(moment.timestamp())


def _midnight(day: date) -> int:
    return (day.toordinal() - _FIRST_DAY) * _DAY


def _day(midnight: int) -> date:
    return date.fromordinal(midnight // _DAY + _FIRST_DAY)


def _text(values: Mapping[str, Any]) -> str:
    try:
        return orjson.dumps(values).decode()
    except TypeError:  # a number of more than 64 bits, which a school may send
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
