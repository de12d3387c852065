"""Events that Hypothesis makes up: every field in use, and texts that would break a careless program."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, get_type_hints

from hypothesis import strategies as st

from bridge.model.event import AllDay, Before, DayPart, Event, Kind, Progress, Status, Timed, When
from bridge.model.text import Line, Lines, Text

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
    lists = st.lists(texts, max_size=3).map(tuple)
    whens = fields.get("when", timed | days)
    by_type: dict[Any, st.SearchStrategy[Any]] = {
        Line: texts,
        Text: texts,
        Lines: lists,
        Lines | None: st.none() | lists,
        When: whens,
        Kind: st.sampled_from(Kind),
        Status: st.sampled_from(Status),
        Before | None: st.none() | st.builds(Before, st.none() | whens, st.none() | lists, st.none() | lists),
        Progress | None: st.none() | st.sampled_from(Progress),
        DayPart | None: st.none() | st.sampled_from(DayPart),
        tuple[int, int] | None: st.none() | st.tuples(st.integers(0, 15), st.integers(0, 15)),
        tuple[float, float] | None: st.none() | positions,
        float | None: st.none() | st.floats(0, 400),
    }
    types = get_type_hints(Event, include_extras=True)
    return st.builds(Event, **{name: by_type[hint] for name, hint in types.items()} | fields)
