"""Events that Hypothesis makes up: every field in use, and texts that would break a careless program."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import reduce
from operator import or_
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from msgspec import Struct

from bridge.model.event import AllDay, Event, Timed, When
from bridge.model.text import Address, Line, Lines, Name, Text

SPITE = st.sampled_from(
    ["\r\n", "\n ", "\\n", "\\N", "\\\\", "\\,", ";", ",", ":", '"', "\x00", "\x85", "\u2028", "\ufeff"]
)
hostile = st.lists(st.text(st.characters(codec=None), max_size=8) | SPITE, max_size=12).map("".join)
zones = st.sampled_from(["Europe/Amsterdam", "America/Curacao", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"])
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - UTC is added
    lambda moment: moment.replace(microsecond=0)
)
timed = st.builds(
    lambda start, minutes, zone: Timed(start, start + timedelta(minutes=minutes), zone),
    moments,
    st.integers(1, 3000),
    zones,
)
days = st.builds(
    lambda start, length: AllDay(start, start + timedelta(days=length)),
    st.dates(date(2024, 1, 1), date(2030, 1, 1)),
    st.integers(1, 60),
)
positions = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def events(texts: st.SearchStrategy[str], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Event]:
    """Events with these texts; `fields` has what else a field may be than its type says."""
    known: dict[Any, st.SearchStrategy[Any]] = {
        Line: texts,
        Name: texts,
        Address: texts,
        Text: texts,
        Lines: st.lists(texts, max_size=3).map(tuple),
        When: fields.get("when", timed | days),
        AllDay: days,
        bool: st.booleans(),
        float: st.floats(0, 400),
        tuple[int, int]: st.tuples(st.integers(0, 15), st.integers(0, 15)),
        tuple[float, float]: positions,
    }
    types = get_type_hints(Event, include_extras=True)
    return st.builds(Event, **{name: _of_type(hint, known) for name, hint in types.items()} | fields)


def _of_type(hint: Any, known: Mapping[Any, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """What a field of this type may be."""
    if hint in known:
        return known[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    if isinstance(hint, type) and (issubclass(hint, Struct) or is_dataclass(hint)):
        types = get_type_hints(hint, include_extras=True)
        return st.builds(hint, **{name: _of_type(one, known) for name, one in types.items()})
    if get_origin(hint) is tuple:
        return st.lists(_of_type(get_args(hint)[0], known), max_size=2).map(tuple)
    rest = [one for one in get_args(hint) if one is not NoneType]  # of a union with None
    return st.none() | _of_type(reduce(or_, rest), known)
